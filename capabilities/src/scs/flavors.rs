//! Flavors: their names ([scs-0100](https://docs.scs.community/standards/scs-0100-v3-flavor-naming)), and those that every cloud
//! has ([scs-0103](https://docs.scs.community/standards/scs-0103-v1-standard-flavors)).

use std::sync::Arc;

use assay_kit::Need;
use assay_kit::http::address::encode;
use assay_kit::prelude::*;

use super::flavor_name::{self, Cpu, DiskKind, Name, Offered, PREFIX, Wrong};
use super::told::{expect_none, require_none};

/// The key of the flavors, as `shares` names it.
const SHARED: &str = "scs.flavors";
/// The microversion of Compute since which a list of flavors has their extra specs.
const WITH_EXTRA_SPECS: &str = "2.61";
/// The extra spec by which a standard flavor is found.
const NAME: &str = "scs:name-v2";

/// The flavors that a member sees.
pub(super) struct Flavors {
    pub all: Vec<Flavor>,
}

/// One of them.
pub(super) struct Flavor {
    pub json: Json,
    name: String,
    pub offered: Offered,
    /// Its extra specs; or why they cannot be read.
    extra_specs: Outcome<Value>,
}

impl Flavors {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move { Self::read(&cx).await }).await
    }

    async fn read(cx: &Cx) -> Outcome<Self> {
        let mut compute = cx.compute()?;
        if cx.deployment().lacks(Need::ComputeMicroversion(WITH_EXTRA_SPECS)).is_none() {
            compute = compute.microversion(Service::Compute, WITH_EXTRA_SPECS);
        }
        let mut all = Vec::new();
        for json in Pages::new(&compute, "flavors/detail").key("flavors").all().await? {
            let name = json.get("name")?.text()?.to_owned();
            let number = |key: &str| -> Outcome<u64> {
                let number = json.get(key)?;
                let requirement = || format!("`{key}` of a flavor must not be negative");
                u64::try_from(number.integer()?).map_err(|_| number.fail(requirement(), None, None))
            };
            let offered = Offered { cpus: number("vcpus")?, ram: number("ram")?, disk: number("disk")? };
            let extra_specs = match json.find("extra_specs") {
                Some(specs) => Ok(specs.value().clone()),
                None => extra_specs(&compute, json.get("id")?.text()?).await,
            };
            all.push(Flavor { json, name, offered, extra_specs });
        }
        Ok(Self { all })
    }

    /// Those whose names must read as the standard says, each with what it reads as.
    fn named(&self) -> impl Iterator<Item = (&Flavor, Result<Name, Wrong>)> {
        let named = self.all.iter().filter(|flavor| flavor.name.starts_with(PREFIX));
        named.map(|flavor| (flavor, flavor_name::parse(&flavor.name)))
    }

    /// What something that is wrong is shown by: the list.
    fn evidence<'a>(&'a self, cx: &'a Cx) -> Shown<'a> {
        Shown { list: self.all.first().map(|flavor| &flavor.json), cx }
    }
}

/// The extra specs of a flavor, where the list does not have them.
async fn extra_specs(compute: &Client, id: &str) -> Outcome<Value> {
    let path = format!("flavors/{}/os-extra_specs", encode(id));
    Ok(compute.get(&path).require(200).await?.json()?.get("extra_specs")?.value().clone())
}

/// What shows something of a list: the answer that had it, or nothing in particular where the list is empty.
struct Shown<'a> {
    list: Option<&'a Json>,
    cx: &'a Cx,
}

impl Evidence for Shown<'_> {
    fn log(&self) -> &assay_kit::TestLog {
        self.list.map_or_else(|| self.cx.log(), |json| json.log())
    }
    fn exchange(&self) -> Option<u32> {
        self.list.and_then(Evidence::exchange)
    }
}

impl Flavor {
    /// An extra spec; none where it has none, or where they cannot be read.
    pub(super) fn extra_spec(&self, key: &str) -> Option<&str> {
        self.extra_specs.as_ref().ok()?.get(key)?.as_str()
    }

