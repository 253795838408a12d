//! The kinds of files that people write here: guidelines, families and worksheets.

use std::sync::LazyLock;

use crate::family::scope::WORD_PATTERN;
use crate::family::{self, Family};
use assay_text::written::schema::schema;
use regex_lite::Regex;

use crate::model::{self, CODE_PATTERN, Guideline, ID_PATTERN, NAME_PATTERN, UUID_PATTERN};

use crate::scope::file::{ScopeFile, VERSION_PATTERN};
use crate::worksheet::{self, Worksheet};

pub(crate) use assay_text::written::Kind;

const README: &str = "the file guidelines/README.md";

/// Guidelines.
pub(crate) static GUIDELINE: Kind = Kind {
    noun: "guideline",
    version: model::SCHEMA,
    schema: LazyLock::new(schema::<Guideline>),
    file: None,
    help: README,
    explain,
    has_anchors: false,
    is_secret: false,
};

/// Files of families.
pub(crate) static FAMILY: Kind = Kind {
    noun: "family",
    version: family::SCHEMA,
    schema: LazyLock::new(schema::<Family>),
    file: Some(family::FILE),
    help: README,
    explain,
    has_anchors: false,
    is_secret: false,
};

/// Worksheets.
pub(crate) static WORKSHEET: Kind = Kind {
    noun: "worksheet",
    version: worksheet::SCHEMA,
    schema: LazyLock::new(schema::<Worksheet>),
    file: Some("worksheet.yaml"),
    help: README,
    explain,
    has_anchors: false,
    is_secret: false,
};

/// Scope files of the Sovereign Cloud Stack, which have a form of theirs and no key for its version.
pub(crate) static SCOPE: Kind = Kind {
    noun: "scope file",
    version: "",
    schema: LazyLock::new(schema::<ScopeFile>),
    file: None,
    help: README,
    explain,
    has_anchors: false,
    is_secret: false,
};

/// All kinds of files that are ours.
pub(crate) static KINDS: [&Kind; 3] = [&GUIDELINE, &FAMILY, &WORKSHEET];

/// What a pattern stands for, and what to do with a text that is not of it.
fn explain(pattern: &str, text: &str) -> Option<(&'static str, String)> {
    Some(match pattern {
        UUID_PATTERN => {
            let bare = text.strip_prefix("id-").unwrap_or(text).to_lowercase();
            let fits = Regex::new(UUID_PATTERN).is_ok_and(|regex| regex.is_match(&bare));
            let help = match (fits, text.starts_with("id-")) {
                (true, true) => format!("drop `id-`: `{bare}`"),
                (true, false) => format!("write it in lower case: `{bare}`"),
                (false, _) => "write 8, 4, 4, 4 and 12 digits 0-9 and a-f with hyphens between them".to_owned(),
            };
            ("a bare UUID in lower case", help)
        }
        ID_PATTERN => ("an id", "write `family/version`, such as `openstack-powered/2020.06`".to_owned()),
        CODE_PATTERN => {
            ("a flag's code", "write capital letters and a number, such as `D401`, or leave it out".to_owned())
        }
        WORD_PATTERN => ("a word", "write small letters, digits and hyphens, such as `iaas`".to_owned()),
        VERSION_PATTERN => {
            ("the name of a version", "write letters, digits, dots, hyphens and underscores, such as `v5.1`".to_owned())
        }
        NAME_PATTERN => ("the name of a test", "write it in one line, without white space at its ends".to_owned()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use assay_text::written::shape::{KEYWORDS, keywords};

    use super::*;

    /// Holds off a rule in the schema that the loader would quietly not apply.
    #[test]
    fn only_known_keywords() {
        let mut found = Vec::new();
        for kind in KINDS.into_iter().chain([&SCOPE]) {
            keywords(&kind.schema, &mut found);
        }
        found.retain(|key| !KEYWORDS.contains(&key.as_str()));
        assert_eq!(found, Vec::<String>::new());
    }
}
