//! Following every link of a Redfish service, within bounds.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use indexmap::IndexMap;
use serde_json::Value;

use super::collected::{COLLECTED_SCHEMA, Collected, Note, NoteKind, ROOT, Resource, Role, ServiceDescription};
use super::links::{Address, Kind, Link, address, is_schema_file, links};

/// The most notes of one kind that are kept one by one.
const MOST_NOTES: usize = 20;

/// What ends a crawl that would not end by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most resources that are read.
    pub resources: usize,
    /// The most links from the service root to a resource.
    pub depth: usize,
    /// The most pages of one collection.
    pub pages: usize,
    /// How many members of a collection are read, by the type of its members; of others, all.
    pub members: HashMap<String, usize>,
}

impl Default for Limits {
    fn default() -> Self {
        // The members of a log may be thousands, and are all alike.
        Self { resources: 5_000, depth: 32, pages: 200, members: HashMap::from([("LogEntry".to_owned(), 20)]) }
    }
}

/// What came back from an address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fetched {
    /// The status; none if nothing came back.
    pub status: Option<u16>,
    /// The value of the header `Allow`.
    pub allow: Option<String>,
    /// The body, if it is JSON.
    pub json: Option<Value>,
    /// Why there is no body.
    pub error: Option<String>,
}

/// A crawl: it says what to read next, and takes what was read.
#[derive(Debug)]
pub struct Crawl {
    limits: Limits,
    waiting: VecDeque<Wanted>,
    /// Every address that is waiting or was read.
    seen: HashSet<String>,
    settings: HashSet<String>,
    pages: HashMap<String, usize>,
    asked: Option<Wanted>,
    noted: BTreeMap<NoteKind, usize>,
    collected: Collected,
}

#[derive(Debug, Clone)]
struct Wanted {
    uri: String,
    from: Option<String>,
    depth: usize,
    /// The collection that it continues.
    continues: Option<String>,
}

impl Crawl {
    /// Begins at the service root.
    #[must_use]
    pub fn new(service: ServiceDescription, limits: Limits) -> Self {
        let root = Wanted { uri: ROOT.to_owned(), from: None, depth: 0, continues: None };
        Self {
            limits,
            seen: HashSet::from([root.uri.clone()]),
            waiting: VecDeque::from([root]),
            settings: HashSet::new(),
            pages: HashMap::new(),
            asked: None,
            noted: BTreeMap::new(),
            collected: Collected {
                schema: COLLECTED_SCHEMA.to_owned(),
                service,
                complete: true,
                notes: Vec::new(),
                resources: IndexMap::new(),
            },
        }
    }

    /// The next address to be read; what is read there goes to [`Crawl::take`].
    pub fn next_address(&mut self) -> Option<String> {
        if self.collected.resources.len() >= self.limits.resources && !self.waiting.is_empty() {
            let message = format!(
                "after {} resources, {} that are linked were not read",
                self.collected.resources.len(),
                self.waiting.len()
            );
            self.cut(NoteKind::Bound, ROOT, message);
            self.waiting.clear();
        }
        self.asked = self.waiting.pop_front();
        self.asked.as_ref().map(|wanted| wanted.uri.clone())
    }

    /// Takes what was read at the address that was asked for last.
    pub fn take(&mut self, fetched: Fetched) {
        let Some(wanted) = self.asked.take() else { return };
        if fetched.status == Some(200)
            && let Some(body) = &fetched.json
        {
            self.follow(&wanted, body);
        }
        let Fetched { status, allow, json, error } = fetched;
        // What lies behind an answer that never came, or that was refused for now, is not known.
        let is_root = wanted.from.is_none();
        if matches!(status, None | Some(401 | 403 | 429 | 503)) || (is_root && !matches!(&json, Some(Value::Object(_))))
        {
            self.collected.complete = false;
        }
        let role = if wanted.continues.is_some() { Role::Page } else { Role::Resource };
        let resource = Resource { status, allow, json, error, from: wanted.from, role };
        self.collected.resources.insert(wanted.uri, resource);
    }

    /// Ends it before its end.
    pub fn stop(&mut self, why: &str) {
        let left = self.waiting.len() + usize::from(self.asked.is_some());
        self.cut(NoteKind::Stopped, ROOT, format!("{why}; {left} resources that are linked were not read"));
        self.waiting.clear();
        self.asked = None;
    }

