//! Temporary URLs: whoever has the address may do one thing with one object, without a token.

use std::sync::Arc;

use assay_kit::prelude::*;
use assay_kit::{Client, Request};
use hmac::Hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::features;
use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// What `/info` calls it.
const FEATURE: &str = "tempurl";
const KEY: &str = "X-Account-Meta-Temp-Url-Key";
/// The digests that a signature may be made with, in the order of preference.
const DIGESTS: [&str; 3] = ["sha256", "sha512", "sha1"];
/// How long an address holds, in seconds.
const LIFE: i64 = 1000;

const SHARED: &str = "object-storage.temp-url-key";

assay_kit::share!(SHARED, [AccountMetadata]);

/// The account's key: the one that it has, or one that is taken away at the end of the run.
async fn key(cx: &Cx) -> Outcome<Arc<String>> {
    cx.shared(SHARED, |cx| async move {
        let account = cx.object_storage()?.head("").require(204).await?;
        if let Some(key) = present(&account) {
            cx.log().redactor().learn(key);
            return Ok(key.to_owned());
        }
        let key = cx.new_temp_url_key()?;
        cx.object_storage()?.post("").header(KEY, &key).require([200, 204]).await?;
        let head = cx.object_storage()?.head("");
        let account = steps::settled(&cx, &head, SETTLING, |account| present(account).is_some()).await?;
        if present(&account).is_some_and(|seen| seen != key) {
            return Err(disturbed("when it was set"));
        }
        require!(account, account.header(KEY) == Some(&key), "the key of temporary URLs that was set must be shown");
        Ok(key)
    })
    .await
}

/// The key that an account has.
fn present(account: &Response) -> Option<&str> {
    account.header(KEY).filter(|key| !key.is_empty())
}

fn disturbed(when: &str) -> Stop {
    Stop::Error(format!(
        "somebody else changed the account's key of temporary URLs {when}; another run may use the same account: let it end"
    ))
}

/// What a test with the account's key came to. Where the key is another one by now, a failed check says nothing.
async fn undisturbed(cx: &Cx, outcome: Outcome) -> Outcome {
    if !matches!(outcome, Err(Stop::Fail(_))) {
        return outcome;
    }
    let (key, account) = (key(cx).await?, cx.object_storage()?.head("").send().await?);
    if present(&account) == Some(key.as_str()) { outcome } else { Err(disturbed("while it was used")) }
}

/// How a temporary URL is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Way {
    digest: &'static str,
    /// The path that the signature is made over.
    path: String,
}

/// All ways to sign, in the order in which they are tried: each path with each digest.
fn ways(paths: &[&str], digests: &[&'static str]) -> Vec<Way> {
    let mut ways = Vec::new();
    for &path in paths {
        ways.extend(digests.iter().map(|&digest| Way { digest, path: path.to_owned() }));
    }
    ways
}

/// The paths of an object that its temporary URL may have to be signed over: the one that the client sees, and the one that
/// the service sees where it stands behind a front that strips a path of its own. That one begins with the version.
///
/// `account` is the path of the account, as the catalog has it, and `object` that of the object in it.
fn paths<'a>(account: &str, object: &'a str) -> Vec<&'a str> {
    let account = format!("{}/", account.trim_end_matches('/'));
    let version = account.rfind("/v1/").filter(|at| *at > 0);
    let inner = version.and_then(|at| object.get(at..)).filter(|inner| inner.starts_with("/v1/"));
    std::iter::once(object).chain(inner).collect()
}

/// The path of an address, percent-encoded as it is sent.
fn path_of(address: &str) -> Outcome<String> {
    let url = url::Url::parse(address).map_err(|error| Stop::Error(format!("{address} is no address: {error}")))?;
    Ok(url.path().to_owned())
}

/// Makes temporary URLs of one object.
struct Signer {
    anonymous: Client,
    key: Arc<String>,
    /// The object below the account.
    path: String,
    way: Way,
}

