//! For secrets, encodings and surroundings at random: nothing of the secret is left.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

type Encode = fn(&str) -> String;

fn each(text: &str, escape: impl Fn(char) -> String) -> String {
    text.chars().map(escape).collect()
}

fn utf16(text: &str, escape: impl Fn(u16) -> String) -> String {
    text.encode_utf16().map(escape).collect()
}

fn bytes(text: &str, between: &str, escape: impl Fn(u8) -> String) -> String {
    text.bytes().map(escape).collect::<Vec<_>>().join(between)
}

fn wide(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// What a server may do to a text before it shows it.
const ENCODINGS: [Encode; 36] = [
    str::to_owned,
    |text| serde_json::Value::from(text).to_string(),
    |text| serde_json::Value::from(text).to_string().replace('/', r"\/"),
    |text| utf16(text, |unit| format!("\\u{unit:04x}")),
    |text| utf16(text, |unit| format!("\\u{unit:04X}")),
    |text| each(text, |c| if c.is_alphanumeric() { c.to_string() } else { format!("\\u{{{:x}}}", u32::from(c)) }),
    |text| text.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
    crate::http::address::encode,
    |text| {
        let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        text.bytes()
            .map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") })
            .collect()
    },
    |text| text.bytes().map(|byte| format!("%{byte:02x}")).collect(),
    |text| {
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() && byte % 3 > 0 {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect()
    },
    |text| url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
    |text| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#x27;")
    },
    |text| each(text, |c| format!("&#{};", u32::from(c))),
    |text| each(text, |c| format!("&#X{:05x};", u32::from(c))),
    |text| text.bytes().map(|byte| format!("{byte:02x}")).collect(),
    |text| text.bytes().map(|byte| format!("{byte:02X}")).collect(),
    |text| STANDARD.encode(text),
    |text| STANDARD_NO_PAD.encode(text),
    |text| URL_SAFE.encode(text),
    |text| URL_SAFE_NO_PAD.encode(text),
    |text| STANDARD.encode(format!("user:{text}")),
    |text| STANDARD.encode(format!("a:{text}\n")),
    |text| URL_SAFE_NO_PAD.encode(format!("{{\"some\":\"{text}\"}}")),
    |text| format!("prefix-{}", STANDARD.encode(text)),
    |text| bytes(text, "", |byte| format!("\\{byte:03o}")),
    |text| bytes(text, "", |byte| format!("={byte:02X}")),
    |text| bytes(text, ":", |byte| format!("{byte:02x}")),
    |text| bytes(text, " ", |byte| format!("{byte:02X}")),
    |text| bytes(text, ", ", |byte| format!("0x{byte:02x}")),
    |text| each(text, |c| if c.is_alphanumeric() { c.to_string() } else { format!("\\{c}") }),
    |text| format!("'{}'", text.replace('\'', r"'\''")),
    |text| format!("'{}'", text.replace('\'', r#"'"'"'"#)),
    |text| STANDARD.encode(wide(text, u16::to_le_bytes)),
    |text| STANDARD.encode(wide(text, u16::to_be_bytes)),
    |text| wide(text, u16::to_le_bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
];

fn secret() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        8 => prop::char::range('!', '~'),
        1 => Just(' '),
        1 => prop::char::range('¡', 'ÿ'),
        1 => prop_oneof![Just('☃'), Just('é'), Just('😀')],
    ];
    let shaped = prop::collection::vec(sign, 8..40).prop_map(|signs| signs.into_iter().collect::<String>());
    prop_oneof![shaped, "[0-9a-f]{32}", "[1-9][0-9]{9,20}"].prop_filter("a mask is no secret", |text| {
        text.trim().len() >= 8 && text.chars().collect::<std::collections::HashSet<_>>().len() > 4
    })
}

fn around() -> impl Strategy<Value = (String, String)> {
    let part = prop_oneof![
        Just(""),
        Just(" "),
        Just("\""),
        Just("{\"a\": \""),
        Just("[1, 2, "),
        Just("<p>"),
        Just("http://h/x?y="),
        Just("Zm9vYmFy "),
        Just("100% & \\ + = "),
        Just("x=%zz;"),
        Just("é☃"),
    ];
    (part.clone(), part).prop_map(|(before, after)| (before.to_owned(), after.to_owned()))
}

/// Everything that a secret can be seen by in a text: itself, and each form of it that is longer than a chance.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    forms.extend(ENCODINGS[1..].iter().map(|encode| encode(secret)));
    forms
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_form_of_a_secret_is_left(secret in secret(), (before, after) in around(), first in 0..ENCODINGS.len()) {
        let redactor = Redactor::default();
        redactor.learn(&secret);
        let form = ENCODINGS[first](&secret);
        let text = redactor.text(&format!("{before}{form}{after}"));
        for form in forms(&secret) {
            prop_assert!(!text.contains(&form), "{text:?} holds {form:?}");
        }
        prop_assert!(text.contains("redacted"));
    }

    #[test]
    fn no_form_of_a_form_is_left(secret in secret(), (before, after) in around(), first in 0..ENCODINGS.len()) {
        let redactor = Redactor::default();
        redactor.learn(&secret);
        for (with, second) in ENCODINGS.iter().enumerate() {
            let form = second(&ENCODINGS[first](&secret));
            let text = redactor.text(&format!("{before}{form}{after}"));
            prop_assert!(!text.contains(&form), "{first} then {with}: {text:?} holds {form:?}");
            prop_assert!(text.contains("redacted"), "{first} then {with}: {form:?} stays {text:?}");
        }
    }

    #[test]
    fn what_stands_under_a_secret_name_is_learnt_and_gone(secret in "[ -~]{8,30}", at in 0..6_usize) {
        prop_assume!(secret.trim().len() >= 8 && secret.bytes().collect::<std::collections::HashSet<_>>().len() > 4);
        let json = serde_json::Value::from(secret.as_str()).to_string();
        let body = match at {
            0 => format!("{{\"echo\": {json}, \"user\": {{\"NewPassword\": {json}}}}}"),
            1 => format!("noise [ \" {{ 'x {{\"secret_key\" :\n{json} tail"),
            2 => format!("{{\"sessionKey\": {{\"any\": [{json}]}}}}"),
            3 => format!("{{\"blob\": {}}}", serde_json::Value::from(format!("{{\"private_key\": {json}}}"))),
            4 => format!("<b>{}</b>", format!("{{\"api-key\": {json}}}").replace('&', "&amp;").replace('"', "&quot;")),
            _ => format!("http://h/?a=b&X-Auth-Token={}&c=d", crate::http::address::encode(&secret)),
        };
        let redactor = Redactor::default();
        let text = redactor.body(&body);
        prop_assert!(!text.contains(&secret) && !text.contains(&json[1..json.len() - 1]), "{text}");
        prop_assert!(!text.contains(&crate::http::address::encode(&secret)), "{text}");
        let later = redactor.text(&format!("later {secret}."));
        prop_assert!(!later.contains(&secret), "{later}");
        if body.starts_with('{') {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn nothing_that_comes_makes_it_panic(text in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..100_usize) {
        let redactor = Redactor::default();
        redactor.learn("pass");
        redactor.learn("password: {");
        let marked = String::from_utf8_lossy(&bytes).replace(['a', 'b'], "\"token\":").replace(['c', '1'], "://u:é@");
        for text in [&text, &marked] {
            let _ = redactor.body(text);
            let _ = redactor.beginning(text, cut);
        }
    }
}
