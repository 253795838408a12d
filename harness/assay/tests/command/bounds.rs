//! Files that were made to keep a reader busy: each is refused at once, with its place.

use std::time::{Duration, Instant};

use crate::support::Place;

/// Far less than what the work would take if it grew faster than the file, and far more than it takes.
const AT_ONCE: Duration = Duration::from_secs(10);
/// The size of each file, in bytes.
const SIZE: usize = 400_000;

/// Texts that nest, repeat or run on without an end.
fn bombs() -> Vec<(&'static str, String)> {
    let mut laughs = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        laughs.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1));
    }
    let deeper: String = (0..800).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    vec![
        ("[", "[".repeat(SIZE)),
        ("a: [", format!("a: {}", "[".repeat(SIZE))),
        ("{", "{".repeat(SIZE)),
        ("{a: ", "{a: ".repeat(SIZE / 4)),
        ("- ", "- ".repeat(SIZE / 2)),
        ("? ", "? ".repeat(SIZE / 2)),
        ("[[]]", "[".repeat(SIZE / 2) + &"]".repeat(SIZE / 2)),
        ("!!x ", "!!x ".repeat(SIZE / 4)),
        ("&a ", "&a ".repeat(SIZE / 3)),
        ("*a ", "*a ".repeat(SIZE / 3)),
        ("laughs", laughs),
        ("itself", "a: &a [*a]\n".to_owned()),
        ("deeper", deeper),
        ("behind a line that only some see", format!("# \u{85}{}", "[".repeat(SIZE))),
        ("behind a mark", format!("\u{feff}{}", "[".repeat(SIZE))),
        ("unclosed", format!("a: \"{}", "x\n".repeat(SIZE / 2))),
        ("escape", "a: \u{1b}[2J".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_keeps_a_reader_busy() {
    let place = Place::new();
    place.write(
        "hosts.deployment.yaml",
        "schema: assay.deployment/1\nname: x\ninventory: {source: bomb.yaml, redfish: all}\n",
    );
    let commands: [(&str, &[&str]); 8] = [
        ("product", &["run", "--cloud", "reference", "--product", "bomb.yaml"]),
        ("waivers", &["run", "--cloud", "reference", "--waivers", "bomb.yaml"]),
        ("deployment file", &["run", "--deployment", "bomb.yaml"]),
        ("inventory", &["run", "--deployment", "hosts.deployment.yaml"]),
        ("guideline", &["run", "--cloud", "reference", "--guideline", "./bomb.yaml"]),
        ("linted guideline", &["guideline", "lint", "./bomb.yaml"]),
        ("worksheet", &["guideline", "worksheet", "show", "./bomb.yaml"]),
        ("clouds.yaml", &["run", "--cloud", "x"]),
    ];
    for (name, text) in bombs() {
        place.write("bomb.yaml", &text);
        place.write("clouds.yaml", &text);
        for (reader, command) in &commands {
            let begun = Instant::now();
            let ended = place.run(command).await;
            assert!(begun.elapsed() < AT_ONCE, "{reader} of {name:?} took {:?}", begun.elapsed());
            ended.says(2, &[]);
            let said = format!("{}{}", ended.stdout, ended.stderr);
            let file = if *reader == "clouds.yaml" { "clouds.yaml" } else { "bomb.yaml" };
            let placed = said
                .split(file)
                .skip(1)
                .any(|rest| rest.trim_start_matches([':', ' ']).starts_with(|c: char| c.is_ascii_digit()))
                || (said.contains(file) && said.contains(" at line "));
            assert!(placed, "{reader} of {name:?} has no place: {said:.600}");
            assert!(said.len() < 5_000, "{reader} of {name:?} repeats the file: {}", said.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_plain_file_of_a_run_s_folder_is_not_read() {
    let place = Place::new();
    let run = ["run", "--cloud", "reference", "--out", "run", "identity.versions.list"];
    place.run(&run).await.says(0, &[]);
    place.write("secret", "root:x:0:0\n");
    let score = ["score", "run", "--guideline", "openstack-powered/2020.06", "--target", "storage", "--format", "html"];
    for name in
        ["run.json", "results.jsonl", "manifest.json", "transcripts/identity.versions.list.jsonl", "transcripts"]
    {
        for (what, make) in [
            ("a link", "ln -s \"$PWD/secret\" \"run/$name\""),
            ("a link to a device", "ln -s /dev/zero \"run/$name\""),
            ("a pipe", "mkfifo \"run/$name\""),
            ("a link to a folder", "ln -s /etc \"run/$name\""),
        ] {
            let script = format!("name={name}; mv \"run/$name\" kept && {make}");
            place.shell(&script).await.says(0, &[]);
            let begun = Instant::now();
            let ended = place.run(&score).await;
            assert!(begun.elapsed() < AT_ONCE, "{name}: {what}");
            let told = matches!(ended.code, Some(1 | 2)) && ended.stderr.contains("is no plain file");
            assert!(
                told || ended.stderr.contains("transcripts cannot be read"),
                "{name}: {what}: {:.900}",
                ended.stderr
            );
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!said.contains("root:x"), "{name}: {what}");
            place.shell(&format!("rm \"run/{name}\" && mv kept \"run/{name}\"")).await.says(0, &[]);
        }
    }
}

/// A device without an end, in the place of each file that a user names, is read up to a bound. The memory of the command is
/// bounded here so that one that reads on fails, and the machine does not.
#[tokio::test(flavor = "multi_thread")]
async fn no_file_is_read_without_a_bound() {
    let place = Place::new();
    std::os::unix::fs::symlink("/dev/zero", place.path("zero")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.path("zero.json")).unwrap();
    for (name, lines) in [("cacert", "cacert: zero"), ("cert", "cert: zero"), ("key", "cert: /dev/null, key: zero")] {
        place.write(
            &format!("{name}.yaml"),
            &format!(
                "clouds:\n  one: {{auth: {{auth_url: 'https://127.0.0.1:9/v3', username: u, password: p, project_name: \
                 q}}, {lines}}}\n"
            ),
        );
    }
    let service = "{name: b, endpoint: 'https://127.0.0.1:9', auth: {method: http_basic, username: u";
    for (name, lines) in [
        ("password", format!("redfish: [{service}, password_file: zero}}}}]\n")),
        ("authority", format!("redfish: [{service}, password: p}}, tls: {{ca: zero}}}}]\n")),
        ("inventory", "inventory: {source: zero.json, redfish: all}\n".to_owned()),
    ] {
        place.write(&format!("{name}.deployment.yaml"), &format!("schema: assay.deployment/1\nname: x\n{lines}"));
    }
    for command in [
        "OS_CLIENT_CONFIG_FILE=zero $assay doctor --cloud one",
        "OS_CLIENT_CONFIG_FILE=cert.yaml OS_CLIENT_SECURE_FILE=zero $assay doctor --cloud one",
        "OS_CLIENT_CONFIG_FILE=cacert.yaml $assay doctor --cloud one",
        "OS_CLIENT_CONFIG_FILE=cert.yaml $assay doctor --cloud one",
        "OS_CLIENT_CONFIG_FILE=key.yaml $assay doctor --cloud one",
        "$assay doctor --deployment zero",
        "$assay doctor --deployment password.deployment.yaml",
        "$assay doctor --deployment authority.deployment.yaml",
        "$assay doctor --deployment inventory.deployment.yaml",
        "$assay list --guideline ./zero",
        "$assay guideline lint ./zero",
        "$assay guideline import zero.json",
        "$assay guideline worksheet show ./zero",
        "$assay run --cloud reference --product zero",
        "$assay run --cloud reference --waivers zero",
        "$assay profile run zero.json --deployment reference",
    ] {
        let begun = Instant::now();
        let ended = place.shell(&format!("ulimit -v 3000000; {command}")).await;
        let said = [ended.stdout.as_str(), &ended.stderr].concat();
        let refused = ended.code == Some(2) && said.contains("is larger than") && said.contains("zero");
        assert!(refused, "{command}: {ended:#?}");
        assert!(begun.elapsed() < AT_ONCE, "{command} took {:?}", begun.elapsed());
    }
}

/// A pipe is read once and to its end, as `<(…)` of a shell needs it.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_is_a_file_as_any_other() {
    let place = Place::new();
    place.write("clouds.yaml", "clouds:\n  one: {auth: {auth_url: 'http://127.0.0.1:9/v3', token: t}}\n");
    place.write("profile.json", r#"{"ProfileName": "Small", "ProfileVersion": "1.0.0", "Resources": {"Chassis": {}}}"#);
    let ended = place.shell("OS_CLIENT_CONFIG_FILE=<(cat clouds.yaml) $assay doctor --cloud one").await;
    ended.says(3, &["127.0.0.1:9"]);
    let guideline = "$assay guideline export openstack-powered/2022.11";
    place.shell(&format!("$assay guideline import <({guideline})")).await.says(0, &["openstack-powered"]);
    place.shell("$assay guideline import <(cat profile.json)").await.says(0, &["tests"]);
    place.shell("$assay guideline lint <($assay guideline import <(cat profile.json))").await.says(0, &[]);
}
