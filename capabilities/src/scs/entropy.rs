//! Randomness inside of servers: [scs-0101](https://docs.scs.community/standards/scs-0101-v1-entropy).
//!
//! A server is told by user data what to look at (`entropy.sh`), and says it on its console. It needs no packages for that, and
//! nobody logs in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use assay_kit::prelude::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::flavors::{Flavor, Flavors};
use super::images::{Images, name, text};
use crate::compute::fixture::Server;

/// The key of what a server said, as `shares` names it.
const SHARED: &str = "scs.entropy";
assay_kit::share!(SHARED, [Servers, Volumes]);

/// What the server does.
const SCRIPT: &str = include_str!("entropy.sh");
/// How long a server may take to start and to say all of it.
const PATIENCE: Duration = Duration::from_secs(300);
/// The least size of a volume that a server starts from, in GiB.
const VOLUME: u64 = 8;
/// A GiB, in bytes.
const GIB: u64 = 1 << 30;
/// What a server says that finds no system (SeaBIOS).
const NOTHING_BOOTS: &str = "No bootable device";
/// How much of the end of a console is shown, in characters.
const TAIL: usize = 600;

/// What a server said.
struct Said {
    /// The name of its image.
    image: String,
    console: String,
}

impl Said {
    async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move { Self::ask(&cx).await }).await
    }

    async fn ask(cx: &Cx) -> Outcome<Self> {
        let images = Images::shared(cx).await?;
        let flavors = Flavors::shared(cx).await?;
        let mut members = json!({"user_data": STANDARD.encode(SCRIPT)});
        let image = if let Some(image) = newest(&images.all) {
            let number = |key: &str| image[key].as_u64().unwrap_or(0);
            let disk = number("min_disk").max(number("size").div_ceil(GIB));
            let Some((flavor, fits)) = frugal(&flavors.all, number("min_ram"), disk) else {
                let reason =
                    format!("no flavor has {} MiB of memory, which `{}` needs", number("min_ram"), name(image));
                return Err(cx.skip(Lack::resource(Service::Compute, "flavor"), reason));
            };
            members["flavorRef"] = flavor.json.get("id")?.value().clone();
            members["imageRef"] = image["id"].clone();
            if !fits {
                members["imageRef"] = json!("");
                members["block_device_mapping_v2"] = json!([{
                    "boot_index": 0, "uuid": image["id"], "source_type": "image", "destination_type": "volume",
                    "volume_size": disk.max(VOLUME), "delete_on_termination": true,
                }]);
            }
            name(image).to_owned()
        } else {
            cx.choices().await?.image()?.name.clone()
        };
        let server = Server::make(cx, members).await?;
        // What refuses to show it once refuses it always.
        let done = |(status, said): &(u16, String)| {
            matches!(status, 400 | 403 | 501) || told(said).contains_key("end") || said.contains(NOTHING_BOOTS)
        };
        let seen = cx.settled(PATIENCE, || console(cx, &server), done).await?;
        server.discard(cx).await?;
        match seen {
            (200, console) => Ok(Self { image, console }),
            (status, _) => {
                let reason = format!("the console of a server cannot be read: Compute answered {status}");
                Err(cx.skip(Lack::feature(Service::Compute, "os-getConsoleOutput"), reason))
            }
        }
    }

    /// What it said of this.
    fn require(&self, cx: &Cx, key: &str) -> Outcome<String> {
        told(&self.console).remove(key).ok_or_else(|| {
            let requirement = format!("a server of the image `{}` must tell `{key}` on its console", self.image);
            let expected =
                format!("a line `assay-says {key}: …` within {} s, from a script in its user data", PATIENCE.as_secs());
            let from = self.console.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
            cx.fail(requirement, Some(expected), Some(format!("a console that ends with: {}", &self.console[from..])))
        })
    }
}

/// The status of a console and its text, which is empty while the console is not ready.
async fn console(cx: &Cx, server: &Server) -> Outcome<(u16, String)> {
    let request = cx.compute()?.post(&format!("{}/action", server.path)).json(&json!({"os-getConsoleOutput": {}}));
    let answer = request.require([200, 400, 403, 404, 409, 501]).await?;
    if answer.status() != 200 {
        return Ok((answer.status(), String::new()));
    }
    Ok((200, answer.json()?.get("output")?.text()?.to_owned()))
}

/// What the script said, by its keys. Of what was said twice, the first that is whole counts.
fn told(console: &str) -> BTreeMap<&str, String> {
    let mut told = BTreeMap::new();
    for line in console.lines() {
        let said = line.split_once("assay-says ").and_then(|(_, rest)| rest.split_once(" ;"));
        if let Some((key, value)) = said.and_then(|(said, _)| said.split_once(": ")) {
            told.entry(key).or_insert_with(|| value.trim().to_owned());
        }
    }
    told
}

