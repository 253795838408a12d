//! How the name of a flavor reads in the Sovereign Cloud Stack:
//! [scs-0100](https://docs.scs.community/standards/scs-0100-v3-flavor-naming), versions 1, 2 and 3.
//!
//! [`parse`] reads a name into its parts, which make it up when they are put together again, and says what is wrong where.
//! [`Name::broken_by`] says what a flavor must have for its name to be true.

use std::fmt;

/// What the name of a flavor begins with that has to read so; any other name is free.
pub const PREFIX: &str = "SCS-";

/// A version of the syntax. Version 1 has `:` where the later ones have `-`, and `-` where they have `_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Syntax {
    /// Version 1, such as `SCS-2V:8:20s-z3`.
    V1,
    /// Version 2, such as `SCS-2V-8-20s_z3`.
    V2,
    /// Version 3: version 2, with later processors, graphics processors and a hypervisor.
    V3,
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::V3 => "v3",
        })
    }
}

/// How much of a core a virtual CPU is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cpu {
    /// `L`: heavily shared.
    Crowded,
    /// `V`: shared, with a fifth of a core nearly all of the time.
    Shared,
    /// `T`: a hardware thread of its own.
    Thread,
    /// `C`: a core of its own.
    Core,
}

/// Each kind of CPU: its letter, the value of `scs:cpu-type` (scs-0103), and what it is.
const CPUS: [(char, Cpu, &str, &str); 4] = [
    ('L', Cpu::Crowded, "crowded-core", "virtual CPU, heavily oversubscribed"),
    ('V', Cpu::Shared, "shared-core", "virtual CPU, oversubscribed: a fifth of a core in 99 % of the time"),
    ('T', Cpu::Thread, "dedicated-thread", "dedicated thread (SMT)"),
    ('C', Cpu::Core, "dedicated-core", "dedicated core"),
];

impl Cpu {
    /// The value of the extra spec `scs:cpu-type` that says so.
    #[must_use]
    pub fn extra_spec(self) -> &'static str {
        CPUS.iter().find(|(_, cpu, ..)| *cpu == self).map_or("", |(_, _, value, _)| value)
    }

    /// The kind that a value of `scs:cpu-type` says.
    #[must_use]
    pub fn of_extra_spec(value: &str) -> Option<Self> {
        CPUS.iter().find(|(_, _, known, _)| *known == value).map(|(_, cpu, ..)| *cpu)
    }
}

/// What a disk is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiskKind {
    /// `n`: on shared storage.
    Network,
    /// `h`: local and turning.
    Hdd,
    /// `s`: local, without moving parts.
    Ssd,
    /// `p`: local, and fast.
    Nvme,
}

/// Each kind of disk: its letter, the value of `scs:disk0-type` (scs-0103), and what it is.
const DISKS: [(char, DiskKind, &str, &str); 4] = [
    ('n', DiskKind::Network, "network", "shared storage in the network"),
    ('h', DiskKind::Hdd, "hdd", "local hard disk"),
    ('s', DiskKind::Ssd, "ssd", "local SSD"),
    ('p', DiskKind::Nvme, "nvme", "local NVMe of high performance"),
];

impl DiskKind {
    /// The value of the extra spec `scs:disk0-type` that says so.
    #[must_use]
    pub fn extra_spec(self) -> &'static str {
        DISKS.iter().find(|(_, kind, ..)| *kind == self).map_or("", |(_, _, value, _)| value)
    }

    /// The kind that a value of `scs:disk0-type` says.
    #[must_use]
    pub fn of_extra_spec(value: &str) -> Option<Self> {
        DISKS.iter().find(|(_, _, known, _)| *known == value).map(|(_, kind, ..)| *kind)
    }
}

/// The disks that servers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// How many there are.
    pub count: u32,
    /// The size of each in GB; none where the cloud takes what the image needs.
    pub size: Option<u32>,
    /// What they are; none where the cloud decides.
    pub kind: Option<DiskKind>,
}

