//! What was tested, with what and when.

use serde::Serialize;

use super::super::engine::duration;
use crate::report::Report;

#[derive(Debug, Serialize)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
}

/// What was judged, by whom and when.
pub fn foot(report: &Report) -> String {
    let run = &report.run;
    let of = run.started.map(|time| format!(" of {}", time.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
    let what = match &run.source {
        None => format!("Run {}{of} with Assay {}", run.id, run.assay),
        Some(source) => format!("Results {}{of} ({source}), read by Assay {}", run.id, run.assay),
    };
    format!("{what}, judged on {}{}", report.summary.date, if report.summary.strict { ", strictly" } else { "" })
}

pub fn product_line(report: &Report) -> String {
    if report.run.deployment.reference {
        return "Assay's reference deployment — no product".to_owned();
    }
    match &report.product {
        Some(product) => format!("{} {} by {}", product.name, product.version, product.vendor),
        None if report.run.source.is_some() => format!("Results “{}”, no product named", report.deployment),
        None => format!("Cloud “{}”, no product named", report.deployment),
    }
}

pub fn facts(report: &Report) -> Vec<Fact> {
    let run = &report.run;
    let mut facts = Vec::new();
    let mut add = |label, value: Option<String>| {
        if let Some(value) = value {
            facts.push(Fact { label, value });
        }
    };
    if let Some(product) = &report.product {
        add("Vendor", Some(product.vendor.clone()));
        add("Product", Some(format!("{} {}", product.name, product.version)));
        add("Type", Some(product.kind.label().to_owned()));
        add("Contact", product.contact.clone());
        add("System", product.system.clone());
        add(
            "Designated sections",
            (!product.designated_sections.is_empty())
                .then(|| format!("attested for {}", product.designated_sections.join(", "))),
        );
    }
    add("Deployment", Some(run.deployment.name.clone()));
    add("Results", run.source.as_ref().map(|source| format!("made by another tool, read as {source}")));
    // A service that stands alone has none. Another tool's results do not say where the deployment is.
    let address = if run.accounts.is_empty() && run.source.is_none() { "Address" } else { "Identity service" };
    add(address, Some(run.deployment.auth_url.clone()).filter(|address| !address.is_empty()));
    add("Region", run.deployment.region.clone());
    let listed = |list: &[String]| (!list.is_empty()).then(|| list.join(", "));
    add("Other hosts", listed(&run.deployment.other_hosts));
    add("In clear text", listed(&run.deployment.cleartext));
    let versions: Vec<_> =
        run.deployment.versions.iter().map(|(service, version)| format!("{service} {version}")).collect();
    add("API versions", (!versions.is_empty()).then(|| versions.join(", ")));
    let accounts: Vec<_> = run
        .accounts
        .iter()
        .map(|(name, given)| format!("{name} {}", if *given { "given" } else { "not given" }))
        .collect();
    add("Further accounts", (!accounts.is_empty()).then(|| accounts.join(", ")));
    add(
        "Took",
        run.started.zip(run.finished).map(|(started, finished)| {
            let took = (finished - started).num_milliseconds();
            duration(u64::try_from(took).unwrap_or(0))
        }),
    );
    facts
}
