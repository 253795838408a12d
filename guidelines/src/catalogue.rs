//! The guidelines that can be had: those embedded in the program, and those of further folders.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use indexmap::IndexSet;

use crate::family::scope::Scope;
use crate::family::{self, Family, Validity};
use crate::load::{read, read_at};
use crate::model::{Guideline, Status};
use crate::nearest::{list, nearest, quoted};
use crate::problem::Errors;
use crate::scope::{self, Exported};
use crate::timeline::Timeline;

pub use crate::load::{Loaded, Source};

/// The published files, as (id, text).
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The version that stands for the newest approved one.
const LATEST: &str = "latest";

/// The files of families, as (family, text).
const FAMILIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/families.rs"));
/// The file beside the guidelines of a family that says how they were scored, and is none.
const WORKSHEET: &str = "worksheet.yaml";

/// Why a guideline cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No guideline has this id, and no file this path.
    #[error("no guideline is called {}{}; there are {}", quoted(.spec), did_you_mean(.near.as_deref()), list(.ids.iter().map(String::as_str)))]
    Unknown {
        /// What was asked for.
        spec: String,
        /// The id that may have been meant.
        near: Option<String>,
        /// All ids.
        ids: Vec<String>,
    },
    /// No guideline of the family was approved on that day.
    #[error(
        "no guideline of the family {} was approved by {day}; it has {}",
        quoted(.family),
        list(.ids.iter().map(String::as_str))
    )]
    NoneApproved {
        /// The family.
        family: String,
        /// The day asked for.
        day: NaiveDate,
        /// The ids of the family.
        ids: Vec<String>,
    },
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] Errors),
    /// A folder of guidelines cannot be read.
    #[error("cannot read the folder of guidelines {}: {source}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder of guidelines has none.
    #[error("the folder {} holds no guideline; it needs files named `<family>/<version>.yaml`", .path.display())]
    NoGuidelines {
        /// The folder.
        path: PathBuf,
    },
    /// The file of a family stands beside the folder of the family and not in it, where it would count for nothing.
    #[error("{} stands in no family's folder; move it into the one whose guidelines it is about", .path.display())]
    Astray {
        /// The file.
        path: PathBuf,
    },
    /// No guideline is of this family.
    #[error("no guideline is of the family {}{}; there are {}", quoted(.family), did_you_mean(.near.as_deref()), list(.families.iter().map(String::as_str)))]
    UnknownFamily {
        /// What was asked for.
        family: String,
        /// The family that may have been meant.
        near: Option<String>,
        /// All families.
        families: Vec<String>,
    },
    /// No version of the scope is effective on that day.
    #[error("no version of {} is effective on {day}{}; name a version", quoted(.scope), each(.states))]
    NoneEffective {
        /// The scope.
        scope: String,
        /// The day asked for.
        day: NaiveDate,
        /// The versions that are named on the day, each with its state.
        states: Vec<(String, &'static str)>,
    },
    /// The version that is effective on the day has no guideline.
    #[error("{} means {} on {day}, and the guideline of this version is missing; known are {}", quoted(.scope), quoted(.version), list(.ids.iter().map(String::as_str)))]
    NotHeld {
        /// The scope.
        scope: String,
        /// The version.
        version: String,
        /// The day asked for.
        day: NaiveDate,
        /// The guidelines of the scope.
        ids: Vec<String>,
    },
    /// A scope is no file of its own.
    #[error("no scope is called {}{}; there are {}", quoted(.spec), did_you_mean(.near.as_deref()), list(.scopes.iter().map(String::as_str)))]
    UnknownScope {
        /// What was asked for.
        spec: String,
        /// The scope that may have been meant.
        near: Option<String>,
        /// All scopes.
        scopes: Vec<String>,
    },
    /// A scope cannot be written as a file.
    #[error(transparent)]
    Scope(#[from] scope::ExportError),
    /// A file ends in `.yml`, which would leave what it says out unnoticed.
    #[error("{} ends in `.yml`; rename it so that it ends in `.yaml`", .path.display())]
    Extension {
        /// The file.
        path: PathBuf,
    },
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map(|near| format!(" (did you mean {}?)", quoted(near))).unwrap_or_default()
}

fn each(states: &[(String, &'static str)]) -> String {
    let each = states.iter().map(|(version, state)| format!(", {} is {state}", quoted(version)));
    each.collect::<String>()
}

#[derive(Debug, Clone)]
enum Entry {
    Embedded(&'static str),
    File(PathBuf),
}

/// The guidelines that can be had, by id. A file is read when it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    entries: BTreeMap<String, Entry>,
    families: BTreeMap<String, Entry>,
}

impl Catalogue {
    /// The published guidelines, which are part of the program.
    #[must_use]
    pub fn embedded() -> Self {
        let entries = EMBEDDED.iter().map(|(id, text)| ((*id).to_owned(), Entry::Embedded(text)));
        let families = FAMILIES.iter().map(|(family, text)| ((*family).to_owned(), Entry::Embedded(text)));
        Self { entries: entries.collect(), families: families.collect() }
    }

    /// Adds the files `<family>/<version>.yaml` and `<family>/family.yaml` of a folder. One that is there already gives
    /// way to it: [`Loaded::source`] tells which of two guidelines it was.
    pub fn add_dir(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let mut added = 0usize;
        let astray = path.join(family::FILE);
        if astray.is_file() {
            return Err(Error::Astray { path: astray });
        }
        for family in children(path)?.into_iter().filter(|child| child.is_dir()) {
            for file in children(&family)?.into_iter().filter(|file| !file.ends_with(WORKSHEET)) {
                match file.extension().and_then(|extension| extension.to_str()) {
                    Some("yaml") => {}
                    Some("yml") => return Err(Error::Extension { path: file }),
                    _ => continue,
                }
                let name = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
                let family = name(family.file_name());
                if file.ends_with(family::FILE) {
                    self.families.insert(family, Entry::File(file));
                } else {
                    self.entries.insert(format!("{family}/{}", name(file.file_stem())), Entry::File(file));
                }
                added += 1;
            }
        }
        if added == 0 { Err(Error::NoGuidelines { path: path.to_owned() }) } else { Ok(()) }
    }

    /// All ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// What holds for all guidelines of a family. One that has guidelines and says nothing of them is as most are.
    pub fn family(&self, name: &str) -> Result<Family, Error> {
        match self.families.get(name) {
            Some(Entry::Embedded(text)) => Ok(Family::parse(&format!("{name}/{}", family::FILE), text)?),
            Some(Entry::File(path)) => Ok(Family::read(path)?),
            None if self.ids().any(|id| family_of(id) == Some(name)) => Ok(Family::named(name)),
            None => Err(self.unknown_family(name)),
        }
    }

    fn unknown_family(&self, name: &str) -> Error {
        let mut families: Vec<String> = self.ids().filter_map(family_of).map(str::to_owned).collect();
        families.dedup();
        let near = nearest(name, families.iter().map(String::as_str)).map(str::to_owned);
        Error::UnknownFamily { family: name.to_owned(), near, families }
    }

    /// What can be certified against in a family on a day, and until when marks last.
    pub fn timeline(&self, name: &str, day: NaiveDate) -> Result<Timeline, Error> {
        let family = self.family(name)?;
        let mut approvals = Vec::new();
        for (id, entry) in self.entries.iter().filter(|(id, _)| family_of(id) == Some(name)) {
            approvals.push((id.clone(), load(id, entry)?.guideline.approved));
        }
        if approvals.is_empty() && family.timeline.is_empty() {
            return Err(self.unknown_family(name));
        }
        Ok(family.timeline(&approvals, day))
    }

    /// The guideline with the id `spec`; for `family/latest`, the one of the family that was approved last by `day`; for the
    /// name of a scope, such as `scs/iaas`, that of the version which is effective on `day`; for anything else, the file with
    /// this path.
    ///
    /// The guidelines that it refers to are looked for in this catalogue. One that is not there is no error yet: the
    /// target that needs it cannot be asked what it needs, and says so.
    pub fn get(&self, spec: &str, day: NaiveDate) -> Result<Loaded, Error> {
        let mut loaded = self.stated(spec, day)?;
        self.follow(&mut loaded.guideline);
        Ok(loaded)
    }

    /// The guideline of this catalogue with the id `id`, which came from somebody's file: no other file is opened for it.
    pub fn listed(&self, id: &str) -> Result<Loaded, Error> {
        let Some((id, entry)) = self.entries.get_key_value(id) else { return Err(self.unknown(id)) };
        let mut loaded = load(id, entry)?;
        self.follow(&mut loaded.guideline);
        Ok(loaded)
    }

    /// Looks in this catalogue for the guidelines that one from elsewhere refers to.
    pub fn follow(&self, guideline: &mut Guideline) {
        guideline.follow(|id| match self.entries.get_key_value(id) {
            Some((id, entry)) => {
                let broken = |errors: Errors| format!("its file has {} errors", errors.problems().len());
                load(id, entry).map(|loaded| loaded.guideline).map_err(broken)
            }
            None => Err("no guideline has this id; `--guidelines DIR` adds a folder of them".to_owned()),
        });
    }

    fn stated(&self, spec: &str, day: NaiveDate) -> Result<Loaded, Error> {
        if let Some((id, entry)) = self.entries.get_key_value(spec) {
            return Ok(load(id, entry)?);
        }
        let looks_like_path = spec.starts_with(['.', '/']) || spec.contains('\\') || ends_in_yaml(spec);
        if !looks_like_path && let Some((family, scope)) = self.scope(spec)? {
            return self.effective(spec, &family, &scope, day);
        }
        match spec.split_once('/') {
            Some((family, LATEST)) if !looks_like_path => self.latest(spec, family, day),
            _ if looks_like_path || Path::new(spec).is_file() => Ok(read(spec)?),
            _ => Err(self.unknown(spec)),
        }
    }

    /// The scope that `spec` names, with its family.
    fn scope(&self, spec: &str) -> Result<Option<(Family, Scope)>, Error> {
        let Some((name, word)) =
            spec.split_once('/').filter(|(name, word)| *word != LATEST && self.families.contains_key(*name))
        else {
            return Ok(None);
        };
        let family = self.family(name)?;
        let scope = family.scope.clone().filter(|scope| scope.name == word);
        Ok(scope.map(|scope| (family, scope)))
    }

    /// The scope that a guideline is a version of, with its family.
    pub fn scope_of(&self, guideline: &str) -> Result<Option<(Family, Scope)>, Error> {
        let Some(name) = family_of(guideline).filter(|name| self.families.contains_key(*name)) else { return Ok(None) };
        let family = self.family(name)?;
        let is_version =
            |scope: &Scope| scope.versions.values().any(|version| version.guideline.as_deref() == Some(guideline));
        let scope = family.scope.clone().filter(is_version);
        Ok(scope.map(|scope| (family, scope)))
    }

    /// The guideline of the version of a scope that is effective on a day; of several, that of the one which is stable since last.
    fn effective(&self, spec: &str, family: &Family, scope: &Scope, day: NaiveDate) -> Result<Loaded, Error> {
        let named = family.period(day).map(|period| &period.versions);
        let named = named.into_iter().flatten().map(|(version, state)| (version, *state));
        let mut newest: Option<(Option<NaiveDate>, &String, Option<Loaded>)> = None;
        for (version, _) in named.clone().filter(|(_, state)| *state == Validity::Effective) {
            let of = scope.versions.get(version);
            let entry = of.and_then(|of| self.entries.get_key_value(of.guideline.as_ref()?));
            let loaded = entry.map(|(id, entry)| load(id, entry)).transpose()?;
            let approved = loaded.as_ref().map_or(of.and_then(|of| of.approved), |loaded| loaded.guideline.approved);
            if newest.as_ref().is_none_or(|(day, name, _)| (approved, version) > (*day, *name)) {
                newest = Some((approved, version, loaded));
            }
        }
        match newest {
            Some((_, _, Some(loaded))) => Ok(loaded),
            Some((_, version, None)) => Err(Error::NotHeld {
                scope: spec.to_owned(),
                version: version.clone(),
                day,
                ids: scope.versions.values().filter_map(|of| of.guideline.clone()).collect(),
            }),
            None => Err(Error::NoneEffective {
                scope: spec.to_owned(),
                day,
                states: named.map(|(version, state)| (version.clone(), state.name())).collect(),
            }),
        }
    }

    /// The file of a scope such as `scs/iaas`, as the Sovereign Cloud Stack publishes its own.
    pub fn scope_file(&self, spec: &str) -> Result<Exported, Error> {
        let Some((family, scope)) = self.scope(spec)? else {
            let scopes = self.scopes();
            // Of a version, its scope may be meant.
            let own =
                scopes.iter().find(|scope| spec.strip_prefix(scope.as_str()).is_some_and(|rest| rest.starts_with('-')));
            let near = own.cloned().or_else(|| nearest(spec, scopes.iter().map(String::as_str)).map(str::to_owned));
            return Err(Error::UnknownScope { spec: spec.to_owned(), near, scopes });
        };
        let named = scope.versions.values().filter_map(|version| version.guideline.as_deref());
        // Those that no version names, though they are called like its own, would be lost.
        let others = self.ids().filter(|id| id.strip_prefix(spec).is_some_and(|rest| rest.starts_with('-')));
        let ids: IndexSet<&str> = named.chain(others).collect();
        let entries = ids.into_iter().filter_map(|id| self.entries.get_key_value(id));
        let guidelines = entries.map(|(id, entry)| load(id, entry).map(|loaded| loaded.guideline));
        let guidelines = guidelines.collect::<Result<Vec<_>, _>>()?;
        let family_name = spec.split_once('/').map_or(spec, |(family, _)| family);
        Ok(scope::export(family_name, &family, &scope, &guidelines)?)
    }

    /// The names of all scopes. A family whose file is wrong has none: that is said where it is asked for.
    fn scopes(&self) -> Vec<String> {
        let named = self.families.keys().filter_map(|name| Some((name, self.family(name).ok()?.scope?)));
        named.map(|(family, scope)| format!("{family}/{}", scope.name)).collect()
    }

    fn latest(&self, spec: &str, family: &str, day: NaiveDate) -> Result<Loaded, Error> {
        let mut all = Vec::new();
        for (id, entry) in self.entries.iter().filter(|(id, _)| family_of(id) == Some(family)) {
            all.push(load(id, entry)?);
        }
        let ids: Vec<String> = all.iter().map(|loaded| loaded.guideline.id.clone()).collect();
        let approved: Vec<(NaiveDate, Loaded)> = all
            .into_iter()
            .filter(|loaded| matches!(loaded.guideline.status, Status::Approved | Status::Superseded))
            .filter_map(|loaded| Some((loaded.guideline.approved?, loaded)))
            .collect();
        // What is superseded today was in force until something was approved after it.
        let last = approved.iter().map(|(date, _)| *date).max();
        let in_force = |date: NaiveDate, status| status == Status::Approved || last.is_some_and(|last| last > date);
        let newest = approved
            .into_iter()
            .filter(|(date, loaded)| *date <= day && in_force(*date, loaded.guideline.status))
            // Of two approved on one day, the one with the later version wins, as ids are sorted.
            .max_by_key(|(date, _)| *date);
        match newest {
            Some((_, loaded)) => Ok(loaded),
            None if ids.is_empty() => Err(self.unknown(spec)),
            None => Err(Error::NoneApproved { family: family.to_owned(), day, ids }),
        }
    }

    fn unknown(&self, spec: &str) -> Error {
        let mut known: Vec<String> = self.entries.keys().cloned().collect();
        let families = self.ids().filter_map(family_of).map(|family| format!("{family}/{LATEST}"));
        known.extend(families);
        known.extend(self.scopes());
        // Of a family alone, its newest version is meant.
        let family = format!("{spec}/{LATEST}");
        let spec_or_family = if known.contains(&family) { &family } else { spec };
        let near = nearest(spec_or_family, known.iter().map(String::as_str)).map(str::to_owned);
        Error::Unknown { spec: spec.to_owned(), near, ids: self.ids().map(str::to_owned).collect() }
    }
}

/// The family of an id.
fn family_of(id: &str) -> Option<&str> {
    id.split_once('/').map(|(family, _)| family)
}

fn load(id: &str, entry: &Entry) -> Result<Loaded, Errors> {
    match entry {
        Entry::Embedded(text) => Loaded::new(&format!("{id}.yaml"), Source::Embedded, (*text).to_owned(), Some(id)),
        Entry::File(path) => read_at(path, Some(id)),
    }
}

fn ends_in_yaml(spec: &str) -> bool {
    Path::new(spec).extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Folder { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}
