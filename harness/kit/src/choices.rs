//! The image, flavors and networks that tests use: chosen by the user, or among what can be used together.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use assay_record::Lack;

use crate::guest::Override;
use crate::image_spec::ImageSpec;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};

/// What the user wants to be used; what is not named is discovered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// An image, by name or id.
    pub image: Option<String>,
    /// A flavor, by name or id.
    pub flavor: Option<String>,
    /// A network of servers, by name or id.
    pub network: Option<String>,
    /// An external network, by name or id.
    pub external_network: Option<String>,
    /// Whether to log in to servers, and at which address.
    pub guest: Option<Override>,
    /// Who logs in to servers.
    pub guest_user: Option<String>,
    /// What standard images are; what is published unless given.
    pub image_spec: Option<ImageSpec>,
}

/// What tests use. Each part stands for itself: what is missing of one concerns nobody who uses another.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The images that servers can be made of, the one to use first.
    pub(crate) images: Outcome<Vec<Image>>,
    /// The flavors that members may use, the one to use first.
    pub(crate) flavors: Outcome<Vec<Flavor>>,
    /// The networks.
    pub(crate) networks: Outcome<Networks>,
    /// Whether the user named the first image: it is used whatever comes of it.
    pub(crate) named_image: bool,
    /// The same of the first flavor.
    pub(crate) named_flavor: bool,
    /// What turned out of images and flavors since.
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
    /// Those that servers may be on, the one to use first: the project's own, and shared ones, with a subnet. None where tests have
    /// to make one.
    pub own: Vec<Network>,
    /// The external ones that floating IPs may come from, the one to use first.
    pub external: Vec<Network>,
}

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// How many pairs of an image and a flavor are given up in one run.
const GIVEN_UP: usize = 8;
/// How many flavors may come to nothing with one image before the next image is tried, with flavors that were tried less.
const ROUND: usize = 3;

/// What turned out when servers were made: pairs of an image and a flavor, by their ids. An image may be for other machines than
/// those there are, and a flavor for machines that are not there. A network may have no address left.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    /// Those that a server ran with.
    hosted: BTreeSet<(String, String)>,
    /// Those for which the service found no host, although no server had run with them.
    unhosted: BTreeSet<(String, String)>,
    /// The networks that nothing can be put on, by their ids.
    full: BTreeSet<String>,
}

/// What was chosen, and how often it was looked for.
#[derive(Debug, Default)]
pub(crate) struct Chosen(pub(crate) tokio::sync::Mutex<(Option<Arc<Choices>>, u32)>);

impl Choices {
    /// The image that servers are made of: the smallest that fits in a flavor, or the one that was named.
    pub fn image(&self) -> Outcome<&Image> {
        let images = self.images.as_ref().map_err(Clone::clone)?;
        let tried = self.tried();
        let runs = |image: &&Image| self.flavors_for(image).iter().any(|flavor| !tried.failed(&image.id, &flavor.id));
        let has_disk = |image: &&Image| self.flavors_for(image).iter().any(|flavor| flavor.disk > 0);
        let usable = if self.named_image { &images[..1] } else { &images[..] };
        let rounds = |image: &&Image| tried.failures(|(other, _)| *other == image.id) / ROUND;
        let first = |fit: &dyn Fn(&&Image) -> bool| usable.iter().filter(fit).min_by_key(rounds);
        let found = first(&|image| runs(image) && has_disk(image)).or_else(|| first(&runs));
        // Where no pair is left, the tests say what happens with the first.
        let fits = |image: &&Image| !self.flavors_for(image).is_empty();
        Ok(found.or_else(|| usable.iter().find(fits)).unwrap_or(&images[0]))
    }

