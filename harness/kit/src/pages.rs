//! Lists that come in pages, walked within bounds.
//!
//! Whatever a service says of where its list goes on, a walk stays within the collection (of a link, only its query is
//! taken), visits no page twice, and ends: after so many pages, entries or bytes, a list has no end.
//!
//! ```text
//! let mut pages = Pages::new(&client, "networks").query("fields", "id").absent_if(404);
//! while let Some(page) = pages.next().await? {
//!     for network in page.get("networks")?.elements()? { … }
//! }
//! ```

use std::collections::HashSet;

use serde_json::Value;

use crate::http::client::Client;
use crate::json::Json;
use crate::outcome::{Evidence as _, Outcome};

/// How many pages a list has at most.
pub const PAGES: usize = 2_000;
/// How many entries a list has at most, over all its pages.
pub const ENTRIES: usize = 200_000;
/// How many bytes the pages of a list have at most, together.
pub const BYTES: usize = 512 << 20;
/// How long the place of a page may be, in bytes: its query, or its marker.
const PLACE: usize = 16 << 10;

/// Why a walk over pages does not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Endless {
    /// A page that was visited before.
    #[error("page {0} leads back to a page that was read before")]
    Again(usize),
    /// More pages than any list has.
    #[error("more than {PAGES} pages")]
    Pages,
    /// More pages than this list may have.
    #[error("more than {0} pages")]
    More(usize),
    /// More entries than any list has.
    #[error("more than {ENTRIES} entries")]
    Entries,
    /// More bytes than any list has.
    #[error("more than {} MiB", BYTES >> 20)]
    Bytes,
    /// A link that names no page of the list.
    #[error("the link of page {0} to the next page names none: it has no query")]
    NoPlace(usize),
    /// A link that is longer than any address.
    #[error("the link of page {0} to the next page is longer than {PLACE} bytes")]
    Long(usize),
}

/// A walk over pages: how far it has come, and where it has been.
#[derive(Debug, Default)]
pub struct Walk {
    pages: usize,
    entries: usize,
    bytes: usize,
    places: HashSet<String>,
}

impl Walk {
    /// Counts a page that was read, with so many entries and bytes.
    pub fn read(&mut self, entries: usize, bytes: usize) -> Result<(), Endless> {
        self.pages += 1;
        self.entries = self.entries.saturating_add(entries);
        self.bytes = self.bytes.saturating_add(bytes);
        match () {
            () if self.entries > ENTRIES => Err(Endless::Entries),
            () if self.bytes > BYTES => Err(Endless::Bytes),
            () => Ok(()),
        }
    }

    /// Goes on to the page at this place: a query, or a marker.
    pub fn go(&mut self, place: &str) -> Result<(), Endless> {
        if self.pages >= PAGES {
            Err(Endless::Pages)
        } else if place.is_empty() {
            Err(Endless::NoPlace(self.pages))
        } else if place.len() > PLACE {
            Err(Endless::Long(self.pages))
        } else if self.places.insert(place.to_owned()) {
            Ok(())
        } else {
            Err(Endless::Again(self.pages))
        }
    }
}

/// The address of the page behind this one: `next`, or the link of that name in `KEY_links`.
#[must_use]
pub fn link<'a>(page: &'a Value, key: &str) -> Option<&'a str> {
    let links = page.get(format!("{key}_links")).and_then(Value::as_array);
    let linked = links.into_iter().flatten().find(|link| link["rel"] == "next");
    linked.map_or_else(|| page.get("next"), |link| link.get("href")).and_then(Value::as_str)
}

/// The query of an address; empty where it has none.
#[must_use]
pub fn query_of(address: &str) -> &str {
    let address = address.split_once('#').map_or(address, |(address, _)| address);
    address.split_once('?').map_or("", |(_, query)| query)
}

/// The pages of a list.
#[derive(Debug)]
#[must_use = "nothing is asked until `next` is called"]
pub struct Pages {
    client: Client,
    path: String,
    key: String,
    query: Vec<(String, String)>,
    absent: Vec<u16>,
    /// How many pages are read at most.
    most: usize,
    /// The member of an entry by which the list goes on, where it has no links.
    marker: Option<&'static str>,
    walk: Walk,
    /// Where the next page is.
    place: Place,
}

/// Where a page is.
#[derive(Debug)]
enum Place {
    First,
    Query(String),
    Marker(String),
    End,
}

impl Pages {
    /// The pages of the list at this path, whose entries stand under the path's last part (`-` as `_`).
    pub fn new(client: &Client, path: &str) -> Self {
        let key = path.rsplit('/').next().unwrap_or_default().replace('-', "_");
        Self {
            client: client.clone(),
            path: path.to_owned(),
            key,
            query: Vec::new(),
            absent: Vec::new(),
            most: PAGES,
            marker: None,
            walk: Walk::default(),
            place: Place::First,
        }
    }

