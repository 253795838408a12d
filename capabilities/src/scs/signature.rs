//! Requests to S3 are signed: [AWS Signature Version 4](https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).

use assay_kit::prelude::*;
use base16ct::lower::encode_string;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What clients name where no region is known.
const REGION: &str = "us-east-1";

/// What signs.
pub(super) struct Keys<'a> {
    /// Which key it is.
    pub access: &'a str,
    /// The secret itself.
    pub secret: &'a str,
}

impl Keys<'_> {
    /// The headers with which the buckets are listed: `GET /` of this host (with its port, where that is not the usual one) at
    /// this time.
    pub(super) fn headers(&self, host: &str, now: DateTime<Utc>) -> Outcome<[(&'static str, String); 3]> {
        let time = now.format("%Y%m%dT%H%M%SZ").to_string();
        let payload = encode_string(&Sha256::digest(b""));
        let signed = [("host", host), ("x-amz-content-sha256", &payload), ("x-amz-date", &time)];
        let authorization = self.sign("s3", &time, &signed)?;
        Ok([("Authorization", authorization), ("x-amz-content-sha256", payload), ("x-amz-date", time)])
    }

    /// The header `Authorization` of `GET /` without a body, with these headers, in the order of their names.
    fn sign(&self, service: &str, time: &str, headers: &[(&str, &str)]) -> Outcome<String> {
        let signed: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let payload = encode_string(&Sha256::digest(b""));
        let request = encode_string(&Sha256::digest(format!("GET\n/\n\n{signed}\n{names}\n{payload}")));
        let day = time.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{REGION}/{service}/aws4_request");
        let message = format!("{ALGORITHM}\n{time}\n{scope}\n{request}");
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in scope.split('/').chain([message.as_str()]) {
            key = code(&key, part)?;
        }
        let signature = encode_string(&key);
        Ok(format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", self.access))
    }
}

/// The code of a message (RFC 2104).
fn code(key: &[u8], message: &str) -> Outcome<Vec<u8>> {
    let mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|error| Stop::Error(format!("nothing can be signed with the key: {error}")))?;
    Ok(mac.chain_update(message).finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first request of AWS's own suite of signed requests, `get-vanilla`, with the keys and the signature that it has there.
    #[test]
    fn a_published_request_has_its_signature() {
        let keys = Keys { access: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
        let headers = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
        assert_eq!(
            keys.sign("service", "20150830T123600Z", &headers).unwrap(),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }

    #[test]
    fn the_headers_of_a_request_are_those_that_are_signed() {
        let keys = Keys { access: "a", secret: "s" };
        let now = DateTime::from_timestamp(1_440_938_160, 0).unwrap();
        let [(_, signed), (_, payload), (_, time)] = keys.headers("h:8080", now).unwrap();
        assert_eq!((time.as_str(), payload.len()), ("20150830T123600Z", 64));
        let names = "SignedHeaders=host;x-amz-content-sha256;x-amz-date,";
        assert!(
            signed.contains("Credential=a/20150830/us-east-1/s3/aws4_request,") && signed.contains(names),
            "{signed}"
        );
        assert_ne!(signed, keys.headers("h", now).unwrap()[0].1);
    }
}
