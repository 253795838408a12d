//! Nothing secret is written: by header, by name, and by every value known to be secret, in whatever encoding.
//!
//! A text is looked at as it is and with each encoding, and each two of them, taken off ([`decode`]). In each of these
//! readings, values under secret names are found ([`named`]) and learnt, and then every value learnt so far ([`known`]). What
//! is found is replaced where it stands in the text as it came. How many readings there are is fixed and each step goes once
//! through a reading, so that the time is linear in the text.

mod decode;
mod entities;
mod keys;
mod known;
mod named;
mod spellings;
mod view;

use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;

use keys::Class;
use known::Known;
use named::Found;

/// What stands where something secret stood.
pub const REDACTED: &str = "[redacted]";
/// The same within an address, before its host.
const IN_ADDRESS: &str = "redacted";

/// How much more than what is kept of a text is looked through: the beginning of a secret that is cut would not be known.
const MARGIN: usize = 32 * 1024;
/// A text of more bytes is large: see [`Redactor::is_much`].
const MUCH: usize = 64 * 1024;

/// Knows what is secret and replaces it. Clones share what they know.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Known>);

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// Never lets this value be written, in no encoding.
    pub fn learn(&self, secret: &str) {
        if !secret.trim().is_empty() && secret != REDACTED {
            self.0.learn([secret.to_owned()], false);
        }
    }

    /// A text without any secret known so far, or that stands in it under its name.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.scrub(text, text.len(), text.len())
    }

    /// The beginning of a text, of about so many bytes, without any value known to be secret; whether that is all of it. What
    /// stands under a secret name is not looked for: our own sentences name passwords and tokens.
    #[must_use]
    pub fn sentence(&self, text: &str, kept: usize) -> (String, bool) {
        let shown = floor(text, kept);
        let mut places = Vec::new();
        self.find_known(&text.as_bytes()[..floor(text, shown + MARGIN)], &mut places);
        (replaced(text, shown, &merged(places)), shown == text.len())
    }

    /// Whether a value known to be secret stands in a text.
    #[must_use]
    pub fn knows(&self, text: &str) -> bool {
        let mut places = Vec::new();
        self.find_known(text.as_bytes(), &mut places);
        !places.is_empty()
    }

    /// The name of a header, redacted: names arrive in lower case.
    #[must_use]
    pub fn header_name(&self, name: &str) -> String {
        let mut places = Vec::new();
        self.0.search().find_in_name(name.as_bytes(), &mut |place| places.push((place, false)));
        self.text(&replaced(name, name.len(), &merged(places)))
    }

    /// The value of a header, redacted; a secret one is learnt.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if keys::class(name.as_bytes()) == Class::Open {
            return self.text(value);
        }
        self.learn_header(value);
        REDACTED.to_owned()
    }

    /// An address, redacted.
    #[must_use]
    pub fn url(&self, address: &str) -> String {
        self.text(address)
    }

    /// A body, redacted. Secrets that stand under a secret name are learnt.
    #[must_use]
    pub fn body(&self, body: &str) -> String {
        self.text(body)
    }

    /// The beginning of a body, redacted, of about so many bytes; whether that is all of it. Of the rest, only what stands
    /// under secret names is looked at, to be learnt.
    #[must_use]
    pub fn beginning(&self, body: &str, kept: usize) -> (String, bool) {
        let shown = floor(body, 3 * kept);
        let mut text = self.scrub(body, shown, floor(body, shown + MARGIN));
        let mut whole = shown == body.len();
        if text.len() > kept {
            text.truncate(floor(&text, kept));
            whole = false;
        }
        (text, whole)
    }

    /// The same as [`Redactor::body`], in a thread of its own where it is much.
    pub async fn body_apart(&self, body: String) -> String {
        if !Self::is_much(body.len()) {
            return self.body(&body);
        }
        let known = self.clone();
        apart(move || known.body(&body)).await.unwrap_or_default()
    }

    /// Whether so many bytes are too much for a thread that others wait for.
    #[must_use]
    pub(crate) fn is_much(bytes: usize) -> bool {
        bytes > MUCH
    }

    /// A value of a secret header, and what is secret in it by itself.
    fn learn_header(&self, value: &str) {
        let mut secrets = vec![value.trim().to_owned()];
        // What a signature is made of (AWS Signature Version 4) names a key, a day and headers, and none of it is secret.
        let value = match value.split_once("Signature=") {
            Some((what, signature)) if what.starts_with("AWS4-") => signature,
            _ => value,
        };
        for part in value.split([';', ',', ' ']) {
            let part = part.split_once('=').map_or(part, |(_, after)| if after.is_empty() { part } else { after });
            if part.len() >= 16 {
                secrets.push(part.trim_matches('"').to_owned());
            }
        }
        if let Some(both) = value.strip_prefix("Basic ")
            && let Ok(both) = base64::engine::general_purpose::STANDARD.decode(both.trim())
            && let Ok(both) = String::from_utf8(both)
            && let Some((_, password)) = both.split_once(':')
        {
            secrets.push(password.to_owned());
        }
        secrets.retain(|secret| secret.trim().len() >= 3 && !named::is_empty_word(secret));
        self.learn_all(secrets);
    }

    /// Learns what a deployment's answers hold under secret names.
    fn learn_all(&self, secrets: Vec<String>) {
        if secrets.is_empty() {
            return;
        }
        self.0.learn(secrets, true);
        if self.0.is_scattered() {
            let known = self.0.clone();
            let merge = move || known.merge(usize::MAX);
            // Where no thread can be had, it is done another time.
            let _ = std::thread::Builder::new().name("redaction".into()).spawn(merge);
        }
    }

    /// What is shown of a text, redacted by what is looked at of it.
    fn scrub(&self, text: &str, shown: usize, looked_at: usize) -> String {
        let (beginning, rest) = text.as_bytes().split_at(looked_at);
        let mut places: Vec<(Range<usize>, bool)> = Vec::new();
        let (mut secrets, mut inner) = (Vec::new(), Vec::new());
        view::readings(beginning, &decode::ENCODINGS, &mut |reading, way| {
            named::find(reading, &mut |found| {
                if way.is_plain() {
                    secrets.extend(found.secret);
                    places.push((found.place, found.in_address));
                } else {
                    inner.push(Found { place: way.origin(found.place), ..found });
                }
            });
        });
        // Within what stands under a secret name as it is, a reading finds pieces of it at most.
        let plain = merged(places.clone());
        let is_piece = |place: &Range<usize>| {
            let at = plain.partition_point(|(other, _)| other.end < place.end);
            plain.get(at).is_some_and(|(other, _)| other.start <= place.start)
        };
        inner.retain(|Found { place, .. }| !is_piece(place));
        in_strings(text, &mut inner);
        for Found { place, secret, in_address } in inner {
            secrets.extend(secret);
            places.push((place, in_address));
        }
        if !rest.is_empty() {
            named::find(text.as_bytes(), &mut |found| secrets.extend(found.secret));
        }
        self.learn_all(secrets);

        self.find_known(beginning, &mut places);
        replaced(text, shown, &merged(places))
    }

    /// Adds where values stand that are known to be secret.
    fn find_known(&self, text: &[u8], places: &mut Vec<(Range<usize>, bool)>) {
        let search = self.0.search();
        if search.is_empty() {
            return;
        }
        let encodings = if search.is_for_bytes() { &decode::ENCODINGS_OF_BYTES } else { &decode::ENCODINGS };
        view::readings(text, encodings, &mut |reading, way| {
            search.find(reading, &mut |place| places.push((way.origin(place), false)));
        });
    }
}

