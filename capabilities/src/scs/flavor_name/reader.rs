//! Reading a flavor's name from its beginning to its end.

use super::known::{CPUS, DISKS, GRAPHICS, HYPERVISORS, SPEEDS, VENDORS};
use super::{Cpu, Disk, Part, Syntax, Wrong};

/// The extensions in the order that they must have.
const EXTENSIONS: [&str; 5] = [
    "the hypervisor",
    "hardware virtualization (`hwv`)",
    "the processor",
    "the graphics processor",
    "Infiniband (`ib`)",
];

#[derive(Debug, Clone, Copy)]
pub(super) struct Separators {
    /// Before memory and disk, and inside of an extension.
    pub(super) inner: char,
    /// Before an extension.
    pub(super) outer: char,
}

/// A name, and how far it is read.
pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
    pub(super) at: usize,
    pub(super) parts: Vec<Part>,
    pub(super) remarks: Vec<String>,
    /// The least version that knows what was read.
    pub(super) since: Syntax,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.name[self.at..]
    }

    pub(super) fn wrong(&self, what: impl Into<String>) -> Wrong {
        Wrong { before: self.name[..self.at].to_owned(), rest: self.rest().to_owned(), what: what.into() }
    }

    /// The same, of a place before the one that is read to.
    fn wrong_at(&self, at: usize, what: impl Into<String>) -> Wrong {
        Wrong { before: self.name[..at].to_owned(), rest: self.name[at..].to_owned(), what: what.into() }
    }

    pub(super) fn takes(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        if is_next {
            self.at += text.len();
        }
        is_next
    }

    pub(super) fn takes_char(&mut self, letter: char) -> bool {
        self.takes(letter.encode_utf8(&mut [0; 4]))
    }

    /// Takes letters as long as they are of these.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|letter| !fits(letter)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// What was read since the last part is a part.
    pub(super) fn part(&mut self, meaning: &'static str, value: impl Into<String>) {
        let begin = self.parts.iter().map(|part| part.text.len()).sum::<usize>();
        self.parts.push(Part { text: self.name[begin..self.at].to_owned(), meaning, value: value.into() });
    }

    /// Notes that something came with this version.
    fn came_with(&mut self, version: Syntax) {
        if self.since != Syntax::V1 {
            self.since = self.since.max(version);
        }
    }

    /// A whole number of 1 or more, where one is written; none where none is.
    fn number(&mut self, what: &str) -> Result<Option<u32>, Wrong> {
        let begin = self.at;
        let digits = self.take_while(|letter| letter.is_ascii_digit());
        match digits.parse() {
            _ if digits.is_empty() => Ok(None),
            Ok(0) => Err(self.wrong_at(begin, format!("{what} is 1 or more"))),
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(self.wrong_at(begin, format!("{what} is too large"))),
        }
    }

    pub(super) fn count(&mut self, what: &str) -> Result<u32, Wrong> {
        self.number(what)?.ok_or_else(|| self.wrong(format!("{what} is missing")))
    }

    pub(super) fn cpu(&mut self) -> Result<Cpu, Wrong> {
        let next = self.rest().chars().next();
        let Some((letter, cpu, _, words)) = CPUS.into_iter().find(|(letter, ..)| Some(*letter) == next) else {
            let behind = self.rest().strip_prefix('i').is_some_and(|rest| rest.starts_with(['L', 'V', 'T', 'C']));
            let what = if behind {
                "`i` stands behind the letter of the kind of CPU, such as `Ti`"
            } else {
                "the number of CPUs is followed by their kind: `L`, `V`, `T` or `C`"
            };
            return Err(self.wrong(what));
        };
        self.takes_char(letter);
        self.part("kind of CPU", words);
        if self.takes_char('i') {
            self.part("security", "insecure: without all that protects from vulnerabilities of the processor");
        }
        Ok(cpu)
    }

    /// The memory, in halves of a GiB.
    pub(super) fn memory(&mut self, separators: Separators) -> Result<u32, Wrong> {
        if !self.takes_char(separators.inner) {
            let what = if separators.inner == ':' && self.rest().starts_with('-') {
                "`:` and `-` are mixed: version 1 separates memory and disk by `:`, the later ones by `-`".to_owned()
            } else {
                format!("the memory in GiB must follow, such as `{}4`", separators.inner)
            };
            return Err(self.wrong(what));
        }
        let begin = self.at;
        let written = self.take_while(|letter| letter.is_ascii_digit() || letter == '.');
        if written.is_empty() {
            return Err(self.wrong("the memory in GiB is missing"));
        }
        let halves = written.parse::<f64>().ok().map(|gib| gib * 2.0);
        // Sums of halves are exact in this range.
        let halves = halves.filter(|halves| halves.fract() == 0.0 && *halves >= 1.0 && *halves <= f64::from(u32::MAX));
        let Some(halves) = halves else {
            return Err(self.wrong_at(begin, "memory is a number of whole or half GiB above 0, such as `4` or `3.5`"));
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole, positive and in range"
        )]
        let halves = halves as u32;
        let plain = format!("{}{}", halves / 2, if halves % 2 == 1 { ".5" } else { "" });
        if written != plain {
            self.remarks.push(format!("the memory should be written `{plain}`, not `{written}`"));
        }
        self.part("memory", format!("{plain} GiB"));
        if self.takes_char('u') {
            self.part("kind of memory", "without error correction (ECC)");
        }
        if self.takes_char('o') {
            self.part("sharing of memory", "oversubscribed");
            if self.rest().starts_with('u') {
                return Err(self.wrong("`u` stands before `o`: `uo`"));
            }
        }
        Ok(halves)
    }

    /// What follows the separator before the disk.
    pub(super) fn disk(&mut self) -> Result<Disk, Wrong> {
        let before = self.rest();
        let digits = before.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(before.len());
        let count = if before[digits..].starts_with('x') {
            let count = self.number("the number of disks")?;
            self.takes_char('x');
            if count.is_none() {
                self.remarks.push("a number of disks should stand before `x`".to_owned());
            }
            self.part("number of disks", count.unwrap_or(1).to_string());
            count.unwrap_or(1)
        } else {
            1
        };
        let size = self.number("the size of a disk in GB")?;
        if size.is_some() && self.rest().starts_with('.') {
            return Err(self.wrong("the size of a disk is a whole number of GB"));
        }
        let words = size.map_or_else(|| "as the image needs".to_owned(), |size| format!("{size} GB"));
        self.part("size of the disk", words);
        let next = self.rest().chars().next();
        let kind = DISKS.into_iter().find(|(letter, ..)| Some(*letter) == next);
        if let Some((letter, _, _, words)) = kind {
            self.takes_char(letter);
            self.part("kind of disk", words);
        }
        Ok(Disk { count, size, kind: kind.map(|(_, kind, ..)| kind) })
    }

    /// All extensions. Gives the architecture.
    pub(super) fn extensions(&mut self, separators: Separators) -> Result<&'static str, Wrong> {
        let mut architecture = VENDORS[0].2;
        let mut last: Option<usize> = None;
        while !self.rest().is_empty() {
            let begin = self.at;
            if !self.takes_char(separators.outer) {
                let what = format!(
                    "nothing like that stands here: an extension begins with `{}`, memory may have `u` and `o` behind it, a disk \
                     `n`, `h`, `s` or `p`",
                    separators.outer
                );
                return Err(self.wrong(what));
            }
            let rest = self.rest();
            let word = &rest[..rest.find(separators.outer).unwrap_or(rest.len())];
            let place = Self::place_of(word)
                .ok_or_else(|| self.wrong_at(begin, format!("no extension is `{word}`: {}", EXTENSIONS.join(", "))))?;
            if let Some(last) = last.filter(|last| *last >= place) {
                let what = if last == place {
                    format!("{} is there twice", EXTENSIONS[place])
                } else {
                    format!("{} stands before {}", EXTENSIONS[place], EXTENSIONS[last])
                };
                return Err(self.wrong_at(begin, what));
            }
            last = Some(place);
            match place {
                0 => self.hypervisor(word, separators)?,
                1 => {
                    self.takes(word);
                    self.part("virtualization in the server", "by hardware");
                }
                2 => architecture = self.processor()?,
                3 => self.graphics(separators)?,
                _ => {
                    self.takes(word);
                    self.part("network", "Infiniband");
                }
            }
            let read = self.at - begin - separators.outer.len_utf8();
            if read < word.len() {
                return Err(self.wrong(format!(
                    "{} is `{}`, and nothing follows it",
                    EXTENSIONS[place],
                    &word[..read]
                )));
            }
        }
        Ok(architecture)
    }

    /// Which extension a word is.
    fn place_of(word: &str) -> Option<usize> {
        let mut letters = word.chars();
        let (first, second) = (letters.next()?, letters.next());
        match word {
            "hwv" => Some(1),
            "ib" => Some(4),
            _ if HYPERVISORS.iter().any(|(name, ..)| *name == word) => Some(0),
            _ if "gG".contains(first) && second.is_some_and(|letter| "NAI".contains(letter)) => Some(3),
            _ if VENDORS.iter().any(|(letter, ..)| *letter == first)
                && second.is_none_or(|letter| letter.is_ascii_digit() || letter == 'h') =>
            {
                Some(2)
            }
            _ => None,
        }
    }

    fn hypervisor(&mut self, word: &str, separators: Separators) -> Result<(), Wrong> {
        let Some((_, words, version)) = HYPERVISORS.into_iter().find(|(name, ..)| *name == word) else { return Ok(()) };
        if version == Syntax::V3 && separators.inner == ':' {
            return Err(self.wrong(format!("version 1 knows no hypervisor `{word}`")));
        }
        self.came_with(version);
        self.takes(word);
        self.part("hypervisor", words);
        Ok(())
    }

    /// The processor. Gives its architecture.
    fn processor(&mut self) -> Result<&'static str, Wrong> {
        let next = self.rest().chars().next();
        let Some((letter, vendor, architecture, first, generations)) =
            VENDORS.into_iter().find(|(letter, ..)| Some(*letter) == next)
        else {
            return Ok(VENDORS[0].2);
        };
        self.takes_char(letter);
        self.part("processor", format!("{vendor} ({architecture})"));
        let begin = self.at;
        let written = self.take_while(|letter| letter.is_ascii_digit());
        if !written.is_empty() {
            let known = written.parse::<usize>().ok().filter(|generation| *generation < generations.len());
            let Some(generation) = known else {
                let last = generations.len() - 1;
                return Err(self.wrong_at(begin, format!("the generations of {vendor} are 0 to {last}")));
            };
            if generation >= first {
                self.came_with(Syntax::V3);
            }
            if generation == 0 {
                self.remarks.push("the generation `0` should be left out".to_owned());
            }
            self.part("generation of the processor", generations[generation]);
        }
        self.degree("frequency of the processor", &SPEEDS)?;
        Ok(architecture)
    }

    /// So many `h`.
    fn degree(&mut self, meaning: &'static str, words: &[&str]) -> Result<(), Wrong> {
        let begin = self.at;
        match self.take_while(|letter| letter == 'h').len() {
            0 => Ok(()),
            degree if degree <= words.len() => {
                self.part(meaning, words[degree - 1]);
                Ok(())
            }
            _ => Err(self.wrong_at(begin, format!("the {meaning} has at most {} `h`", words.len()))),
        }
    }

    fn graphics(&mut self, separators: Separators) -> Result<(), Wrong> {
        let through = self.takes_char('G');
        if !through {
            self.takes_char('g');
        }
        self.part("graphics processor", if through { "one that is passed through" } else { "a virtual one" });
        let next = self.rest().chars().next();
        let Some((letter, vendor, units, generations)) =
            GRAPHICS.into_iter().find(|(letter, ..)| Some(*letter) == next)
        else {
            return Err(self.wrong("the vendor of the graphics processor is `N`, `A` or `I`"));
        };
        self.takes_char(letter);
        self.part("vendor of the graphics processor", vendor);
        let begin = self.at;
        let stops = [separators.inner, separators.outer, 'h'];
        let written = self.take_while(|letter| !stops.contains(&letter));
        if !written.is_empty() {
            let Some((_, words, version)) = generations.iter().find(|(name, ..)| *name == written) else {
                let names: Vec<&str> = generations.iter().map(|(name, ..)| *name).collect();
                return Err(self.wrong_at(begin, format!("the generations of {vendor} are {}", names.join(", "))));
            };
            self.came_with(*version);
            self.part("generation of the graphics processor", *words);
        }
        if let Some(count) = self.inner_number(separators, "the number of processing units")? {
            self.part("processing units", format!("{count} {units}"));
        }
        self.degree("frequency of the graphics processor", &["high", "very high"])?;
        if let Some(size) = self.inner_number(separators, "the video memory in GiB")? {
            self.came_with(Syntax::V3);
            self.part("video memory", format!("{size} GiB"));
        }
        self.degree("bandwidth of the video memory", &["high (HBM)", "very high"])
    }

    /// A number behind a separator, where there is one.
    fn inner_number(&mut self, separators: Separators, what: &str) -> Result<Option<u32>, Wrong> {
        if !self.takes_char(separators.inner) {
            return Ok(None);
        }
        self.count(what).map(Some)
    }
}
