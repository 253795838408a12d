use serde_yaml::Value;

use super::*;

fn fault(text: &str) -> (Fault, usize, usize) {
    let problem = parse::<Value>(text).unwrap_err();
    assert!(!problem.what.contains(crate::is_unseen), "{problem:?}");
    assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
    (problem.fault, problem.line, problem.column)
}

#[test]
fn what_is_well_formed_is_read_as_ever() {
    let text = "\u{feff}a: &x {b: [1, true, ~, \"c\"]}\nd: *x\ne: !t f\n'g': |\n  h\n? i\n: j\n# k\n";
    let value: Value = parse(text).unwrap();
    assert_eq!(value, serde_yaml::from_str::<Value>(without_mark(text)).unwrap());
    assert_eq!(parse::<Value>("").unwrap(), Value::Null);
    assert_eq!(parse::<Value>("a: b\r\nc: d\r\n").unwrap()["c"], "d");
}

#[test]
fn nesting_has_an_end_that_is_told_with_its_place() {
    let deep = |open: &str, times: usize, close: &str| format!("a: {}{}", open.repeat(times), close.repeat(times));
    assert!(parse::<Value>(&deep("[", 63, "]")).is_ok());
    assert_eq!(fault(&deep("[", 64, "]")), (Fault::TooDeep, 1, 67));
    assert_eq!(fault(&deep("{x: ", 64, "}")).0, Fault::TooDeep);
    for bomb in ["[", "{", "- ", "? ", "[{", "{a: "] {
        let (fault, line, _) = fault(&format!("# one\n{}", bomb.repeat(40_000)));
        assert_eq!((fault, line), (Fault::TooDeep, 2), "{bomb}");
    }
}

#[test]
fn repeating_has_an_end() {
    let laughs = |first: &str, levels: usize| {
        let mut text = format!("a0: &a0 {first}\n");
        for level in 1..levels {
            let repeated = vec![format!("*a{}", level - 1); 9].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{repeated}]\n"));
        }
        text
    };
    assert!(parse::<Value>(&laughs("[x]", 4)).is_ok());
    assert_eq!(fault(&laughs("[x]", 9)).0, Fault::TooMany);
    let long = format!("- &a {}\n{}", "x".repeat(1_000_000), "- *a\n".repeat(100));
    assert_eq!(fault(&long).0, Fault::TooMany);
    assert_eq!(fault("a: &a [*a]\n").0, Fault::TooDeep);
    // Each is one level deeper than the one before.
    let mut text = "a0: &a0 [x]\n".to_owned();
    (1..70).for_each(|level| text.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1)));
    assert_eq!(fault(&text).0, Fault::TooDeep);
}

#[test]
fn a_value_is_one_of_a_bounded_number() {
    assert!(parse::<Value>(&"- a\n".repeat(199_000)).is_ok());
    assert_eq!(fault(&"- a\n".repeat(200_000)).0, Fault::TooMany);
    assert_eq!(fault(&"# words\n".repeat(600_000)), (Fault::TooLarge, 1, 1));
}

#[test]
fn what_readers_of_yaml_do_not_agree_on_is_refused() {
    // One reader sees a comment, and the other a line that ends.
    for letter in ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\0', '\u{1b}', '\u{9b}', '\u{7f}'] {
        let text = format!("a: b\n# é{letter}{}", "[".repeat(40_000));
        assert_eq!(fault(&text), (Fault::Unseen, 2, 4), "{letter:?}");
    }
}

#[test]
fn what_is_no_yaml_is_told_with_its_place() {
    assert_eq!(fault("a: b\nc: \"d\n").0, Fault::Syntax);
    assert_eq!(fault("a: b\n\tc: d\n").0, Fault::Syntax);
    assert_eq!(fault("a: *b\n").0, Fault::Syntax);
    let problem = parse::<Vec<u8>>("- 1\n- x\n").unwrap_err();
    assert_eq!((problem.fault, problem.line, problem.column), (Fault::Form, 2, 3), "{problem}");
    assert!(!problem.what.contains(" at line"), "{problem}");
}