/// The image to look at, as the test case chooses it: the newest of Debian, or else of Ubuntu. None where there is neither.
fn newest(images: &[Value]) -> Option<&Value> {
    const CODENAMES: [(&str, u32); 4] = [("buster", 10), ("bullseye", 11), ("bookworm", 12), ("trixie", 13)];
    let rank = |image: &Value| {
        let version = text(image, "os_version").trim().to_lowercase();
        match text(image, "os_distro").trim().to_lowercase().as_str() {
            "debian" => {
                let named = CODENAMES.iter().find(|(name, _)| *name == version).map(|(_, number)| *number);
                Some((2, version.parse().ok().or(named).unwrap_or(0)))
            }
            "ubuntu" => Some((1, version.replace('.', "").parse().unwrap_or(0))),
            _ => None,
        }
    };
    let ranked = images.iter().filter_map(|image| Some((rank(image)?, image)));
    // Of equals, the first in the list.
    ranked.rev().max_by_key(|(rank, _)| *rank).map(|(_, image)| image)
}

/// The smallest flavor with so much memory in MiB, one that gives random numbers of the host if any does, and one with a disk of
/// so many GiB before others; and whether its disk is large enough.
fn frugal(flavors: &[Flavor], ram: u64, disk: u64) -> Option<(&Flavor, bool)> {
    let fits = |flavor: &Flavor| flavor.offered.disk > 0 && flavor.offered.disk >= disk;
    let allowed =
        |flavor: &Flavor| flavor.extra_spec("hw_rng:allowed").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let enough = flavors.iter().filter(|flavor| flavor.offered.ram >= ram);
    let chosen =
        enough.min_by_key(|flavor| (!allowed(flavor), !fits(flavor), flavor.offered.ram, flavor.offered.cpus))?;
    Some((chosen, fits(chosen)))
}

/// In a server, `/proc/sys/kernel/random/entropy_avail` must be 256, as it is with Linux 5.18 and later.
#[conformance(
    id = "scs-0101-entropy-avail",
    spec = "scs-0101-v1#entropy-in-scs-clouds",
    covers = "356dc494-8877-58ea-a3d1-c2d89d662750",
    needs = [Compute, Image],
    shares = ["scs.entropy", "scs.images", "scs.flavors"],
    seconds = 90,
    timeout = 900,
)]
async fn entropy_avail(cx: &Cx) -> Outcome {
    let said = Said::shared(cx).await?;
    let seen = said.require(cx, "entropy-avail")?;
    require_eq!(cx, seen, "256", "`entropy_avail` in a server of the image `{}` must be 256", said.image);
    Ok(())
}

/// Of 1000 blocks of 20000 random bits that a server reads, at most 5 must fail the tests of FIPS 140-2.
///
/// At most 3 should.
#[conformance(
    id = "scs-0101-fips-test",
    spec = "scs-0101-v1#entropy-in-scs-clouds",
    covers = "345492d8-bb5c-5ab3-b19c-b80d158182d5",
    needs = [Compute, Image],
    shares = ["scs.entropy", "scs.images", "scs.flavors"],
    seconds = 90,
    timeout = 900,
)]
async fn fips_test(cx: &Cx) -> Outcome {
    let said = Said::shared(cx).await?;
    let seen = said.require(cx, "fips-test")?;
    let Some(failures) = failures(&seen) else {
        let requirement = format!("a server of the image `{}` must test 1000 blocks of random bits", said.image);
        return Err(cx.fail(requirement, Some("1000 blocks, and how many failed".into()), Some(seen)));
    };
    require!(cx, failures <= 5, "at most 5 of 1000 blocks must fail FIPS 140-2; in `{}`, {failures} did", said.image);
    expect!(cx, failures <= 3, "at most 3 of 1000 blocks should fail FIPS 140-2; in `{}`, {failures} did", said.image);
    Ok(())
}

/// How many blocks failed, where all were tested.
fn failures(told: &str) -> Option<u32> {
    told.strip_prefix("1000 ")?.parse().ok()
}

