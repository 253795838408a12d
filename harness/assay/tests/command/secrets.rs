//! What is secret stays so: no password, token or secret that passed is in any file of a run, or in what it printed.

use std::collections::BTreeSet;
use std::path::Path;

use assay_hostile::Proxy;
use assay_kit::http::address::encode;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::support::{Place, address, clouds, login, reference, request, through};

/// Shorter values would be found in anything.
const LENGTH: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_that_passed_is_written_or_printed() {
    let reference = reference().await;
    let proxy = Proxy::start(address(reference.url())).await.unwrap();
    let place = Place::new();
    let mut through = through(&clouds(&reference), reference.url(), proxy.url()).await;
    // A password with everything that a form of writing could trip over.
    let nasty = "p\"a's%s/w\\o+r&d=?<é☃> 100%25";
    let old = passwords(&through)[0].clone();
    change_password(&through, &old, nasty).await;
    through = through.replacen(&format!("'{old}'"), &format!("'{}'", nasty.replace('\'', "''")), 1);
    place.write("clouds.yaml", &through);
    let mut secrets: BTreeSet<String> = passwords(&through).into_iter().collect();
    assert!(secrets.len() >= 4 && secrets.contains(nasty), "{secrets:?}");

    let accounts =
        ["--alt-cloud", "reference-alt", "--reseller-cloud", "reference-reseller", "--spare-cloud", "reference-spare"];
    let run = [
        "run",
        "--cloud",
        "member",
        "--guideline",
        "openstack-powered/2022.11",
        "--target",
        "storage",
        "--out",
        "target",
    ];
    let ended = place.run(&[run.as_slice(), &accounts].concat()).await;
    let whole = ["run", "--cloud", "member", "--out", "whole"];
    let other = place.run(&[whole.as_slice(), &accounts].concat()).await;
    for ended in [&ended, &other] {
        assert!(matches!(ended.code, Some(0 | 1)), "{ended:#?}");
    }

    for passed in proxy.passed() {
        collect(&String::from_utf8_lossy(&passed), &mut secrets);
    }
    assert!(secrets.len() > 20, "tokens and secrets passed the proxy: {}", secrets.len());
    let printed = [ended.stdout, ended.stderr, other.stdout, other.stderr].concat();
    let mut files = vec![(String::from("stdout and stderr"), printed)];
    read(&place.path("target"), &mut files);
    read(&place.path("whole"), &mut files);
    assert!(files.len() > 100, "a transcript for each test, and the reports: {}", files.len());
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        for (name, text) in &files {
            assert!(!text.contains(&form), "{name} holds a secret, as {form:?}");
        }
    }
}

/// A search that misses a form would find nothing where something is.
#[test]
fn the_search_finds_every_form() {
    let mut secrets = BTreeSet::new();
    let traffic = "POST / HTTP/1.1\r\nX-Auth-Token: tok-en-value\r\nx-subject-token:other-token\r\n\r\n\
                   {\"secret\":\"q\\\"uoted-secret\",\"password\": \"pass-word\"}";
    collect(traffic, &mut secrets);
    let expected = ["tok-en-value", "other-token", "q\"uoted-secret", "pass-word"];
    assert_eq!(secrets, expected.map(str::to_owned).into());
    let forms = forms("q\"uoted secret");
    for form in
        ["q\"uoted secret", "q\\\"uoted secret", "q%22uoted%20secret", "q&quot;uoted secret", "cSJ1b3RlZCBzZWNyZXQ="]
    {
        assert!(forms.contains(form), "{form} in {forms:?}");
    }
}

/// The values of secret headers and members of JSON bodies in what passed.
fn collect(passed: &str, secrets: &mut BTreeSet<String>) {
    for line in passed.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        if ["x-auth-token", "x-subject-token"].contains(&name.to_ascii_lowercase().as_str()) {
            secrets.insert(value.trim().to_owned());
        }
    }
    for key in ["\"secret\"", "\"password\"", "\"original_password\""] {
        for (at, _) in passed.match_indices(key) {
            let value = passed[at + key.len()..].trim_start().trim_start_matches(':').trim_start();
            // A string alone: under `password` there may be an object, and a list of methods names it.
            let value = serde_json::Deserializer::from_str(value).into_iter::<serde_json::Value>().next();
            if let Some(Ok(serde_json::Value::String(value))) = value {
                secrets.insert(value);
            }
        }
    }
    secrets.retain(|secret| secret.len() >= LENGTH);
}

/// A secret as it stands in text, in JSON, in an address, in a page, and in base64.
fn forms(secret: &str) -> BTreeSet<String> {
    let json = serde_json::Value::from(secret).to_string();
    let page = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    [
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        encode(secret),
        encode(secret).to_lowercase(),
        page.replace('\'', "&#x27;"),
        page.replace('\'', "&#39;"),
        page,
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ]
    .into()
}

/// Every file below a folder, with what it holds; what is no text is replaced, and no secret is that.
fn read(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, files);
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            files.push((path.display().to_string(), text));
        }
    }
}

/// The passwords of a clouds.yaml, in its order.
fn passwords(clouds: &str) -> Vec<String> {
    let lines = clouds.lines().filter_map(|line| line.trim().strip_prefix("password: '")?.strip_suffix('\''));
    lines.map(|password| password.replace("''", "'")).collect()
}

/// Changes the member's password, as the Identity API lets a user.
async fn change_password(clouds: &str, old: &str, new: &str) {
    let login = login(clouds, "member").await;
    let url = clouds.lines().find_map(|line| line.trim().strip_prefix("auth_url: ")).unwrap();
    let body = serde_json::json!({"user": {"original_password": old, "password": new}});
    let address = format!("{url}/users/{}/password", login.user_id);
    let answer = request("POST", &address, &login.token, &body.to_string()).await;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}