    /// What was read.
    #[must_use]
    pub fn finish(mut self) -> Collected {
        for (uri, resource) in &mut self.collected.resources {
            if self.settings.contains(uri) && resource.role == Role::Resource {
                resource.role = Role::Settings;
            }
        }
        for (kind, count) in self.noted {
            if count > MOST_NOTES {
                let message = format!("{} more of this kind", count - MOST_NOTES);
                self.collected.notes.push(Note { kind, uri: ROOT.to_owned(), message });
            }
        }
        self.collected
    }

    fn follow(&mut self, wanted: &Wanted, body: &Value) {
        let odata_type = body.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
        if is_schema_file(odata_type) {
            return;
        }
        let shortened = self.shortened(&wanted.uri, odata_type, body);
        let body = shortened.as_ref().unwrap_or(body);
        for link in links(body) {
            match address(link.text) {
                Address::Here(uri) => self.want(wanted, uri, link),
                Address::OffService => {
                    let message = format!("a link leads out of the service: {}", shown(link.text));
                    self.note(NoteKind::OffService, &wanted.uri, message);
                }
                Address::Bad(why) => {
                    let message = format!("a link cannot be followed, for {why}: {}", shown(link.text));
                    self.note(NoteKind::BadLink, &wanted.uri, message);
                }
            }
        }
    }

    /// The body with the first members of a collection only, where members are bounded.
    fn shortened(&mut self, uri: &str, odata_type: &str, body: &Value) -> Option<Value> {
        let member = odata_type.rsplit('.').next()?.strip_suffix("Collection")?;
        let most = *self.limits.members.get(member)?;
        let members = body.get("Members")?.as_array()?;
        let continued = body.get("Members@odata.nextLink").is_some();
        if members.len() <= most && !continued {
            return None;
        }
        let of = body.get("Members@odata.count").and_then(Value::as_u64).unwrap_or(members.len() as u64);
        let message = format!("the first {} of {of} members are read", members.len().min(most));
        self.note(NoteKind::FirstMembers, uri, message);
        let mut body = body.clone();
        let object = body.as_object_mut()?;
        object.shift_remove("Members@odata.nextLink");
        object.get_mut("Members")?.as_array_mut()?.truncate(most);
        Some(body)
    }

    fn want(&mut self, by: &Wanted, uri: String, link: Link<'_>) {
        if link.kind == Kind::Settings {
            self.settings.insert(uri.clone());
        }
        let continues = (link.kind == Kind::Page).then(|| by.continues.clone().unwrap_or_else(|| by.uri.clone()));
        if self.seen.contains(&uri) {
            if let Some(collection) = continues {
                let message = format!("the pages of {collection} lead back to {uri}, which was read already");
                self.note(NoteKind::PageLoop, &by.uri, message);
            }
            return;
        }
        if by.depth >= self.limits.depth {
            let message = format!("links are followed {} deep; {} was not read", self.limits.depth, shown(&uri));
            self.cut(NoteKind::Bound, &by.uri, message);
            return;
        }
        // A page is as deep as its collection, and pages have a bound of their own.
        let mut depth = by.depth + 1;
        if let Some(collection) = &continues {
            depth = by.depth;
            let pages = self.pages.entry(collection.clone()).or_default();
            *pages += 1;
            if *pages > self.limits.pages {
                let message = format!("after {} pages, the rest of {collection} was not read", self.limits.pages);
                self.cut(NoteKind::Bound, &by.uri, message);
                return;
            }
        }
        self.seen.insert(uri.clone());
        self.waiting.push_back(Wanted { uri, from: Some(by.uri.clone()), depth, continues });
    }

    fn cut(&mut self, kind: NoteKind, uri: &str, message: String) {
        self.collected.complete = false;
        self.note(kind, uri, message);
    }

    fn note(&mut self, kind: NoteKind, uri: &str, message: String) {
        let count = self.noted.entry(kind).or_default();
        *count += 1;
        if *count <= MOST_NOTES {
            self.collected.notes.push(Note { kind, uri: uri.to_owned(), message });
        }
    }
}

/// A link as a note shows it.
fn shown(text: &str) -> String {
    let cut: String = text.chars().take(200).flat_map(char::escape_debug).collect();
    if text.chars().nth(200).is_some() { cut + "…" } else { cut }
}
