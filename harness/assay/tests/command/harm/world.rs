//! A deployment with decoys behind a front, and a folder to run the command in.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use assay_decoys::{Access, Decoys, Metal};
use assay_hostile::{Answer, Front, Request, Turn, ask};
use assay_kit::Kind;
use assay_reference::{Options, Reference, Standalone, StandaloneLogin};
use base64::Engine as _;
use serde_json::{Value, json};
use tokio::process::Child;

use super::creators::creators;
use super::strays::{Stray, created, strays};
use crate::support::{Ended, HANGS, Place, end, login, member_renamed, reference};

/// The accounts of a reference deployment, the member's aside.
pub const ACCOUNTS: [&str; 10] = [
    "--alt-cloud",
    "reference-alt",
    "--reseller-cloud",
    "reference-reseller",
    "--spare-cloud",
    "reference-spare",
    "--domain-manager-cloud",
    "reference-domain-manager",
    "--alt-domain-manager-cloud",
    "reference-alt-domain-manager",
];
/// The machines that the deployment file lists.
const NODES: [&str; 2] = ["reference-1", "reference-2"];
const SYSTEMS: [&str; 1] = ["reference-1"];
/// What somebody else deploys.
pub const IMAGE: &str = "http://127.0.0.1:1/production.img";
const PASSWORD: &str = "the-operator-s-own";

pub struct World {
    pub place: Place,
    /// Before the cloud, and before the Redfish service.
    pub front: Front,
    /// Before the bare-metal service, where there is one.
    pub ironic: Option<Front>,
    pub access: Access,
    pub decoys: Decoys,
    pub reference: Reference,
    _standalone: Option<Standalone>,
}

impl World {
    /// A cloud with decoys.
    pub async fn cloud() -> Self {
        let reference = reference().await;
        Self::of(reference, None).await
    }

    /// Bare metal with decoys.
    pub async fn metal() -> Self {
        let options = Options { machine_step: Duration::from_millis(20), ..Options::default() };
        let reference = assay_reference::start(options).await.unwrap();
        let login = StandaloneLogin::Basic { user: "operator".into(), password: PASSWORD.into() };
        let own = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let standalone = reference.serve_bare_metal(own, login).await.unwrap();
        Self::of(reference, Some(standalone)).await
    }

    async fn of(reference: Reference, standalone: Option<Standalone>) -> Self {
        let place = Place::new();
        let front = Front::start(reference.url()).await.unwrap();
        let clouds = reference.clouds_yaml();
        place.write("clouds.yaml", &front.before_it(&member_renamed(&clouds)));
        let mut ironic = None;
        let access = if let Some(standalone) = &standalone {
            let before = Front::start(standalone.url()).await.unwrap();
            place.write("metal.yaml", &deployment(&reference, before.url(), front.url()));
            ironic = Some(before);
            let listed = NODES.iter().map(|name| (*name).to_owned()).collect();
            let user =
                |url: &str, user: &str, password: &str| Some((url.to_owned(), user.to_owned(), password.to_owned()));
            Access::default().with(Metal {
                ironic: user(standalone.url(), "operator", PASSWORD),
                redfish: user(reference.redfish_url(), reference.redfish_user(), reference.redfish_password()),
                listed,
            })
        } else {
            Access::cloud(&clouds)
        };
        let decoys = Decoys::fill(&access, None).await.unwrap();
        Self { place, front, ironic, access, decoys, reference, _standalone: standalone }
    }

    fn is_metal(&self) -> bool {
        self.ironic.is_some()
    }