    /// The flavor of servers: the one with the least memory that the image fits in, or the one that was named.
    pub fn flavor(&self) -> Outcome<&Flavor> {
        let (image, flavors) = (self.image(), self.flavors.as_ref().map_err(Clone::clone)?);
        let Ok(image) = image else { return Ok(&flavors[0]) };
        let (tried, usable) = (self.tried(), self.flavors_for(image));
        let left = usable.iter().filter(|flavor| !tried.failed(&image.id, &flavor.id));
        let found = left.min_by_key(|flavor| tried.failures(|(_, other)| *other == flavor.id)).or(usable.first());
        match found {
            Some(found) => Ok(found),
            None if self.named_flavor => Ok(&flavors[0]),
            None => Err(no_room(image)),
        }
    }

    /// Another image that fits in the same flavor, when there is one; else the same.
    pub fn other_image(&self) -> Outcome<&Image> {
        self.image_beside(self.flavor()?)
    }

    /// Another flavor that a server can be resized to and the image fits in, when there is one.
    pub fn other_flavor(&self) -> Outcome<Option<&Flavor>> {
        let (image, flavor) = (self.image()?, self.flavor()?);
        let flavors = self.flavors.as_deref().unwrap_or_default();
        let tried = self.tried();
        let mut can = fitting(flavors, image);
        can.retain(|other| other.id != flavor.id && !tried.failed(&image.id, &other.id));
        // A disk can grow only.
        can.retain(|other| other.disk >= flavor.disk);
        Ok(can.iter().find(|other| other.ram >= flavor.ram).or(can.first()).copied())
    }

    /// The image and the flavor that servers usually have.
    pub fn usual(&self) -> Outcome<(&Image, &Flavor)> {
        Ok((self.image()?, self.flavor()?))
    }

    /// An image and a flavor of which neither is the one that servers usually have, as far as there are others.
    pub fn others(&self) -> Outcome<(&Image, &Flavor)> {
        let flavor = match self.other_flavor()? {
            Some(flavor) => flavor,
            None => self.flavor()?,
        };
        Ok((self.image_beside(flavor)?, flavor))
    }

    fn image_beside(&self, flavor: &Flavor) -> Outcome<&Image> {
        let (image, images) = (self.image()?, self.images.as_ref().map_err(Clone::clone)?);
        let tried = self.tried();
        let can = |other: &&Image| other.id != image.id && flavor.holds(other) && !tried.failed(&other.id, &flavor.id);
        Ok(images.iter().find(can).unwrap_or(image))
    }

    /// The flavors that servers of an image may have: the one that was named, or those that have room for it.
    pub(crate) fn flavors_for(&self, image: &Image) -> Vec<&Flavor> {
        let flavors = self.flavors.as_deref().unwrap_or_default();
        fitting(if self.named_flavor { &flavors[..flavors.len().min(1)] } else { flavors }, image)
    }

    /// The network of servers; none where tests have to make one, and where there is no networking service.
    pub fn network(&self) -> Outcome<Option<&Network>> {
        Ok(self.with_room(&self.networks.as_ref().map_err(Clone::clone)?.own))
    }

    /// The external network that floating IPs come from, when there is one.
    pub fn external_network(&self) -> Outcome<Option<&Network>> {
        Ok(self.with_room(&self.networks.as_ref().map_err(Clone::clone)?.external))
    }

    /// Whether there are several networks of servers to choose from.
    #[must_use]
    pub fn has_several_networks(&self) -> bool {
        self.networks.as_ref().is_ok_and(|networks| networks.own.len() > 1)
    }

    /// Whether there are several external networks to choose from.
    #[must_use]
    pub fn has_several_external(&self) -> bool {
        self.networks.as_ref().is_ok_and(|networks| networks.external.len() > 1)
    }

