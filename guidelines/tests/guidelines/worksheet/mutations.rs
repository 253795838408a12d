//! Worksheets that are damaged at random, in both forms: they are refused or read, and nothing panics.

use assay_guidelines::schema;
use assay_guidelines::worksheet::Evaluation;
use assay_guidelines::worksheet::import::import;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::import::guideline;
use super::{GOOD, PUBLISHED, read};

/// Some letters of a text replaced, or a line of it moved.
#[derive(Debug, Clone)]
enum Damage {
    Replace(Index, usize, &'static str),
    Move(Index, Index),
}

fn damage(bits: Vec<&'static str>) -> impl Strategy<Value = Damage> {
    prop_oneof![
        3 => (any::<Index>(), 0..20usize, select(bits)).prop_map(|(at, count, bit)| Damage::Replace(at, count, bit)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Move(from, to)),
    ]
}

fn apply(text: &str, damage: &Damage) -> String {
    match damage {
        Damage::Replace(at, count, bit) => {
            let mut letters: Vec<char> = text.chars().collect();
            let at = at.index(letters.len() + 1);
            letters.splice(at..(at + count).min(letters.len()), bit.chars());
            letters.into_iter().collect()
        }
        Damage::Move(from, to) => {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            if !lines.is_empty() {
                let line = lines.remove(from.index(lines.len()));
                lines.insert(to.index(lines.len() + 1), line);
            }
            lines.concat()
        }
    }
}

fn yaml_bits() -> Vec<&'static str> {
    vec![
        "",
        "\t",
        "\n",
        " ",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!str ",
        "|",
        "'",
        "\"",
        "#",
        "---\n",
        "~",
        "é",
        "\u{feff}",
        "\u{0}",
        "\u{2028}",
        "\r\n",
        "? ",
        "?",
        "\"?\"",
        "0",
        "1",
        "2",
        "-1",
        "true",
        "999999999999",
        "scores",
        "openstack-powered/2018.11",
        "guideline: openstack-powered/2018.11\n",
        "groups: {a: [servers-list]}\n",
    ]
}

fn text_bits() -> Vec<&'static str> {
    vec![
        "",
        "\t",
        "\n",
        "\n\n",
        " ",
        "[",
        "]",
        "[[",
        "]]",
        ",",
        "*",
        ":",
        "?",
        "1",
        "[1,1,1]",
        "[99999999999]",
        "Notes:\n",
        "  * ",
        "      * a-b-c\n",
        "A\n---\n",
        "===",
        "---",
        "é原",
        "\u{feff}",
        "\u{0}",
        "\u{2028}",
        "\r\n",
        "\"",
        "\\",
        "'",
        "[1] x\n",
        "[] x\n",
        "a: [",
        "compute-servers-create: [1,1,1]\n",
        "The groups are:\n",
        "yes: [1]\n",
        "#",
        "~: [0,0]\n",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_worksheet_is_refused_or_read(damages in prop::collection::vec(damage(yaml_bits()), 1..6)) {
        let text = damages.iter().fold(GOOD.to_owned(), |text, damage| apply(&text, damage));
        match read(&text) {
            Ok(sheet) => {
                // What the reader accepts, editors accept too; it is written as it was read, and can be evaluated.
                let schema: serde_json::Value = serde_json::from_str(&schema::worksheet()).unwrap();
                let value = serde_json::to_value(&sheet.worksheet).unwrap();
                prop_assert!(jsonschema::draft202012::is_valid(&schema, &value), "{value}");
                let again = read(&sheet.worksheet.yaml());
                prop_assert_eq!(again.map(|again| again.worksheet).ok(), Some(sheet.worksheet.clone()), "{}", text);
                let evaluation = Evaluation::of(&sheet, None);
                prop_assert!(evaluation.all().all(|of| of.minimum <= of.maximum));
                prop_assert!(assay_guidelines::lint::lint_worksheet(&sheet, None).is_ok());
            }
            Err(errors) => {
                prop_assert!(!errors.problems().is_empty());
                let lines = text.split('\n').count();
                for problem in errors.problems() {
                    prop_assert!((1..=lines).contains(&problem.line) && problem.column >= 1, "line {}", problem.line);
                    prop_assert!(problem.help.is_some());
                    // The checks refuse whatever the model refuses.
                    prop_assert!(!problem.message.starts_with("this is not a worksheet"), "{errors}");
                }
                prop_assert!(!errors.render(false).contains('\u{1b}'), "{errors:?}");
            }
        }
    }

    /// Holds off a panic, a score that is lost without a word, and a worksheet that cannot be read again.
    #[test]
    fn a_damaged_published_worksheet_is_refused_or_read(damages in prop::collection::vec(damage(text_bits()), 1..8)) {
        let text = damages.iter().fold(PUBLISHED.to_owned(), |text, damage| apply(&text, damage));
        match import("odd.txt", &text, guideline()) {
            Ok(imported) => {
                let lines = text.split('\n').count();
                for repair in &imported.repairs {
                    prop_assert!((1..=lines).contains(&repair.line) && repair.column >= 1, "{repair}");
                }
                // With criteria of its own, so that the guideline is not read for each.
                let mut sheet = imported.worksheet;
                (sheet.guideline, sheet.scoring) = (None, guideline().scoring.clone());
                let again = read(&sheet.yaml()).unwrap();
                prop_assert_eq!(again.worksheet, sheet);
            }
            // What it makes is always a worksheet: only a file without capabilities is refused.
            Err(errors) => prop_assert!(errors.to_string().contains("has no line such as"), "{errors}\n{text}"),
        }
    }
}
