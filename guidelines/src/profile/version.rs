//! Versions of schemas, profiles and protocols.

use std::fmt;

/// A version such as `1.6.0`; what is left out is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// What changes when something that worked no longer does.
    pub major: u32,
    /// What changes when something is added.
    pub minor: u32,
    /// What changes when something is corrected.
    pub errata: u32,
}

impl Version {
    /// Reads `1.6.0` or `1.6`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::of_parts(text.split('.'), 2)
    }

    /// Reads the version in the type of a resource, `#Storage.v1_9_0.Storage`, or in the name of a file,
    /// `OpenStackIronicProfile.v1_2_0.json`; the type of a collection has none.
    #[must_use]
    pub fn within(name: &str) -> Option<Self> {
        name.split('.').find_map(|part| Self::of_parts(part.strip_prefix('v')?.split('_'), 3))
    }

    fn of_parts<'a>(parts: impl Iterator<Item = &'a str>, least: usize) -> Option<Self> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let numbers: Vec<u32> =
            parts.map(|part| digits(part).then(|| part.parse().ok()).flatten()).collect::<Option<_>>()?;
        if !(least..=3).contains(&numbers.len()) {
            return None;
        }
        let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
        Some(Self { major: at(0), minor: at(1), errata: at(2) })
    }

    /// The version as file names and types write it: `v1_6_0`.
    #[must_use]
    pub fn in_names(self) -> String {
        format!("v{}_{}_{}", self.major, self.minor, self.errata)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.errata)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_read_from_text_types_and_file_names() {
        let version = |major, minor, errata| Some(Version { major, minor, errata });
        assert_eq!(Version::parse("1.6"), version(1, 6, 0));
        assert_eq!(Version::parse("1.10.2"), version(1, 10, 2));
        assert_eq!(Version::within("#Storage.v1_9_0.Storage"), version(1, 9, 0));
        assert_eq!(Version::within("A.v1_2_0.json"), version(1, 2, 0));
        for text in ["", "1", "1.", "1.2.3.4", "a.b", "+1.2", "1.99999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version::within("#ComputerSystemCollection.ComputerSystemCollection"), None);
        assert!(Version::parse("1.10").is_some_and(|ten| Some(ten) > Version::parse("1.9.9")));
    }
}