/// Does work in a thread of its own, which nobody waits for at the end: neither what runs beside it nor ctrl-C. None when no
/// thread can be had, or the work panicked.
pub(super) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, awaited) = tokio::sync::oneshot::channel();
    let work = move || {
        // Whoever waited for it may have been broken off.
        let _ = done.send(work());
    };
    let begun = std::thread::Builder::new().name("redaction".into()).spawn(work);
    begun.ok()?;
    awaited.await.ok()
}

/// Places in order, those that overlap or touch as one.
fn merged(mut places: Vec<(Range<usize>, bool)>) -> Vec<(Range<usize>, bool)> {
    places.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
    let mut merged: Vec<(Range<usize>, bool)> = Vec::with_capacity(places.len());
    for (place, in_address) in places {
        match merged.last_mut() {
            Some((last, _)) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => merged.push((place, in_address)),
        }
    }
    merged
}

/// A text up to a place, with what stands at these places replaced.
fn replaced(text: &str, shown: usize, places: &[(Range<usize>, bool)]) -> String {
    let mut result = String::with_capacity(shown.min(text.len()));
    let mut quotes = Quotes::of(text);
    let mut at = 0;
    for (place, in_address) in places {
        if place.start >= shown {
            break;
        }
        // A view gives places of whole characters; should one not, more is left out and not less.
        let (mut start, mut end) = (floor(text, place.start).max(at), ceil(text, place.end));
        let word = quotes.bare_word(start..end);
        if let Some(word) = &word {
            (start, end) = (word.start.max(at), word.end);
        }
        result.push_str(&text[at..start]);
        match word {
            // A number of JSON becomes a string of JSON.
            Some(_) => result.push_str(&format!("\"{REDACTED}\"")),
            None => result.push_str(if *in_address { IN_ADDRESS } else { REDACTED }),
        }
        at = end.max(start);
    }
    if at < shown {
        result.push_str(&text[at..shown]);
    }
    result
}

