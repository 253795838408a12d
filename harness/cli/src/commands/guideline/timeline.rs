//! `assay guideline timeline`: what a product can certify against on a day, and until when it may carry the mark.

use crate::args::{TextOrJson, TimelineArguments};
use crate::exit::{Code, Failure};
use crate::output::data;

pub fn run(arguments: &TimelineArguments) -> Result<Code, Failure> {
    let catalogue = arguments.guidelines.catalogue()?;
    let timeline = catalogue.timeline(&arguments.family, arguments.guidelines.day()).map_err(Failure::usage)?;
    if arguments.format == TextOrJson::Json {
        let value = serde_json::to_value(&timeline).map_err(Failure::defect)?;
        data(&format!("{value:#}\n"))?;
    } else {
        data(&timeline.chart())?;
    }
    Ok(Code::Done)
}
