//! `assay explain`: why a rule for guidelines exists, what breaks it, and how to keep it.

use assay_guidelines::lint::{RULES, Rule};
use clap::Args;

use crate::exit::{Code, Failure};
use crate::output::{columns, data};

/// `assay explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The code, such as `AG101`; without it, all are listed.
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

pub fn run(arguments: &ExplainArguments) -> Result<Code, Failure> {
    let Some(code) = &arguments.code else {
        let rows: Vec<_> = RULES
            .iter()
            .map(|rule| vec![rule.code.to_owned(), rule.severity.name().to_owned(), rule.title.to_owned()])
            .collect();
        data(&columns(&rows))?;
        return Ok(Code::Done);
    };
    let Some(Rule { code, severity, title, why, example, fix }) = Rule::of(code) else {
        return Err(Failure::usage(format!("no rule has the code `{code}`; `assay explain` lists them")));
    };
    data(&format!("{code} ({}): {title}\n\nWhy:     {why}\nExample: {example}\nTo do:   {fix}\n", severity.name()))?;
    Ok(Code::Done)
}
