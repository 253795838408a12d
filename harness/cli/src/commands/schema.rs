//! `assay schema`: the JSON Schemas of the files that Assay reads and writes.

use assay_kit::image_spec::ImageSpec;
use assay_reports::schema::text;
use clap::Args;

use super::doctor::findings::Findings;
use super::list::rows::Rows;
use crate::exit::{Code, Failure};
use crate::output::{data, json_text};

/// `assay schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// Which file; without it, the names are listed.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

pub fn run(arguments: &SchemaArguments) -> Result<Code, Failure> {
    let mut schemas = vec![
        ("guideline.schema.json", assay_guidelines::schema::schema()),
        ("family.schema.json", assay_guidelines::schema::family()),
        ("worksheet.schema.json", assay_guidelines::schema::worksheet()),
        ("lint.schema.json", assay_guidelines::schema::lint()),
        ("timeline.schema.json", assay_guidelines::schema::timeline()),
    ];
    schemas.extend(assay_reports::schema::all());
    schemas.push(("deployment.schema.json", crate::deployment_file::schema()));
    schemas.push(("image-spec.schema.json", text::<ImageSpec>()));
    schemas.push(("doctor.schema.json", text::<Findings>()));
    schemas.push(("list.schema.json", text::<Rows<'_>>()));
    let name = |file: &str| file.trim_end_matches(".schema.json").to_owned();
    let Some(wanted) = &arguments.name else {
        data(&schemas.iter().map(|(file, _)| name(file) + "\n").collect::<String>())?;
        return Ok(Code::Done);
    };
    let Some((_, schema)) = schemas.iter().find(|(file, _)| name(file) == *wanted) else {
        let names: Vec<_> = schemas.iter().map(|(file, _)| name(file)).collect();
        return Err(Failure::usage(format!("no schema is called `{wanted}`; there are {}", names.join(", "))));
    };
    json_text(schema)?;
    Ok(Code::Done)
}
