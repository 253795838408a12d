//! `assay explain`: why a rule for guidelines exists, what breaks it, and how to keep it; and how the name of a flavor reads.

use assay_capabilities::scs::flavor_name::{Name, parse};
use assay_guidelines::lint::{RULES, Rule};
use assay_text::visible_line;
use clap::Args;

use crate::exit::{Code, Failure};
use crate::output::{columns, data};

/// The standard for names of flavors.
const FLAVOR_NAMES: &str = "scs-0100";
/// A name with a part of each usual kind.
const EXAMPLE: &str = "SCS-4V-16-2x50s_kvm_z3_ib";

/// `assay explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The code of a rule, such as `AG101`, or `scs-0100` for names of flavors; without it, all are listed.
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
    /// With `scs-0100`: the names that are read, part by part; an example unless given.
    #[arg(value_name = "FLAVOR")]
    pub names: Vec<String>,
}

pub fn run(arguments: &ExplainArguments) -> Result<Code, Failure> {
    let Some(code) = &arguments.code else {
        let mut rows: Vec<_> = RULES
            .iter()
            .map(|rule| vec![rule.code.to_owned(), rule.severity.name().to_owned(), rule.title.to_owned()])
            .collect();
        rows.push(
            [FLAVOR_NAMES, "standard", "How the name of a flavor reads in the Sovereign Cloud Stack"]
                .map(str::to_owned)
                .into(),
        );
        data(&columns(&rows))?;
        return Ok(Code::Done);
    };
    if code.eq_ignore_ascii_case(FLAVOR_NAMES) {
        return flavor_names(&arguments.names);
    }
    if !arguments.names.is_empty() {
        return Err(Failure::usage(format!(
            "only `{FLAVOR_NAMES}` explains names: `assay explain {FLAVOR_NAMES} {EXAMPLE}`"
        )));
    }
    let Some(Rule { code, severity, title, why, example, fix }) = Rule::of(code) else {
        return Err(Failure::usage(format!("no rule has the code `{code}`; `assay explain` lists them")));
    };
    data(&format!("{code} ({}): {title}\n\nWhy:     {why}\nExample: {example}\nTo do:   {fix}\n", severity.name()))?;
    Ok(Code::Done)
}

/// How names read. The status says whether each does.
fn flavor_names(names: &[String]) -> Result<Code, Failure> {
    let example = [EXAMPLE.to_owned()];
    let mut code = Code::Done;
    for (number, name) in if names.is_empty() { &example } else { names }.iter().enumerate() {
        let text = parse(name).map_or_else(
            |wrong| {
                code = Code::NotConformant;
                format!("{}\n  invalid: {}\n", visible_line(name), visible_line(&wrong.to_string()))
            },
            |read| reading(name, &read),
        );
        data(&format!("{}{text}", if number > 0 { "\n" } else { "" }))?;
    }
    Ok(code)
}

/// A name, part by part.
fn reading(name: &str, read: &Name) -> String {
    let rows =
        read.parts.iter().map(|part| vec![format!("  {}", part.text), part.meaning.to_owned(), part.value.clone()]);
    let specs = read.extra_specs().into_iter().map(|(key, value)| format!("{key}={value}"));
    format!(
        "{} (syntax {})\n{}{}  A standard flavor of this name has the extra specs {} (scs-0103).\n",
        visible_line(name),
        read.syntax,
        columns(&rows.collect::<Vec<_>>()),
        read.remarks.iter().map(|remark| format!("  note: {remark}\n")).collect::<String>(),
        specs.collect::<Vec<_>>().join(", ")
    )
}
