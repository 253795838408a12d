//! Handlebars, set up for one format: its escape function, its helpers, and no tolerance for a name that is not there.

use std::fmt::Write as _;

use handlebars::{Context, Handlebars, Helper, HelperDef, Output, RenderContext, RenderErrorReason};
use serde::Serialize;

use super::RenderError;

/// An engine whose `{{ }}` passes through `escape`.
pub fn new(escape: fn(&str) -> String) -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(escape);
    engine
}

/// Adds a helper that makes text of its text arguments.
pub fn helper<F>(engine: &mut Handlebars<'_>, name: &str, make: F)
where
    F: Fn(&[&str]) -> String + Send + Sync + 'static,
{
    engine.register_helper(name, Box::new(TextHelper(make)));
}

/// Fills a template, and those that it includes by name.
pub fn render(
    mut engine: Handlebars<'_>,
    template: &str,
    included: &[(&str, &str)],
    view: &impl Serialize,
) -> Result<String, RenderError> {
    let defect = |error: handlebars::RenderError| RenderError::Template(Box::new(error));
    for (name, text) in included {
        engine.register_partial(name, text).map_err(|error| defect(RenderErrorReason::from(error).into()))?;
    }
    engine.render_template(template, view).map_err(defect)
}

struct TextHelper<F>(F);

impl<F> HelperDef for TextHelper<F>
where
    F: Fn(&[&str]) -> String + Send + Sync,
{
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> Result<(), handlebars::RenderError> {
        let mut texts = Vec::with_capacity(helper.params().len());
        for param in helper.params() {
            let text = param
                .value()
                .as_str()
                .ok_or_else(|| RenderErrorReason::Other(format!("{} takes texts only", helper.name())))?;
            texts.push(text);
        }
        out.write(&(self.0)(&texts))?;
        Ok(())
    }
}

/// A number of milliseconds as people read it.
pub fn duration(ms: u64) -> String {
    let mut shown = String::new();
    let _ = match ms {
        0..1_000 => write!(shown, "{ms} ms"),
        1_000..60_000 => write!(shown, "{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => write!(shown, "{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    };
    shown
}
