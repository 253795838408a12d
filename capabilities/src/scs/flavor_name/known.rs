//! What the parts of a flavor's name can be.

use std::fmt;

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
pub(super) const CPUS: [(char, Cpu, &str, &str); 4] = [
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
pub(super) const DISKS: [(char, DiskKind, &str, &str); 4] = [
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
pub(super) const HYPERVISORS: [(&str, &str, Syntax); 6] = [
    ("kvm", "KVM with QEMU", Syntax::V1),
    ("chy", "Cloud Hypervisor", Syntax::V3),
    ("xen", "Xen", Syntax::V1),
    ("vmw", "VMware", Syntax::V1),
    ("hyv", "Hyper-V", Syntax::V1),
    ("bms", "none: a bare-metal system", Syntax::V1),
];

/// Each vendor of processors: its letter, its name, the architecture that images for it have, and the generations from 0 on.
/// Those behind the number are of version 3.
pub(super) const VENDORS: [(char, &str, &str, usize, &[&str]); 4] = [
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
pub(super) const SPEEDS: [&str; 3] =
    ["above 2.75 GHz on all cores", "above 3.25 GHz on all cores", "above 3.75 GHz on all cores"];

/// The generations of a vendor's processors: the letters of each, its name, and the version that brought it.
pub(super) type Generations = &'static [(&'static str, &'static str, Syntax)];

/// Each vendor of graphics processors: its letter, its name, what its processing units are called, and the generations.
pub(super) const GRAPHICS: [(char, &str, &str, Generations); 3] = [
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
