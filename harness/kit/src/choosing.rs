//! Finds the image, flavors and networks that tests use: those that can be used together.

mod flavors;
mod images;
mod members;
mod networks;

use std::sync::Arc;

use assay_record::Lack;

use crate::choices::{Choices, Flavor, Overrides};
use crate::context::Cx;
use crate::image_spec::ImageSpec;
use crate::limit::Limit;
use crate::need::Service;
use crate::outcome::{Outcome, Stop};
use crate::shared::all_holds;

/// How often it is looked for what was not there, in one run.
const LOOKS: u32 = 4;

impl Cx {
    /// The image, flavors and networks that tests use: the user's choice, or what the deployment offers. What is not there is
    /// looked for again by the next who asks: an answer that was empty once is no proof.
    pub async fn choices(&self) -> Outcome<Arc<Choices>> {
        let mut chosen = self.deployment().choices().0.lock().await;
        let (known, looks) = &mut *chosen;
        if let Some(known) = known.as_ref().filter(|known| *looks >= LOOKS || known.are_settled()) {
            return Ok(known.clone());
        }
        let cx = self.apart("start");
        let mut choices = discover(&cx, self.deployment().overrides()).await;
        if let Some(before) = known.as_ref() {
            choices.tried = before.tried.clone();
        }
        let choices = Arc::new(choices);
        (*known, *looks) = (Some(choices.clone()), *looks + 1);
        Ok(choices)
    }
}

async fn discover(cx: &Cx, overrides: &Overrides) -> Choices {
    let images = images::images(cx, overrides).await;
    // Tests of other services use images and networks only.
    let flavors = match (&images, cx.compute()) {
        (Ok(_), Ok(compute)) => flavors::flavors(&compute, overrides).await,
        (Err(stop), _) => Err(stop.clone()),
        (_, Err(stop)) => Err(stop),
    };
    let networks = networks::networks(cx, overrides).await;
    Choices {
        images,
        flavors,
        networks,
        named_image: overrides.image.is_some(),
        named_flavor: overrides.flavor.is_some(),
        tried: Arc::default(),
    }
}

impl Cx {
    /// Why a test cannot run that takes this of the project's quotas: nothing fits that it would be made of.
    pub async fn lacks_choice(&self, holds: &[Limit], shares: &[&str]) -> Option<Stop> {
        let holds = all_holds(holds, shares);
        let choices = self.choices().await.ok()?;
        let server = holds.contains(&Limit::Servers).then(|| choices.flavor().err());
        let floating = holds.contains(&Limit::FloatingIps).then(|| self.external(&choices).err());
        server.flatten().or_else(|| floating.flatten())
    }

    /// The id of the external network, or the end of the test as skipped.
    pub async fn external_network(&self) -> Outcome<String> {
        self.external(&*self.choices().await?)
    }

    /// What the user says of standard images; none where what is published holds.
    #[must_use]
    pub fn image_spec(&self) -> Option<&ImageSpec> {
        self.deployment().overrides().image_spec.as_ref()
    }

    fn external(&self, choices: &Choices) -> Outcome<String> {
        choices.external_network()?.map(|external| external.id.clone()).ok_or_else(|| {
            let lacks = Lack::resource(Service::Network, "external network");
            self.skip(lacks, "the member sees no external network that is up")
        })
    }
}

/// A choice, for people to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What is chosen, such as `flavor`.
    pub what: &'static str,
    /// Its name and its id; none where there is none.
    pub choice: Option<(String, String)>,
    /// Why it is this one, or what follows of there being none.
    pub why: String,
}

impl Cx {
    /// What tests use, and why. A service that is not there has nothing to choose from.
    pub async fn choices_explained(&self) -> Outcome<Vec<Explained>> {
        let (choices, overrides) = (self.choices().await?, self.deployment().overrides());
        let mut explained = Vec::new();
        let mut tell =
            |what: &'static str, choice: Outcome<Option<(&str, &str)>>, named: bool, why: &str, without: &str| {
                let (choice, why) = match choice {
                    Ok(Some(_)) if named => (choice, format!("named with --{}", what.replace(' ', "-"))),
                    Ok(Some(_)) => (choice, why.to_owned()),
                    Ok(None) => (choice, without.to_owned()),
                    Err(ref stop) => {
                        let reason = stop.to_string();
                        (Ok(None), reason)
                    }
                };
                let choice = choice.ok().flatten().map(|(name, id)| (name.to_owned(), id.to_owned()));
                explained.push(Explained { what, choice, why });
            };
        if self.image().is_ok() {
            let count = choices.images.as_ref().map_or(0, Vec::len);
            let image = choices.image().map(|image| Some((image.name.as_str(), image.id.as_str())));
            tell(
                "image",
                image,
                overrides.image.is_some(),
                &format!("the smallest that fits in a flavor, of {count} that a server can be made of"),
                "",
            );
        }
        if self.compute().is_ok() && choices.images.is_ok() {
            let count = choices.image().map_or(0, |image| choices.flavors_for(image).len());
            let pair = |flavor: &Flavor| (flavor.name.clone(), flavor.id.clone());
            let flavor = choices.flavor().map(|flavor| Some(pair(flavor)));
            let flavor = flavor.as_ref().map(|flavor| flavor.as_ref().map(|(name, id)| (name.as_str(), id.as_str())));
            let why = format!("the smallest of {count} that the image fits in");
            tell("flavor", flavor.map_err(Clone::clone), overrides.flavor.is_some(), &why, "");
            if let Ok(other) = choices.other_flavor() {
                let other = other.map(pair);
                let other = Ok(other.as_ref().map(|(name, id)| (name.as_str(), id.as_str())));
                let without = "no other has room for the image and a disk that is no smaller: servers are not resized";
                tell("second flavor", other, false, "the next larger one, to resize servers to", without);
            }
        }
        if self.network().is_ok() {
            let own = choices.network().map(|network| network.map(|own| (own.name.as_str(), own.id.as_str())));
            let without = "the project has none that servers can be attached to: the run makes one for them";
            tell(
                "network",
                own,
                overrides.network.is_some(),
                "the project's own or a shared one, with a subnet",
                without,
            );
            let external = choices.external_network();
            let external = external.map(|network| network.map(|own| (own.name.as_str(), own.id.as_str())));
            let without = "the member sees none: floating IPs and gateways of routers are not tested";
            let why = "the default one, or the first that is up";
            tell("external network", external, overrides.external_network.is_some(), why, without);
        }
        Ok(explained)
    }
}
