//! Bodies that come packed. Every request asks for none (`Accept-Encoding: identity`), and some servers pack all the same
//! (RFC 9110, section 12.5.3).

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What a body holds, unpacked to so many bytes at most; none when there are more. A body that is not packed as its header
/// says is left as it came.
pub(super) fn unpacked(headers: &[(String, String)], body: Bytes, most: usize) -> Option<Bytes> {
    let mut plain = body.clone();
    // The last one was applied last (RFC 9110, section 8.4).
    for coding in codings(headers).rev() {
        let undone = match coding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => read(MultiGzDecoder::new(&plain[..]), most),
            // Some servers leave out what should stand around it (RFC 9110, section 8.4.1.2).
            "deflate" => {
                read(ZlibDecoder::new(&plain[..]), most).or_else(|_| read(DeflateDecoder::new(&plain[..]), most))
            }
            _ => return Some(body),
        };
        match undone {
            Ok(undone) if undone.len() > most => return None,
            Ok(undone) => plain = undone.into(),
            Err(_) => return Some(body),
        }
    }
    Some(plain)
}

/// What a reader gives, no more than one byte beyond so many.
fn read(reader: impl std::io::Read, most: usize) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::new();
    reader.take(limit).read_to_end(&mut plain)?;
    Ok(plain)
}

/// The coding of a body that is still packed, because Assay does not read it.
pub(super) fn unread(headers: &[(String, String)]) -> Option<&str> {
    codings(headers)
        .find(|coding| !["gzip", "x-gzip", "deflate"].iter().any(|known| coding.eq_ignore_ascii_case(known)))
}

/// The codings of a body, the first one that was applied first.
fn codings(headers: &[(String, String)]) -> impl DoubleEndedIterator<Item = &str> {
    let named = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let all = named.flat_map(|(_, codings)| codings.split(',').map(str::trim));
    all.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

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
        for coding in ["gzip, identity", "identity,gzip", "gzip,"] {
            assert_eq!(unpacked(&headers(coding), packed(b"{}"), 10).unwrap(), "{}", "{coding}");
        }
        let twice = packed(&packed(b"{}"));
        assert_eq!(unpacked(&headers("gzip, gzip"), twice.clone(), 100).unwrap(), "{}");
        assert_eq!(
            unpacked(&headers("br, gzip"), twice.clone(), 100).unwrap(),
            twice,
            "a body with an unknown coding stays packed"
        );
        assert_eq!(unread(&headers("gzip, br")), Some("br"));
        assert_eq!(unpacked(&[], packed(b"{}"), 10).unwrap(), packed(b"{}"));
        let (mut zlib, mut raw) = (
            ZlibEncoder::new(Vec::new(), Compression::default()),
            DeflateEncoder::new(Vec::new(), Compression::default()),
        );
        zlib.write_all(b"{}").unwrap();
        raw.write_all(b"{}").unwrap();
        for packed in [zlib.finish().unwrap(), raw.finish().unwrap()] {
            assert_eq!(unpacked(&headers("deflate"), packed.into(), 10).unwrap(), "{}");
        }
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
