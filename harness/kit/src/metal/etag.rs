//! The `ETag` of a resource (DSP0266, "`ETags`"): in which forms it is sent in `If-Match`, and the deviation of services that
//! refuse it.

use serde_json::Value;

use crate::http::response::{Response, without_mark};
use crate::outcome::Evidence as _;

/// How often a resource is read again whose tag was refused.
pub(super) const READ_AGAIN: usize = 3;

/// The tag that a resource gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ETag {
    /// As it was given.
    text: String,
    /// Whether it stood in the header `ETag`, and not in the body alone, as `@odata.etag`.
    pub in_header: bool,
}

/// What became of a change with the tag that was read.
#[derive(Debug)]
pub(super) enum Tried {
    /// The tag was taken; the change may have been refused all the same.
    Taken(Response),
    Refused(Refused),
}

/// A change whose tag was refused.
#[derive(Debug)]
pub(super) struct Refused {
    pub answer: Response,
    /// The tag that was given; none where the resource has none.
    pub tag: Option<ETag>,
    /// Where it was asked for.
    pub path: String,
}

impl Refused {
    /// Whether a tag was among those that were sent.
    pub fn is_tried(&self, tag: Option<&str>) -> bool {
        match (&self.tag, tag) {
            (Some(given), Some(tag)) => given.text == tag,
            (None, None) => true,
            _ => false,
        }
    }

    /// Tells that the `ETag` is not accepted as it was given, and what is.
    pub fn tell(&self, answer: &Response, taken: &str) {
        let promise = "a change should be taken with the `ETag` that the resource gave in that header";
        let given = self.tag.as_ref().map_or("none", |tag| &tag.text);
        answer.deviate_once(promise.to_owned(), Some(given.to_owned()), Some(taken.to_owned()));
    }
}

impl ETag {
    /// The one that an answer gives; none where it is empty.
    pub fn of(answer: &Response) -> Option<Self> {
        let header = answer.header("etag").filter(|tag| !is_empty(tag));
        if let Some(tag) = header {
            return Some(Self { text: tag.to_owned(), in_header: true });
        }
        let body: Value = serde_json::from_slice(without_mark(answer.bytes())).unwrap_or_default();
        let tag = body["@odata.etag"].as_str().filter(|tag| !is_empty(tag))?;
        Some(Self { text: tag.to_owned(), in_header: false })
    }

    /// What to send, one after the other: the tag as it was given; a weak one as strong, for some services compare them so; one
    /// without its quotes, or with those that it lacks.
    pub fn forms(&self) -> Vec<String> {
        let strong = self.text.strip_prefix("W/").unwrap_or(&self.text);
        let bare = strong.trim_matches('"');
        let other = if bare == strong { format!("\"{bare}\"") } else { bare.to_owned() };
        let mut forms = vec![self.text.clone(), strong.to_owned(), other];
        forms.dedup();
        forms
    }
}

fn is_empty(tag: &str) -> bool {
    tag.trim().strip_prefix("W/").unwrap_or(tag.trim()).trim_matches('"').is_empty()
}

/// Whether an answer says that the tag is wrong, or that there must be one (DSP0266, "Status codes"): nothing was changed.
pub(super) fn refuses_tag(answer: &Response) -> bool {
    matches!(answer.status(), 412 | 428)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Recorder;
    use crate::http::RawResponse;
    use crate::http::redact::Redactor;

    fn given(header: Option<&str>, body: &str) -> Option<ETag> {
        let log = Recorder::new(None, Redactor::default()).unwrap().log("test");
        let headers = header.map(|tag| ("etag".to_owned(), tag.to_owned())).into_iter().collect();
        let raw = RawResponse { status: 200, headers, body: Bytes::from(body.to_owned()), exchange: 0 };
        ETag::of(&Response::new(raw, "GET".to_owned(), "http://h/x".to_owned(), log))
    }

    #[test]
    fn a_tag_is_sent_as_it_was_given_first() {
        let forms = |tag: &str| given(Some(tag), "{}").unwrap().forms();
        assert_eq!(forms("\"a\""), ["\"a\"", "a"]);
        assert_eq!(forms("a"), ["a", "\"a\""]);
        assert_eq!(forms("W/\"a\""), ["W/\"a\"", "\"a\"", "a"]);
        assert_eq!(forms("*"), ["*", "\"*\""]);
    }

    #[test]
    fn a_tag_stands_in_the_header_or_in_the_body() {
        let body = r#"{"@odata.etag": "W/\"b\""}"#;
        let of = |header: Option<&str>, body: &str| given(header, body).map(|tag| (tag.text, tag.in_header));
        assert_eq!(of(Some("\"a\""), body), Some(("\"a\"".to_owned(), true)));
        for header in [None, Some(""), Some(" "), Some("\"\""), Some("W/\"\"")] {
            assert_eq!(of(header, body), Some(("W/\"b\"".to_owned(), false)), "{header:?}");
            assert_eq!(of(header, "{}"), None);
            assert_eq!(of(header, r#"{"@odata.etag": ""}"#), None);
        }
    }
}
