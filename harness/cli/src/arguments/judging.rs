//! How a run is judged.

use std::path::PathBuf;

use assay_guidelines::Loaded;
use assay_reports::product::Product;
use assay_reports::report::{ScopeShown, TargetVerdict};
use assay_reports::{Context, Doubt, Report, Runs, Statement, Waiver, statement, waiver};
use clap::Args;

use super::guideline::GuidelineArguments;
use crate::exit::{Code, Failure};
use crate::output::say;
use crate::registry::native;

/// How a run is judged.
#[derive(Debug, Clone, Args)]
pub struct JudgingArguments {
    /// Your own expected failures: a YAML file of tests, each with a reason. They are shown apart and excuse nothing.
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
    /// What people state of tests that no program decides: a YAML file with a verdict, an author, a date and a link for each.
    #[arg(long, value_name = "FILE")]
    pub attest: Option<PathBuf>,
    /// The name under which the compliance monitor of the Sovereign Cloud Stack knows the deployment; its own unless given.
    #[arg(long, value_name = "NAME")]
    pub subject: Option<String>,
    /// Count a deviation from the documentation as a failure.
    #[arg(long)]
    pub strict: bool,
}

/// A score, and the exit status that it means.
pub struct Judged {
    pub report: Report,
    pub code: Code,
}

impl JudgingArguments {
    /// Reads the files that it names.
    pub fn read(&self) -> Result<(Vec<Waiver>, Vec<Statement>), Failure> {
        let waivers = self.waivers.as_deref().map(waiver::read).transpose().map_err(Failure::usage)?;
        let statements = self.attest.as_deref().map(statement::read).transpose().map_err(Failure::usage)?;
        Ok((waivers.unwrap_or_default(), statements.unwrap_or_default()))
    }

    /// Scores a run's folder under a target of a guideline.
    pub fn judge(
        &self,
        runs: &Runs,
        loaded: &Loaded,
        target: &str,
        product: Option<Product>,
        guidelines: &GuidelineArguments,
    ) -> Result<Judged, Failure> {
        let mut run = runs.run.clone();
        if product.is_some() {
            run.product = product;
        }
        let (waivers, statements) = self.read()?;
        // What Assay implements matters only where its own tests were run.
        let native = runs.has_native().then(native).transpose()?;
        let mut doubts = runs.doubts.clone();
        // It was named on the command line: what is recorded must be the very one.
        if runs.guidelines.iter().any(|used| used.id == loaded.guideline.id && used.sha256 != loaded.sha256) {
            let doubt = Doubt::other_guideline(&loaded.guideline.id);
            say(&format!("warning: {}", doubt.what));
            doubts.push(doubt);
        }
        let scope = guidelines.catalogue()?.scope_of(&loaded.guideline.id).map_err(Failure::usage)?;
        let scope = scope.map(|(family, scope)| ScopeShown {
            uuid: scope.uuid,
            name: family.title,
            link: scope.link,
            subject: self.subject.clone().unwrap_or_else(|| run.deployment.name.clone()),
        });
        let context = Context {
            run: &run,
            today: guidelines.day(),
            waivers: &waivers,
            statements: &statements,
            scope: scope.as_ref(),
            strict: self.strict,
            native: native.as_ref(),
            warnings: &runs.warnings,
            doubts: &doubts,
        };
        let report =
            assay_reports::score(&loaded.guideline, target, runs.records(), &context).map_err(Failure::usage)?;
        let code = match report.verdict {
            TargetVerdict::Conformant => Code::Done,
            TargetVerdict::NotConformant | TargetVerdict::Unknown => Code::NotConformant,
        };
        Ok(Judged { report, code })
    }
}
