//! Which deployment is tested, and with which accounts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assay_kit::guest::{Way, Wish};
use assay_kit::session::clouds::{Clouds, Scope};
use assay_kit::session::{Cloud, LoginError};
use assay_kit::{Deployment, Metal, Recorder, Role, Wishes};
use clap::{Args, ValueEnum};

use crate::deployment_file::{self, Resolved};
use crate::exit::Failure;
use crate::reference::{Embedded, REFERENCE};

/// The deployment and the accounts.
#[derive(Debug, Clone, Default, Args)]
pub struct CloudArguments {
    /// The cloud to test, by its name in clouds.yaml; `reference` is the embedded reference deployment. `OS_CLOUD` or the
    /// other `OS_*` variables choose it unless given.
    #[arg(long, value_name = "NAME")]
    pub cloud: Option<String>,
    /// A bare-metal deployment in place of a cloud: a YAML file that names its Ironic and Redfish services and, one by one, the
    /// machines that tests may change (`assay schema deployment`); `reference` is the bare metal of the embedded reference
    /// deployment.
    #[arg(long, value_name = "FILE", conflicts_with = "cloud")]
    pub deployment: Option<PathBuf>,
    /// A second member, of another project: an entry of clouds.yaml.
    #[arg(long, value_name = "NAME")]
    pub alt_cloud: Option<String>,
    /// A reseller administrator, who may set account quotas: an entry of clouds.yaml.
    #[arg(long, value_name = "NAME")]
    pub reseller_cloud: Option<String>,
    /// An account that tests may lock and whose password they may change and put back: an entry of clouds.yaml. Never
    /// your own.
    #[arg(long, value_name = "NAME")]
    pub spare_cloud: Option<String>,
    /// Use this region's endpoints, in place of the one in clouds.yaml.
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    /// The image that servers are made of, by name or id; the smallest one unless given.
    #[arg(long, value_name = "NAME")]
    pub image: Option<String>,
    /// The flavor of servers, by name or id; the smallest one that fits unless given.
    #[arg(long, value_name = "NAME")]
    pub flavor: Option<String>,
    /// The network of servers, by name or id; one of the project's own unless given.
    #[arg(long, value_name = "NAME")]
    pub network: Option<String>,
    /// Where servers answer SSH from here: tests that log in to one fail when it does not, and with `none` nobody logs in.
    /// Unless given, a run tries its server, and skips those tests with the reason when it does not answer.
    #[arg(long, value_enum, value_name = "WAY")]
    pub guest: Option<Guest>,
    /// Who logs in to servers; the image's property `os_admin_user`, or the user that its system has, unless given.
    #[arg(long, value_name = "NAME")]
    pub guest_user: Option<String>,
    /// Accept any certificate; the reports say so.
    #[arg(long)]
    pub insecure: bool,
    /// After how many seconds without an answer a request is given up; `api_timeout` of clouds.yaml, or 60, unless given.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub request_timeout: Option<u64>,
    /// Whether `reference` is an entry of clouds.yaml like any other.
    #[arg(skip)]
    pub listed: bool,
}

/// Where servers answer SSH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Guest {
    /// At a floating IP.
    Floating,
    /// At an address of their own network.
    Fixed,
    /// Nowhere.
    None,
}

impl From<Guest> for Wish {
    fn from(guest: Guest) -> Self {
        match guest {
            Guest::Floating => Self::Way(Way::Floating),
            Guest::Fixed => Self::Way(Way::Fixed),
            Guest::None => Self::None,
        }
    }
}

/// A deployment that can be tested: its accounts, and the reference deployment when that is what it is.
#[derive(Debug)]
pub struct Chosen {
    /// The name of the member's cloud.
    pub name: String,
    /// The accounts, the member first; there is one at least.
    pub clouds: Vec<(Role, Cloud)>,
    /// The Redfish services, and the machines that tests may change.
    pub metal: Metal,
    /// The running reference deployment; it ends when this is dropped.
    pub reference: Option<Embedded>,
    /// What the user wants tests to use.
    pub wishes: Wishes,
}

