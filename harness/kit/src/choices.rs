//! The image, flavors and networks that tests use: chosen by the user, or among what can be used together.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::guest::Override;
use crate::outcome::{Outcome, Stop};

/// What the user wants to be used; what is not named is discovered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// An image, by name or id.
    pub image: Option<String>,
    /// A flavor, by name or id.
    pub flavor: Option<String>,
    /// A network, by name or id.
    pub network: Option<String>,
    /// Whether to log in to servers, and at which address.
    pub guest: Option<Override>,
    /// Who logs in to servers.
    pub guest_user: Option<String>,
}

/// What tests use. Each part stands for itself: what is missing of one concerns nobody who uses another.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The images that servers can be made of, the one to use first.
    pub(crate) images: Outcome<Vec<Image>>,
    /// The flavors that the first image fits in, the one to use first.
    pub(crate) flavors: Outcome<Vec<Flavor>>,
    /// The networks.
    pub(crate) networks: Outcome<Networks>,
    /// Whether the user named the first flavor: it is used whatever comes of it.
    pub(crate) named_flavor: bool,
    /// What turned out of flavors since.
    pub(crate) tried: Arc<Mutex<Tried>>,
}

/// An image that servers can be made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The size of its file, in bytes.
    pub size: u64,
    /// Who may log in to its servers, the likeliest first.
    pub users: Vec<String>,
    /// The memory that a server of it needs at least, in MiB.
    pub ram: u64,
    /// The disk that a server of it needs at least, in GiB.
    pub disk: u64,
}

/// A flavor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flavor {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its memory, in MiB.
    pub ram: u64,
    /// Its root disk, in GiB; 0 where it has none.
    pub disk: u64,
    /// Its processors.
    pub cpus: u64,
}

/// The networks that tests use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    /// That of servers: one of the project's own, or a shared one, with a subnet. None where tests have to make one.
    pub own: Option<Network>,
    /// The external one that floating IPs come from.
    pub external: Option<Network>,
}

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What turned out of flavors when servers were made.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    /// Those that a server ran with.
    hosted: BTreeSet<String>,
    /// Those for which the service found no host, although none had run with them.
    unhosted: BTreeSet<String>,
}

/// What was chosen, and how often it was looked for.
#[derive(Debug, Default)]
pub(crate) struct Chosen(pub(crate) tokio::sync::Mutex<(Option<Arc<Choices>>, u32)>);

impl Choices {
    /// The image that servers are made of: the smallest that can be used, or the one that was named.
    pub fn image(&self) -> Outcome<&Image> {
        let images = self.images.as_ref().map_err(Clone::clone)?;
        Ok(&images[0])
    }

    /// Another image that fits in the same flavor, when there is one; else the same.
    pub fn other_image(&self) -> Outcome<&Image> {
        let (image, images) = (self.image()?, self.images.as_ref().map_err(Clone::clone)?);
        let flavor = self.flavor()?;
        Ok(images.iter().skip(1).find(|image| flavor.holds(image)).unwrap_or(image))
    }

    /// The flavor of servers: the one with the least memory that the image fits in, or the one that was named.
    pub fn flavor(&self) -> Outcome<&Flavor> {
        let flavors = self.flavors.as_ref().map_err(Clone::clone)?;
        let tried = self.tried();
        Ok(flavors.iter().find(|flavor| !tried.unhosted.contains(&flavor.id)).unwrap_or(&flavors[0]))
    }

    /// Another flavor that a server can be resized to and the image fits in, when there is one.
    pub fn other_flavor(&self) -> Outcome<Option<&Flavor>> {
        let (flavor, flavors) = (self.flavor()?, self.flavors.as_ref().map_err(Clone::clone)?);
        let tried = self.tried();
        let can = |other: &&Flavor| other.id != flavor.id && !tried.unhosted.contains(&other.id);
        // A disk can grow only.
        let larger = flavors.iter().filter(can).find(|other| other.disk >= flavor.disk && other.ram >= flavor.ram);
        Ok(larger.or_else(|| flavors.iter().filter(can).find(|other| other.disk >= flavor.disk)))
    }

