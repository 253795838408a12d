//! The connection to the service.

use assay_kit::prelude::*;
use chrono::TimeDelta;

/// The service, skipped where it is reached without TLS.
fn encrypted(cx: &Cx) -> Outcome<Client> {
    let ironic = cx.bare_metal()?;
    if ironic.is_https() {
        return Ok(ironic);
    }
    Err(cx.skip(
        Lack::feature(Service::BareMetal, "TLS"),
        "the service is reached without TLS: its address begins with http:",
    ))
}

/// The service must speak TLS 1.2 or later. Its certificate must be valid today, name its host, and be signed by an authority
/// that the user names or the system knows.
///
/// Where the user takes any certificate, the dates alone are required to be right.
#[conformance(
    id = "baremetal.tls.certificate",
    spec = "baremetal-v1#api-versions",
    covers = "e9d873ae-d137-44d1-adf9-2f5abd7a72a5",
    needs = [BareMetal],
)]
async fn certificate(cx: &Cx) -> Outcome {
    let ironic = encrypted(cx)?;
    let validity = ironic.certificate().await?;
    let now = ironic.certain_now(|now| validity.from <= now && now <= validity.until)?;
    require!(cx, validity.from <= now, "the certificate holds already: it begins on {}", validity.from);
    require!(cx, now <= validity.until, "the certificate holds still: it expired on {}", validity.until);
    let soon = now + TimeDelta::days(14);
    expect!(cx, soon <= validity.until, "the certificate holds for 14 more days: it ends on {}", validity.until);
    match ironic.verify_certificate("/").await? {
        Ok(()) => Ok(()),
        Err(reason) if ironic.is_insecure() => {
            expect!(cx, false, "the certificate is one of this host, and vouched for: {reason}; the user takes any");
            Ok(())
        }
        Err(reason) if reason.contains("UnknownIssuer") => Err(cx.skip(
            Lack::setting("ca"),
            format!("the authority behind the certificate is unknown: name it with `tls: {{ca: FILE}}` ({reason})"),
        )),
        Err(reason) => Err(cx.fail("the certificate is one of this host, and vouched for".into(), None, Some(reason))),
    }
}

/// The port of TLS must not serve plain text.
#[conformance(
    id = "baremetal.tls.plain-refused",
    spec = "baremetal-v1#api-versions",
    covers = "02689103-ff99-452c-94d3-edc67490faf7",
    needs = [BareMetal],
)]
async fn plain_refused(cx: &Cx) -> Outcome {
    let answer = encrypted(cx)?.in_plain_text("/v1/nodes").await?;
    let line = answer.lines().next().unwrap_or_default();
    let status = line.strip_prefix("HTTP/").and_then(|line| line.split_whitespace().nth(1));
    let served = status.is_some_and(|status| status.starts_with('2'));
    require!(cx, !served, "the port of TLS serves nobody in plain text; it answers `{line}`");
    Ok(())
}