/// Each hypervisor, what it is, and the version that brought it.
const HYPERVISORS: [(&str, &str, Syntax); 6] = [
    ("kvm", "KVM with QEMU", Syntax::V1),
    ("chy", "Cloud Hypervisor", Syntax::V3),
    ("xen", "Xen", Syntax::V1),
    ("vmw", "VMware", Syntax::V1),
    ("hyv", "Hyper-V", Syntax::V1),
    ("bms", "none: a bare-metal system", Syntax::V1),
];

/// Each vendor of processors: its letter, its name, the architecture that images for it have, and the generations from 0 on.
/// Those behind the number are of version 3.
const VENDORS: [(char, &str, &str, usize, &[&str]); 4] = [
    (
        'i',
        "Intel",
        "x86_64",
        5,
        &[
            "unknown, or before Skylake",
            "Skylake",
            "Cascade Lake",
            "Ice Lake",
            "Sapphire Rapids",
            "Sierra Forest (E)",
            "Granite Rapids (P)",
        ],
    ),
    (
        'z',
        "AMD",
        "x86_64",
        5,
        &[
            "unknown, or before Zen",
            "Zen 1 (Naples)",
            "Zen 2 (Rome)",
            "Zen 3 (Milan)",
            "Zen 4 (Genoa)",
            "Zen 5 (Turin)",
            "Zen 6 (Venice)",
        ],
    ),
    (
        'a',
        "ARM v8 or later",
        "aarch64",
        4,
        &[
            "unknown, or before Cortex-A76",
            "Cortex-A76, Neoverse N1",
            "Cortex-A78 or X1, Neoverse V1",
            "Cortex-A71x, Neoverse N2 or V2",
            "AmpereOne",
            "Cortex-A72x, Neoverse N3 or V3",
        ],
    ),
    ('r', "RISC-V", "riscv64", 1, &["unknown"]),
];

/// The frequency of a processor on all cores, by the number of `h`.
const SPEEDS: [&str; 3] = ["above 2.75 GHz on all cores", "above 3.25 GHz on all cores", "above 3.75 GHz on all cores"];

/// The generations of a vendor's processors: the letters of each, its name, and the version that brought it.
type Generations = &'static [(&'static str, &'static str, Syntax)];

/// Each vendor of graphics processors: its letter, its name, what its processing units are called, and the generations.
const GRAPHICS: [(char, &str, &str, Generations); 3] = [
    (
        'N',
        "Nvidia",
        "streaming multiprocessors (SMs)",
        &[
            ("f", "Fermi", Syntax::V1),
            ("k", "Kepler", Syntax::V1),
            ("m", "Maxwell", Syntax::V1),
            ("p", "Pascal", Syntax::V1),
            ("v", "Volta", Syntax::V1),
            ("t", "Turing", Syntax::V1),
            ("a", "Ampere", Syntax::V1),
            ("l", "Ada Lovelace", Syntax::V1),
            ("g", "Grace Hopper", Syntax::V3),
            ("b", "Blackwell", Syntax::V3),
            ("u", "Blackwell Ultra", Syntax::V3),
        ],
    ),
    (
        'A',
        "AMD",
        "compute units (CUs)",
        &[
            ("0.4", "GCN 4 (Polaris)", Syntax::V1),
            ("0.5", "GCN 5 (Vega)", Syntax::V1),
            ("1", "CDNA 1", Syntax::V1),
            ("1.1", "RDNA 1", Syntax::V3),
            ("2", "CDNA 2", Syntax::V1),
            ("2.1", "RDNA 2", Syntax::V3),
            ("3", "CDNA 3", Syntax::V1),
            ("3.1", "RDNA 3", Syntax::V3),
            ("3.5", "RDNA 3.5", Syntax::V3),
            ("4", "CDNA 4", Syntax::V3),
            ("4.1", "RDNA 4", Syntax::V3),
            ("5.1", "RDNA 5", Syntax::V3),
        ],
    ),
    (
        'I',
        "Intel",
        "execution units (EUs)",
        &[
            ("0.9", "Gen9 (Skylake)", Syntax::V1),
            ("0.95", "Gen9.5 (Kaby Lake)", Syntax::V1),
            ("1", "Xe (DG1)", Syntax::V1),
            ("2", "Xe 2", Syntax::V3),
            ("3", "Arc (DG2)", Syntax::V3),
            ("4", "Battlemage", Syntax::V3),
        ],
    ),
];

