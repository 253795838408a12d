//! How the name of a flavor reads in the Sovereign Cloud Stack:
//! [scs-0100](https://docs.scs.community/standards/scs-0100-v3-flavor-naming), versions 1, 2 and 3.
//!
//! [`parse`] reads a name into its parts, which make it up when they are put together again, and says what is wrong where.
//! [`Name::broken_by`] says what a flavor must have for its name to be true.

mod known;
mod reader;

use std::fmt;

pub use self::known::{Cpu, Disk, DiskKind, Syntax};
use self::reader::{Reader, Separators};

/// What the name of a flavor begins with that has to read so; any other name is free.
pub const PREFIX: &str = "SCS-";

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

    /// What the name promises and a flavor with these figures lacks, in words. A flavor may have more. Memory
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