    /// The names that its extra specs give it: `scs:name-v1` and the like, with these.
    fn other_names(&self) -> impl Iterator<Item = (&str, &str)> {
        let specs = self.extra_specs.as_ref().ok().and_then(Value::as_object).into_iter().flatten();
        specs.filter_map(|(key, value)| {
            let number = key.strip_prefix("scs:name-v")?;
            let counts = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            Some((key.as_str(), value.as_str()?)).filter(|_| counts)
        })
    }

    /// What the extra specs say and a name promises otherwise.
    fn contradictions(&self, name: &Name) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(said) = self.extra_spec("scs:cpu-type")
            && Cpu::of_extra_spec(said).is_none_or(|cpu| cpu < name.cpu)
        {
            found.push(format!("its `scs:cpu-type` is `{said}` and its name promises `{}`", name.cpu.extra_spec()));
        }
        if let Some(said) = self.extra_spec("scs:disk0-type")
            && let Some(kind) = name.disk.and_then(|disk| disk.kind)
            && DiskKind::of_extra_spec(said).is_none_or(|disk| disk < kind)
        {
            found.push(format!("its `scs:disk0-type` is `{said}` and its name promises `{}`", kind.extra_spec()));
        }
        found
    }
}

/// Each flavor whose name begins with `SCS-` must have a name that reads as scs-0100 says, in version 3, 2 or 1.
///
/// It should be one of the later two, without what the standard advises against; and so should be the names that flavors
/// have in extra specs such as `scs:name-v1`, in any version. A flavor of another name is free.
#[conformance(
    id = "scs-0100-syntax-check",
    spec = "scs-0100-v3#complete-proposal-for-systematic-flavor-naming",
    covers = "4e48a2b4-3405-5b46-8116-8bd069909fd8",
    needs = [Compute],
    shares = ["scs.flavors"],
)]
async fn syntax_check(cx: &Cx) -> Outcome {
    let flavors = Flavors::shared(cx).await?;
    let (mut wrong, mut tolerated) = (Vec::new(), Vec::new());
    for (flavor, read) in flavors.named() {
        match read {
            Ok(read) => {
                tolerated.extend(read.remarks.iter().map(|remark| format!("flavor `{}`: {remark}", flavor.name)));
            }
            Err(error) => wrong.push(format!("flavor `{}`: {error}", flavor.name)),
        }
    }
    let requirement = "the name of a flavor that begins with `SCS-` must read as scs-0100 says";
    require_none(&flavors.evidence(cx), requirement, &wrong)?;
    expect_none(cx, "the name of a flavor should be one that scs-0100 does not advise against", &tolerated);
    let mut others = Vec::new();
    for flavor in &flavors.all {
        others.extend(flavor.other_names().filter_map(|(key, name)| {
            let error = flavor_name::parse(name).err()?;
            Some(format!("flavor `{}`: `{key}` is `{name}`: {error}", flavor.name))
        }));
    }
    expect_none(cx, "an extra spec `scs:name-v…` should be a name that reads as scs-0100 says", &others);
    Ok(())
}

/// Each flavor whose name reads as scs-0100 says must have the CPUs, the memory and the disk that its name promises, or more.
/// Memory counts to a tenth of a GiB; a disk without a size promises none.
///
/// The memory should be there to the last MiB. What the extra specs `scs:cpu-type` and `scs:disk0-type` say should be no less
/// than the name promises, and the names in extra specs such as `scs:name-v1` should be true as well.
#[conformance(
    id = "scs-0100-semantics-check",
    spec = "scs-0100-v3#naming-policy-compliance",
    covers = "c68404ea-974d-588a-9644-ab4203892f95",
    needs = [Compute],
    shares = ["scs.flavors"],
)]
async fn semantics_check(cx: &Cx) -> Outcome {
    let flavors = Flavors::shared(cx).await?;
    let (mut wrong, mut short, mut contradicted) = (Vec::new(), Vec::new(), Vec::new());
    for (flavor, read) in flavors.named() {
        // What does not read well is for the check of the syntax.
        let Ok(name) = read else { continue };
        let about = |what: String| format!("flavor `{}`: {what}", flavor.name);
        wrong.extend(name.broken_by(flavor.offered).into_iter().map(about));
        if flavor.offered.ram < name.ram() {
            short.push(about(format!(
                "it has {} MiB of memory, and {} GiB are {}",
                flavor.offered.ram,
                name.gib(),
                name.ram()
            )));
        }
        contradicted.extend(flavor.contradictions(&name).into_iter().map(about));
    }
    require_none(&flavors.evidence(cx), "a flavor must have at least what its name promises", &wrong)?;
    expect_none(cx, "a flavor should have all the memory that its name promises", &short);
    expect_none(cx, "the extra specs of a flavor should say no less than its name promises", &contradicted);
    let mut others = Vec::new();
    for flavor in &flavors.all {
        others.extend(flavor.other_names().filter(|(_, name)| *name != flavor.name).flat_map(|(key, name)| {
            let broken = flavor_name::parse(name).map(|read| read.broken_by(flavor.offered)).unwrap_or_default();
            broken.into_iter().map(move |what| format!("flavor `{}`: `{key}` is `{name}`: {what}", flavor.name))
        }));
    }
    expect_none(cx, "an extra spec `scs:name-v…` should promise no more than the flavor has", &others);
    Ok(())
}

