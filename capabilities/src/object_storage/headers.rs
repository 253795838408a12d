//! Which headers a response has, by what was asked and how, and how their values are written.

use assay_kit::prelude::*;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Account,
    Container,
    Object,
}

/// The headers that belong to the target and the method are there, and well formed.
pub(super) fn check(cx: &Cx, response: &Response, target: Target) -> Outcome {
    exist(cx, response, target)?;
    well_formed(response, false)
}

/// The same for a large object, whose `ETag` stands in quotation marks.
pub(super) fn check_large(cx: &Cx, response: &Response) -> Outcome {
    exist(cx, response, Target::Object)?;
    well_formed(response, true)
}

/// The values of the headers that every kind of response shares are well formed, whichever of them are there.
pub(super) fn well_formed(response: &Response, large: bool) -> Outcome {
    for (name, value) in response.headers() {
        let (holds, form) = match name.as_str() {
            "content-length"
            | "x-account-bytes-used"
            | "x-account-container-count"
            | "x-account-object-count"
            | "x-container-bytes-used"
            | "x-container-object-count" => (is_number(value), "a whole number"),
            "content-type" | "date" | "last-modified" | "x-copied-from-last-modified" => {
                (!value.is_empty(), "something")
            }
            "x-timestamp" => (is_timestamp(value), "seconds since 1970, perhaps with a fraction"),
            "x-copied-from" => (is_object(value), "a container and an object with a slash between them"),
            "x-trans-id" => (is_transaction(value), "`tx`, 21 hexadecimal digits, `-`, and at least 10 more of them"),
            "accept-ranges" => (value == "bytes", "`bytes`"),
            "etag" if large => (is_tag(unquoted(value)), "letters and digits in quotation marks"),
            "etag" => (is_tag(Some(value)), "letters and digits"),
            "transfer-encoding" => (value == "chunked", "`chunked`"),
            _ => continue,
        };
        if !holds {
            let requirement = format!("{response} answers with {form} in the header {name}");
            return Err(response.fail(requirement, Some(form.to_owned()), Some(value.clone())));
        }
    }
    Ok(())
}

fn exist(cx: &Cx, response: &Response, target: Target) -> Outcome {
    let has = |name: &str| response.header(name).is_some();
    // RFC 9110, section 8.6: a 204 has no length.
    require!(
        response,
        response.status() == 204 || has("content-length") || has("transfer-encoding"),
        "{response} answers with Content-Length or Transfer-Encoding"
    );
    let reads = matches!(response.method(), "GET" | "HEAD");
    let own: &[&str] = match (target, response.method()) {
        (Target::Account, "GET" | "HEAD") => {
            &["x-account-bytes-used", "x-account-container-count", "x-account-object-count"]
        }
        (Target::Container, "GET" | "HEAD") => {
            &["x-container-bytes-used", "x-container-object-count", "x-storage-policy"]
        }
        (Target::Object, "GET" | "HEAD" | "PUT") => &["etag", "last-modified"],
        (Target::Object, "COPY") => &["etag", "last-modified", "x-copied-from", "x-copied-from-last-modified"],
        _ => &[],
    };
    let common = ["content-type", "x-trans-id", "date"];
    for name in common.iter().chain(reads.then_some(&"x-timestamp")).chain(own) {
        response.require_header(name)?;
    }
    match target {
        Target::Account if reads => policies_of_account(cx, response),
        Target::Container if reads => policy_of_container(cx, response),
        _ => Ok(()),
    }
}

/// An account that has containers says what it uses of at least one storage policy, and never only a part of that.
fn policies_of_account(cx: &Cx, response: &Response) -> Outcome {
    let containers = response.require_header("x-account-container-count")?;
    let policies = policies(cx);
    if policies.is_empty() || containers.parse() == Ok(0_u64) {
        return Ok(());
    }
    let mut used = false;
    for policy in policies {
        let names = ["bytes-used", "object-count", "container-count"]
            .map(|what| format!("x-account-storage-policy-{}-{what}", policy.to_lowercase()));
        if names.iter().any(|name| response.header(name).is_some()) {
            used = true;
            for name in &names {
                response.require_header(name)?;
            }
        }
    }
    require!(response, used, "{response} says what the account uses of a storage policy that /info lists");
    Ok(())
}

/// A container's storage policy is one of those that the service lists.
fn policy_of_container(cx: &Cx, response: &Response) -> Outcome {
    let policies = policies(cx);
    let policy = response.require_header("x-storage-policy")?;
    if policies.is_empty() || policies.iter().any(|known| known == policy) {
        return Ok(());
    }
    let requirement = format!("{response} answers with a storage policy that /info lists");
    Err(response.fail(requirement, Some(policies.join(" or ")), Some(policy.to_owned())))
}

/// The names of the storage policies that the service lists in `/info`; none when it does not tell.
fn policies(cx: &Cx) -> Vec<String> {
    let features = cx.deployment().object_storage_features();
    let listed = features.and_then(|features| features.pointer("/swift/policies")?.as_array());
    listed.into_iter().flatten().filter_map(|policy| Some(policy.get("name")?.as_str()?.to_owned())).collect()
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_timestamp(value: &str) -> bool {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    is_number(whole) && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_object(value: &str) -> bool {
    value.split_whitespace().next().is_some_and(|path| {
        // It begins with the path, whatever may follow.
        value.starts_with(path) && path.char_indices().skip(1).any(|(at, letter)| letter == '/' && at + 1 < path.len())
    })
}

fn is_transaction(value: &str) -> bool {
    let hexadecimal = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    value.strip_prefix("tx").is_some_and(|rest| {
        rest.len() >= 32
            && rest.is_char_boundary(32)
            && hexadecimal(&rest[..21])
            && &rest[21..22] == "-"
            && hexadecimal(&rest[22..32])
    })
}

fn is_tag(value: Option<&str>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value.chars().all(char::is_alphanumeric))
}

/// What stands between quotation marks.
pub(super) fn unquoted(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_from_what_only_looks_like_them() {
        assert!(is_number("0") && !is_number("") && !is_number("-1") && !is_number("1.5"));
        assert!(is_timestamp("1700000000.12345") && is_timestamp("1700000000") && is_timestamp("5."));
        assert!(!is_timestamp(".5") && !is_timestamp("1.2.3") && !is_timestamp("Sat"));
        assert!(is_object("c/o") && is_object("c/a/b") && !is_object("c/") && !is_object("/o") && !is_object("co"));
        assert!(is_object("é/o") && !is_object("é") && !is_object(""));
        assert!(is_transaction("tx0123456789abcdef01234-0065a1b2c3"));
        assert!(is_transaction("tx0123456789abcdef01234-0065a1b2c3-region-one"));
        assert!(!is_transaction("tx0123456789abcdef01234") && !is_transaction("txé123456789abcdef0123-0065a1b2c3"));
        assert!(!is_transaction("tx0123456789ABCDEF01234-0065a1b2c3"));
        assert!(is_tag(Some("d41d8cd9")) && !is_tag(Some("")) && !is_tag(Some("\"d41d\"")));
        assert!(is_tag(unquoted("\"d41d\"")) && !is_tag(unquoted("d41d")) && !is_tag(unquoted("\"")));
    }
}