    /// The first network that was not given up.
    fn with_room<'a>(&self, networks: &'a [Network]) -> Option<&'a Network> {
        let tried = self.tried();
        networks.iter().find(|network| !tried.full.contains(&network.id)).or(networks.first())
    }

    /// Notes that nothing can be put on a network, which may have no address left. Gives whether another one takes its place.
    #[must_use]
    pub fn gives_up(&self, network: &str) -> bool {
        let mut tried = self.tried();
        tried.full.insert(network.to_owned());
        let others = |networks: &[Network]| {
            let is_of_it = networks.iter().any(|one| one.id == network);
            is_of_it && networks.iter().any(|other| !tried.full.contains(&other.id))
        };
        self.networks.as_ref().is_ok_and(|networks| others(&networks.own) || others(&networks.external))
    }

    /// Notes that a server of this image runs with this flavor.
    pub fn hosts(&self, image: &Image, flavor: &Flavor) {
        self.tried().hosted.insert((image.id.clone(), flavor.id.clone()));
    }

    /// Notes that the service found no host for a server of this image with this flavor. Gives whether that counts, so that
    /// something else may be chosen now: it does not where one ran with both before, or too many came to nothing.
    #[must_use]
    pub fn has_no_host(&self, image: &Image, flavor: &Flavor) -> bool {
        let mut tried = self.tried();
        let pair = (image.id.clone(), flavor.id.clone());
        if tried.hosted.contains(&pair) || tried.unhosted.len() == GIVEN_UP {
            return false;
        }
        tried.unhosted.insert(pair);
        true
    }

    /// Whether there is nothing to look for again: what was not there may be there in a moment.
    pub(crate) fn are_settled(&self) -> bool {
        let lacks = |stop: Option<&Stop>| matches!(stop, Some(Stop::Skip(_)));
        let no_network = self.networks.as_ref().is_ok_and(|networks| networks.own.is_empty());
        !(lacks(self.images.as_ref().err()) || lacks(self.flavor().as_ref().err()) || no_network)
    }

    fn tried(&self) -> std::sync::MutexGuard<'_, Tried> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The flavors that an image fits in. One without a disk is used only where no other is there: by default, Compute gives no member
/// a server that is made of an image and has no disk.
fn fitting<'a>(flavors: &'a [Flavor], image: &Image) -> Vec<&'a Flavor> {
    let with_disk: Vec<_> = flavors.iter().filter(|flavor| flavor.disk > 0 && flavor.holds(image)).collect();
    if !with_disk.is_empty() {
        return with_disk;
    }
    flavors.iter().filter(|flavor| flavor.disk == 0 && flavor.ram >= image.ram).collect()
}

/// Why there is no server of an image.
fn no_room(image: &Image) -> Stop {
    let reason = format!(
        "no flavor has room for the image `{}` ({} MiB of memory and {} GiB of disk): name a smaller image with --image, or offer \
         a larger flavor",
        image.name, image.ram, image.disk
    );
    Stop::skip(Lack::resource(Service::Compute, "flavor"), reason)
}

impl Tried {
    fn failed(&self, image: &str, flavor: &str) -> bool {
        self.failures(|(other, another)| other == image && another == flavor) > 0
    }