impl Signer {
    async fn new(cx: &Cx, container: &str, object: &str) -> Outcome<Self> {
        let told = cx.deployment().object_storage_features();
        let allowed = told.and_then(|told| told.pointer("/tempurl/allowed_digests")?.as_array());
        let digest = allowed.map(|allowed| {
            let digest = DIGESTS.into_iter().find(|digest| allowed.iter().any(|known| known == digest));
            digest.ok_or_else(|| {
                cx.skip(
                    Lack::feature(Service::ObjectStorage, FEATURE),
                    "the service signs temporary URLs with none of SHA-1, SHA-256, SHA-512",
                )
            })
        });
        let digest = digest.transpose()?;
        let key = key(cx).await?;
        let anonymous = cx.object_storage()?.without_token();
        let path = steps::path(container, object);
        let (account, whole) = (path_of(&anonymous.url(""))?, path_of(&anonymous.url(&path))?);
        let digests = digest.map_or_else(|| DIGESTS.to_vec(), |digest| vec![digest]);
        let mut ways = ways(&paths(&account, &whole), &digests).into_iter();
        let way = ways.next().ok_or_else(|| Stop::Error("a defect of Assay: no way to sign".to_owned()))?;
        let (signer, others) = (Self { anonymous, key, path, way }, ways.collect::<Vec<_>>());
        if others.is_empty() { Ok(signer) } else { signer.trying(cx, &others).await }
    }

    /// The same, signed in the first way in which the object is given. These others come after its own: what `/info` says, and
    /// what the client sees, leaves more than one.
    async fn trying(self, cx: &Cx, others: &[Way]) -> Outcome<Self> {
        let as_seen: Vec<Way> = others.iter().filter(|way| way.path == self.way.path).cloned().collect();
        let look = || async {
            let mut seen = self.first_of(others).await?;
            if works(&seen.1) && seen.0.path != self.way.path {
                // The service may have learnt the key only after the path that the client sees was tried.
                let again = self.first_of(&as_seen).await?;
                if works(&again.1) {
                    seen = again;
                }
            }
            if !works(&seen.1) {
                self.key_stands(cx).await?;
            }
            Ok::<_, Stop>(seen)
        };
        let (way, answer) = cx.settled(SETTLING, look, |seen: &(Way, Response)| works(&seen.1)).await?;
        if !features::is_announced(cx, FEATURE) {
            features::tried(cx, FEATURE, &answer, works(&answer))?;
        }
        if !works(&answer) {
            let tried = std::iter::once(&self.way).chain(others);
            let tried: Vec<_> = tried.map(|way| format!("{} over {}", way.digest.to_uppercase(), way.path)).collect();
            let actual = format!("{}; tried: {}", answer.status(), tried.join(", "));
            let expected = Some("below 400".to_owned());
            return Err(answer.fail("a signed temporary URL must work".to_owned(), expected, Some(actual)));
        }
        if others.iter().any(|other| other.digest != self.way.digest) {
            answer.deviate(
                "/info should say in `allowed_digests` of `tempurl` how a temporary URL may be signed".to_owned(),
                None,
                Some(format!("it does not say; of those tried, {} works", way.digest.to_uppercase())),
            );
        }
        if way.path != self.way.path {
            answer.deviate(
                "a temporary URL should work when it is signed over the path that its address has".to_owned(),
                Some(self.way.path.clone()),
                Some(format!("it is refused, and works when it is signed over {}", way.path)),
            );
        }
        Ok(Self { way, ..self })
    }

    /// The first way in which the object is given, its own before these others, or the last one; with the answer.
    async fn first_of(&self, others: &[Way]) -> Outcome<(Way, Response)> {
        let mut seen = (self.way.clone(), self.request("GET", "GET", LIFE)?.send().await?);
        for way in others {
            if works(&seen.1) {
                break;
            }
            seen = (way.clone(), self.signed(way, "GET", "GET", LIFE)?.send().await?);
        }
        Ok(seen)
    }