/// The extensions in the order that they must have.
const EXTENSIONS: [&str; 5] = [
    "the hypervisor",
    "hardware virtualization (`hwv`)",
    "the processor",
    "the graphics processor",
    "Infiniband (`ib`)",
];

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// How it is written, with the separator before it.
    pub text: String,
    /// What it is about.
    pub meaning: &'static str,
    /// What it says of that.
    pub value: String,
}

/// A name that reads as it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The least version that knows all of it.
    pub syntax: Syntax,
    /// How many CPUs there are at least.
    pub cpus: u32,
    /// What they are at least.
    pub cpu: Cpu,
    /// The memory at least, in halves of a GiB.
    pub half_gib: u32,
    /// The disks; none where a server brings its own volume.
    pub disk: Option<Disk>,
    /// The architecture that images for it have: `x86_64`, unless the name says otherwise.
    pub architecture: &'static str,
    /// All of it, part by part. Their texts, put together, are the name.
    pub parts: Vec<Part>,
    /// What is allowed and should not be, in words.
    pub remarks: Vec<String>,
}

/// Why a name does not read as it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What reads as it must.
    pub before: String,
    /// What comes then.
    pub rest: String,
    /// What is wrong there, and what would be right.
    pub what: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, rest, what } = self;
        match (before.as_str(), rest.as_str()) {
            ("", rest) => write!(f, "`{rest}`: {what}"),
            (before, "") => write!(f, "`{before}` reads well, and then it ends: {what}"),
            (before, rest) => write!(f, "`{before}` reads well, and then comes `{rest}`: {what}"),
        }
    }
}

impl std::error::Error for Wrong {}

/// What a flavor has, as Compute tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    /// The number of its CPUs.
    pub cpus: u64,
    /// Its memory in MiB.
    pub ram: u64,
    /// Its disk in GiB; 0 without one.
    pub disk: u64,
}

/// By how many MiB the memory may be less than the name says, and be taken for it: half of a tenth of a GiB.
const ROUNDING: u64 = 51;

impl Name {
    /// The memory at least, in MiB.
    #[must_use]
    pub fn ram(&self) -> u64 {
        u64::from(self.half_gib) * 512
    }

    /// The memory at least, in GiB, as a person writes it.
    #[must_use]
    pub fn gib(&self) -> String {
        format!("{}{}", self.half_gib / 2, if self.half_gib % 2 == 1 { ".5" } else { "" })
    }

    /// The size of the disk that must be there, in GB: 0 where the name promises none, or leaves its size to the cloud.
    #[must_use]
    pub fn disk_size(&self) -> u64 {
        self.disk.and_then(|disk| disk.size).map_or(0, u64::from)
    }

    /// What the name promises and a flavor with these figures has not, in words. More than promised is no breach. Memory
    /// counts as rounded to a tenth of a GiB.
    #[must_use]
    pub fn broken_by(&self, flavor: Offered) -> Vec<String> {
        let cpus = u64::from(self.cpus);
        let disk = self.disk_size();
        let mut broken = Vec::new();
        if flavor.cpus < cpus {
            broken.push(format!("it has {} CPUs and promises {cpus}", flavor.cpus));
        }
        if flavor.ram.saturating_add(ROUNDING) < self.ram() {
            broken.push(format!(
                "it has {} MiB of memory and promises {} ({} GiB)",
                flavor.ram,
                self.ram(),
                self.gib()
            ));
        }
        if flavor.disk < disk {
            broken.push(format!("it has a disk of {} GB and promises {disk}", flavor.disk));
        }
        broken
    }

    /// The extra specs that a standard flavor of this name must have (scs-0103), but for its names.
    #[must_use]
    pub fn extra_specs(&self) -> Vec<(String, &'static str)> {
        let kind = |disk: Disk| disk.kind.unwrap_or(DiskKind::Network).extra_spec();
        let disks = self.disk.into_iter().flat_map(|disk| (0..disk.count).map(move |at| (disk, at)));
        let disks = disks.map(|(disk, at)| (format!("scs:disk{at}-type"), kind(disk)));
        std::iter::once(("scs:cpu-type".to_owned(), self.cpu.extra_spec())).chain(disks).collect()
    }
}

