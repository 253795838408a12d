//! Every value known to be secret, to be found in one pass over a text.
//!
//! What is learnt makes an automaton (Aho-Corasick) of its own, and automata of like size are made one, so that there are
//! never many and each value is built into few: N values cost O(N log N), however they come.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::spellings::spellings;

/// A value shorter than this is replaced only where it stands as a word of its own: it may be anyone's name as well.
pub(super) const LONG: usize = 8;
/// How many bytes of secrets the answers of a deployment may teach; what it invents beyond that is still replaced where it
/// stands under its key.
const TAUGHT: usize = 8 << 20;
/// Automata of so many bytes of secrets are made one by whoever learns; larger ones in a thread of its own.
const SMALL: usize = 64 << 10;
/// How many automata are many.
const MANY: usize = 16;

/// The values known to be secret.
#[derive(Default)]
pub(super) struct Known {
    ready: RwLock<Ready>,
    /// Held by the one who makes automata one.
    merging: Mutex<()>,
}

#[derive(Default)]
struct Ready {
    all: HashSet<Arc<str>>,
    taught: usize,
    generations: Vec<Arc<Generation>>,
}

/// Values that were made one automaton.
struct Generation {
    secrets: Vec<Arc<str>>,
    bytes: usize,
    long: Option<AhoCorasick>,
    short: Option<AhoCorasick>,
    /// Whether some have a spelling that is no UTF-8.
    in_bytes: bool,
    /// Those that are other texts in the name of a header, as these; it looks at no case.
    named: Option<AhoCorasick>,
}

impl Known {
    /// Learns values, all of them at once. `taught` ones come from answers of the deployment.
    pub(super) fn learn(&self, secrets: impl IntoIterator<Item = String>, taught: bool) {
        let new: Vec<Arc<str>> = {
            let ready = self.ready.read().unwrap_or_else(PoisonError::into_inner);
            let mut room = if taught { TAUGHT.saturating_sub(ready.taught) } else { usize::MAX };
            let mut new = HashSet::new();
            for secret in secrets {
                if !ready.all.contains(secret.as_str())
                    && cost(&secret) <= room
                    && new.insert(Arc::from(secret.as_str()))
                {
                    room -= cost(&secret);
                }
            }
            new.into_iter().collect()
        };
        if new.is_empty() {
            return;
        }
        // Built while nobody waits: a large body may teach much.
        let generation = Arc::new(Generation::new(new.clone()));
        {
            let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
            ready.taught += if taught { generation.bytes } else { 0 };
            ready.all.extend(new);
            ready.generations.push(generation);
        }
        self.merge(SMALL);
    }

    /// Whether there are so many automata that a search is slow, and nobody is at work to make them fewer.
    pub(super) fn is_scattered(&self) -> bool {
        self.ready.read().unwrap_or_else(PoisonError::into_inner).generations.len() > MANY
            && self.merging.try_lock().is_ok()
    }

    /// Makes automata of like size one, up to this size in bytes of secrets.
    pub(super) fn merge(&self, largest: usize) {
        let Ok(_only) = self.merging.try_lock() else { return };
        loop {
            let mut some = self.generations();
            some.retain(|generation| generation.bytes <= largest);
            some.sort_by_key(|generation| generation.bytes);
            let pair = some.windows(2).find(|pair| {
                let (less, more) = (pair[0].bytes, pair[1].bytes);
                less + more <= largest && more <= 2 * less.max(SMALL / 64)
            });
            let Some([one, other]) = pair else { return };
            let both: HashSet<Arc<str>> = one.secrets.iter().chain(&other.secrets).cloned().collect();
            let merged = Arc::new(Generation::new(both.into_iter().collect()));
            let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
            ready.generations.retain(|there| !Arc::ptr_eq(there, one) && !Arc::ptr_eq(there, other));
            ready.generations.push(merged);
        }
    }

    fn generations(&self) -> Vec<Arc<Generation>> {
        self.ready.read().unwrap_or_else(PoisonError::into_inner).generations.clone()
    }

    /// All of them, as they are now: a search does not keep others from learning.
    pub(super) fn search(&self) -> Search {
        Search(self.generations())
    }
}

/// What is looked for.
pub(super) struct Search(Vec<Arc<Generation>>);

impl Search {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something is looked for that is no UTF-8.
    pub(super) fn is_for_bytes(&self) -> bool {
        self.0.iter().any(|generation| generation.in_bytes)
    }

    /// Shows where secrets stand in the name of a header, in whatever case.
    pub(super) fn find_in_name(&self, name: &[u8], found: &mut dyn FnMut(Range<usize>)) {
        for named in self.0.iter().filter_map(|generation| generation.named.as_ref()) {
            named.find_iter(name).for_each(|place| found(place.range()));
        }
    }

    /// Shows where secrets stand in a text.
    pub(super) fn find(&self, text: &[u8], found: &mut dyn FnMut(Range<usize>)) {
        for generation in &self.0 {
            for place in generation.long.iter().flat_map(|long| long.find_iter(text)) {
                found(place.range());
            }
            // Each that ends at a place: at most one for each length below `LONG`.
            for place in generation.short.iter().flat_map(|short| short.find_overlapping_iter(text)) {
                if is_word(text, &place.range()) {
                    found(place.range());
                }
            }
        }
    }
}

