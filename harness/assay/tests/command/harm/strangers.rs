//! Run folders whose `run.json` names what would take effect.

use assay_hostile::{Behaviour, Server};
use serde_json::{Value, json};

use super::world::World;
use crate::support::Ended;

/// What a stranger's folder must not reach.
struct Bait {
    server: Server,
    world: World,
}

impl Bait {
    /// A run's folder in the form of a real one; it goes with a deployment file, an inventory and a key.
    async fn lay() -> Self {
        let world = World::cloud().await;
        world.run(&["image.images.delete"]).await.says(0, &[]);
        let server =
            Server::start(Behaviour::Answer(200, Vec::new(), r#"{"Systems": {}, "Members": []}"#.into())).await;
        let bait = Self { server: server.unwrap(), world };
        let place = &bait.world.place;
        std::fs::create_dir(place.path("evil")).unwrap();
        place.write("key-of-the-user", "-----BEGIN PRIVATE KEY-----\nabc\n");
        let url = bait.server.url();
        let executed = place.path("EXECUTED");
        place.write(
            "evil/deployment.yaml",
            &format!(
                "schema: assay.deployment/1\nname: rack\nredfish:\n  - {{name: bmc, endpoint: '{url}', auth: {{method: \
                 http_basic, username: u, password_env: A_SECRET}}}}\n  - {{name: bmc2, endpoint: '{url}', auth: \
                 {{method: http_basic, username: u, password_file: {}}}}}\ninventory: {{source: hosts, redfish: g}}\n",
                place.path("key-of-the-user").display()
            ),
        );
        let script = place.write("evil/hosts", &format!("#!/bin/sh\nid > {}\necho '{{}}'\n", executed.display()));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(script, mode).unwrap();
        bait
    }

    /// Writes a run.json that says this besides what a real one says, and sweeps.
    async fn sweep(&self, change: impl FnOnce(&mut Value), options: &[&str]) -> Ended {
        let place = &self.world.place;
        let mut run: Value = serde_json::from_str(&place.read("run/run.json")).unwrap();
        change(&mut run);
        std::fs::create_dir_all(place.path("evil/run")).unwrap();
        place.write("evil/run/run.json", &run.to_string());
        for file in ["results.jsonl", "resources.jsonl"] {
            place.write(&format!("evil/run/{file}"), &place.read(&format!("run/{file}")));
        }
        let mut command = place.program(crate::support::assay());
        command.args([&["sweep", "evil/run"], options].concat()).env("A_SECRET", "a-secret-of-the-user");
        command.env("OS_CLIENT_CONFIG_FILE", place.path("clouds.yaml"));
        crate::support::end(command.spawn().unwrap()).await
    }

    fn is_untouched(&self, ended: &Ended) {
        assert!(!self.world.place.path("EXECUTED").exists(), "a program was executed: {ended:#?}");
        assert_eq!(self.server.requests(), Vec::<String>::new(), "a stranger was asked: {ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_run_json_names_takes_effect() {
    let bait = Bait::lay().await;
    let path = |name: &str| bait.world.place.path(name).display().to_string();
    let url = bait.server.url();
    for file in [path("evil/deployment.yaml"), "evil/deployment.yaml".to_owned(), "deployment.yaml".to_owned()] {
        for key in ["deployment", "cloud", "alt-cloud", "reseller-cloud", "spare-cloud", "domain-manager-cloud"] {
            let change = |run: &mut Value| {
                run["deployment"]["auth_url"] = json!(url);
                run["deployment"]["name"] = json!("rack");
                run["deployment"]["reference"] = json!(false);
                run["configuration"] = json!({ key: file });
            };
            let ended = bait.sweep(change, &["--dry-run"]).await;
            bait.is_untouched(&ended);
            assert!(matches!(ended.code, Some(0 | 2 | 5)), "{ended:#?}");
        }
    }
    // Nor does what it says of options: certificates are verified, and nothing is waited for without a bound.
    let change = |run: &mut Value| {
        run["configuration"]["insecure"] = json!(true);
        run["configuration"]["request-timeout"] = json!(100_000);
        run["argv"] = json!(["assay", "sweep", "--yes", "--deployment", path("evil/deployment.yaml")]);
    };
    let ended = bait.sweep(change, &["--cloud", "member"]).await;
    bait.is_untouched(&ended);
    bait.world.is_unharmed(&ended).await;
}

/// A folder that says it was made in another project is not swept in this one.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_another_project_is_refused_by_name() {
    let bait = Bait::lay().await;
    let login = crate::support::login(&bait.world.place.read("clouds.yaml"), "member").await;
    let (project, other) = (login.project_id.unwrap(), "0123456789abcdef0123456789abcdef");
    let recorded = bait.world.place.read("run/run.json");
    assert!(recorded.contains(&project), "the project of a run is recorded: {recorded}");
    bait.world.front.forget();
    let change = |run: &mut Value| *run = serde_json::from_str(&run.to_string().replace(&project, other)).unwrap();
    for known in [true, false] {
        if !known {
            bait.world.forget_the_run();
        }
        let options: &[&str] = if known { &["--cloud", "member"] } else { &["--cloud", "member", "--yes"] };
        let ended = bait.sweep(change, options).await;
        // Which of the two it is that the run was made in, the user's own state knows best.
        if ended.code != Some(0) || !known {
            ended.says(2, &[other]);
        }
        bait.is_untouched(&ended);
        assert_eq!(bait.world.front.changes(), Vec::new());
    }
}

/// The OpenStack client's search for its files begins in the working directory, which may be a stranger's.
#[tokio::test(flavor = "multi_thread")]
async fn files_in_a_run_s_folder_are_not_taken_for_the_user_s() {
    let bait = Bait::lay().await;
    let place = &bait.world.place;
    let own = place.read("clouds.yaml");
    let evil = |text: &str| {
        let entry = |line: &str| match line.split_once("auth_url:") {
            Some((before, _)) => format!("{before}auth_url: {}/v3\n", bait.server.url()),
            None => format!("{line}\n"),
        };
        text.lines().map(entry).collect::<String>()
    };
    assert!(evil(&own).contains(&bait.server.url()));
    std::fs::create_dir_all(place.path(".config/openstack")).unwrap();
    place.write(".config/openstack/clouds.yaml", &own);
    std::fs::create_dir_all(place.path("run/within")).unwrap();
    let run = async |arguments: &[&str], folder: &str, named: Option<&str>| {
        let mut command = place.program(crate::support::assay());
        command.args(arguments).current_dir(place.path(folder));
        if let Some(file) = named {
            command.env("OS_CLIENT_CONFIG_FILE", place.path(file));
        }
        crate::support::end(command.spawn().unwrap()).await
    };
    let (doctor, sweep) = (["doctor", "--cloud", "member"], ["sweep", ".", "--cloud", "member", "--dry-run"]);
    run(&sweep, "run", None).await.says(0, &[]);
    for (file, variable) in [
        ("clouds.yaml", "OS_CLIENT_CONFIG_FILE"),
        ("clouds.yml", "OS_CLIENT_CONFIG_FILE"),
        ("secure.yaml", "OS_CLIENT_SECURE_FILE"),
        ("clouds-public.json", "OS_CLIENT_VENDOR_FILE"),
    ] {
        for (folder, arguments) in [("run", &doctor as &[&str]), ("run", &sweep), ("run/within", &doctor)] {
            let file = format!("{folder}/{file}");
            place.write(&file, &evil(&own));
            let ended = run(arguments, folder, None).await;
            bait.is_untouched(&ended);
            ended.says(2, &[&format!("./{}", file.rsplit('/').next().unwrap()), "run's folder", variable]);
            std::fs::remove_file(place.path(&file)).unwrap();
        }
    }
    // What the user names counts, wherever it stands.
    place.write("run/clouds.yaml", &own);
    run(&doctor, "run", Some("run/clouds.yaml")).await.says(0, &[]);
    run(&sweep, "run", Some("clouds.yaml")).await.says(0, &[]);
}

/// What the user's state folder has of a run's deployment is believed, and not what came back in the run's folder.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_known_is_swept_where_it_was_made() {
    let bait = Bait::lay().await;
    let (url, own) = (bait.server.url(), bait.world.place.read("clouds.yaml"));
    let evil = format!("  evil: {{auth: {{auth_url: '{url}/v3', username: u, password: p, project_name: one}}}}\n");
    bait.world.place.write("clouds.yaml", &format!("{}\n{evil}", own.trim_end()));
    let change = |run: &mut Value| run["deployment"]["auth_url"] = json!(format!("{url}/v3"));
    for options in [
        &["--cloud", "evil", "--dry-run"] as &[&str],
        &["--cloud", "evil", "--yes"],
        &["--cloud", "member", "--alt-cloud", "evil", "--dry-run"],
    ] {
        let ended = bait.sweep(change, options).await;
        bait.is_untouched(&ended);
        ended.says(2, &["was made against", &url, "-cloud"]);
    }
    // Its own deployment is taken, whatever stands in the folder.
    bait.sweep(change, &["--cloud", "member", "--dry-run"]).await.says(0, &[]);
}

/// A run.json may say that it began at either end of time.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_began_at_the_end_of_time_is_swept_or_refused() {
    let world = World::cloud().await;
    world.killed_in(&["image.images.delete"]).await;
    world.forget_the_run();
    let run: Value = serde_json::from_str(&world.place.read("run/run.json")).unwrap();
    for (began, code) in [
        ("-262143-01-01T00:00:00Z", 0),
        ("-262142-01-01T00:00:30Z", 0),
        ("0001-01-01T00:00:00Z", 0),
        ("+262142-12-31T23:59:59Z", 5),
    ] {
        let mut run = run.clone();
        run["deployment"]["began"] = json!(began);
        run["started"] = json!(began);
        world.place.write("run/run.json", &run.to_string());
        let ended = world.sweep(&["run", "--dry-run"]).await;
        assert_eq!(ended.code, Some(code), "{began}: {ended:#?}");
        let shown = if code == 0 { &ended.stdout } else { &ended.stderr };
        assert!(shown.contains(if code == 0 { "would remove image" } else { "before the run began" }), "{ended:#?}");
        world.is_unharmed(&ended).await;
    }
}
