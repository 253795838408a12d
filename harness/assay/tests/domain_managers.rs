//! The tests of domain managers on the reference deployment: all pass there, each is seen to fail where the deployment lets a manager do
//! what it must not, or keeps it from what it may, and nothing of anybody's suffers from what must be refused.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use assay_hostile::{Answer, Front, Request, Turn, ask};
use assay_kit::http::redact::Redactor;
use assay_kit::session::clouds::Clouds;
use assay_kit::{ConformanceTest, Cx, Deployment, Metal, Outcome, Recorder, Role, Service, Stop};
use assay_reference::Options;
use serde_json::{Value, json};

const RUN: &str = "assay-0a1b2c3d";
const ACCOUNTS: [(Role, &str); 3] = [
    (Role::Member, "reference"),
    (Role::DomainManager, "reference-domain-manager"),
    (Role::AltDomainManager, "reference-alt-domain-manager"),
];

fn tests() -> Vec<&'static ConformanceTest> {
    assay_capabilities::link();
    let mut tests = assay_kit::registered().unwrap();
    tests.retain(|test| test.id.starts_with("scs-0302-"));
    tests
}

async fn connect(clouds: &str) -> (Arc<Deployment>, Arc<Recorder>) {
    let clouds = Clouds::from_text("clouds.yaml", clouds).unwrap();
    let accounts = ACCOUNTS.map(|(role, name)| (role, clouds.get(name).unwrap()));
    let recorder = Recorder::new(None, Redactor::default()).unwrap();
    let connected = Deployment::connect(RUN, accounts.into(), Metal::default(), &recorder, None).await;
    (Arc::new(connected.unwrap()), recorder)
}

/// What tests come to, what was promised and did not hold, and what was left behind.
struct Seen {
    outcomes: BTreeMap<&'static str, Outcome>,
    deviations: Vec<String>,
    left: Vec<String>,
}

