//! Bodies that come packed. Every request asks for none (`Accept-Encoding: identity`), and some servers pack all the same
//! (RFC 9110, section 12.5.3).

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};

/// What a body holds, unpacked to so many bytes at most; none when there are more. A body that is not packed as its header
/// says is left as it came.
pub(super) fn unpacked(headers: &[(String, String)], body: Bytes, most: usize) -> Option<Bytes> {
    let coding = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let coding = coding.map(|(_, coding)| coding.trim().to_ascii_lowercase()).unwrap_or_default();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::new();
    let read = match coding.as_str() {
        "gzip" | "x-gzip" => MultiGzDecoder::new(&body[..]).take(limit).read_to_end(&mut plain),
        "deflate" => ZlibDecoder::new(&body[..]).take(limit).read_to_end(&mut plain),
        _ => return Some(body),
    };
    match read {
        Ok(read) if read > most => None,
        Ok(_) => Some(plain.into()),
        Err(_) => Some(body),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(plain: &[u8]) -> Bytes {
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap().into()
    }

    fn headers(coding: &str) -> Vec<(String, String)> {
        vec![("Content-Encoding".to_owned(), coding.to_owned())]
    }

    #[test]
    fn what_is_packed_is_read_and_what_is_not_stays() {
        assert_eq!(unpacked(&headers("gzip"), packed(b"{}"), 10).unwrap(), "{}");
        assert_eq!(unpacked(&headers("X-GZIP"), packed(b"{}"), 10).unwrap(), "{}");
        assert_eq!(unpacked(&[], packed(b"{}"), 10).unwrap(), packed(b"{}"));
        for coding in ["gzip", "deflate", "br", "identity", ""] {
            assert_eq!(unpacked(&headers(coding), Bytes::from_static(b"{}"), 10).unwrap(), "{}", "{coding}");
        }
    }

    #[test]
    fn a_small_body_that_unpacks_to_a_large_one_is_refused() {
        let bomb = packed(&vec![b' '; 1 << 20]);
        assert!(bomb.len() < 4096);
        assert_eq!(unpacked(&headers("gzip"), bomb.clone(), 1 << 10), None);
        assert_eq!(unpacked(&headers("gzip"), bomb, 1 << 20).unwrap().len(), 1 << 20);
    }
}
