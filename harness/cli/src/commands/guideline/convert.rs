//! `assay guideline import` and `assay guideline export`: the forms that guidelines were published in.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assay_guidelines::export::export as written;
use assay_guidelines::import::{import_read, text_of};
use assay_guidelines::scope::{self, Names};
use clap::Args;
use serde_json::json;

use crate::arguments::formats::TextOrJson;
use crate::arguments::guideline::GuidelineArguments;
use crate::commands::profile;
use crate::exit::{Code, Failure, chain};
use crate::output::{data, json as print, json_text, say};

/// The schema of scope files.
const SCS: &str = "scs";

/// `assay guideline import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The published file; its name, such as `dns.2020.06.json`, decides where the id in it says otherwise.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write the guideline to this file instead of standard output; of a scope file, its family and guidelines to this folder.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// What the guidelines of a scope file are called, such as `scs/iaas` for `scs/iaas-v5.1`, where its name does not tell.
    #[arg(long, value_name = "FAMILY/NAME", value_parser = names)]
    pub id: Option<Names>,
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
    /// The guideline: an id or a file; with `--schema scs`, a scope such as `scs/iaas`.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The schema to write: 2.0 of the OpenStack interoperability programme, or the scope files of the Sovereign Cloud Stack.
    #[arg(long, value_name = "VERSION", value_parser = ["2.0", SCS], default_value = "2.0")]
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
    if scope::is_scope(&text) {
        return import_scope(arguments, &text);
    }
    if arguments.id.is_some() {
        return Err(Failure::usage("`--id` is for scope files: what this file holds has a name of its own"));
    }
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

/// Reads a scope file, and prints or writes its family and guidelines.
fn import_scope(arguments: &ImportArguments, text: &str) -> Result<Code, Failure> {
    if arguments.out.is_none() && arguments.format == TextOrJson::Text {
        return Err(Failure::usage(
            "a scope file becomes several files: name a folder for them with `--out DIR`, or print them with `--format json`",
        ));
    }
    let imported = scope::import_read(&arguments.file, arguments.id.clone(), text).map_err(Failure::usage)?;
    let files = imported.files();
    if let Some(out) = &arguments.out {
        write_all(out, &files, arguments.force)?;
    }
    let repairs = &imported.repairs;
    if arguments.format == TextOrJson::Json {
        print(&json!({"family": imported.family, "guidelines": imported.guidelines, "repairs": repairs}))?;
    }
    let name = arguments.file.display();
    for repair in repairs {
        say(&format!("{name}:{repair}"));
    }
    let ids: Vec<&str> = imported.guidelines.iter().map(|guideline| guideline.id.as_str()).collect();
    let (family, scope) = (&imported.names.family, &imported.names.scope);
    let guidelines = if ids.is_empty() { "no version asks for anything".to_owned() } else { ids.join(", ") };
    say(&format!("{name}: {family}/{scope}, {guidelines}, {}", count(repairs.len())));
    Ok(Code::Done)
}

/// The names that are written like the id of a guideline.
fn names(text: &str) -> Result<Names, String> {
    Names::of(text).ok_or_else(|| {
        "write a family and a name in small letters, digits and hyphens, such as `scs/iaas`; `latest` is not a name"
            .to_owned()
    })
}

/// Prints or writes a guideline as it would have been published.
pub fn export(arguments: &ExportArguments) -> Result<Code, Failure> {
    if arguments.schema == SCS {
        return export_scope(arguments);
    }
    let loaded = arguments.guidelines.get(&arguments.id)?;
    let text = written(&loaded.guideline).map_err(|error| Failure::defect(chain(&error)))?;
    match &arguments.out {
        Some(out) => write(out, &text, arguments.force)?,
        None => json_text(&text)?,
    }
    Ok(Code::Done)
}

/// Prints or writes a scope file.
fn export_scope(arguments: &ExportArguments) -> Result<Code, Failure> {
    let exported = arguments.guidelines.catalogue()?.scope_file(&arguments.id).map_err(Failure::usage)?;
    match &arguments.out {
        Some(out) => write(out, &exported.text, arguments.force)?,
        None => data(&exported.text)?,
    }
    for described in &exported.left_out {
        say(&format!("{described}: a scope file has no place for it"));
    }
    Ok(Code::Done)
}