    /// The network of servers; none where tests have to make one, and where there is no networking service.
    pub fn network(&self) -> Outcome<Option<&Network>> {
        Ok(self.networks.as_ref().map_err(Clone::clone)?.own.as_ref())
    }

    /// The external network that floating IPs come from, when there is one.
    pub fn external_network(&self) -> Outcome<Option<&Network>> {
        Ok(self.networks.as_ref().map_err(Clone::clone)?.external.as_ref())
    }

    /// Notes that a server runs with this flavor.
    pub fn hosts(&self, flavor: &str) {
        self.tried().hosted.insert(flavor.to_owned());
    }

    /// Notes that the service found no host for a server with this flavor. Gives whether another one is used from now on: it is
    /// not where one ran with it before, or where no other is left.
    #[must_use]
    pub fn has_no_host(&self, flavor: &str) -> bool {
        let mut tried = self.tried();
        let all = self.flavors.as_deref().unwrap_or_default();
        let left = all.iter().any(|other| other.id != flavor && !tried.unhosted.contains(&other.id));
        if self.named_flavor || tried.hosted.contains(flavor) || !left {
            return false;
        }
        tried.unhosted.insert(flavor.to_owned());
        true
    }

    /// Whether there is nothing to look for again: what was not there may be there in a moment.
    pub(crate) fn are_settled(&self) -> bool {
        let lacks = |stop: Option<&Stop>| matches!(stop, Some(Stop::Skip(_)));
        let no_network = self.networks.as_ref().is_ok_and(|networks| networks.own.is_none());
        !(lacks(self.images.as_ref().err()) || lacks(self.flavors.as_ref().err()) || no_network)
    }

    fn tried(&self) -> std::sync::MutexGuard<'_, Tried> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flavor {
    /// Whether a server of this image fits in it.
    #[must_use]
    pub fn holds(&self, image: &Image) -> bool {
        self.ram >= image.ram && self.disk >= image.disk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flavor(id: &str, ram: u64, disk: u64) -> Flavor {
        Flavor { id: id.into(), name: id.into(), ram, disk, cpus: 1 }
    }

    fn choices(flavors: &[(&str, u64, u64)]) -> Choices {
        Choices {
            images: Ok(vec![Image { id: "i".into(), ..Image::default() }]),
            flavors: Ok(flavors.iter().map(|(id, ram, disk)| flavor(id, *ram, *disk)).collect()),
            networks: Ok(Networks::default()),
            named_flavor: false,
            tried: Arc::default(),
        }
    }

    #[test]
    fn a_server_is_resized_to_a_flavor_whose_disk_is_no_smaller() {
        let other = |flavors: &[(&str, u64, u64)]| {
            choices(flavors).other_flavor().unwrap().map(|flavor| flavor.id.clone()).unwrap_or_default()
        };
        assert_eq!(other(&[("a", 64, 5), ("b", 128, 1), ("c", 256, 5)]), "c");
        assert_eq!(other(&[("a", 256, 1), ("b", 128, 1)]), "b");
        assert_eq!(other(&[("a", 64, 5), ("b", 128, 1)]), "");
    }

    #[test]
    fn a_flavor_without_a_host_is_left_for_another_one() {
        let choices = choices(&[("a", 64, 1), ("b", 128, 1)]);
        assert!(choices.has_no_host("a"));
        assert_eq!(choices.flavor().unwrap().id, "b");
        assert!(!choices.has_no_host("b"), "no other is left");
        let choices = self::choices(&[("a", 64, 1), ("b", 128, 1)]);
        choices.hosts("a");
        assert!(!choices.has_no_host("a"), "the hosts are full for now");
        assert_eq!(choices.flavor().unwrap().id, "a");
    }
}
