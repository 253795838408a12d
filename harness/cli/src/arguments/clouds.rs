//! Which deployment is tested, and with which accounts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use assay_kit::deployment::{CLEANUP, CLEANUP_OF_MACHINES};
use assay_kit::guest::{Override, Way};
use assay_kit::image_spec::ImageSpec;
use assay_kit::session::Cloud;
use assay_kit::session::Scope;
use assay_kit::session::clouds::Clouds;
use assay_kit::{Metal, Overrides, Role};
use clap::{Args, ValueEnum};
use indexmap::IndexMap;

use crate::accounts::Chosen;
use crate::deployment_file::{self, Resolved};
use crate::exit::Failure;
use crate::managers;
use crate::reference::{Embedded, REFERENCE};

/// How a deployment is spoken to.
#[derive(Debug, Clone, Default, Args)]
pub struct ConnectionArguments {
    /// Accept any certificate; the reports say so.
    #[arg(long)]
    pub insecure: bool,
    /// Send tokens to services without TLS although the identity service has it; the reports say so.
    #[arg(long)]
    pub allow_cleartext: bool,
    /// Run the inventory that the deployment file names, when it is a program: it runs as you, with all that you may do.
    #[arg(long)]
    pub run_inventory: bool,
    /// After how many seconds without an answer a request is given up; `api_timeout` of clouds.yaml, or 60, unless given.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub request_timeout: Option<u64>,
}

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
    /// The manager of a domain, whose token is for that domain, and who is no administrator: an entry of clouds.yaml.
    #[arg(long, value_name = "NAME")]
    pub domain_manager_cloud: Option<String>,
    /// The manager of another domain: an entry of clouds.yaml.
    #[arg(long, value_name = "NAME")]
    pub alt_domain_manager_cloud: Option<String>,
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
    /// The network that floating IPs come from, by name or id; the default one, or the first that is up, unless given.
    #[arg(long, value_name = "NAME")]
    pub external_network: Option<String>,
    /// Where servers answer SSH from here: tests that log in to one fail when it does not, and with `none` nobody logs in.
    /// Unless given, a run tries its server, and skips those tests with the reason when it does not answer.
    #[arg(long, value_enum, value_name = "WAY")]
    pub guest: Option<Guest>,
    /// Who logs in to servers; the image's property `os_admin_user`, or the user that its system has, unless given.
    #[arg(long, value_name = "NAME")]
    pub guest_user: Option<String>,
    /// How the deployment is spoken to.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// What standard images of the Sovereign Cloud Stack (scs-0104) are called and where they come from: `scs-0104-v1-images`,
    /// `scs-0104-v1-images-v5`, or a file (`assay schema image-spec`). What it does not name is asked as it is published.
    #[arg(long, value_name = "NAME|FILE")]
    pub image_spec: Option<PathBuf>,
    /// How many seconds there are for all of clean-up, beyond half a minute for each test; 300, or 3600 where there are
    /// machines, unless given. What is not removed by then is named.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub cleanup_timeout: Option<u64>,
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

impl From<Guest> for Override {
    fn from(guest: Guest) -> Self {
        match guest {
            Guest::Floating => Self::Way(Way::Floating),
            Guest::Fixed => Self::Way(Way::Fixed),
            Guest::None => Self::None,
        }
    }
}

impl CloudArguments {
    /// What chooses the deployment and the accounts, by the names of the options.
    fn options(&self, cloud: Option<&str>) -> IndexMap<String, String> {
        let deployment = self.deployment.as_deref().map(whole);
        let texts = [
            ("cloud", cloud.filter(|_| deployment.is_none()).map(str::to_owned)),
            ("deployment", deployment),
            ("alt-cloud", self.alt_cloud.clone()),
            ("reseller-cloud", self.reseller_cloud.clone()),
            ("spare-cloud", self.spare_cloud.clone()),
            ("domain-manager-cloud", self.domain_manager_cloud.clone()),
            ("alt-domain-manager-cloud", self.alt_domain_manager_cloud.clone()),
            ("region", self.region.clone()),
            ("insecure", self.connection.insecure.then(|| "true".to_owned())),
            ("allow-cleartext", self.connection.allow_cleartext.then(|| "true".to_owned())),
            ("run-inventory", self.connection.run_inventory.then(|| "true".to_owned())),
        ];
        texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
    }

