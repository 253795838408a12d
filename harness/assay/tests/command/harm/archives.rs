//! Folders of strangers in which a run's folder has a `clouds.yaml` beside it, as an archive may bring them along.

use assay_hostile::{Behaviour, Server};
use serde_json::Value;

use super::world::World;
use crate::support::{Ended, with_lines};

/// A user with files of clouds at home, and an archive that a stranger made.
struct Unpacked {
    world: World,
    evil: Server,
}

impl Unpacked {
    /// The run's folder is in `own`; the archive has a copy of it.
    async fn new() -> Self {
        let world = World::cloud().await;
        let evil = Server::start(Behaviour::Answer(200, Vec::new(), r#"{"versions": []}"#.into())).await.unwrap();
        let unpacked = Self { world, evil };
        let place = &unpacked.world.place;
        for folder in ["own", "archive", ".config/openstack"] {
            std::fs::create_dir_all(place.path(folder)).unwrap();
        }
        let own = place.read("clouds.yaml");
        std::fs::remove_file(place.path("clouds.yaml")).unwrap();
        place.write(".config/openstack/clouds.yaml", &without_passwords(&own));
        place.write(".config/openstack/secure.yaml", &own);
        unpacked.run("own", &["run", "--cloud", "member", "--out", "run", "image.images.list"]).await.says(0, &[]);
        std::fs::create_dir_all(place.path("archive/run")).unwrap();
        for file in ["run.json", "results.jsonl", "resources.jsonl"] {
            place.write(&format!("archive/run/{file}"), &place.read(&format!("own/run/{file}")));
        }
        unpacked
    }

    async fn run(&self, folder: &str, arguments: &[&str]) -> Ended {
        self.run_with(folder, arguments, None).await
    }

    async fn run_with(&self, folder: &str, arguments: &[&str], named: Option<&str>) -> Ended {
        let place = &self.world.place;
        let mut command = place.program(crate::support::assay());
        command.args(arguments).current_dir(place.path(folder));
        if let Some(file) = named {
            command.env("OS_CLIENT_CONFIG_FILE", place.path(file));
        }
        crate::support::end(command.spawn().unwrap()).await
    }

    /// The name of the run.
    fn name(&self) -> String {
        let run: Value = serde_json::from_str(&self.world.place.read("own/run/run.json")).unwrap();
        run["id"].as_str().unwrap().to_owned()
    }

    /// The user's own clouds.yaml with another identity service, as run.json says it too.
    fn write_evil(&self, file: &str) {
        let place = &self.world.place;
        let name = if file.ends_with("secure.yaml") { "secure.yaml" } else { "clouds.yaml" };
        let own = place.read(&format!(".config/openstack/{name}"));
        place.write(file, &own.replace(self.world.front.url(), &self.evil.url()));
        let run = place.read("archive/run/run.json").replace(self.world.front.url(), &self.evil.url());
        place.write("archive/run/run.json", &run);
    }

    /// The user's own clouds.yaml with one endpoint elsewhere.
    fn write_override(&self, file: &str) {
        let place = &self.world.place;
        let line = format!("    image_endpoint_override: {}/image\n", self.evil.url());
        place.write(file, &with_lines(&place.read(".config/openstack/clouds.yaml"), &line));
    }

    #[track_caller]
    fn asked_nobody(&self, ended: &Ended) {
        assert_eq!(self.evil.requests(), Vec::<String>::new(), "a stranger was asked: {ended:#?}");
    }
}

fn without_passwords(clouds: &str) -> String {
    let lines = clouds.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("password:"));
    let left: String = lines.collect();
    assert_ne!(left, clouds, "the reference deployment's clouds.yaml has another form now");
    left
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_came_beside_a_run_gets_no_password() {
    let it = Unpacked::new().await;
    it.world.forget_the_run();
    let name = it.name();
    let sweeps = [vec!["sweep", "run"], vec!["sweep", "./run"], vec!["sweep", &name]];
    for (file, variable) in [("clouds.yaml", "OS_CLIENT_CONFIG_FILE"), ("secure.yaml", "OS_CLIENT_SECURE_FILE")] {
        let file = format!("archive/{file}");
        it.write_evil(&file);
        for sweep in &sweeps {
            for more in [&["--dry-run"] as &[&str], &["--yes"]] {
                let ended = it.run("archive", &[sweep, ["--cloud", "member"].as_slice(), more].concat()).await;
                it.asked_nobody(&ended);
                ended.says(2, &["stands beside the run's folder", variable]);
            }
        }
        std::fs::remove_file(it.world.place.path(&file)).unwrap();
    }
    // The same entry without anything from there, and what the user names, are the user's.
    let place = &it.world.place;
    place.write("archive/run/run.json", &place.read("own/run/run.json"));
    it.run("archive", &["sweep", "run", "--cloud", "member", "--dry-run"]).await.says(0, &[]);
    place.write("archive/clouds.yaml", &place.read(".config/openstack/secure.yaml"));
    let sweep = ["sweep", "run", "--cloud", "member", "--dry-run"];
    it.run_with("archive", &sweep, Some("archive/clouds.yaml")).await.says(0, &[]);
    it.run("archive", &sweep).await.says(2, &["stands beside"]);
    // Other commands are as the OpenStack client is.
    it.run("archive", &["doctor", "--cloud", "member"]).await.says(0, &[]);
    it.world.decoys.verify().await;
}

/// A run that is known is swept with the endpoints that it had, wherever the user stands.
#[tokio::test(flavor = "multi_thread")]
async fn an_own_run_is_swept_with_its_own_endpoints() {
    let it = Unpacked::new().await;
    let name = it.name();
    std::fs::create_dir_all(it.world.place.path("alone")).unwrap();
    for folder in ["alone", "archive"] {
        it.write_override(&format!("{folder}/clouds.yaml"));
        for sweep in [&["sweep", &name, "--dry-run"] as &[&str], &["sweep", "../own/run", "--cloud", "member"]] {
            let ended = it.run(folder, sweep).await;
            it.asked_nobody(&ended);
            let words: &[&str] =
                if folder == "alone" { &["names the endpoint", "for image", "--cloud"] } else { &["stands beside"] };
            ended.says(2, words);
        }
    }
    // From where nothing of a stranger's stands, it is swept.
    it.run("own", &["sweep", "run", "--dry-run"]).await.says(0, &[]);
    it.run(".", &["sweep", &name]).await.says(0, &[]);
    it.world.decoys.verify().await;
}

/// A project with its own clouds.yaml, and its runs below it, as in somebody's CI.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_s_own_file_goes_on_to_be_used() {
    let it = Unpacked::new().await;
    let place = &it.world.place;
    let own = place.read(".config/openstack/secure.yaml");
    std::fs::create_dir_all(place.path("project/elsewhere")).unwrap();
    place.write("project/clouds.yaml", &own);
    for out in ["runs/one", "two"] {
        it.run("project", &["run", "--cloud", "member", "--out", out, "image.images.list"]).await.says(0, &[]);
        it.run("project", &["sweep", out, "--dry-run"]).await.says(0, &[]);
        it.run("project", &["sweep", out]).await.says(0, &[]);
    }
    // One that somebody has written anew since is used no longer.
    it.write_override("project/clouds.yaml");
    let ended = it.run("project", &["sweep", "two"]).await;
    it.asked_nobody(&ended);
    ended.says(2, &["names the endpoint", "for image"]);
    place.write("project/clouds.yaml", &own);
    it.run("project", &["sweep", "two"]).await.says(0, &[]);

    // What an older Assay kept of a run names no file.
    let run: Value = serde_json::from_str(&place.read("project/two/run.json")).unwrap();
    let kept = format!(".local/state/assay/runs/{}.json", run["id"].as_str().unwrap());
    let mut state: Value = serde_json::from_str(&place.read(&kept)).unwrap();
    for field in ["files", "overrides"] {
        assert!(state.as_object_mut().unwrap().remove(field).is_some(), "{field}: {state}");
    }
    place.write(&kept, &state.to_string());
    it.run("project", &["sweep", "two"]).await.says(0, &[]);
    std::fs::rename(place.path("project/two"), place.path("archive/two")).unwrap();
    place.write("archive/clouds.yaml", &own);
    it.run("archive", &["sweep", "two"]).await.says(2, &["stands beside"]);
    it.world.decoys.verify().await;
}
