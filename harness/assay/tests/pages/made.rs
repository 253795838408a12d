//! Pages, made by the command in a folder of their own.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// A folder for runs and pages.
pub struct Made(TempDir);

/// Two tests that fail in a run that is damaged.
const FAILING: [&str; 2] = ["object-storage.containers.create", "object-storage.containers.delete"];

impl Made {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(arguments).current_dir(self.0.path()).env_clear().env("HOME", self.0.path());
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?} ended with {}: {stderr}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command prints, as a file to open.
    pub fn page(&self, arguments: &[&str]) -> PathBuf {
        self.write("page.html", &self.run(arguments))
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(arguments)).unwrap()
    }

    /// The name of a folder with a run of the reference deployment.
    pub fn passed_run(&self) -> String {
        self.copied("passed", str::to_owned)
    }

    /// The same, with two tests that fail.
    pub fn failed_run(&self) -> String {
        self.copied("failed", |line| {
            let Some(id) = FAILING.iter().find(|id| line.contains(&format!("\"id\":\"{id}\""))) else {
                return line.to_owned();
            };
            let failed = format!("\"verdict\":\"fail\",\"reason\":\"what {id} made was not listed\"");
            line.replace("\"verdict\":\"pass\"", &failed)
        })
    }

    /// A run that is made once for all tests of this file.
    fn copied(&self, name: &str, change: impl Fn(&str) -> String) -> String {
        static RUN: OnceLock<TempDir> = OnceLock::new();
        let run = RUN.get_or_init(|| {
            let made = Self::new();
            made.run(&[
                "run",
                "--guideline",
                "openstack-powered/2020.06",
                "--target",
                "storage",
                "--cloud",
                "reference",
                "--out",
                "run",
            ]);
            made.0
        });
        let (from, to) = (run.path().join("run"), self.path(name));
        std::fs::create_dir_all(&to).unwrap();
        for file in ["run.json", "report.html"] {
            std::fs::copy(from.join(file), to.join(file)).unwrap();
        }
        let results = std::fs::read_to_string(from.join("results.jsonl")).unwrap();
        let changed: String = results.lines().map(|line| change(line) + "\n").collect();
        std::fs::write(to.join("results.jsonl"), changed).unwrap();
        name.to_owned()
    }

    /// The results of a tool that ran one test, as a file.
    pub fn subunit(&self) -> String {
        let test = "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token";
        self.write("one.subunit", &format!("test: {test}\nsuccess: {test}\n"));
        "one.subunit".to_owned()
    }
}
