use super::*;

#[test]
fn secrets_go_by_header_key_value_and_form() {
    let redactor = Redactor::default();
    assert_eq!(redactor.header("X-Subject-Token", "gAAAA-token-value"), REDACTED);
    assert_eq!(redactor.text("seen gAAAA-token-value."), "seen [redacted].");
    let body = redactor.body(r#"{"auth":{"password":"p\"w/with quotes","list":[{"secret":"abcdefgh"}]}}"#);
    assert_eq!(body, r#"{"auth":{"password":"[redacted]","list":[{"secret":"[redacted]"}]}}"#);
    assert_eq!(redactor.text(r#"again p\"w/with quotes, p%22w%2Fwith%20quotes"#), "again [redacted], [redacted]");
}

#[test]
fn a_short_secret_does_not_garble_words() {
    let redactor = Redactor::default();
    redactor.learn("demo");
    assert_eq!(redactor.text("demo democracy demo-net \"demo\""), "[redacted] democracy demo-net \"[redacted]\"");
}

#[test]
fn addresses_lose_signatures_and_passwords() {
    let redactor = Redactor::default();
    assert_eq!(
        redactor.url("http://h/v1/a/c/o?temp_url_sig=0a1b&temp_url_expires=5"),
        "http://h/v1/a/c/o?temp_url_sig=[redacted]&temp_url_expires=5"
    );
    assert_eq!(redactor.url("http://me:letmein@h/x"), "http://me:redacted@h/x");
    // An address in a sentence is redacted again with it.
    for once in
        ["http://h/o?temp_url_sig=[redacted]&x=1", "http://h/o?temp_url_sig=[redacted]", "http://me:redacted@h/x"]
    {
        assert_eq!(redactor.url(once), once);
    }
    assert_eq!(redactor.url("http://h/o?temp_url_sig=[redacted]0a1b"), "http://h/o?temp_url_sig=[redacted]");
}

#[test]
fn every_element_of_an_array_is_redacted() {
    let redactor = Redactor::default();
    let body = redactor.body(r#"[{"password":"first-one"},{"password":"second-one"}]"#);
    assert!(!body.contains("first-one") && !body.contains("second-one"), "{body}");
}

#[test]
fn numbers_and_objects_under_a_secret_name_go_and_json_stays_json() {
    let redactor = Redactor::default();
    let body =
        redactor.body(r#"{"password": 12345678, "echo": [12345678, -12345678.0, "12345678"], "sessionKey": {"a": 7}}"#);
    assert_eq!(
        body,
        r#"{"password": "[redacted]", "echo": ["[redacted]", "[redacted]", "[redacted]"], "sessionKey": {"a": "[redacted]"}}"#
    );
    redactor.learn("4711");
    assert_eq!(redactor.body(r#"{"n": 4711, "m": 47110}"#), r#"{"n": "[redacted]", "m": 47110}"#);
}

#[test]
fn a_header_that_names_a_secret_is_one_and_any_other_is_looked_through() {
    let redactor = Redactor::default();
    for name in [
        "X-Foo-Password",
        "x-session-key",
        "X-Auth-Key",
        "Set-Cookie",
        "OpenStack-Auth-Receipt",
        "X-Account-Meta-Temp-URL-Key",
    ] {
        assert_eq!(redactor.header(name, "value of the header"), REDACTED, "{name}");
    }
    let location = redactor.header("Location", "https://h/console?token=0123abcd&x=1");
    assert_eq!(location, "https://h/console?token=[redacted]&x=1");
    assert_eq!(redactor.header("Link", "<https://u:pw@h/x>; rel=next"), "<https://u:redacted@h/x>; rel=next");
    // Of a signature, only that itself is learnt.
    let signed = "AWS4-HMAC-SHA256 Credential=own-access-key/20260101/us-east-1/s3/aws4_request, \
                  SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=0f1e2d3c4b5a69780f1e2d3c4b5a6978";
    assert_eq!(redactor.header("Authorization", signed), REDACTED);
    let shown = redactor.body("x-amz-content-sha256 AWS4-HMAC-SHA256 own-access-key 0f1e2d3c4b5a69780f1e2d3c4b5a6978");
    assert_eq!(shown, format!("x-amz-content-sha256 AWS4-HMAC-SHA256 own-access-key {REDACTED}"));
    let _ = redactor.header("Authorization", "Basic dXNlcjpoYXJkIHRvIGd1ZXNz");
    assert_eq!(redactor.text("hard to guess"), REDACTED);
}

#[test]
fn base64_of_a_user_and_a_short_password_is_found() {
    let redactor = Redactor::default();
    redactor.learn("pw12");
    assert_eq!(
        redactor.text("Authorization seen: dXNlcjpwdzEy, again dXNlcjpwdzEy"),
        "Authorization seen: [redacted], again [redacted]"
    );
}

#[test]
fn a_secret_is_learnt_before_anything_is_written() {
    let redactor = Redactor::default();
    let body = redactor.body(r#"{"echo": "hunter2-hunter2", "nested": "{\"admin_pass\": \"hunter2-hunter2\"}"}"#);
    assert!(!body.contains("hunter2"), "{body}");
    let page = redactor.body("<p>{&quot;secret_key&quot;: &quot;another-secret&quot;}</p> another-secret");
    assert!(!page.contains("another-secret"), "{page}");
}

#[test]
fn a_name_may_be_encoded_as_well() {
    let redactor = Redactor::default();
    let body =
        redactor.body(r#"{"p\u0061ssword": 4711471, "to\u006ben": "abc", "secret\u005fkey": {"a": "x", "b": [7]}}"#);
    assert_eq!(
        body,
        r#"{"p\u0061ssword": "[redacted]", "to\u006ben": "[redacted]", "secret\u005fkey": {"a": "[redacted]", "b": ["[redacted]"]}}"#
    );
    assert_eq!(redactor.text("x?pass%77ord=a%20long+one&y=a+long+one"), "x?pass%77ord=[redacted]&y=[redacted]");
}

#[test]
fn of_a_large_body_the_beginning_is_written_and_all_of_it_teaches() {
    let redactor = Redactor::default();
    let body = format!("{{\"fill\": \"{}\", \"password\": \"at-the-very-end\"}}", "x".repeat(300_000));
    let (text, whole) = redactor.beginning(&body, 1000);
    assert_eq!((text.len(), whole), (1000, false));
    assert_eq!(redactor.text("at-the-very-end"), REDACTED);
}

#[test]
fn what_a_cut_would_hide_is_redacted_before_it() {
    let redactor = Redactor::default();
    redactor.learn("0123456789abcdef0123456789abcdef");
    for lead in 0..200 {
        let body = format!("{}0123456789abcdef0123456789abcdef{}", " ".repeat(2900 + lead), "y".repeat(100_000));
        let (text, _) = redactor.beginning(&body, 1000);
        assert!(!text.contains("0123"), "{lead}: {text}");
    }
}

#[test]
fn a_secret_in_the_name_of_a_header_is_found_in_any_case() {
    let redactor = Redactor::default();
    redactor.learn("Tr0ub4dor-And-Horse");
    assert_eq!(redactor.header_name("x-tr0ub4dor-and-horse-z"), "x-[redacted]-z");
    assert_eq!(redactor.header_name("X-Tr0ub4dor-And-Horse"), "X-[redacted]");
    redactor.learn("Not/All of=it");
    assert_eq!(redactor.header_name("x-notallofit"), "x-[redacted]");
    assert_eq!(redactor.header_name("content-type"), "content-type");
}

#[test]
fn a_secret_that_is_encoded_in_part_is_found() {
    let redactor = Redactor::default();
    redactor.learn("pass=word of 'mine' & yours");
    for text in [
        "pass=3Dword of 'mi=\r\nne' & you=72s",
        r"pass=word of 'mine' \& you\162s",
        r"'pass=word of '\''mine'\'' & yours'",
        r"pass\=word\ of\ \'mine\'\ \&\ yours",
    ] {
        let shown = redactor.text(text);
        assert!(shown.contains(REDACTED) && !shown.contains("ine"), "{shown}");
    }
}

#[test]
fn a_secret_in_one_byte_a_letter_goes_in_every_encoding() {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let redactor = Redactor::default();
    let (secret, latin) = ("Zürich-Straße-9é7Q", b"Z\xFCrich-Stra\xDFe-9\xE97Q".as_slice());
    redactor.learn(secret);
    let each = |kept: fn(&u8) -> bool, escape: fn(&u8) -> String| {
        let escaped = latin.iter().map(|byte| if kept(byte) { char::from(*byte).to_string() } else { escape(byte) });
        escaped.collect::<String>()
    };
    let with_user = [b"someone:".as_slice(), latin].concat();
    for form in [
        each(u8::is_ascii, |byte| format!("%{byte:02X}")),
        each(u8::is_ascii, |byte| format!("\\x{byte:02x}")),
        each(u8::is_ascii, |byte| format!("\\{byte:03o}")),
        each(u8::is_ascii, |byte| format!("={byte:02X}")),
        each(|_| false, |byte| format!("{byte:02x}")),
        STANDARD.encode(latin),
        STANDARD.encode(&with_user),
        URL_SAFE_NO_PAD.encode(&with_user),
        STANDARD.encode(STANDARD.encode(latin)),
        each(u8::is_ascii, |byte| format!("%{byte:02X}")).replace('%', "%25"),
        // Read as UTF-8, and UTF-8 read as what it is not.
        String::from_utf8_lossy(latin).into_owned(),
        secret.bytes().map(char::from).collect(),
        "Z?rich-Stra?e-9?7Q".to_owned(),
        // Taken apart.
        "Zu\u{308}rich-Straße-9e\u{301}7Q".to_owned(),
        STANDARD.encode("Zu\u{308}rich-Straße-9e\u{301}7Q"),
        r"Zu\u0308rich-Stra\xdfe-9e\u03017Q".to_owned(),
    ] {
        let text = redactor.text(&format!("they said {form} here"));
        assert_eq!(text, "they said [redacted] here", "{form}");
    }
}

/// A sentence of ours names passwords and shows none.
#[test]
fn a_sentence_keeps_its_words_and_loses_what_is_known() {
    let redactor = Redactor::default();
    redactor.learn("hunter2-hunter2");
    let said = "check `password: x`, token=abc: aHVudGVyMi1odW50ZXIy and hunter2-hunter2";
    let kept = "check `password: x`, token=abc: [redacted] and [redacted]";
    assert_eq!(redactor.sentence(said, 1000), (kept.to_owned(), true));
    assert_eq!(redactor.sentence("hunter2-hunter2", 4), (REDACTED.to_owned(), false));
}
