//! The connection to a service (DSP0266, "Security").

use assay_kit::prelude::*;
use chrono::TimeDelta;

/// The service must speak TLS 1.2 or later. Its certificate must be valid today, name its host, and be signed by an authority
/// that the user names or the system knows.
///
/// Where the user takes any certificate, the dates alone are required to be right.
#[conformance(
    id = "redfish.tls.certificate",
    spec = "redfish#transport-layer-security-tls-protocol",
    covers = "4d957025-6d87-464d-bb92-2bacd8db062a",
    needs = [Redfish],
)]
async fn certificate(cx: &Cx, redfish: &Redfish) -> Outcome {
    let client = encrypted(cx, redfish)?;
    let validity = client.certificate().await?;
    let now = client.certain_now(|now| validity.from <= now && now <= validity.until)?;
    require!(cx, validity.from <= now, "the certificate must hold already: it begins on {}", validity.from);
    require!(cx, now <= validity.until, "the certificate must hold still: it expired on {}", validity.until);
    let soon = now + TimeDelta::days(14);
    expect!(cx, soon <= validity.until, "the certificate should hold for 14 more days: it ends on {}", validity.until);
    match client.verify_certificate("/redfish/v1/").await? {
        Ok(()) => Ok(()),
        Err(reason) if client.is_insecure() => {
            expect!(
                cx,
                false,
                "the certificate should be one of this host, and vouched for: {reason}; the deployment file takes any"
            );
            Ok(())
        }
        Err(reason) if reason.contains("UnknownIssuer") => Err(cx.skip(
            Lack::setting("ca"),
            format!("the authority behind the certificate is unknown: name it with `tls: {{ca: FILE}}` ({reason})"),
        )),
        Err(reason) => {
            Err(cx.fail("the certificate must be one of this host, and vouched for".into(), None, Some(reason)))
        }
    }
}

/// The port of TLS must not serve plain text.
#[conformance(
    id = "redfish.tls.plain-refused",
    spec = "redfish#transport-layer-security-tls-protocol",
    covers = "1761c110-9616-4031-9b67-6368954a3afd",
    needs = [Redfish],
)]
async fn plain_refused(cx: &Cx, redfish: &Redfish) -> Outcome {
    let answer = encrypted(cx, redfish)?.in_plain_text("/redfish/v1/Systems").await?;
    let line = answer.lines().next().unwrap_or_default();
    let served =
        line.starts_with("HTTP/") && line.split_whitespace().nth(1).is_some_and(|status| status.starts_with('2'));
    require!(cx, !served, "the port of TLS must serve nobody in plain text; it answers `{line}`");
    Ok(())
}

fn encrypted<'a>(cx: &Cx, redfish: &'a Redfish) -> Outcome<&'a Client> {
    if redfish.client().is_https() {
        return Ok(redfish.client());
    }
    Err(cx.skip(
        Lack::feature(Service::Redfish, "TLS"),
        format!("`{}` is reached without TLS: its address begins with http:", redfish.name()),
    ))
}