/// Each flavor must have the extra spec `hw_rng:allowed` with the value `True`, in any case of its letters.
///
/// It should be written just so. No version of scs-0101 asks for it any more.
#[conformance(
    id = "scs-0101-flavor-property",
    spec = "scs-0101-v1#version-history",
    covers = "1f8ed38d-b576-50a8-8816-4c8687d41a02",
    needs = [Compute],
    shares = ["scs.flavors"],
)]
async fn flavor_property(cx: &Cx) -> Outcome {
    const KEY: &str = "hw_rng:allowed";
    let flavors = Flavors::shared(cx).await?;
    let (mut wrong, mut spelled) = (Vec::new(), Vec::new());
    for flavor in &flavors.all {
        let specs = flavor.extra_specs.clone()?;
        match specs.get(KEY).and_then(Value::as_str) {
            Some("True") => {}
            Some(value) if value.eq_ignore_ascii_case("true") => {
                spelled.push(format!("flavor `{}`: `{KEY}` is `{value}`", flavor.name));
            }
            Some(value) => wrong.push(format!("flavor `{}`: `{KEY}` is `{value}`", flavor.name)),
            None => wrong.push(format!("flavor `{}` has no `{KEY}`", flavor.name)),
        }
    }
    require_none(
        &flavors.evidence(cx),
        "each flavor must have the extra spec `hw_rng:allowed` with the value `True`",
        &wrong,
    )?;
    expect_none(cx, "the extra spec `hw_rng:allowed` should be written `True`", &spelled);
    Ok(())
}