/// A server must have the service `rngd`. Nothing is installed for it: where the image does not bring it, this is not tested.
///
/// No version of scs-0101 asks for it any more.
#[conformance(
    id = "scs-0101-rngd",
    spec = "scs-0101-v1#version-history",
    covers = "4df240d8-b235-51ee-af69-51723984d96c",
    needs = [Compute, Image],
    shares = ["scs.entropy", "scs.images", "scs.flavors"],
    seconds = 90,
    timeout = 900,
)]
async fn rngd(cx: &Cx) -> Outcome {
    let said = Said::shared(cx).await?;
    said.require(cx, "end")?;
    if told(&said.console).contains_key("rngd") {
        return Ok(());
    }
    let reason = format!("the image `{}` does not bring the service rngd, and tests install nothing", said.image);
    Err(cx.skip(Lack::feature(Service::Image, "rngd"), reason))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_the_script_says_is_found_among_other_lines() {
        let console = "[ 1.0] Linux version\n[ 9.1] cloud-init[51]: assay-says entropy-avail: 256 ;\nassay-says fips-test: 10\n\
                       login: assay-says fips-test: 1000 2 ;\r\nassay-says entropy-avail: 3 ;\nassay-says end: 6.12.0 ;";
        let said = told(console);
        assert_eq!(said["entropy-avail"], "256");
        assert_eq!(said["fips-test"], "1000 2");
        assert_eq!(said["end"], "6.12.0");
        assert!(!said.contains_key("rngd"));
        assert_eq!((failures("1000 2"), failures("812 0"), failures("")), (Some(2), None, None));
    }

    #[test]
    fn the_newest_debian_is_looked_at_and_else_the_newest_ubuntu() {
        let image = |distro: &str, version: &str| json!({"os_distro": distro, "os_version": version});
        let mut images = vec![image("ubuntu", "22.04"), image("Ubuntu", "24.04"), image("arch", "rolling"), json!({})];
        assert_eq!(newest(&images).unwrap()["os_version"], "24.04");
        images.extend([image("debian", "9"), image("debian", "bookworm"), image("debian", "11")]);
        assert_eq!(newest(&images).unwrap()["os_version"], "bookworm");
        assert_eq!(newest(&[json!({})]), None);
    }

    #[test]
    fn the_script_fits_in_user_data() {
        // Compute takes 65535 characters (https://docs.openstack.org/api-ref/compute/#create-server).
        assert!(STANDARD.encode(SCRIPT).len() < 16_384 && SCRIPT.starts_with("#!/bin/sh\n") && SCRIPT.is_ascii());
    }

    /// How many of 1000 blocks the script finds wrong, of these bytes in place of random ones.
    fn found_wrong(bytes: &[u8]) -> u32 {
        let tests = &SCRIPT[SCRIPT.find("failed=").unwrap()..SCRIPT.find("tell fips-test").unwrap()];
        let tests = tests.replace(" /dev/random", "") + "\necho $failed";
        let mut shell = Command::new("sh");
        let mut shell = shell.args(["-c", &tests]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(bytes).unwrap();
        let shell = shell.wait_with_output().unwrap();
        failures(String::from_utf8(shell.stdout).unwrap().trim()).expect("1000 blocks were tested")
    }

    #[test]
    fn blocks_that_are_not_random_are_found() {
        const BLOCK: usize = 2500;
        // xorshift64*: its bits pass, and are the same each time.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_be_bytes()
        };
        let mut bytes: Vec<u8> = std::iter::repeat_with(&mut next).flatten().take(1000 * BLOCK).collect();
        let before = found_wrong(&bytes);
        assert!(before <= 3, "{before}");
        // 34 zeros in a row, and 26 ones that do not begin with a byte.
        bytes[100 * BLOCK + 7..][..6].copy_from_slice(&[0xaa, 0, 0, 0, 0, 0x2a]);
        bytes[200 * BLOCK..][..5].copy_from_slice(&[0xa1, 0xff, 0xff, 0xff, 0x80]);
        // 25 ones are right.
        bytes[300 * BLOCK..][..5].copy_from_slice(&[0xa1, 0xff, 0xff, 0xff, 0x2a]);
        // Two equal words.
        let word: [u8; 4] = bytes[400 * BLOCK..][..4].try_into().unwrap();
        bytes[400 * BLOCK + 4..][..4].copy_from_slice(&word);
        // As many ones as zeros, in runs that are all alike.
        bytes[500 * BLOCK..][..BLOCK].fill(0x33);
        // More ones than zeros.
        bytes[600 * BLOCK..][..BLOCK].iter_mut().step_by(16).for_each(|byte| *byte = 0xfe);
        // One half of a byte more often than others.
        bytes[700 * BLOCK..][..BLOCK].iter_mut().step_by(12).for_each(|byte| *byte = 0x96);
        assert_eq!(found_wrong(&bytes), before + 6);
        assert_eq!(found_wrong(&vec![0; 1000 * BLOCK]), 1000);
    }
}