async fn run(clouds: &str, tests: &[&'static ConformanceTest]) -> Seen {
    let (deployment, recorder) = connect(clouds).await;
    let mut seen = Seen { outcomes: BTreeMap::new(), deviations: Vec::new(), left: Vec::new() };
    for test in tests {
        let cx = Cx::new(deployment.clone(), recorder.log(test.id));
        seen.outcomes.insert(test.id, (test.run)(cx.clone()).await);
        seen.left.extend(cx.undo().undo(&cx, false).await.left);
        let deviations = cx.log_handle().deviations().into_iter();
        seen.deviations.extend(deviations.map(|deviation| format!("{}: {}", test.id, deviation.requirement)));
    }
    seen
}

/// Who may do everything, past the front.
struct Admin {
    url: String,
    token: String,
}

impl Admin {
    async fn log_in(url: &str, clouds: &str) -> Self {
        let cloud = Clouds::from_text("clouds.yaml", clouds).unwrap().get("reference-admin").unwrap();
        let recorder = Recorder::new(None, Redactor::default()).unwrap();
        let connected =
            Deployment::connect("assay-00000000", vec![(Role::Member, cloud)], Metal::default(), &recorder, None).await;
        let cx = Cx::new(Arc::new(connected.unwrap()), recorder.log("admin"));
        Self { url: url.to_owned(), token: cx.login(Role::Member).await.unwrap().token.clone() }
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let headers = vec![
            ("x-auth-token".to_owned(), self.token.clone()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let path = format!("/identity/v3/{path}");
        let request = Request { method: method.to_owned(), path, headers, body, ..Request::default() };
        let answer = ask(&self.url, &request).await.unwrap();
        assert!(answer.status < 300, "{method} {}: {}", request.path, answer.text());
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// Everything that there is of the kinds that managers make, and who has which role.
    async fn all(&self) -> BTreeMap<&'static str, Value> {
        let mut all = BTreeMap::new();
        for kind in ["domains", "users", "groups", "projects", "roles", "role_assignments"] {
            all.insert(kind, self.ask("GET", kind, &Value::Null).await[kind].clone());
        }
        all
    }

    /// Somebody's things in each domain, with so many names that nearly are the run's.
    async fn fill(&self, names: usize) {
        let domains = self.ask("GET", "domains", &Value::Null).await;
        let role = self.role("member").await;
        for domain in domains["domains"].as_array().unwrap() {
            let mut ids = BTreeMap::new();
            for one in ["user", "group", "project"] {
                for name in assay_decoys::names(Some(RUN), one).into_iter().rev().take(names) {
                    let body = json!({one: {"name": name, "domain_id": domain["id"], "description": "of somebody"}});
                    let made = self.ask("POST", &format!("{one}s"), &body).await;
                    ids.insert(one, made[one]["id"].as_str().unwrap().to_owned());
                }
            }
            let [user, group, project] = ["user", "group", "project"].map(|one| &ids[one]);
            self.ask("PUT", &format!("groups/{group}/users/{user}"), &Value::Null).await;
            self.ask("PUT", &format!("projects/{project}/users/{user}/roles/{role}"), &Value::Null).await;
            let id = domain["id"].as_str().unwrap();
            self.ask("PUT", &format!("domains/{id}/groups/{group}/roles/{role}"), &Value::Null).await;
        }
    }

    async fn role(&self, name: &str) -> String {
        let roles = self.ask("GET", "roles", &Value::Null).await;
        let found = roles["roles"].as_array().unwrap().iter().find(|role| role["name"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pass_and_nothing_is_left_or_harmed() {
    let reference = assay_reference::start(Options::default()).await.unwrap();
    let admin = Admin::log_in(reference.url(), &reference.clouds_yaml()).await;
    admin.fill(usize::MAX).await;
    let before = admin.all().await;
    let seen = run(&reference.clouds_yaml(), &tests()).await;
    assert_eq!(seen.outcomes.len(), 32);
    for (id, outcome) in &seen.outcomes {
        assert!(outcome.is_ok(), "{id}: {outcome:?}");
    }
    assert_eq!((seen.left, seen.deviations), (Vec::new(), Vec::new()));
    assert_eq!(admin.all().await, before);
    reference.stop().await;
}

/// What is wrong with the deployment.
enum Fault {
    /// Requests of these methods and addresses are done as the administrator asks for them: the rules allow too much.
    Allowed(&'static [(&'static str, &'static str)]),
    /// The same, of those alone that are about the role `admin`, or are not.
    AllowedOfRole(&'static [(&'static str, &'static str)], bool),
    /// Such requests are answered with this status.
    Answered(&'static str, &'static str, u16),
    /// Answers to such requests are changed.
    Changed(&'static str, &'static str, fn(&mut Value)),
}

/// A fault, the tests that fail for it, and what one of them says.
struct Case(Fault, &'static [&'static str], &'static str);

/// Whether a path, below the API, is as a pattern says, in which `*` stands for one part.
fn is(path: &str, pattern: &str) -> bool {
    let Some(path) = path.strip_prefix("/identity/v3/") else { return false };
    let (parts, wanted): (Vec<_>, Vec<_>) = (path.split('/').collect(), pattern.split('/').collect());
    parts.len() == wanted.len() && parts.iter().zip(wanted).all(|(part, wanted)| wanted == "*" || *part == wanted)
}

use Fault::{Allowed, AllowedOfRole, Answered, Changed};

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case(Changed("GET", "auth/tokens", |it| it["token"]["roles"].as_array_mut().unwrap().retain(|role| role["name"] != "manager")), &["scs-0302-login", "scs-0302-login-other"], "must have the role `manager`"),
    Case(Changed("GET", "auth/tokens", |it| it["token"]["roles"].as_array_mut().unwrap().push(json!({"name": "admin"}))), &["scs-0302-login", "scs-0302-login-other"], "must not be an administrator"),
    Case(Answered("GET", "domains/*", 403), &["scs-0302-domain-see"], "answers 20"),
    Case(Answered("PATCH", "users/*", 403), &["scs-0302-users-manage"], "answers 20"),
    Case(Answered("PATCH", "projects/*", 403), &["scs-0302-projects-manage"], "answers 20"),
    Case(Answered("PATCH", "groups/*", 403), &["scs-0302-groups-manage"], "answers 20"),
    Case(Changed("GET", "roles", |it| it["roles"].as_array_mut().unwrap().retain(|role| role["name"] != "manager")), &["scs-0302-roles-see"], "a role `manager`"),
    Case(Allowed(&[("GET", "users/*")]), &["scs-0302-users-foreign-see"], "see one of the users"),
    Case(Allowed(&[("GET", "users")]), &["scs-0302-users-foreign-see"], "the list of all"),
    Case(Allowed(&[("GET", "users/*/projects")]), &["scs-0302-users-foreign-see"], "list the projects"),
    Case(Allowed(&[("GET", "projects/*")]), &["scs-0302-projects-foreign-see"], "see one of the projects"),
    Case(Allowed(&[("GET", "groups/*")]), &["scs-0302-groups-foreign-see"], "see one of the groups"),
    Case(Allowed(&[("GET", "groups/*/users")]), &["scs-0302-group-members-foreign", "scs-0302-groups-foreign-see"], "list the users"),
    Case(Allowed(&[("POST", "users")]), &["scs-0302-users-foreign-create"], "make users in another domain"),
    Case(Allowed(&[("POST", "projects")]), &["scs-0302-projects-foreign-create"], "make projects in another domain"),
    Case(Allowed(&[("POST", "groups")]), &["scs-0302-groups-foreign-create"], "make groups in another domain"),
    Case(Allowed(&[("PATCH", "users/*")]), &["scs-0302-users-foreign-change"], "change the users"),
    Case(Allowed(&[("PATCH", "projects/*")]), &["scs-0302-projects-foreign-change"], "change the projects"),
    Case(Allowed(&[("PATCH", "groups/*")]), &["scs-0302-groups-foreign-change"], "change the groups"),
    Case(Allowed(&[("DELETE", "users/*")]), &["scs-0302-users-foreign-delete"], "delete the users"),
    Case(Allowed(&[("DELETE", "projects/*")]), &["scs-0302-projects-foreign-delete"], "delete the projects"),
    Case(Allowed(&[("DELETE", "groups/*")]), &["scs-0302-groups-foreign-delete"], "delete the groups"),
    Case(Answered("GET", "users/*/groups", 403), &["scs-0302-group-members"], "answers 20"),
    Case(Allowed(&[("PUT", "groups/*/users/*")]), &["scs-0302-group-members-foreign"], "put a user of another domain"),
    Case(Allowed(&[("GET", "groups/*/users/*")]), &["scs-0302-group-members-foreign"], "look for"),
    Case(Allowed(&[("DELETE", "groups/*/users/*")]), &["scs-0302-group-members-foreign"], "take a user out"),
    Case(Answered("DELETE", "projects/*/users/*/roles/*", 204), &["scs-0302-grants-user-admin", "scs-0302-grants-user-foreign", "scs-0302-grants-user-project"], "role"),
    Case(Answered("PUT", "domains/*/users/*/roles/*", 403), &["scs-0302-assignments-foreign", "scs-0302-grants-user-domain", "scs-0302-grants-user-foreign"], "give a user a role on the domain"),
    Case(Answered("PUT", "projects/*/groups/*/roles/*", 403), &["scs-0302-grants-group-foreign", "scs-0302-grants-group-project"], "give a group a role on a project of it"),
    Case(Answered("PUT", "domains/*/groups/*/roles/*", 403), &["scs-0302-grants-group-domain", "scs-0302-grants-group-foreign"], "give a group a role on the domain"),
    Case(AllowedOfRole(&[("PUT", "projects/*/users/*/roles/*")], false), &["scs-0302-grants-user-foreign"], "give a role to a user"),
    Case(AllowedOfRole(&[("PUT", "domains/*/users/*/roles/*")], false), &["scs-0302-grants-user-foreign"], "on that domain"),
    Case(AllowedOfRole(&[("DELETE", "projects/*/users/*/roles/*")], false), &["scs-0302-grants-user-foreign"], "take a role"),
    Case(AllowedOfRole(&[("PUT", "projects/*/groups/*/roles/*")], false), &["scs-0302-grants-group-foreign"], "give a role to a group"),
    Case(AllowedOfRole(&[("DELETE", "domains/*/groups/*/roles/*")], false), &["scs-0302-grants-group-foreign"], "take a role"),
    Case(AllowedOfRole(&[("PUT", "projects/*/users/*/roles/*")], true), &["scs-0302-grants-user-admin"], "the role `admin` on a project"),
    Case(AllowedOfRole(&[("PUT", "domains/*/groups/*/roles/*")], true), &["scs-0302-grants-group-admin"], "the role `admin` on its domain"),
    Case(Allowed(&[("GET", "role_assignments")]), &["scs-0302-assignments-foreign"], "must not show those of another domain"),
    Case(Allowed(&[("POST", "roles"), ("GET", "roles/*"), ("DELETE", "roles/*")]), &["scs-0302-roles-no-create"], "make a role"),
    Case(Allowed(&[("POST", "domains"), ("GET", "domains/*"), ("GET", "domains"), ("PATCH", "domains/*"), ("DELETE", "domains/*")]), &["scs-0302-domains-no-create"], "make a domain"),
];

/// Which tests failed in some of these cases, and what was not as it should be; on a deployment of its own.
async fn tried(cases: impl Iterator<Item = (usize, &'static Case)>) -> (BTreeSet<&'static str>, Vec<String>) {
    let reference = assay_reference::start(Options::default()).await.unwrap();
    let admin = Admin::log_in(reference.url(), &reference.clouds_yaml()).await;
    admin.fill(1).await;
    let before = admin.all().await;
    let role = admin.role("admin").await;
    let front = Front::start(reference.url()).await.unwrap();
    let clouds = front.before_it(&reference.clouds_yaml());
    let (all, mut failed, mut wrong) = (tests(), BTreeSet::new(), Vec::new());
    for (number, Case(fault, expected, says)) in cases {
        front.behave();
        let one_of = |request: &Request, patterns: &[(&str, &str)]| {
            patterns.iter().any(|(method, pattern)| request.method == *method && is(&request.path, pattern))
        };
        let token = admin.token.clone();
        let as_admin = move |request: &Request| {
            let mut other = request.clone();
            let tokens = other.headers.iter_mut().filter(|(name, _)| name == "x-auth-token");
            tokens.for_each(|(_, known)| known.clone_from(&token));
            Turn::Rewrite(other)
        };
        match *fault {
            Allowed(patterns) => {
                front.before(move |request| if one_of(request, patterns) { as_admin(request) } else { Turn::Pass });
            }
            AllowedOfRole(patterns, of_admin) => {
                let role = role.clone();
                front.before(move |request| {
                    let meant = one_of(request, patterns) && request.path.ends_with(&role) == of_admin;
                    if meant { as_admin(request) } else { Turn::Pass }
                });
            }
            Answered(method, pattern, status) => front.before(move |request| {
                let meant = one_of(request, &[(method, pattern)]);
                if meant { Turn::Answer(Answer::json(status, "{}")) } else { Turn::Pass }
            }),
            Changed(method, pattern, change) => front.after(move |request, answer| {
                if one_of(request, &[(method, pattern)]) {
                    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
                    change(&mut body);
                    answer.body = body.to_string().into();
                }
            }),
        }
        let seen = run(&clouds, &all).await;
        let mut fails = BTreeMap::new();
        for (id, outcome) in seen.outcomes {
            match outcome {
                Ok(()) => {}
                Err(stop @ Stop::Fail(_)) => {
                    fails.insert(id, stop.to_string());
                }
                Err(other) => panic!("case {number}, {id}: {other}"),
            }
        }
        let ids: Vec<&str> = fails.keys().copied().collect();
        if ids != *expected || !fails.values().any(|said| said.contains(says)) {
            wrong.push(format!("case {number} should say `{says}` of {expected:?}: {fails:#?}"));
        }
        front.behave();
        assert_eq!(seen.left, Vec::<String>::new(), "case {number}");
        assert_eq!(admin.all().await, before, "case {number}");
        failed.extend(ids);
    }
    reference.stop().await;
    (failed, wrong)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fails_where_a_manager_may_do_more_or_less() {
    const AT_ONCE: usize = 4;
    let part = |first: usize| tokio::spawn(tried(CASES.iter().enumerate().skip(first).step_by(AT_ONCE)));
    let (mut failed, mut wrong) = (BTreeSet::new(), Vec::new());
    for part in (0..AT_ONCE).map(part).collect::<Vec<_>>() {
        let (more, others) = part.await.unwrap();
        failed.extend(more);
        wrong.extend(others);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Every test is seen to fail.
    let never: Vec<_> = tests().into_iter().map(|test| test.id).filter(|id| !failed.contains(id)).collect();
    assert_eq!(never, Vec::<&str>::new());
}

/// What a manager was wrongly let make, and cannot delete, is named.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_removed_is_named() {
    let reference = assay_reference::start(Options::default()).await.unwrap();
    let admin = Admin::log_in(reference.url(), &reference.clouds_yaml()).await;
    let front = Front::start(reference.url()).await.unwrap();
    let token = admin.token.clone();
    front.before(move |request| {
        let mut other = request.clone();
        let meant = request.method == "POST" && is(&request.path, "domains");
        let tokens = other.headers.iter_mut().filter(|(name, _)| name == "x-auth-token" && meant);
        tokens.for_each(|(_, known)| known.clone_from(&token));
        Turn::Rewrite(other)
    });
    let tests: Vec<_> = tests().into_iter().filter(|test| test.id == "scs-0302-domains-no-create").collect();
    let seen = run(&front.before_it(&reference.clouds_yaml()), &tests).await;
    assert!(matches!(seen.outcomes[tests[0].id], Err(Stop::Fail(_))));
    assert_eq!(seen.left.len(), 1, "{:?}", seen.left);
    assert!(seen.left[0].starts_with("domain `assay-0a1b2c3d-domain-"), "{:?}", seen.left);
    reference.stop().await;
}

/// No request of a manager changes what is not the run's, whatever it is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_anybodys_is_asked_to_change() {
    let reference = assay_reference::start(Options::default()).await.unwrap();
    let admin = Admin::log_in(reference.url(), &reference.clouds_yaml()).await;
    admin.fill(usize::MAX).await;
    let front = Front::start(reference.url()).await.unwrap();
    let (deployment, recorder) = connect(&front.before_it(&reference.clouds_yaml())).await;
    let cx = Cx::new(deployment, recorder.log("forged"));
    front.forget();
    let all = admin.all().await;
    let unsent = Mutex::new(0);
    for role in Role::MANAGERS {
        let identity = cx.client(role, Service::Identity).unwrap();
        for kind in ["domains", "users", "groups", "projects", "roles"] {
            // The first ones are the deployment's own, the last ones those that were filled in.
            let things = all[kind].as_array().unwrap();
            for thing in things.first().into_iter().chain(things.last()) {
                let path = format!("{kind}/{}", thing["id"].as_str().unwrap());
                for request in [identity.delete(&path), identity.patch(&path).json(&json!({"enabled": false}))] {
                    let stop = request.send().await.unwrap_err();
                    // A role or a domain is read by whoever may; of the others it is refused to tell whose they are.
                    assert!(matches!(&stop, Stop::Error(why) if !why.is_empty()), "{path}: {stop}");
                    *unsent.lock().unwrap() += 1;
                }
            }
        }
        for path in ["users", "projects", "groups", "domains", "roles"] {
            let body = json!({path.trim_end_matches('s'): {"name": "assay-of-nobody"}});
            let stop = identity.post(path).json(&body).send().await.unwrap_err();
            assert!(stop.to_string().contains("no name of this run"), "{stop}");
        }
    }
    assert!(*unsent.lock().unwrap() > 30);
    assert_eq!(front.changes(), []);
    reference.stop().await;
}
