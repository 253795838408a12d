//! Which guidelines there are, and what is meant of them.

use std::path::PathBuf;

use assay_guidelines::{Catalogue, Loaded};
use chrono::{Local, NaiveDate};
use clap::Args;

use crate::exit::Failure;

/// Where guidelines come from.
#[derive(Debug, Clone, Args)]
pub struct GuidelineArguments {
    /// More guidelines: a folder with files such as `family/version.yaml`, and `family/family.yaml` for what holds for all of
    /// a family: its title, how many are usable, how long a licence lasts.
    #[arg(long, value_name = "DIR")]
    pub guidelines: Vec<PathBuf>,
    /// The day that is meant: by it go `latest`, flags, waivers and what can be certified against; today unless given.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
}

impl GuidelineArguments {
    /// The day that is meant.
    pub fn day(&self) -> NaiveDate {
        self.date.unwrap_or_else(|| Local::now().date_naive())
    }

    /// Every guideline there is.
    pub fn catalogue(&self) -> Result<Catalogue, Failure> {
        let mut catalogue = Catalogue::embedded();
        for folder in &self.guidelines {
            catalogue.add_dir(folder).map_err(Failure::usage)?;
        }
        Ok(catalogue)
    }

    /// The guideline of an id or path.
    pub fn get(&self, id: &str) -> Result<Loaded, Failure> {
        self.catalogue()?.get(id, self.day()).map_err(Failure::usage)
    }
}

/// The target of that name, or the only one there is.
pub fn target(loaded: &Loaded, name: Option<&str>) -> Result<String, Failure> {
    let guideline = &loaded.guideline;
    if let Some(name) = name {
        guideline.target(name).map_err(Failure::usage)?;
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = guideline.targets.keys().map(String::as_str).collect();
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        _ => Err(Failure::usage(format!("name a target of {} with --target: {}", guideline.id, names.join(", ")))),
    }
}