impl CloudArguments {
    /// Reads clouds.yaml, or starts the reference deployment.
    pub async fn choose(&self) -> Result<Chosen, Failure> {
        if self.cloud.as_deref() == Some(REFERENCE) && !self.listed {
            return self.reference(false).await;
        }
        if let Some(file) = &self.deployment {
            return if file == Path::new(REFERENCE) { self.reference(true).await } else { self.deployment_of(file) };
        }
        let clouds = Clouds::find().map_err(Failure::usage)?;
        let Some(name) = self.cloud.clone().or_else(|| clouds.chosen()) else {
            let help = "name the cloud to test with --cloud NAME, a bare-metal deployment with --deployment FILE, or try --cloud \
                        reference";
            return Err(Failure::usage(format!("no cloud was chosen: {help}; {}", clouds.found())));
        };
        let member = self.adjusted(clouds.get(&name).map_err(Failure::usage)?);
        if member.scope == Scope::System {
            let help = "a plain member of a project is what the tests of a cloud need; who operates its bare-metal service is named \
                        in a deployment file (--deployment, `ironic: {cloud: NAME}`)";
            return Err(Failure::usage(format!("`{name}` has `system_scope`: {help}")));
        }
        let mut chosen = vec![(Role::Member, member)];
        for (role, _, other) in self.further() {
            if let Some(other) = other {
                chosen.push((role, self.adjusted(clouds.get(other).map_err(Failure::usage)?)));
            }
        }
        let spare_is_used =
            |(role, cloud): &&(Role, Cloud)| *role != Role::Spare && Some(&cloud.name) == self.spare_cloud.as_ref();
        if let Some((role, cloud)) = chosen.iter().find(spare_is_used) {
            return Err(Failure::usage(format!(
                "--spare-cloud names `{}`, which is the {role} account as well; its password would be changed: name another",
                cloud.name
            )));
        }
        // An entry without an identity service is for a bare-metal service.
        let metal = Metal { ironic: chosen[0].1.credentials.standalone(), ..Metal::default() };
        Ok(Chosen { name, clouds: chosen, metal, reference: None, wishes: self.wishes() })
    }

    /// The further accounts: the option of each, and the cloud that it names.
    fn further(&self) -> [(Role, &'static str, &Option<String>); 3] {
        [(Role::Alt, &self.alt_cloud), (Role::Reseller, &self.reseller_cloud), (Role::Spare, &self.spare_cloud)]
            .map(|(role, name)| (role, role.option(), name))
    }

    fn no_further(&self, with: &str) -> Result<(), Failure> {
        match self.further().into_iter().find(|(_, _, name)| name.is_some()) {
            Some((_, option, _)) => Err(Failure::usage(format!("{option} has no use with {with}"))),
            None => Ok(()),
        }
    }

    /// Reads a deployment file.
    fn deployment_of(&self, file: &Path) -> Result<Chosen, Failure> {
        self.no_further("--deployment, which names the accounts itself")?;
        let Resolved { name, clouds, metal } = deployment_file::read(file)?;
        let clouds = clouds.into_iter().map(|(role, cloud)| (role, self.adjusted(cloud))).collect();
        Ok(Chosen { name, clouds, metal, reference: None, wishes: self.wishes() })
    }

    async fn reference(&self, metal: bool) -> Result<Chosen, Failure> {
        self.no_further("the reference deployment, which brings its own accounts")?;
        let reference = Embedded::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), metal).await?;
        let (clouds, metal) = if metal { reference.metal() } else { (reference.clouds()?, Metal::default()) };
        let clouds = clouds.into_iter().map(|(role, cloud)| (role, self.adjusted(cloud))).collect();
        Ok(Chosen { name: REFERENCE.to_owned(), clouds, metal, reference: Some(reference), wishes: self.wishes() })
    }

    fn wishes(&self) -> Wishes {
        Wishes {
            image: self.image.clone(),
            flavor: self.flavor.clone(),
            network: self.network.clone(),
            guest: self.guest.map(Wish::from),
            guest_user: self.guest_user.clone(),
        }
    }

    fn adjusted(&self, mut cloud: Cloud) -> Cloud {
        cloud.tls.insecure |= self.insecure;
        cloud.silence = self.request_timeout.map(Duration::from_secs).or(cloud.silence);
        if let Some(region) = &self.region {
            cloud.region = Some(region.clone());
        }
        cloud
    }
}

impl Chosen {
    /// Logs every account in and looks for the services.
    pub async fn connect(&self, run_id: &str, recorder: &Arc<Recorder>) -> Result<Arc<Deployment>, Failure> {
        let connected = Deployment::connect(run_id, self.clouds.clone(), self.metal.clone(), recorder).await;
        connected.map(|deployment| Arc::new(deployment.wishing(self.wishes.clone()))).map_err(|error| {
            let spare = self.clouds.iter().find(|(role, _)| *role == Role::Spare).map(|(_, cloud)| cloud.name.as_str());
            let mut failure = no_login(&error);
            if matches!(&error, LoginError::Refused { cloud, .. } if Some(cloud.as_str()) == spare) {
                failure
                    .message
                    .push_str("; if a run was killed, `assay sweep RUN` puts the spare account's password back");
            }
            failure
        })
    }

    /// The same, to sweep up after a run that may have been killed while the spare account had another password.
    pub async fn connect_to_sweep(&self, run_id: &str, recorder: &Arc<Recorder>) -> Result<Arc<Deployment>, Failure> {
        let connected = Deployment::connect_to_sweep(run_id, self.clouds.clone(), self.metal.clone(), recorder).await;
        connected.map(Arc::new).map_err(|error| no_login(&error))
    }
}

fn no_login(error: &LoginError) -> Failure {
    match error {
        LoginError::Transport(assay_kit::http::TransportError::Certificate { .. }) => Failure::usage(error),
        _ => Failure::unreachable(error),
    }
}