    /// A request whose address allows `signed` for this many seconds from now.
    fn request(&self, method: &str, signed: &str, life: i64) -> Outcome<Request> {
        self.signed(&self.way, method, signed, life)
    }

    /// The same, signed in this way.
    fn signed(&self, way: &Way, method: &str, signed: &str, life: i64) -> Outcome<Request> {
        let expires = self.anonymous.now().timestamp() + life;
        let message = format!("{signed}\n{expires}\n{}", way.path);
        let signature = match way.digest {
            "sha512" => code::<Hmac<Sha512>>(&self.key, &message),
            "sha1" => code::<Hmac<Sha1>>(&self.key, &message),
            _ => code::<Hmac<Sha256>>(&self.key, &message),
        }?;
        let request = self.anonymous.request(method, &self.path);
        Ok(request.query("temp_url_sig", signature).query("temp_url_expires", expires))
    }

    /// The same, once the service knows the key or the time is up.
    async fn send(&self, cx: &Cx, method: &str, signed: &str, body: &[u8]) -> Outcome<Response> {
        let request = self.request(method, signed, LIFE)?;
        let request = if body.is_empty() { request } else { request.bytes(body.to_vec()) };
        let look = || async {
            let response = request.clone().send().await?;
            if is_refused(&response) {
                self.key_stands(cx).await?;
            }
            Ok::<_, Stop>(response)
        };
        let response = cx.settled(SETTLING, look, |response: &Response| !is_refused(response)).await?;
        response.require_status(200..=399)?;
        headers::check(cx, &response, Target::Object)?;
        Ok(response)
    }

    /// Ends the test where the account has another key by now.
    async fn key_stands(&self, cx: &Cx) -> Outcome {
        let account = cx.object_storage()?.head("").send().await?;
        if present(&account).is_some_and(|key| key != self.key.as_str()) {
            return Err(disturbed("while it was used"));
        }
        Ok(())
    }

    /// Expects that a request is refused.
    async fn expect_refused(&self, request: Request, requirement: &str) -> Outcome {
        let refused = request.send().await?;
        let status = refused.status();
        if !matches!(status, 401 | 403) {
            refused.deviate(requirement.to_owned(), Some("401 or 403".to_owned()), Some(status.to_string()));
        }
        Ok(())
    }
}

/// Whether a service takes a temporary URL.
fn works(response: &Response) -> bool {
    response.status() < 400
}

/// Whether a service does not take a temporary URL, or does not yet.
fn is_refused(response: &Response) -> bool {
    matches!(response.status(), 401 | 403 | 404)
}

/// The code of a message, in hexadecimal (RFC 2104).
fn code<M: hmac::KeyInit + hmac::Mac>(key: &str, message: &str) -> Outcome<String> {
    let mut mac = M::new_from_slice(key.as_bytes())
        .map_err(|error| Stop::Error(format!("nothing can be signed with the account's key: {error}")))?;
    mac.update(message.as_bytes());
    Ok(base16ct::lower::encode_string(&mac.finalize().into_bytes()))
}

/// An object is downloaded, and its headers are read, through a temporary URL for `GET`, without a token.
///
/// Without its signature, after its time, and for another method the same address should be refused with 401 or 403.
/// `/info` should say with which digests it may be signed; where it does not, they are tried. It should be signed over its own
/// path; where a front strips a part of that, the rest is tried as well.
#[conformance(
    id = "object-storage.temp-url.get",
    spec = "swift-temp-url#temporary-url-format",
    covers = "f91c96d4-1230-4bba-8eb9-84476d18d991",
    needs = [ObjectStorage],
    shares = ["object-storage.temp-url-key"],
    seconds = 2,
)]
async fn get(cx: &Cx) -> Outcome {
    undisturbed(cx, read(cx).await).await
}