    /// The entries stand under this member: `volumes` of `volumes/detail`.
    pub fn key(self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self }
    }

    /// Adds a parameter to the address of the first page.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// The list has no pages when the first answer has this status.
    pub fn absent_if(mut self, status: u16) -> Self {
        self.absent.push(status);
        self
    }

    /// Fewer pages than others have, where nobody waits for a long list.
    pub fn at_most(self, pages: usize) -> Self {
        Self { most: pages, ..self }
    }

    /// Each page is an array, and the next one begins after this member of its last entry, up to one without entries:
    /// Object Storage v1.
    pub fn by_marker(self, member: &'static str) -> Self {
        Self { key: String::new(), marker: Some(member), ..self }
    }

    /// The next page; none behind the last.
    ///
    /// # Errors
    ///
    /// A request that fails, an answer that is no page, and a list without an end: each is a fail of the deployment.
    pub async fn next(&mut self) -> Outcome<Option<Json>> {
        let first = matches!(self.place, Place::First);
        let plain = || self.query.iter().fold(self.client.get(&self.path), |got, (name, value)| got.query(name, value));
        let request = match &self.place {
            Place::First => plain(),
            Place::Query(query) => self.client.get(&format!("{}?{query}", self.path)),
            Place::Marker(marker) => plain().query("marker", marker),
            Place::End => return Ok(None),
        };
        self.place = Place::End;
        let answer = request.send().await?;
        if first && self.absent.contains(&answer.status()) || self.marker.is_some() && answer.status() == 204 {
            return Ok(None);
        }
        answer.require_status(200)?;
        let page = answer.json()?;
        let entries = if self.key.is_empty() { page.clone() } else { page.get(&self.key)? };
        let goes_on = match self.marker {
            Some(member) => match entries.last()? {
                Some(last) => Place::Marker(last.get(member)?.text()?.to_owned()),
                None => Place::End,
            },
            None => match link(page.value(), &self.key) {
                Some(address) => Place::Query(query_of(address).to_owned()),
                None => Place::End,
            },
        };
        let walked = self.walk.read(entries.length()?, answer.bytes().len()).and_then(|()| match &goes_on {
            Place::Query(_) | Place::Marker(_) if self.walk.pages >= self.most => Err(Endless::More(self.most)),
            Place::Query(place) | Place::Marker(place) => self.walk.go(place),
            Place::First | Place::End => Ok(()),
        });
        walked.map_err(|endless| {
            let requirement = format!("the pages of {answer} come to an end");
            answer.fail(requirement, None, Some(endless.to_string()))
        })?;
        self.place = goes_on;
        Ok(Some(page))
    }

    /// The entries of all pages.
    ///
    /// # Errors
    ///
    /// See [`Pages::next`].
    pub async fn all(mut self) -> Outcome<Vec<Json>> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await? {
            all.extend(if self.key.is_empty() { page.elements()? } else { page.get(&self.key)?.elements()? });
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_walk_ends_at_a_page_that_was_read_before() {
        let mut walk = Walk::default();
        walk.read(0, 10).unwrap();
        walk.go("marker=x").unwrap();
        walk.read(0, 10).unwrap();
        assert_eq!(walk.go("marker=x"), Err(Endless::Again(2)));
        // A way back over other pages is found as well.
        walk.go("marker=y").unwrap();
        assert_eq!(walk.go("marker=x"), Err(Endless::Again(2)));
    }

    #[test]
    fn a_walk_ends_after_so_many_pages_entries_and_bytes() {
        let mut walk = Walk::default();
        let ends = (0..=PAGES).find_map(|at| walk.read(0, 0).and_then(|()| walk.go(&format!("marker={at}"))).err());
        assert_eq!(ends, Some(Endless::Pages));
        assert_eq!(Walk::default().read(ENTRIES + 1, 0), Err(Endless::Entries));
        assert_eq!(Walk::default().read(0, BYTES + 1), Err(Endless::Bytes));
        let mut walk = Walk::default();
        walk.read(ENTRIES, BYTES).unwrap();
        assert_eq!(walk.read(usize::MAX, usize::MAX), Err(Endless::Entries));
    }

    #[test]
    fn a_link_leads_to_a_page_of_the_same_list_only() {
        let page = json!({"servers": [], "servers_links": [{"rel": "self", "href": "a?b"}, {"rel": "next", "href": "http://x/?m=1"}]});
        assert_eq!(link(&page, "servers").map(query_of), Some("m=1"));
        assert_eq!(link(&json!({"next": "/v2/images?marker=1#?x"}), "images").map(query_of), Some("marker=1"));
        assert_eq!(link(&json!({"next": null}), "images"), None);
        assert_eq!(link(&json!([]), ""), None);
        let mut walk = Walk::default();
        walk.read(0, 0).unwrap();
        assert_eq!(walk.go(query_of("http://elsewhere/images")), Err(Endless::NoPlace(1)));
        assert_eq!(walk.go(&"x".repeat(PLACE + 1)), Err(Endless::Long(1)));
    }
}
