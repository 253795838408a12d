//! `assay guideline import` and `assay guideline export`: the JSON that guidelines were published in.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assay_guidelines::export::export as written;
use assay_guidelines::import::{import_read, text_of};
use clap::Args;
use serde_json::json;

use crate::arguments::formats::TextOrJson;
use crate::arguments::guideline::GuidelineArguments;
use crate::commands::profile;
use crate::exit::{Code, Failure, chain};
use crate::output::{data, json as print, json_text, say};

/// `assay guideline import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The published file; its name, such as `dns.2020.06.json`, decides where the id in it says otherwise.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write the guideline to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write even if the file to write is there already.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print in this format; JSON has the guideline and the repairs.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

/// `assay guideline export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The guideline: an id or a file.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The schema to write.
    #[arg(long, value_name = "VERSION", value_parser = ["2.0"], default_value = "2.0")]
    pub schema: String,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write even if the file to write is there already.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Which guidelines there are.
    #[command(flatten)]
    pub guidelines: GuidelineArguments,
}

/// Reads a published file, and prints or writes the guideline.
pub fn import(arguments: &ImportArguments) -> Result<Code, Failure> {
    let text = text_of(&arguments.file).map_err(Failure::usage)?;
    if is_profile(&text) {
        return import_profile(arguments, &text);
    }
    let imported = import_read(&arguments.file, &text).map_err(Failure::usage)?;
    let yaml = imported.yaml();
    if let Some(out) = &arguments.out {
        write(out, &yaml, arguments.force)?;
    }
    let repairs = &imported.repairs;
    match arguments.format {
        TextOrJson::Json => {
            let value = json!({"guideline": imported.guideline, "repairs": repairs});
            print(&value)?;
        }
        TextOrJson::Text if arguments.out.is_none() => data(&yaml)?,
        TextOrJson::Text => {}
    }
    let name = arguments.file.display();
    for repair in repairs {
        say(&format!("{name}:{repair}"));
    }
    say(&format!("{name}: {}, {}", imported.guideline.id, count(repairs.len())));
    Ok(Code::Done)
}

/// How many repairs there were.
pub(super) fn count(repairs: usize) -> String {
    match repairs {
        0 => "nothing had to be repaired".to_owned(),
        1 => "1 repair".to_owned(),
        count => format!("{count} repairs"),
    }
}

/// Whether a text is a Redfish interoperability profile; for a file that cannot be read the answer is no, and the import says why.
fn is_profile(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let keys: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(text).ok();
    // A file that is not quite JSON is told by the key that no guideline has.
    keys.map_or_else(|| text.contains("\"ProfileName\""), |keys| keys.contains_key("ProfileName"))
}

/// Reads a profile, and prints or writes the guideline that asks the same.
fn import_profile(arguments: &ImportArguments, text: &str) -> Result<Code, Failure> {
    let set = profile::told(assay_guidelines::profile::load_read(&arguments.file, text))?;
    let guideline = assay_guidelines::profile::guideline(&set);
    let text = assay_guidelines::import::yaml(&guideline);
    if let Some(out) = &arguments.out {
        write(out, &text, arguments.force)?;
    }
    match arguments.format {
        TextOrJson::Json => {
            let value = json!({"guideline": guideline, "repairs": []});
            print(&value)?;
        }
        TextOrJson::Text if arguments.out.is_none() => data(&text)?,
        TextOrJson::Text => {}
    }
    let tests: usize = guideline.capabilities.values().map(|capability| capability.tests.len()).sum();
    say(&format!(
        "{}: {}, {} capabilities, {tests} tests",
        arguments.file.display(),
        guideline.id,
        guideline.capabilities.len()
    ));
    Ok(Code::Done)
}

/// Prints or writes a guideline as it would have been published.
pub fn export(arguments: &ExportArguments) -> Result<Code, Failure> {
    let loaded = arguments.guidelines.get(&arguments.id)?;
    let text = written(&loaded.guideline).map_err(|error| Failure::defect(chain(&error)))?;
    match &arguments.out {
        Some(out) => write(out, &text, arguments.force)?,
        None => json_text(&text)?,
    }
    Ok(Code::Done)
}

/// Writes a file; over one that is there only if that is wanted.
pub(super) fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let done = options.write(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    done.map_err(|error| {
        let hint = if error.kind() == std::io::ErrorKind::AlreadyExists { "; `--force` writes over it" } else { "" };
        Failure::usage(format!("cannot write {}: {error}{hint}", path.display()))
    })
}
