//! Deployments that show secrets again: in any encoding, and so many that a search for each would never end.

use std::path::Path;
use std::sync::{Arc, Mutex};

use assay_hostile::{Behaviour, Front, Server};
use assay_kit::session::clouds::Clouds;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::{Place, clouds, reference, with_lines};

const PASSWORD: &str = "s3cr/t&\"päss\" wörd+1";

/// The password as servers may show it.
fn echoes() -> Vec<String> {
    let json = Value::from(PASSWORD).to_string();
    let plain = &json[1..json.len() - 1];
    let hexadecimal = |bytes: &str| bytes.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    let percent = |bytes: &str| bytes.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    vec![
        PASSWORD.to_owned(),
        plain.to_owned(),
        plain.replace('/', "\\/"),
        PASSWORD.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
        PASSWORD.replace('&', "&amp;").replace('"', "&quot;").replace('ä', "&auml;"),
        PASSWORD.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect(),
        percent(PASSWORD),
        hexadecimal(PASSWORD),
        hexadecimal(PASSWORD).to_lowercase(),
        STANDARD.encode(format!("someone:{PASSWORD}")),
        URL_SAFE_NO_PAD.encode(format!("a{PASSWORD}")),
        percent(&STANDARD.encode(PASSWORD)),
        plain.replace('&', "&amp;").replace('"', "&quot;"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_shown_again_in_any_encoding() {
    let echoes = echoes();
    let list: Vec<Value> = echoes.iter().map(|echo| Value::from(echo.as_str())).collect();
    let numbers =
        serde_json::json!({"password": 1_234_567_890, "again": 1_234_567_890, "secret_key": {"a": "an-object-secret"}});
    let body = serde_json::json!({
        "error": {"message": echoes.join(" | ")}, "list": list, "numbers": numbers, "sessionKey": "the-session-key",
    });
    let location = format!("https://someone:hush-hush@h/?{}&token=a-console-token", STANDARD.encode(PASSWORD));
    let headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Location", location),
        ("X-Session-Key", "a-header-secret".to_owned()),
    ];
    let server = Server::start(Behaviour::Answer(401, headers, body.to_string())).await.unwrap();
    let place = Place::new();
    let entry = serde_json::json!({"clouds": {"one": {"auth": {
        "auth_url": format!("{}/v3", server.url()), "username": "someone", "password": PASSWORD, "project_name": "one",
    }}}});
    place.write("clouds.yaml", &entry.to_string());
    let ended = place.run(&["run", "--cloud", "one", "--out", "run"]).await;
    ended.says(3, &["401", "[redacted]"]);
    let transcript = place.read("run/transcripts/start.jsonl");
    assert!(transcript.contains("[redacted]"), "{transcript}");
    // As they stand in a line of JSON.
    let again = echoes.iter().map(|echo| Value::from(echo.as_str()).to_string());
    let others =
        ["1234567890", "an-object-secret", "the-session-key", "hush-hush", "a-console-token", "a-header-secret"];
    let forms = echoes.iter().cloned().chain(again.map(|json| json[1..json.len() - 1].to_owned()));
    for form in forms.chain(others.map(str::to_owned)) {
        for text in [&transcript, &ended.stdout, &ended.stderr] {
            assert!(!text.contains(&form), "{form} in {text}");
        }
    }
}

/// Sixty thousand secrets in one answer, again and again: nothing waits for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_full_of_secrets_takes_no_longer_than_others() {
    let members: Vec<String> = (0..60_000).map(|number| format!("{{\"password\": \"s{number:011}\"}}")).collect();
    let body = format!("{{\"images\": [{}]}}", members.join(", "));
    let json = vec![("Content-Type", "application/json".to_owned())];
    let server = Server::start(Behaviour::Answer(200, json, body)).await.unwrap();
    let reference = reference().await;
    let place = Place::new();
    let lines = format!("    image_endpoint_override: {}/v2\n", server.url());
    place.write("clouds.yaml", &with_lines(&clouds(&reference), &lines));
    let run = ["run", "--cloud", "member", "--out", "run", "image.images.list", "identity.tokens.validate"];
    let ended = place.run(&run).await;
    // It is no image service: what was made there cannot be seen again.
    assert!(matches!(ended.code, Some(0 | 1 | 5)), "{ended:#?}");
    for folder in std::fs::read_dir(place.path("run/transcripts")).unwrap() {
        let text = std::fs::read_to_string(folder.unwrap().path()).unwrap();
        assert!(!text.contains("s00000000"), "{}", &text[..text.len().min(500)]);
    }
}

/// Each file below a folder, but the user's own.
fn files(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.file_name().is_some_and(|name| name != "clouds.yaml") {
            found.push((
                path.display().to_string(),
                String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned(),
            ));
        }
    }
}