/// How many bytes are looked for where this value is: with other letters it has a dozen spellings.
fn cost(secret: &str) -> usize {
    if secret.is_ascii() { secret.len() } else { 16 * secret.len() }
}

/// What a secret becomes in the name of a header, which holds few signs (RFC 9110, section 5.6.2), where that is long enough and
/// another text, as far as case goes as well.
fn in_a_name(secret: &str) -> Option<Vec<u8>> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let name: Vec<u8> = secret.bytes().filter(is_part).map(|byte| byte.to_ascii_lowercase()).collect();
    (name.len() >= LONG && name != secret.as_bytes()).then_some(name)
}

impl Generation {
    fn new(secrets: Vec<Arc<str>>) -> Self {
        let others: Vec<Vec<u8>> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
        let in_bytes = others.iter().any(|other| std::str::from_utf8(other).is_err());
        let built = |long: bool| {
            let all = secrets.iter().map(|secret| secret.as_bytes()).chain(others.iter().map(Vec::as_slice));
            let some = all.filter(|secret| (secret.len() >= LONG) == long);
            let mut builder = AhoCorasick::builder();
            // The longest of those that begin at a place, one after another: their number does not exceed the text.
            builder.match_kind(if long { MatchKind::LeftmostLongest } else { MatchKind::Standard });
            let some: Vec<_> = some.collect();
            // No other kind takes so little room. It fails only for more patterns than memory can hold.
            let built = builder.kind(Some(AhoCorasickKind::ContiguousNFA)).build(&some);
            (!some.is_empty()).then(|| built.ok()).flatten()
        };
        let some: Vec<_> = secrets.iter().filter_map(|secret| in_a_name(secret)).collect();
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
        let named = builder.kind(Some(AhoCorasickKind::ContiguousNFA)).build(&some);
        let named = (!some.is_empty()).then(|| named.ok()).flatten();
        let bytes = secrets.iter().map(|secret| cost(secret)).sum();
        Self { bytes, long: built(true), short: built(false), in_bytes, named, secrets }
    }
}

/// Whether what stands there is a word of its own.
fn is_word(text: &[u8], place: &Range<usize>) -> bool {
    let part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_' || next == '-');
    let before = &text[place.start.saturating_sub(4)..place.start];
    let before = (0..before.len()).rev().find_map(|at| std::str::from_utf8(&before[at..]).ok());
    let after = &text[place.end..text.len().min(place.end + 4)];
    let after = (1..=after.len()).find_map(|length| std::str::from_utf8(&after[..length]).ok());
    !part(before.and_then(|text| text.chars().next())) && !part(after.and_then(|text| text.chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(known: &Known, text: &str) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        known.search().find(text.as_bytes(), &mut |place| places.push(place));
        places
    }

    #[test]
    fn a_short_value_is_found_beside_a_long_one_that_it_overlaps() {
        let known = Known::default();
        known.learn(["abc", "bcdefghij", "a b", "b"].map(str::to_owned), false);
        assert_eq!(places(&known, "abcdefghij, b"), [1..10, 12..13]);
        assert_eq!(places(&known, "xa b, é b"), [3..4, 9..10]);
    }

    #[test]
    fn many_values_that_come_one_by_one_make_few_automata() {
        let known = Known::default();
        for number in 0..3000 {
            known.learn([format!("secret-{number:08}")], false);
        }
        let generations = known.generations().len();
        assert!(generations < 12, "{generations}");
        assert_eq!(places(&known, "secret-00000000 secret-00002999").len(), 2);
    }

    /// How often a value is built into an automaton is what its cost is.
    #[test]
    fn a_value_is_built_into_few_automata() {
        let known = Known::default();
        let (mut built, mut seen) = (0, Vec::new());
        for body in 0..512 {
            known.learn((0..100).map(|number| format!("body-{body:06}-{number:06}")), false);
            known.merge(usize::MAX);
            for generation in known.generations() {
                if !seen.iter().any(|other| Arc::ptr_eq(other, &generation)) {
                    built += generation.secrets.len();
                    seen.push(generation);
                }
            }
        }
        assert!(built <= 51_200 * 12, "{built} for 51,200 values");
    }

    #[test]
    fn spellings_count_in_the_bound_of_what_answers_teach() {
        let secret = "Zürich-Straße-".repeat(1000);
        let looked_for = secret.len() + spellings(&secret).iter().map(Vec::len).sum::<usize>();
        assert!(looked_for <= cost(&secret), "{looked_for} for {}", secret.len());
    }

    #[test]
    fn what_answers_teach_has_a_bound_and_what_the_user_has_none() {
        let known = Known::default();
        known.learn(["0123456789abcdef".repeat(TAUGHT / 16)], true);
        known.learn(["taught-too-late".to_owned()], true);
        known.learn(["of the user".to_owned()], false);
        assert_eq!(places(&known, "taught-too-late").len(), 0);
        assert_eq!(places(&known, "of the user").len(), 1);
    }
}
