//! `assay guideline import` and `assay guideline export`: the JSON that guidelines were published in.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use assay_guidelines::export::export as written;
use assay_guidelines::import::import_file;
use serde_json::json;

use crate::args::{ExportArguments, ImportArguments, TextOrJson};
use crate::exit::{Code, Failure, chain};
use crate::output::{data, say};

/// Reads a published file, and prints or writes the guideline.
pub fn import(arguments: &ImportArguments) -> Result<Code, Failure> {
    let imported = import_file(&arguments.file).map_err(Failure::usage)?;
    let yaml = imported.yaml();
    if let Some(out) = &arguments.out {
        write(out, &yaml, arguments.force)?;
    }
    let repairs = &imported.repairs;
    match arguments.format {
        TextOrJson::Json => {
            let value = json!({"guideline": imported.guideline, "repairs": repairs});
            data(&format!("{value:#}\n"))?;
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

/// Prints or writes a guideline as it would have been published.
pub fn export(arguments: &ExportArguments) -> Result<Code, Failure> {
    let loaded = arguments.guidelines.get(&arguments.id)?;
    let text = written(&loaded.guideline).map_err(|error| Failure::defect(chain(&error)))?;
    match &arguments.out {
        Some(out) => write(out, &text, arguments.force)?,
        None => data(&text)?,
    }
    Ok(Code::Done)
}

/// Writes a file; over one that is there only if that is wished.
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