/// An identity service that calls everything by what it was told, or has given away: the password, or the token.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_by_a_secret_is_told_nowhere() {
    let reference = reference().await;
    let place = Place::new();
    let front = Front::start(reference.url()).await.unwrap();
    let own = front.before_it(&clouds(&reference));
    place.write("clouds.yaml", &own);
    let password = Clouds::from_text("clouds.yaml", &own).unwrap().get("member").unwrap();
    let password = password.credentials.secrets()[0].to_owned();
    let secrets = Arc::new(Mutex::new(vec![password.clone()]));
    let mut number = 0;
    for by_token in [false, true] {
        for place_of_it in ["names", "regions", "project", "user"] {
            number += 1;
            let (password, tokens) = (password.clone(), secrets.clone());
            front.after(move |request, answer| {
                if request.method != "POST" || !request.path.ends_with("/auth/tokens") || answer.status != 201 {
                    return;
                }
                let given = answer.header("x-subject-token").unwrap().to_owned();
                let secret = json!(if by_token { &given } else { &password });
                tokens.lock().unwrap().push(given.clone());
                let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
                let token = &mut body["token"];
                match place_of_it {
                    "project" | "user" => token[place_of_it]["id"] = secret,
                    "regions" => {
                        for endpoint in token["catalog"].as_array_mut().unwrap() {
                            endpoint["name"] = secret.clone();
                            for endpoint in endpoint["endpoints"].as_array_mut().unwrap() {
                                endpoint["region"] = secret.clone();
                                endpoint["region_id"] = secret.clone();
                            }
                        }
                    }
                    _ => {
                        token["project"]["name"] = secret.clone();
                        token["user"]["name"] = secret.clone();
                        token["user"]["domain"]["id"] = secret.clone();
                        token["roles"].as_array_mut().unwrap().push(json!({"name": secret, "id": "x"}));
                        token["catalog"].as_array_mut().unwrap().push(json!({"type": secret, "endpoints": [
                            {"interface": "public", "region": secret, "url": "http://127.0.0.1:9/v1"}]}));
                    }
                }
                answer.body = body.to_string().into_bytes();
            });
            let out = format!("run-{number}");
            let run = ["run", "--cloud", "member", "--out", &out, "identity.tokens", "image.images.list"];
            let (dry_run, sweep) = ([&run[..], &["--dry-run"]].concat(), ["sweep", &out, "--cloud", "member"]);
            let doctor = ["doctor", "--cloud", "member", "--json"];
            for arguments in [&doctor[..3], &doctor, &dry_run, &run, &sweep] {
                let ended = place.run(arguments).await;
                if matches!(place_of_it, "project" | "user") && arguments[0] != "sweep" {
                    ended.says(3, &[place_of_it, "holds a secret of the login"]);
                }
                for secret in secrets.lock().unwrap().iter() {
                    assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret), "{secret}: {ended:#?}");
                }
            }
        }
    }
    let mut found = Vec::new();
    files(&place.path("."), &mut found);
    assert!(found.iter().any(|(name, _)| name.ends_with("run.json")), "runs were made");
    for (name, text) in found {
        for secret in secrets.lock().unwrap().iter() {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
    }
}