async fn read(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    let content = steps::content(cx);
    steps::upload(cx, &container, "object", &content).await?;
    steps::download(cx, &container, "object").await?;
    let signer = Signer::new(cx, &container, "object").await?;
    let object = signer.send(cx, "GET", "GET", b"").await?;
    require!(object, object.bytes() == &content, "a temporary URL must give what the object holds");
    signer.send(cx, "HEAD", "GET", b"").await?;

    let unsigned = signer.anonymous.get(&signer.path);
    signer.expect_refused(unsigned, "an object should not be given without a signature").await?;
    let expired = signer.request("GET", "GET", -LIFE)?;
    signer.expect_refused(expired, "a temporary URL should hold no longer than it says").await?;
    let other = signer.request("PUT", "GET", LIFE)?.bytes("changed");
    signer.expect_refused(other, "a temporary URL for GET should not allow PUT").await?;
    let object = steps::asked_for(cx, &container, "object").await?;
    expect!(object, object.bytes() == &content, "a request that was refused should change nothing");
    Ok(())
}

/// An object is replaced through a temporary URL for `PUT`, without a token; its headers can be read through it too.
///
/// For `GET` the same address should be refused with 401 or 403. `/info` should say with which digests it may be
/// signed; where it does not, they are tried. It should be signed over its own path; where a front strips a part of that, the
/// rest is tried as well.
#[conformance(
    id = "object-storage.temp-url.put",
    spec = "swift-temp-url#temporary-url-format",
    covers = "9b08dade-3571-4152-8a4f-a4f2a873a735",
    needs = [ObjectStorage],
    shares = ["object-storage.temp-url-key"],
    seconds = 2,
)]
async fn put(cx: &Cx) -> Outcome {
    undisturbed(cx, write(cx).await).await
}

async fn write(cx: &Cx) -> Outcome {
    let container = steps::container(cx).await?;
    steps::upload(cx, &container, "object", &steps::content(cx)).await?;
    steps::download(cx, &container, "object").await?;
    let signer = Signer::new(cx, &container, "object").await?;
    let new = steps::content(cx);
    let response = signer.send(cx, "PUT", "PUT", &new).await?;
    expect_eq!(response, response.status(), 201, "an upload through a temporary URL should create the object");
    steps::expect_described(&response, &new);
    signer.send(cx, "HEAD", "PUT", b"").await?;
    let get = signer.request("GET", "GET", LIFE)?;
    let object = steps::settled(cx, &get, SETTLING, |object| object.bytes() == &new).await?;
    object.require_status(200..=399)?;
    require!(object, object.bytes() == &new, "the object must hold what was sent through the temporary URL");
    signer.expect_refused(signer.request("GET", "PUT", LIFE)?, "a temporary URL for PUT should not allow GET").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_before_the_version_may_be_a_fronts_own() {
        let object = |account: &str| format!("{account}/v1/o%20o");
        for (account, inner) in [
            ("/object-store/v1/AUTH_x", Some("/v1/AUTH_x/v1/o%20o")),
            ("/a/v1/b/v1/AUTH_x", Some("/v1/AUTH_x/v1/o%20o")),
            ("/swift/v1", Some("/v1/v1/o%20o")),
            ("/v1/AUTH_x", None),
            ("/v1", None),
            ("/swift/v1.0/AUTH_x", None),
            ("/AUTH_x", None),
            ("", None),
        ] {
            let whole = object(account);
            let expected: Vec<&str> = std::iter::once(whole.as_str()).chain(inner).collect();
            assert_eq!(paths(account, &whole), expected, "{account}");
        }
        assert_eq!(paths("/s/v1/AUTH_x/", "/s/v1/AUTH_x/c/o"), ["/s/v1/AUTH_x/c/o", "/v1/AUTH_x/c/o"]);
    }

    #[test]
    fn the_path_that_the_client_sees_is_tried_first_with_each_digest() {
        let ways = ways(&["/s/v1/o", "/v1/o"], &["sha256", "sha1"]);
        let shown: Vec<_> = ways.iter().map(|way| (way.path.as_str(), way.digest)).collect();
        assert_eq!(shown, [("/s/v1/o", "sha256"), ("/s/v1/o", "sha1"), ("/v1/o", "sha256"), ("/v1/o", "sha1")]);
    }
}