/// Writes files below a folder, each whole or not at all. None is put in its place before all are written.
fn write_all(folder: &Path, files: &[(String, String)], force: bool) -> Result<(), Failure> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::usage(format!("cannot write {}: {error}", path.display()))
    };
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.join(name)).collect();
    if let Some(there) = paths.iter().find(|path| !force && path.symlink_metadata().is_ok()) {
        return Err(failed(there, &"it is there already; `--force` writes over it"));
    }
    let partial = |path: &Path| path.with_extension("yaml.part");
    let written = || -> Result<(), Failure> {
        for (path, (_, text)) in paths.iter().zip(files) {
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
            let partial = partial(path);
            // One of an import that was killed is replaced, and nothing is written through a link.
            let _ = fs::remove_file(&partial);
            let mut file = File::create_new(&partial).map_err(|error| failed(&partial, &error))?;
            file.write_all(text.as_bytes()).map_err(|error| failed(&partial, &error))?;
        }
        paths.iter().try_for_each(|path| fs::rename(partial(path), path).map_err(|error| failed(path, &error)))
    };
    let written = written();
    if written.is_err() {
        for path in &paths {
            // What was not finished is of no use to anyone; the first error is the one to report.
            let _ = fs::remove_file(partial(path));
        }
    }
    written
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A scope file of a test, which has everything that one can have.
    const SCOPE: &str = include_str!("../../../../../guidelines/tests/scope.yaml");

    fn import_arguments(file: PathBuf, out: Option<PathBuf>, force: bool) -> ImportArguments {
        ImportArguments { file, out, id: Names::of("test/harbour"), force, format: TextOrJson::Text }
    }

    fn export_arguments(id: &str, out: PathBuf, folder: &Path) -> ExportArguments {
        let guidelines = GuidelineArguments { guidelines: vec![folder.to_owned()], date: None };
        ExportArguments { id: id.to_owned(), schema: SCS.to_owned(), out: Some(out), force: false, guidelines }
    }

    /// The files below a folder, by their paths there.
    fn files(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() {
                found.extend(files(&entry.path()).iter().map(|below| format!("{name}/{below}")));
            } else {
                found.push(name);
            }
        }
        found.sort();
        found
    }

    #[test]
    fn a_scope_file_becomes_a_folder_and_the_folder_a_scope_file() {
        let place = tempfile::tempdir().unwrap();
        let (file, out) = (place.path().join("harbour.yaml"), place.path().join("ours"));
        fs::write(&file, SCOPE).unwrap();
        let nowhere = import(&import_arguments(file.clone(), None, false)).unwrap_err();
        assert!(nowhere.message.contains("--out DIR"), "{nowhere}");
        assert_eq!(import(&import_arguments(file.clone(), Some(out.clone()), false)).unwrap(), Code::Done);
        let written = ["test/family.yaml", "test/harbour-v1.yaml", "test/harbour-v2.yaml", "test/harbour-v3.yaml"];
        assert_eq!(files(&out), written);
        // What is there is not written over by mistake, and then whole.
        fs::remove_file(out.join(written[0])).unwrap();
        fs::write(out.join(written[2]), "mine").unwrap();
        let there = import(&import_arguments(file.clone(), Some(out.clone()), false)).unwrap_err();
        assert!(there.message.contains("harbour-v3.yaml") && there.message.contains("--force"), "{there}");
        assert_eq!(fs::read_to_string(out.join(written[2])).unwrap(), "mine");
        assert_eq!(files(&out), written[1..]);
        import(&import_arguments(file, Some(out.clone()), true)).unwrap();

        let back = place.path().join("back.yaml");
        assert_eq!(export(&export_arguments("test/harbour", back.clone(), &out)).unwrap(), Code::Done);
        let data = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).unwrap();
        assert_eq!(data(&fs::read_to_string(&back).unwrap()), data(SCOPE));
        let again = export(&export_arguments("test/harbour", back, &out)).unwrap_err();
        assert!(again.message.contains("--force"), "{again}");
        let version = export(&export_arguments("test/harbour-v2", place.path().join("v2.yaml"), &out)).unwrap_err();
        assert!(version.message.contains("did you mean `test/harbour`?"), "{version}");
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir_all(place.path().join("a/two.yaml/in-the-way")).unwrap();
        let text = |name: &str| (format!("a/{name}.yaml"), "text".to_owned());
        let error = write_all(place.path(), &[text("one"), text("two")], true).unwrap_err();
        assert!(error.message.contains("two.yaml"), "{error}");
        // The first is whole, and no file is half there.
        assert_eq!(files(place.path()), ["a/one.yaml"]);
    }

    #[test]
    fn the_names_of_guidelines_are_for_scope_files() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("2020.06.json");
        fs::write(&file, "{}").unwrap();
        let error = import(&import_arguments(file, None, false)).unwrap_err();
        assert!(error.message.contains("`--id` is for scope files"), "{error}");
        assert!(names("Test/harbour").unwrap_err().contains("scs/iaas"));
        assert!(names("test/harbour").is_ok());
    }
}