/// The name in the separators of version 1, of one in those of version 2.
#[must_use]
pub fn to_v1(name: &str) -> String {
    let rest = name.strip_prefix(PREFIX).unwrap_or(name);
    format!("{PREFIX}{}", rest.replace('-', ":").replace('_', "-"))
}

/// The name in the separators of version 2, of one in those of version 1.
#[must_use]
pub fn to_v2(name: &str) -> String {
    let rest = name.strip_prefix(PREFIX).unwrap_or(name);
    format!("{PREFIX}{}", rest.replace('-', "_").replace(':', "-"))
}

/// Reads a name in any version of the syntax.
///
/// # Errors
///
/// What is wrong with it, where, and what would be right there. So it is for a name that does not begin with [`PREFIX`].
pub fn parse(name: &str) -> Result<Name, Wrong> {
    let mut reader = Reader { name, at: 0, parts: Vec::new(), remarks: Vec::new(), since: Syntax::V2 };
    if !reader.takes(PREFIX) {
        return Err(reader.wrong("a name of the Sovereign Cloud Stack begins with `SCS-`"));
    }
    reader.part("prefix", "a flavor that has at least what its name says");
    let old = name[PREFIX.len()..].contains(':');
    let separators = if old { Separators { inner: ':', outer: '-' } } else { Separators { inner: '-', outer: '_' } };
    if old {
        reader.since = Syntax::V1;
    }

    let cpus = reader.count("the number of CPUs")?;
    reader.part("CPUs", cpus.to_string());
    let cpu = reader.cpu()?;
    let half_gib = reader.memory(separators)?;
    let disk = if reader.takes_char(separators.inner) { Some(reader.disk()?) } else { None };
    let architecture = reader.extensions(separators)?;

    if old {
        reader
            .remarks
            .push(format!("`:` is a separator of version 1, which is tolerated; it is `{}` now", to_v2(name)));
    }
    if half_gib >= 20 && half_gib % 2 == 1 {
        reader.remarks.push("from 10 GiB on, memory should be in whole GiB".to_owned());
    }
    let Reader { parts, remarks, since: syntax, .. } = reader;
    Ok(Name { syntax, cpus, cpu, half_gib, disk, architecture, parts, remarks })
}

#[derive(Debug, Clone, Copy)]
struct Separators {
    /// Before memory and disk, and inside of an extension.
    inner: char,
    /// Before an extension.
    outer: char,
}