    /// Takes what a run of this user's was given, where the command line names neither a cloud nor a deployment.
    pub fn take(&mut self, options: &IndexMap<String, String>) {
        let option = |name: &str| options.get(name).cloned();
        self.cloud = option("cloud");
        self.deployment = option("deployment").map(PathBuf::from);
        // `reference` is an entry of clouds.yaml here: the embedded one ended with its run.
        self.listed = true;
        for (place, name) in [
            (&mut self.alt_cloud, "alt-cloud"),
            (&mut self.reseller_cloud, "reseller-cloud"),
            (&mut self.spare_cloud, "spare-cloud"),
            (&mut self.domain_manager_cloud, "domain-manager-cloud"),
            (&mut self.alt_domain_manager_cloud, "alt-domain-manager-cloud"),
            (&mut self.region, "region"),
        ] {
            *place = place.take().or_else(|| option(name));
        }
        self.connection.insecure |= option("insecure").is_some();
        self.connection.allow_cleartext |= option("allow-cleartext").is_some();
        self.connection.run_inventory |= option("run-inventory").is_some();
    }

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
        for (role, cloud) in &chosen {
            managers::is_for_domain(*role, cloud)?;
        }
        // An entry without an identity service is for a bare-metal service.
        let metal = Metal { ironic: chosen[0].1.credentials.standalone(), ..Metal::default() };
        let options = self.options(Some(&name));
        self.chosen(name, chosen, metal, None, options)
    }

    /// The further accounts: the option of each, and the cloud that it names.
    fn further(&self) -> [(Role, &'static str, &Option<String>); 5] {
        [
            (Role::Alt, &self.alt_cloud),
            (Role::Reseller, &self.reseller_cloud),
            (Role::Spare, &self.spare_cloud),
            (Role::DomainManager, &self.domain_manager_cloud),
            (Role::AltDomainManager, &self.alt_domain_manager_cloud),
        ]
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
        let Resolved { name, clouds, metal } = deployment_file::read(file, self.connection.run_inventory)?;
        let clouds = clouds.into_iter().map(|(role, cloud)| (role, self.adjusted(cloud))).collect();
        self.chosen(name, clouds, metal, None, self.options(None))
    }

    async fn reference(&self, metal: bool) -> Result<Chosen, Failure> {
        self.no_further("the reference deployment, which brings its own accounts")?;
        let reference = Embedded::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), metal).await?;
        let (clouds, metal) = if metal { reference.metal() } else { (reference.clouds()?, Metal::default()) };
        let clouds = clouds.into_iter().map(|(role, cloud)| (role, self.adjusted(cloud))).collect();
        let options = self.options(Some(REFERENCE));
        self.chosen(REFERENCE.to_owned(), clouds, metal, Some(reference), options)
    }

    fn chosen(
        &self,
        name: String,
        clouds: Vec<(Role, Cloud)>,
        metal: Metal,
        reference: Option<Embedded>,
        options: IndexMap<String, String>,
    ) -> Result<Chosen, Failure> {
        let machines = !metal.machines.is_empty()
            || metal.redfish.iter().any(|service| service.sole || !service.machines.is_empty());
        let usual = if machines { CLEANUP_OF_MACHINES } else { CLEANUP };
        let cleanup = self.cleanup_timeout.map_or(usual, Duration::from_secs);
        Ok(Chosen { name, clouds, metal, reference, overrides: self.overrides()?, options, cleanup })
    }

    fn overrides(&self) -> Result<Overrides, Failure> {
        let image_spec = self.image_spec.as_deref().map(ImageSpec::read).transpose().map_err(Failure::usage)?;
        Ok(Overrides {
            image: self.image.clone(),
            flavor: self.flavor.clone(),
            network: self.network.clone(),
            external_network: self.external_network.clone(),
            guest: self.guest.map(Override::from),
            guest_user: self.guest_user.clone(),
            image_spec,
        })
    }

    fn adjusted(&self, mut cloud: Cloud) -> Cloud {
        cloud.tls.insecure |= self.connection.insecure;
        cloud.tls.cleartext |= self.connection.allow_cleartext;
        cloud.silence = self.connection.request_timeout.map(Duration::from_secs).or(cloud.silence);
        if let Some(region) = &self.region {
            cloud.region = Some(region.clone());
        }
        cloud
    }
}

/// A path that holds from every folder, as far as it can be found out.
#[must_use]
pub fn whole(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