/// The standard flavor `{name}` must be there: found by its extra spec `scs:name-v2`, or else by its name. It must have just
/// the CPUs, the memory and the disk that the name says, and the extra specs `scs:cpu-type`, `scs:disk0-type` (`network`, where
/// the name leaves it open), `scs:name-v1` and `scs:name-v2` that follow from it.
///
/// Where several have that name, one of them must be right, and the others should be. Without a disk, there should be no
/// `scs:disk0-type`.
#[conformance(
    spec = "scs-0103-v1#standard-scs-flavors",
    needs = [Compute],
    shares = ["scs.flavors"],
    cases = [
        ("scs-0103-flavor-1v-4", "bf4d772c-cc74-5b44-ab7b-79937db4b38d", "SCS-1V-4"),
        ("scs-0103-flavor-2v-8", "f88b19f9-61c6-51e8-9794-246e5f658edb", "SCS-2V-8"),
        ("scs-0103-flavor-4v-16", "9c2d9c8f-f864-59a0-afdb-6716d13bd2e0", "SCS-4V-16"),
        ("scs-0103-flavor-8v-32", "66b5a229-b22e-5dec-9e4c-1458253ce070", "SCS-8V-32"),
        ("scs-0103-flavor-1v-2", "190c3e21-d43c-5c15-92cd-eec5b5e4c102", "SCS-1V-2"),
        ("scs-0103-flavor-2v-4", "8c1d678c-4b3f-5f11-a6ef-120c31e1c6df", "SCS-2V-4"),
        ("scs-0103-flavor-4v-8", "d9ebe2c2-8738-5d62-87df-f7e48a9c45fa", "SCS-4V-8"),
        ("scs-0103-flavor-8v-16", "4004fe96-a1ae-5f45-a9b0-237c283fad57", "SCS-8V-16"),
        ("scs-0103-flavor-16v-32", "4f262fed-2c88-5e97-8c1f-8ca06b3df8e2", "SCS-16V-32"),
        ("scs-0103-flavor-1v-8", "2adf4e26-07b8-5b53-8ec7-9519c061cf07", "SCS-1V-8"),
        ("scs-0103-flavor-2v-16", "3152cc1d-709a-5146-a2c5-f83783b2f977", "SCS-2V-16"),
        ("scs-0103-flavor-4v-32", "b9def343-eca3-5119-8103-e3a90ef52d59", "SCS-4V-32"),
        ("scs-0103-flavor-1l-1", "5d85250a-fae9-535b-9634-8e3ebb859d84", "SCS-1L-1"),
        ("scs-0103-flavor-2v-4-20s", "7175db92-d72a-55f8-b384-3eb375314139", "SCS-2V-4-20s"),
        ("scs-0103-flavor-4v-16-100s", "cc8bf71b-3dd3-57d9-b794-47e8da0e9485", "SCS-4V-16-100s"),
        ("scs-0103-flavor-1v-4-10", "6942274f-4c72-5427-93f7-6282ae562123", "SCS-1V-4-10"),
        ("scs-0103-flavor-2v-8-20", "d3b7424d-81e6-52ec-b486-d35068dcbef2", "SCS-2V-8-20"),
        ("scs-0103-flavor-4v-16-50", "1278cfec-150d-5056-953a-6f0755af81ac", "SCS-4V-16-50"),
        ("scs-0103-flavor-8v-32-100", "5010d1a5-1d01-589b-b404-3410a3cb9318", "SCS-8V-32-100"),
        ("scs-0103-flavor-1v-2-5", "99bb69cc-e147-5dca-bc77-455cd119a2f7", "SCS-1V-2-5"),
        ("scs-0103-flavor-2v-4-10", "491202f5-2f40-537d-aa9b-2a53ee8b10d6", "SCS-2V-4-10"),
        ("scs-0103-flavor-4v-8-20", "a837aed1-19a5-51c9-ad9e-4a1a05632fca", "SCS-4V-8-20"),
        ("scs-0103-flavor-8v-16-50", "e526da05-5535-5ed5-b575-b474b31335bb", "SCS-8V-16-50"),
        ("scs-0103-flavor-16v-32-100", "8a82c033-d9ca-59e7-8150-5264dff30b2f", "SCS-16V-32-100"),
        ("scs-0103-flavor-1v-8-20", "44c0523a-f617-578b-adc2-f0c304db8572", "SCS-1V-8-20"),
        ("scs-0103-flavor-2v-16-50", "b535c867-291e-5733-a6c4-1f61c1ad6bef", "SCS-2V-16-50"),
        ("scs-0103-flavor-4v-32-100", "30b899c3-c1bb-5f77-b857-699477fcd23e", "SCS-4V-32-100"),
        ("scs-0103-flavor-1l-1-5", "c6f2dec6-6129-5b7a-b313-aac7342a566a", "SCS-1L-1-5"),
        ("scs-0103-flavor-16v-64", "9defb645-b380-5b64-b31e-4568bacde1cf", "SCS-16V-64"),
        ("scs-0103-flavor-8v-64", "0ed911cd-ec99-534a-8e5a-64d4b83b5c96", "SCS-8V-64"),
        ("scs-0103-flavor-16v-128", "7b64d754-c985-5052-82e5-10de2b5927ec", "SCS-16V-128"),
    ],
)]
async fn standard_flavor(cx: &Cx, name: &str) -> Outcome {
    let flavors = Flavors::shared(cx).await?;
    let read = flavor_name::parse(name)
        .map_err(|error| Stop::Error(format!("a defect of Assay: `{name}` is an invalid name of a flavor: {error}")))?;
    let mut found: Vec<&Flavor> = flavors.all.iter().filter(|flavor| flavor.extra_spec(NAME) == Some(name)).collect();
    if found.is_empty() {
        found = flavors.all.iter().filter(|flavor| flavor.name == name).collect();
    }
    if found.is_empty() {
        // What cannot be read may be what is looked for.
        flavors.all.iter().try_for_each(|flavor| flavor.extra_specs.as_ref().map(|_| ()).map_err(Clone::clone))?;
        let (cpus, ram, disk) = (read.cpus, read.ram(), read.disk_size());
        let requirement = format!("the standard flavor `{name}` must be there");
        let expected = format!(
            "a flavor with {cpus} CPUs, {ram} MiB of memory, a disk of {disk} GB and the extra specs {}",
            specs_of(&read, name).iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
        );
        let seen = format!("{} flavors, none with `{NAME}` or a name like that", flavors.all.len());
        return Err(flavors.evidence(cx).fail(requirement, Some(expected), Some(seen)));
    }
    let wrong: Vec<(&Flavor, Vec<String>)> =
        found.iter().map(|flavor| Ok((*flavor, differences(flavor, &read, name)?))).collect::<Outcome<_>>()?;
    let told = |(flavor, differences): &(&Flavor, Vec<String>)| {
        format!("flavor `{}`: {}", flavor.name, differences.join(", "))
    };
    let others: Vec<String> = wrong.iter().filter(|(_, differences)| !differences.is_empty()).map(told).collect();
    if others.len() == found.len() {
        require_none(&found[0].json, &format!("the standard flavor `{name}` must be as scs-0103 says"), &others)?;
    }
    expect_none(cx, &format!("each flavor that is called `{name}` should be as scs-0103 says"), &others);
    let kind = |flavor: &&Flavor| Some((flavor.name.clone(), flavor.extra_spec("scs:disk0-type")?.to_owned()));
    let kinds = found.iter().filter(|_| read.disk.is_none()).filter_map(kind);
    let kinds: Vec<String> = kinds.map(|(flavor, kind)| format!("flavor `{flavor}`: `{kind}`")).collect();
    expect_none(cx, "a standard flavor without a disk should not have the extra spec `scs:disk0-type`", &kinds);
    Ok(())
}