/// A name, and how far it is read.
struct Reader<'a> {
    name: &'a str,
    at: usize,
    parts: Vec<Part>,
    remarks: Vec<String>,
    /// The least version that knows what was read.
    since: Syntax,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.name[self.at..]
    }

    fn wrong(&self, what: impl Into<String>) -> Wrong {
        Wrong { before: self.name[..self.at].to_owned(), rest: self.rest().to_owned(), what: what.into() }
    }

    /// The same, of a place before the one that is read to.
    fn wrong_at(&self, at: usize, what: impl Into<String>) -> Wrong {
        Wrong { before: self.name[..at].to_owned(), rest: self.name[at..].to_owned(), what: what.into() }
    }

    fn takes(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        if is_next {
            self.at += text.len();
        }
        is_next
    }

    fn takes_char(&mut self, letter: char) -> bool {
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
    fn part(&mut self, meaning: &'static str, value: impl Into<String>) {
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

    fn count(&mut self, what: &str) -> Result<u32, Wrong> {
        self.number(what)?.ok_or_else(|| self.wrong(format!("{what} is missing")))
    }

    fn cpu(&mut self) -> Result<Cpu, Wrong> {
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
    fn memory(&mut self, separators: Separators) -> Result<u32, Wrong> {
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
    fn disk(&mut self) -> Result<Disk, Wrong> {
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
    fn extensions(&mut self, separators: Separators) -> Result<&'static str, Wrong> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that read as they must, from the standard's documents: the version, and what is promised.
    #[test]
    fn names_read_part_by_part_in_each_version() {
        for (name, syntax, cpus, gib, disk) in [
            ("SCS-2C-4-10n", Syntax::V2, 2, "4", Some((1, Some(10)))),
            ("SCS-8Ti-32-50p_i1", Syntax::V2, 8, "32", Some((1, Some(50)))),
            ("SCS-1L-1u-5", Syntax::V2, 1, "1", Some((1, Some(5)))),
            ("SCS-16T-64-200s_GNa-72-24_ib", Syntax::V3, 16, "64", Some((1, Some(200)))),
            ("SCS-4C-16-2x200p_a1", Syntax::V2, 4, "16", Some((2, Some(200)))),
            ("SCS-1V-0.5", Syntax::V2, 1, "0.5", None),
            ("SCS-2C-3.5-10n", Syntax::V2, 2, "3.5", Some((1, Some(10)))),
            ("SCS-2C-4uo-10n", Syntax::V2, 2, "4", Some((1, Some(10)))),
            ("SCS-2C-4-n_bms", Syntax::V2, 2, "4", Some((1, None))),
            ("SCS-2C-4-_bms_z3h_GNa-64_ib", Syntax::V2, 2, "4", Some((1, None))),
            ("SCS-2C-4-_ib", Syntax::V2, 2, "4", Some((1, None))),
            ("SCS-2C-4_bms_z3", Syntax::V2, 2, "4", None),
            ("SCS-2C-4-3x", Syntax::V2, 2, "4", Some((3, None))),
            ("SCS-2C-4-3x10", Syntax::V2, 2, "4", Some((3, Some(10)))),
            ("SCS-2C-4-10_kvm_hwv", Syntax::V2, 2, "4", Some((1, Some(10)))),
            ("SCS-2C-4-10n_bms_z3hh", Syntax::V2, 2, "4", Some((1, Some(10)))),
            ("SCS-16V-64-500s_GNa-14-6h", Syntax::V3, 16, "64", Some((1, Some(500)))),
            // The units are optional: nothing of what follows belongs to the generation.
            ("SCS-16V-64_GNa_ib", Syntax::V2, 16, "64", None),
            ("SCS-16V-64_gA3.1-96-48", Syntax::V3, 16, "64", None),
            ("SCS-4V-16_chy_r_gI", Syntax::V3, 4, "16", None),
            ("SCS-4V-16_i6", Syntax::V3, 4, "16", None),
            ("SCS-2C:4:10n", Syntax::V1, 2, "4", Some((1, Some(10)))),
            ("SCS-16T:64:200s-GNa:64-ib", Syntax::V1, 16, "64", Some((1, Some(200)))),
            ("SCS-2C:4:-bms-z3h-GNa:64-ib", Syntax::V1, 2, "4", Some((1, None))),
            ("SCS-1V:0.5", Syntax::V1, 1, "0.5", None),
        ] {
            let read = parse(name).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
            let disks = read.disk.map(|disk| (disk.count, disk.size));
            assert_eq!((read.syntax, read.cpus, read.gib().as_str(), disks), (syntax, cpus, gib, disk), "{name}");
            let texts: String = read.parts.iter().map(|part| part.text.as_str()).collect();
            assert_eq!(texts, name);
            let v2 = if syntax == Syntax::V1 { to_v2(name) } else { name.to_owned() };
            assert_eq!(to_v2(&to_v1(&v2)), v2);
            let same = parse(&to_v1(&v2)).map(|read| (read.cpus, read.half_gib, read.disk));
            // Version 1 has no Cloud Hypervisor.
            if !name.contains("chy") {
                assert_eq!(same, Ok((read.cpus, read.half_gib, read.disk)), "{name}");
            }
        }
    }

    #[test]
    fn each_part_says_what_it_means() {
        let read = parse("SCS-8Ti-3.5u-2x50p_bms_hwv_z3hh_GNa-14h-6h_ib").unwrap();
        let said: Vec<(&str, &str, &str)> =
            read.parts.iter().map(|part| (part.text.as_str(), part.meaning, part.value.as_str())).collect();
        assert_eq!(
            said[1..],
            [
                ("8", "CPUs", "8"),
                ("T", "kind of CPU", "dedicated thread (SMT)"),
                ("i", "security", "insecure: without all that protects from vulnerabilities of the processor"),
                ("-3.5", "memory", "3.5 GiB"),
                ("u", "kind of memory", "without error correction (ECC)"),
                ("-2x", "number of disks", "2"),
                ("50", "size of the disk", "50 GB"),
                ("p", "kind of disk", "local NVMe of high performance"),
                ("_bms", "hypervisor", "none: a bare-metal system"),
                ("_hwv", "virtualization in the server", "by hardware"),
                ("_z", "processor", "AMD (x86_64)"),
                ("3", "generation of the processor", "Zen 3 (Milan)"),
                ("hh", "frequency of the processor", "above 3.25 GHz on all cores"),
                ("_G", "graphics processor", "one that is passed through"),
                ("N", "vendor of the graphics processor", "Nvidia"),
                ("a", "generation of the graphics processor", "Ampere"),
                ("-14", "processing units", "14 streaming multiprocessors (SMs)"),
                ("h", "frequency of the graphics processor", "high"),
                ("-6", "video memory", "6 GiB"),
                ("h", "bandwidth of the video memory", "high (HBM)"),
                ("_ib", "network", "Infiniband"),
            ]
        );
        assert_eq!(parse("SCS-4C-16_a1").unwrap().architecture, "aarch64");
        assert_eq!(parse("SCS-4C-16").unwrap().architecture, "x86_64");
    }

    /// Names that the standard's documents call wrong, and others: what reads well, and what is said of the rest.
    #[test]
    fn of_a_wrong_name_it_is_said_where_and_what() {
        for (name, before, says) in [
            ("m1.tiny", "", "begins with `SCS-`"),
            ("SCS-V-4", "SCS-", "the number of CPUs is missing"),
            ("SCS-0V-4", "SCS-", "1 or more"),
            ("SCS-99999999999V-4", "SCS-", "too large"),
            ("SCS-2-4-10n", "SCS-2", "`L`, `V`, `T` or `C`"),
            ("SCS-2v-4", "SCS-2", "`L`, `V`, `T` or `C`"),
            ("SCS-2iT-4-10n", "SCS-2", "`i` stands behind"),
            ("SCS-2C", "SCS-2C", "`-4`"),
            ("SCS-2C-", "SCS-2C-", "memory in GiB is missing"),
            ("SCS-2C-0", "SCS-2C-", "whole or half GiB"),
            ("SCS-2C-1.25", "SCS-2C-", "whole or half GiB"),
            ("SCS-2C-1.2.3", "SCS-2C-", "whole or half GiB"),
            ("SCS-2C-4ou-10n", "SCS-2C-4o", "`u` stands before `o`"),
            ("SCS-2C-4-1.5n", "SCS-2C-4-1", "whole number of GB"),
            ("SCS-2C-4-0", "SCS-2C-4-", "1 or more"),
            ("SCS-2C-4-0x10", "SCS-2C-4-", "1 or more"),
            ("SCS-2C-4-10l", "SCS-2C-4-10", "`n`, `h`, `s` or `p`"),
            ("SCS-2C-4-10n_hwv_xen", "SCS-2C-4-10n_hwv", "the hypervisor stands before hardware virtualization"),
            ("SCS-2C-4_kvm_xen", "SCS-2C-4_kvm", "there twice"),
            ("SCS-2C-4-n_bms_3", "SCS-2C-4-n_bms", "no extension is `3`"),
            ("SCS-2C-4_", "SCS-2C-4", "no extension is ``"),
            ("SCS-2C-4_i9", "SCS-2C-4_i", "0 to 6"),
            ("SCS-2C-4_a6", "SCS-2C-4_a", "0 to 5"),
            ("SCS-2C-4_r1", "SCS-2C-4_r", "0 to 0"),
            ("SCS-2C-4_z3hhhh", "SCS-2C-4_z3", "at most 3 `h`"),
            ("SCS-2C-4_z3hx", "SCS-2C-4_z3h", "nothing follows"),
            ("SCS-2C-4_GNx-64", "SCS-2C-4_GN", "f, k, m"),
            ("SCS-2C-4_GNa-", "SCS-2C-4_GNa-", "processing units is missing"),
            ("SCS-2C-4_GNa-0", "SCS-2C-4_GNa-", "1 or more"),
            ("SCS-2C-4_GX", "SCS-2C-4", "no extension is `GX`"),
            ("SCS-2C-4 ", "SCS-2C-4", "an extension begins with `_`"),
            ("SCS-2C-4:10", "SCS-2C", "mixed"),
            ("SCS-2C:4-chy", "SCS-2C:4-", "version 1 knows no"),
            ("SCS-2C-4_ä", "SCS-2C-4", "no extension is `ä`"),
            ("SCS-ä", "SCS-", "missing"),
        ] {
            let wrong = parse(name).map(|read| panic!("{name}: {read:?}")).unwrap_err();
            assert_eq!(format!("{}{}", wrong.before, wrong.rest), name);
            assert_eq!(wrong.before, before, "{wrong}");
            assert!(wrong.what.contains(says), "{name}: {wrong}");
        }
        assert_eq!(
            parse("SCS-2-4").unwrap_err().to_string(),
            "`SCS-2` reads well, and then comes `-4`: the number of CPUs is followed by their kind: `L`, `V`, `T` or `C`"
        );
        assert!(parse("SCS-2C").unwrap_err().to_string().contains("and then it ends"));
    }

    #[test]
    fn what_is_tolerated_is_remarked() {
        for (name, says) in [
            ("SCS-2C:4:10n", "it is `SCS-2C-4-10n` now"),
            ("SCS-2C-10.5", "whole GiB"),
            ("SCS-2C-04", "written `4`"),
            ("SCS-2C-4-x10", "before `x`"),
            ("SCS-2C-4_i0", "left out"),
        ] {
            let remarks = parse(name).unwrap().remarks;
            assert!(remarks.len() == 1 && remarks[0].contains(says), "{name}: {remarks:?}");
        }
        assert_eq!(parse("SCS-2C-9.5-10n_z3").unwrap().remarks, Vec::<String>::new());
    }

    #[test]
    fn a_flavor_with_less_than_promised_breaks_its_name() {
        let offered = |cpus, ram, disk| Offered { cpus, ram, disk };
        let name = parse("SCS-4V-16-100s").unwrap();
        assert_eq!(name.broken_by(offered(4, 16384, 100)), Vec::<String>::new());
        assert_eq!(name.broken_by(offered(8, 20000, 200)), Vec::<String>::new());
        // It is told to a tenth of a GiB.
        assert_eq!(name.broken_by(offered(4, 16333, 100)), Vec::<String>::new());
        let broken = name.broken_by(offered(2, 16332, 99)).join("; ");
        for says in
            ["2 CPUs and promises 4", "16332 MiB of memory and promises 16384 (16 GiB)", "99 GB and promises 100"]
        {
            assert!(broken.contains(says), "{broken}");
        }
        // No size is promised.
        assert_eq!(parse("SCS-1V-1-n").unwrap().broken_by(offered(1, 1024, 0)), Vec::<String>::new());
        assert_eq!(parse("SCS-1V-1").unwrap().broken_by(offered(1, 1024, 0)), Vec::<String>::new());
    }

    #[test]
    fn a_standard_flavor_says_its_kinds_in_extra_specs() {
        let specs = |name: &str| parse(name).unwrap().extra_specs();
        let spec = |key: &str, value| (key.to_owned(), value);
        assert_eq!(specs("SCS-1L-1"), [spec("scs:cpu-type", "crowded-core")]);
        assert_eq!(specs("SCS-2V-4-20s"), [spec("scs:cpu-type", "shared-core"), spec("scs:disk0-type", "ssd")]);
        assert_eq!(
            specs("SCS-1C-4-2x10"),
            [
                spec("scs:cpu-type", "dedicated-core"),
                spec("scs:disk0-type", "network"),
                spec("scs:disk1-type", "network")
            ]
        );
        assert_eq!(to_v1("SCS-2V-4-20s"), "SCS-2V:4:20s");
        for (value, cpu) in [("crowded-core", Cpu::Crowded), ("dedicated-core", Cpu::Core)] {
            assert_eq!((Cpu::of_extra_spec(value), cpu.extra_spec()), (Some(cpu), value));
        }
        assert_eq!((DiskKind::of_extra_spec("nvme"), DiskKind::of_extra_spec("tape")), (Some(DiskKind::Nvme), None));
    }
}
