//! `assay guideline timeline`: what a product can certify against on a day, and until when it may carry the mark.

use assay_guidelines::timeline::Family;

use crate::args::{TextOrJson, TimelineArguments};
use crate::exit::{Code, Failure};
use crate::output::data;

pub fn run(arguments: &TimelineArguments) -> Result<Code, Failure> {
    let catalogue = arguments.guidelines.catalogue()?;
    let (name, day) = (arguments.family.as_str(), arguments.guidelines.day());
    let mut approvals = Vec::new();
    for id in catalogue.ids().filter(|id| id.split_once('/').is_some_and(|(family, _)| family == name)) {
        approvals.push((id.to_owned(), catalogue.get(id, day).map_err(Failure::usage)?.guideline.approved));
    }
    if approvals.is_empty() {
        return Err(Failure::usage(format!(
            "no guideline is of the family `{name}`; `assay guideline list` lists them"
        )));
    }
    let timeline = Family::embedded(name).unwrap_or_else(|| Family::named(name)).timeline(&approvals, day);
    if arguments.format == TextOrJson::Json {
        let value = serde_json::to_value(&timeline).map_err(Failure::defect)?;
        data(&format!("{value:#}\n"))?;
    } else {
        data(&timeline.chart())?;
    }
    Ok(Code::Done)
}