    /// The options that name the deployment.
    pub fn options(&self) -> Vec<&'static str> {
        if self.is_metal() {
            vec!["--deployment", "metal.yaml"]
        } else {
            [&["--cloud", "member"], ACCOUNTS.as_slice()].concat()
        }
    }

    /// Begins a run of these tests into the folder `run`.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let run = ["run", "--out", "run", "--test-threads", "32"];
        self.place.start(&[run.as_slice(), &self.options(), &["--exact"], arguments].concat())
    }

    pub async fn run(&self, arguments: &[&str]) -> Ended {
        end(self.start(arguments)).await
    }

    /// Sweeps with the accounts of the run and more options.
    pub async fn sweep(&self, arguments: &[&str]) -> Ended {
        self.sweep_as_it_is(&[arguments, &self.options()].concat()).await
    }

    /// Sweeps with these arguments alone. The clouds are named: in the test's folder, they may be a stranger's.
    pub async fn sweep_as_it_is(&self, arguments: &[&str]) -> Ended {
        let mut command = self.place.program(crate::support::assay());
        command.args([&["sweep"], arguments].concat()).env("OS_CLIENT_CONFIG_FILE", self.place.path("clouds.yaml"));
        end(command.spawn().unwrap()).await
    }

    /// A run that is killed when it has created something of each kind, and could delete nothing.
    pub async fn killed(&self) {
        self.killed_in(&creators(self.is_metal())).await;
    }

    /// The same with these tests.
    pub async fn killed_in(&self, tests: &[&str]) {
        let silent = |request: &Request| if request.method == "DELETE" { Turn::Silence } else { Turn::Pass };
        for front in self.fronts() {
            front.before(silent);
        }
        let mut child = self.start(tests);
        self.settled(&mut child).await;
        child.start_kill().unwrap();
        child.wait().await.unwrap();
        self.behave();
    }

    /// Waits until a run does nothing any more.
    async fn settled(&self, child: &mut Child) {
        let quiet = async {
            let (mut last, mut since) = (0, 0);
            // Half a second after the last request there is nothing to come: servers are looked at in between.
            while since < 10 || last == 0 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let now: usize = self.fronts().map(|front| front.changes().len()).sum();
                since = if now == last { since + 1 } else { 0 };
                last = now;
                assert!(child.try_wait().unwrap().is_none(), "the run goes on until it is killed");
            }
        };
        tokio::time::timeout(HANGS, quiet).await.expect("a run comes to rest");
    }

    pub fn fronts(&self) -> impl Iterator<Item = &Front> {
        std::iter::once(&self.front).chain(&self.ironic)
    }

    pub fn behave(&self) {
        self.fronts().for_each(Front::behave);
    }

    /// The name of the run in the folder `run`.
    pub fn name(&self) -> String {
        let run: Value = serde_json::from_str(&self.place.read("run/run.json")).unwrap();
        run["id"].as_str().unwrap().to_owned()
    }

    /// Adds decoys whose names come as near to the run's as may be.
    pub async fn fill(&mut self) {
        let name = self.name();
        self.decoys.near(&self.access, &name).await.unwrap();
    }

    /// Asserts that the decoys are as they were, and that nothing but the run's was asked to change.
    pub async fn is_unharmed(&self, ended: &Ended) {
        let missing = self.decoys.missing().await;
        assert!(missing.is_empty(), "decoys suffered:\n{}\n{ended:#?}", missing.join("\n"));
        let strays = self.strays();
        assert!(strays.is_empty(), "asked to change what is not the run's:\n{}\n{ended:#?}", strays.join("\n"));
    }

    /// Asserts that no sweep changes a machine that somebody else has deployed.
    pub async fn leaves_deployed(&self, machine: &str) {
        for more in [["run", "--dry-run"].as_slice(), &["run"], &["run", "--yes"]] {
            let ended = self.sweep(more).await;
            ended.says(5, &["reference-1", "deployed"]);
            self.is_unharmed(&ended).await;
        }
        let node = self.operator().state(machine, "active").await;
        assert_eq!(node["instance_info"]["image_source"], IMAGE);
        assert_eq!(self.ironic.as_ref().unwrap().changes(), []);
    }

    /// Asserts that what the run created is gone, by the deployment itself.
    pub async fn is_swept(&self, ended: &Ended) {
        self.is_swept_of(&self.name(), ended).await;
    }

    /// The same of the run with this name.
    pub async fn is_swept_of(&self, name: &str, ended: &Ended) {
        let mut left = Vec::new();
        for front in self.fronts() {
            for request in created(&front.seen(), name) {
                let answer = ask(front.upstream(), &request).await.unwrap();
                if answer.status == 403 && request.path.starts_with("/identity/") {
                    // Whoever has rights within one domain alone is told so of what is not there: the list tells.
                    let (collection, id) = request.path.rsplit_once('/').unwrap();
                    let list = Request { path: collection.to_owned(), ..request.clone() };
                    let listed = ask(front.upstream(), &list).await.unwrap();
                    if listed.status != 200 || String::from_utf8_lossy(&listed.body).contains(id) {
                        left.push(format!("{} is listed", request.target()));
                    }
                } else if answer.status != 404 {
                    left.push(format!("{} {}", request.target(), answer.status));
                }
            }
        }
        assert!(left.is_empty(), "left behind: {left:#?}\n{ended:#?}");
    }

    /// The requests to change what is not the run's.
    pub fn strays(&self) -> Vec<String> {
        self.all_strays().into_iter().map(|stray| stray.request).collect()
    }

    /// Those of them that the deployment did not refuse: tests of refusals ask for what is not there.
    pub fn strays_done(&self) -> Vec<String> {
        self.all_strays().into_iter().filter(|stray| stray.is_done).map(|stray| stray.request).collect()
    }

    fn all_strays(&self) -> Vec<Stray> {
        let name = if self.place.path("run/run.json").exists() { self.name() } else { "assay-".to_owned() };
        let mut listed: Vec<String> = Vec::new();
        if self.is_metal() {
            listed.extend(NODES.map(|name| format!("/nodes/{name}")));
            listed.extend(SYSTEMS.map(|name| format!("/Systems/{name}")));
            // The ids of the nodes that are listed, as the service itself told them.
            let seen = self.ironic.iter().flat_map(Front::seen);
            for answer in seen.filter_map(|exchange| exchange.answer) {
                let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                let nodes = body["nodes"].as_array().cloned().unwrap_or_default();
                for node in nodes.iter().chain([&body]).filter(|node| NODES.iter().any(|name| node["name"] == *name)) {
                    listed.extend(node["uuid"].as_str().map(str::to_owned));
                }
            }
        }
        self.fronts().flat_map(|front| strays(&front.seen(), &name, &listed)).collect()
    }

    /// Asks the bare-metal service as its operator does, past the command under test; gives the status and the answer.
    pub async fn operate(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.operator().ask(method, path, body).await
    }

    pub fn operator(&self) -> Operator {
        Operator { upstream: self.ironic.as_ref().unwrap().upstream().to_owned() }
    }

    /// Asks the Redfish service as its user does, past the command under test.
    pub async fn control(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (user, password) = (self.reference.redfish_user(), self.reference.redfish_password());
        let proof = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        read(&own(self.front.upstream(), method, path, &[("authorization", format!("Basic {proof}"))], body).await)
    }

    /// Asks a service of the cloud as the member does, past the command under test.
    pub async fn member(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.as_user("reference", method, path, body).await
    }

    /// The same as the user of an entry of the reference deployment's clouds.yaml.
    pub async fn as_user(&self, name: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let token = login(&self.reference.clouds_yaml(), name).await.token;
        read(&own(self.front.upstream(), method, path, &[("x-auth-token", token)], body).await)
    }

    /// Sets the quota of an object-storage account, or looks at it, as a reseller does.
    pub async fn quota(&self, account: &str, set: Option<&str>) -> Option<String> {
        const QUOTA: &str = "x-account-meta-quota-bytes";
        let token = login(&self.reference.clouds_yaml(), "reference-reseller").await.token;
        let mut headers = vec![("x-auth-token", token)];
        headers.extend(set.map(|bytes| (QUOTA, bytes.to_owned())));
        let method = if set.is_some() { "POST" } else { "HEAD" };
        let answer = own(self.front.upstream(), method, account, &headers, &Value::Null).await;
        assert!(answer.status < 300, "{}", answer.status);
        answer.header(QUOTA).map(str::to_owned)
    }

    /// What the journal of the run in the folder `run` says, line by line.
    pub fn journal(&self) -> Vec<Value> {
        let text = self.place.read("run/resources.jsonl");
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Adds a line to the journal: one that is there already, with another resource in it. Whatever proves a line is that
    /// of the other one, as whoever has the folder can copy it.
    pub fn add_line(&self, resource: &Value, state: &str) {
        let mut line = self.journal().pop().unwrap_or_else(|| serde_json::json!({"at": "2026-01-01T00:00:00Z"}));
        line["test"] = "x".into();
        line["state"] = state.into();
        line["resource"] = resource.clone();
        let mut text = self.place.read("run/resources.jsonl");
        text.push_str(&format!("{line}\n"));
        let path = self.place.write("run/resources.jsonl", &text);
        // Nobody has to wait for what the run may have asked for a moment ago.
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(600);
        std::fs::File::options().append(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }

    /// Makes the run's folder a stranger's: the user's own state knows nothing of it.
    pub fn forget_the_run(&self) {
        let _ = std::fs::remove_dir_all(self.place.path(".local"));
    }

    /// Decoys of a kind: names and ids.
    pub fn decoys_of(&self, kind: Kind) -> Vec<(String, Option<String>)> {
        self.decoys.of(kind).map(|(name, id)| (name.to_owned(), id.map(str::to_owned))).collect()
    }
}

/// Who runs the bare-metal service.
#[derive(Clone)]
pub struct Operator {
    upstream: String,
}

impl Operator {
    /// Asks the service, past the command under test; gives the status and the answer.
    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let user = base64::engine::general_purpose::STANDARD.encode(format!("operator:{PASSWORD}"));
        let more = [("authorization", format!("Basic {user}")), ("x-openstack-ironic-api-version", "1.80".to_owned())];
        read(&own(&self.upstream, method, path, &more, body).await)
    }

    /// Waits until a machine is in a state.
    pub async fn state(&self, machine: &str, wanted: &str) -> Value {
        for _ in 0..400 {
            let (_, node) = self.ask("GET", machine, &Value::Null).await;
            if node["provision_state"] == wanted && node["reservation"].is_null() {
                return node;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the machine does not become {wanted}");
    }

    /// Deploys a machine, as who runs the bare-metal service alone does.
    pub async fn deploy(&self, machine: &str, instance: Option<&str>) {
        let (_, node) = self.ask("GET", machine, &Value::Null).await;
        if node["provision_state"] == "manageable" {
            self.ask("PUT", &format!("{machine}/states/provision"), &json!({"target": "provide"})).await;
        }
        self.state(machine, "available").await;
        let mut changes = vec![json!({"op": "add", "path": "/instance_info", "value": {"image_source": IMAGE}})];
        changes.extend(instance.map(|id| json!({"op": "add", "path": "/instance_uuid", "value": id})));
        assert_eq!(self.ask("PATCH", machine, &changes.into()).await.0, 200);
        let target = json!({"target": "active"});
        assert_eq!(self.ask("PUT", &format!("{machine}/states/provision"), &target).await.0, 202);
        self.state(machine, "active").await;
    }

    /// Does something while a front holds a request back.
    pub fn now<T>(deed: impl Future<Output = T>) -> T {
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(deed))
    }
}

/// A request of our own.
async fn own(upstream: &str, method: &str, path: &str, more: &[(&str, String)], body: &Value) -> Answer {
    let host = upstream.trim_start_matches("http://").to_owned();
    let mut headers = vec![("host".to_owned(), host), ("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    ask(upstream, &Request { method: method.to_owned(), path: path.to_owned(), query: None, headers, body })
        .await
        .unwrap()
}

/// The status and the JSON of an answer.
fn read(answer: &Answer) -> (u16, Value) {
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// A deployment file for both services; some of their machines are listed.
fn deployment(reference: &Reference, ironic: &str, redfish: &str) -> String {
    format!(
        "schema: assay.deployment/1\nname: rack\nironic:\n  endpoint: {ironic}\n  auth: {{method: http_basic, username: \
         operator, password: {PASSWORD}}}\n  machines: [{}]\nredfish:\n  - name: bmc\n    endpoint: {redfish}\n    auth: \
         {{method: http_basic, username: {}, password: '{}'}}\n    machines: [{}]\n",
        NODES.join(", "),
        reference.redfish_user(),
        reference.redfish_password(),
        SYSTEMS.join(", "),
    )
}