    /// How many pairs that are so came to nothing.
    fn failures(&self, is_so: impl Fn(&(String, String)) -> bool) -> usize {
        self.unhosted.iter().filter(|pair| is_so(pair)).count()
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
            images: Ok(["i", "j"].map(|id| Image { id: id.into(), ..Image::default() }).into()),
            flavors: Ok(flavors.iter().map(|(id, ram, disk)| flavor(id, *ram, *disk)).collect()),
            networks: Ok(Networks::default()),
            named_image: false,
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

    /// The ids of the image and the flavor that servers have.
    fn chosen(choices: &Choices) -> (&str, &str) {
        let (image, flavor) = choices.usual().unwrap();
        (&image.id, &flavor.id)
    }

    /// Notes that no host was found for what is chosen.
    fn fails(choices: &Choices) -> bool {
        let (image, flavor) = choices.usual().unwrap();
        choices.has_no_host(image, flavor)
    }

    #[test]
    fn an_image_that_no_flavor_holds_gives_way_to_one_that_fits() {
        let mut choices = choices(&[("a", 64, 1), ("b", 128, 0)]);
        let images = choices.images.as_mut().unwrap();
        images[0].disk = 500;
        images[1].disk = 1;
        assert_eq!(chosen(&choices), ("j", "a"), "a flavor without a disk comes last");
        let named = Choices { named_image: true, ..choices.clone() };
        assert_eq!(named.flavor().unwrap().id, "b");
        choices.flavors.as_mut().unwrap().pop();
        let named = Choices { named_image: true, ..choices.clone() };
        assert!(named.flavor().unwrap_err().to_string().contains("no flavor has room for the image"));
        let named = Choices { named_image: true, named_flavor: true, ..choices };
        assert_eq!(chosen(&named), ("i", "a"), "what was named is used");
    }

    #[test]
    fn a_network_without_an_address_left_gives_way_to_another() {
        let network = |id: &str| Network { id: id.into(), name: id.into() };
        let networks = Networks { own: vec![network("n")], external: vec![network("e"), network("f")] };
        let choices = Choices { networks: Ok(networks), ..choices(&[]) };
        assert!(!choices.gives_up("n") && choices.has_several_external());
        assert_eq!(choices.network().unwrap().unwrap().id, "n", "there is no other");
        assert!(choices.gives_up("e"));
        assert_eq!(choices.external_network().unwrap().unwrap().id, "f");
        assert!(!choices.gives_up("f"));
        assert_eq!(choices.external_network().unwrap().unwrap().id, "e");
    }

    #[test]
    fn a_flavor_without_a_host_is_left_for_another_one() {
        let choices = choices(&[("a", 64, 1), ("b", 128, 1)]);
        assert!(fails(&choices));
        assert_eq!(chosen(&choices), ("i", "b"));
        choices.hosts(choices.image().unwrap(), choices.flavor().unwrap());
        assert!(!fails(&choices), "the hosts are full for now");
        assert_eq!(chosen(&choices), ("i", "b"));
    }

    #[test]
    fn an_image_for_other_machines_is_left_for_another_one() {
        let choices = choices(&[("a", 64, 1), ("b", 128, 1)]);
        let first = choices.image().unwrap().clone();
        assert!(fails(&choices) && fails(&choices));
        assert_eq!(chosen(&choices), ("j", "a"));
        assert_eq!(choices.other_image().unwrap().id, "j", "the one that was given up is no other one");
        assert!(choices.has_no_host(&first, &flavor("b", 128, 1)), "a test that had begun before");
        assert!(fails(&choices) && fails(&choices));
        assert_eq!(chosen(&choices), ("i", "a"), "nothing is left: the tests say what happens");
    }

    #[test]
    fn many_flavors_hide_no_image_and_no_flavor_that_has_a_host() {
        let names: Vec<String> = (0..30).map(|number| format!("f{number:02}")).collect();
        let flavors: Vec<_> = names.iter().map(|name| (name.as_str(), 64, 1)).collect();
        // The first image is for other machines.
        let first = choices(&flavors);
        while first.image().unwrap().id == "i" {
            assert!(fails(&first));
        }
        // The machines of the first flavors are not there.
        let second = choices(&flavors);
        while second.flavor().unwrap().id.as_str() < "f05" {
            assert!(fails(&second));
        }
    }

    #[test]
    fn what_was_named_is_used_whatever_comes_of_it() {
        let choices = Choices { named_image: true, named_flavor: true, ..choices(&[("a", 64, 1), ("b", 128, 1)]) };
        assert!(fails(&choices));
        assert_eq!(chosen(&choices), ("i", "a"));
    }

    #[test]
    fn the_other_image_is_one_that_runs_with_the_other_flavor() {
        let choices = choices(&[("a", 64, 1), ("b", 128, 1)]);
        let others = |choices: &Choices| {
            let (image, flavor) = choices.others().unwrap();
            (image.id.clone(), flavor.id.clone())
        };
        assert_eq!(others(&choices), ("j".into(), "b".into()));
        let (image, flavor) = choices.others().unwrap();
        assert!(choices.has_no_host(image, flavor));
        assert_eq!(others(&choices), ("i".into(), "b".into()));
    }
}