/// All extra specs that the standard flavor of this name must have.
fn specs_of(read: &Name, name: &str) -> Vec<(String, String)> {
    let kinds = read.extra_specs().into_iter().map(|(key, value)| (key, value.to_owned()));
    let names = [("scs:name-v1".to_owned(), flavor_name::to_v1(name)), (NAME.to_owned(), name.to_owned())];
    kinds.chain(names).collect()
}

/// In what a flavor differs from the standard one of this name.
fn differences(flavor: &Flavor, read: &Name, name: &str) -> Outcome<Vec<String>> {
    let Offered { cpus, ram, disk } = flavor.offered;
    let figures = [("vcpus", cpus, u64::from(read.cpus)), ("ram", ram, read.ram()), ("disk", disk, read.disk_size())];
    let figures = figures.into_iter().filter(|(_, seen, right)| seen != right);
    let mut differences: Vec<String> =
        figures.map(|(key, seen, right)| format!("`{key}` is {seen} and must be {right}")).collect();
    let specs = flavor.extra_specs.clone()?;
    for (key, right) in specs_of(read, name) {
        match specs.get(&key).and_then(Value::as_str) {
            Some(seen) if seen == right => {}
            Some(seen) => differences.push(format!("`{key}` is `{seen}` and must be `{right}`")),
            None => differences.push(format!("`{key}` is missing and must be `{right}`")),
        }
    }
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_flavors_are_named_as_their_ids_say() {
        let tests = assay_kit::registered().unwrap();
        let mut seen = 0;
        for test in tests.iter().filter(|test| test.id.starts_with("scs-0103-flavor-")) {
            let short = test.id.trim_start_matches("scs-0103-flavor-");
            let name = test.title().split('`').nth(1).unwrap().to_owned();
            assert_eq!(name.to_lowercase(), format!("scs-{short}"));
            let read = flavor_name::parse(&name).unwrap();
            assert_eq!(read.remarks, Vec::<String>::new());
            let specs = specs_of(&read, &name);
            assert!(specs.iter().any(|(key, value)| key == NAME && *value == name), "{specs:?}");
            assert!(
                specs.iter().any(|(key, value)| key == "scs:name-v1" && value.matches(':').count() >= 1),
                "{specs:?}"
            );
            seen += 1;
        }
        assert_eq!(seen, 31);
    }
}
