//! What the README tells a reader to type works: every `console` block, line by line, in one folder.

use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../../../README.md");
const SAFETY: &str = include_str!("../../../../docs/safety.md");
const SCS: &str = include_str!("../../../../docs/scs.md");

/// Programs beside `assay` whose lines are run.
const OTHERS: [&str; 6] = ["cat", "cd", "grep", "head", "ls", "mkdir"];

/// Commands that end with another status than 0 because of what they have been told to look at.
fn expected(line: &str) -> &'static [i32] {
    // As long as tests have no native implementation, no target is shown to be met.
    let judges = ["assay run ", "assay score "].iter().any(|start| line.starts_with(start));
    if judges { &[0, 1] } else { &[0] }
}

/// The lines after `$ ` of the `console` blocks; a `\` at the end of a line goes on in the next.
fn commands(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let (mut inside, mut goes_on) = (false, false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside && line.trim() == "```console";
        } else if inside && goes_on {
            let last = commands.last_mut().unwrap();
            last.push('\n');
            last.push_str(line);
            goes_on = line.ends_with('\\');
        } else if let Some(command) = line.trim_start().strip_prefix("$ ").filter(|_| inside) {
            commands.push(command.to_owned());
            goes_on = command.ends_with('\\');
        }
    }
    commands
}

#[test]
fn every_command_of_the_readme_works() {
    let commands = [commands(README), commands(SAFETY), commands(SCS)].concat();
    assert!(commands.iter().any(|command| command.starts_with("assay ")), "the README has no ```console block");
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_assay")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    for command in commands {
        let program = command.split_whitespace().next().unwrap_or_default();
        if program != "assay" && !OTHERS.contains(&program) {
            continue;
        }
        let mut shell = Command::new("sh");
        let output = shell
            .args(["-c", &command])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", &path)
            .env("HOME", folder.path())
            .output()
            .unwrap();
        let code = output.status.code();
        assert!(
            code.is_some_and(|code| expected(&command).contains(&code)),
            "`{command}` ended with {code:?}: {output:#?}"
        );
    }
}
