//! Files that are damaged at random: the loader refuses or accepts them, and never panics.

use assay_guidelines::{parse, schema};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const GOOD: &str = include_str!("../good.yaml");

/// One damage to a text, at places that are chosen for its length.
#[derive(Debug, Clone)]
enum Damage {
    Remove(Index, usize),
    Insert(Index, &'static str),
    Swap(Index, Index),
    Repeat(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let bits = vec![
        "",
        "\t",
        "\n",
        " ",
        "- ",
        ": ",
        ":",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!str ",
        "|",
        ">-\n",
        "'",
        "\"",
        "#",
        "---\n",
        "...\n",
        "~",
        "é",
        "原",
        "\u{feff}",
        "\u{0}",
        "\u{1b}",
        "\u{2028}",
        "\r\n",
        "? ",
        "<<: ",
        "%YAML 1.1\n",
        "0x1",
        "1e9",
        "999999999999",
        "true",
        "\\",
        "007",
        "-1",
    ];
    prop_oneof![
        (any::<Index>(), 1..40usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        (any::<Index>(), select(bits)).prop_map(|(at, bit)| Damage::Insert(at, bit)),
        (any::<Index>(), any::<Index>()).prop_map(|(one, two)| Damage::Swap(one, two)),
        (any::<Index>(), any::<Index>()).prop_map(|(line, to)| Damage::Repeat(line, to)),
    ]
}

fn apply(text: &str, damage: &Damage) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if letters.is_empty() {
        return String::new();
    }
    match damage {
        Damage::Remove(at, count) => {
            let at = at.index(letters.len());
            letters.drain(at..(at + count).min(letters.len()));
            letters.into_iter().collect()
        }
        Damage::Insert(at, bit) => {
            let at = at.index(letters.len() + 1);
            letters.splice(at..at, bit.chars());
            letters.into_iter().collect()
        }
        Damage::Swap(one, two) => {
            let (one, two) = (one.index(lines.len()), two.index(lines.len()));
            lines.swap(one, two);
            lines.concat()
        }
        Damage::Repeat(line, to) => {
            let (line, to) = (line.index(lines.len()), to.index(lines.len()));
            lines.insert(to, lines[line]);
            lines.concat()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_refused_or_read_and_nothing_panics(damages in prop::collection::vec(damage(), 1..6)) {
        let text = damages.iter().fold(GOOD.to_owned(), |text, damage| apply(&text, damage));
        match parse("small.yaml", &text) {
            Ok(guideline) => {
                // What the loader accepts, editors accept too.
                let schema: serde_json::Value = serde_json::from_str(&schema::schema()).unwrap();
                let value = serde_json::to_value(&guideline).unwrap();
                prop_assert!(jsonschema::draft202012::is_valid(&schema, &value), "{value}");
            }
            Err(errors) => {
                prop_assert!(!errors.problems().is_empty());
                let lines = text.split('\n').count();
                for problem in errors.problems() {
                    prop_assert!((1..=lines).contains(&problem.line), "line {}", problem.line);
                    prop_assert!(problem.column >= 1);
                    prop_assert!(problem.help.is_some());
                    // The checks refuse whatever the model refuses.
                    prop_assert!(!problem.message.starts_with("this is not a guideline"), "{errors}");
                }
                prop_assert!(!errors.render(true).is_empty());
                prop_assert!(!errors.render(false).contains('\u{1b}'), "{errors:?}");
            }
        }
    }
}