/// Keeps, of what the readings of a JSON body have under secret names, what stands in one string of it, or is a number: quotes
/// that were escaped end nothing.
fn in_strings(text: &str, found: &mut Vec<Found>) {
    let mut quotes = Quotes::of(text);
    if found.is_empty() || !quotes.json || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return;
    }
    found.sort_by_key(|found| found.place.start);
    found.retain(|found| {
        quotes.go_to(found.place.start);
        let end = quotes.end_of_string();
        let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        if quotes.inside { found.place.end <= end } else { text.as_bytes()[found.place.clone()].iter().all(is_number) }
    });
}

/// Follows a text of JSON, to tell what stands in its strings from what does not.
struct Quotes<'a> {
    text: &'a [u8],
    at: usize,
    inside: bool,
    /// Where the string that was last looked at ends.
    end: usize,
    json: bool,
}

impl<'a> Quotes<'a> {
    fn of(text: &'a str) -> Self {
        let json = matches!(text.trim_start().as_bytes().first(), Some(b'{' | b'['));
        Self { text: text.as_bytes(), at: 0, inside: false, end: 0, json }
    }

    /// Goes on to a place; places come in order.
    fn go_to(&mut self, place: usize) {
        while self.at < place {
            match self.text[self.at] {
                b'\\' if self.inside => self.at += 1,
                b'"' => self.inside = !self.inside,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Where the string ends in which this is.
    fn end_of_string(&mut self) -> usize {
        if self.end < self.at {
            self.end = self.at;
            while self.end < self.text.len() && self.text[self.end] != b'"' {
                self.end += if self.text[self.end] == b'\\' { 2 } else { 1 };
            }
        }
        self.end
    }

    /// The number or other word around this place, when it is one of JSON.
    fn bare_word(&mut self, place: Range<usize>) -> Option<Range<usize>> {
        /// No number that is a secret is longer.
        const NEAR: usize = 64;
        if !self.json {
            return None;
        }
        self.go_to(place.start);
        if self.inside {
            return None;
        }
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let before = self.text[..place.start].iter().rev().take(NEAR).take_while(is_part).count();
        let after = self.text[place.end..].iter().take(NEAR).take_while(is_part).count();
        let word = place.start - before..place.end + after;
        self.text[place].iter().all(|byte| is_part(&byte)).then_some(word)
    }
}

/// The last place at which a character begins, up to this one.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The first place at which a character begins, from this one on.
fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod forms;
#[cfg(test)]
mod tests;
