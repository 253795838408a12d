//! Random journals and run folders: whatever they say, a sweep comes to its end, asks for nothing elsewhere, and touches
//! nothing that the run did not make.
//!
//! `ASSAY_PROPERTY_CASES` says how many there are, `ASSAY_PROPERTY_SEED` which; a case that fails names both.

use assay_hostile::{Behaviour, Server};
use assay_kit::Kind;
use assay_record::naming::generated;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use super::creators::{creator, creators};
use super::journal::{previous, role};
use super::world::World;
use crate::support::{Ended, assay, end};

/// How many there are unless the environment says otherwise; a debug build takes its time for each.
const CASES: usize = 48;
/// How many commands run at once.
const AT_ONCE: usize = 6;

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// What random folders are made of.
struct Pool {
    run: String,
    run_json: Value,
    journal: Vec<Value>,
    /// Names and ids of decoys, by kind.
    decoys: Vec<(Kind, String, Option<String>)>,
    elsewhere: String,
}

impl Pool {
    fn of(world: &World, elsewhere: &str) -> Self {
        let decoys = Kind::ALL.into_iter().flat_map(|kind| {
            let of_it = world.decoys_of(kind).into_iter();
            of_it.map(move |(name, id)| (kind, name, id)).collect::<Vec<_>>()
        });
        Self {
            run: world.name(),
            run_json: serde_json::from_str(&world.place.read("run/run.json")).unwrap(),
            journal: world.journal(),
            decoys: decoys.collect(),
            elsewhere: elsewhere.to_owned(),
        }
    }

    fn kind(chance: &mut SmallRng) -> String {
        let kind = Kind::ALL.choose(chance).unwrap();
        serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned()
    }

    fn decoy(&self, chance: &mut SmallRng) -> &(Kind, String, Option<String>) {
        self.decoys.choose(chance).unwrap()
    }

    fn name(&self, chance: &mut SmallRng) -> String {
        match chance.random_range(0..8) {
            0 | 1 => generated(&self.run, &Self::kind(chance), chance.random_range(0..20)),
            2 => format!("{}-{}", generated(&self.run, &Self::kind(chance), 3), chance.random_range(0..100)),
            3 | 4 => self.decoy(chance).1.clone(),
            5 => format!("{}-{}-{}", self.run, Self::kind(chance), chance.random_range(0..20)),
            6 => {
                (*["", ".", "..", "/", "a/b", "?", "#", "%2e%2e", "\u{1b}[2J", "*"].choose(chance).unwrap()).to_owned()
            }
            _ => self.run.clone(),
        }
    }

    fn id(&self, chance: &mut SmallRng) -> Value {
        let decoy = self.decoy(chance);
        let victim = decoy.2.clone().unwrap_or_else(|| decoy.1.clone());
        let odd = ["", ".", "..", "../..", "a/b", "?x", "#", "%2e%2e", "\u{0}", "0", "-1", "null", "\\..\\.."];
        match chance.random_range(0..10) {
            0..=3 => json!(victim),
            4 => json!(format!("{}/steal", self.elsewhere)),
            5 => json!(format!("../{victim}")),
            6 => json!(format!("{victim}?cascade=true")),
            7 => json!(*odd.choose(chance).unwrap()),
            8 => json!("x".repeat(chance.random_range(0..5000))),
            _ => [json!(1), Value::Null, json!(true), json!({"a": 1})].choose(chance).cloned().unwrap_or_default(),
        }
    }

    fn previous(&self, chance: &mut SmallRng) -> Value {
        let machine = json!({"provision_state": "manageable", "power_state": "power on", "extra": {"owner": "x"}});
        let system = json!({"power": "On", "asked": null, "boot": {"BootSourceOverrideTarget": "Pxe"},
            "properties": {"AssetTag": "OWNED"}, "media": {self.decoy(chance).1.clone(): false}});
        let texts = ["", "1", "-1", "cdrom", "{", "[]", "999999999999999999999999", "a\r\nx-remove-container: x"];
        match chance.random_range(0..4) {
            0 => json!(machine.to_string()),
            1 => json!(system.to_string()),
            2 => json!(self.elsewhere),
            _ => json!(*texts.choose(chance).unwrap()),
        }
    }

    /// A line that was never there, in the form of one of a run's.
    fn tidy_line(&self, chance: &mut SmallRng) -> Value {
        let (kind, name, id) = self.decoy(chance).clone();
        let same: Vec<_> = self.decoys.iter().filter(|decoy| decoy.0 == kind).collect();
        let word = serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned();
        let name = match chance.random_range(0..4) {
            0 | 1 => name,
            2 => generated(&self.run, &word, chance.random_range(0..60)),
            _ => same.choose(chance).map(|decoy| decoy.1.clone()).unwrap_or_default(),
        };
        let id = match chance.random_range(0..4) {
            0 | 1 => id,
            2 => same.choose(chance).and_then(|decoy| decoy.2.clone()),
            _ => None,
        };
        let mut resource = json!({"kind": kind, "name": name, "role": role(kind)});
        if let Some(id) = id {
            resource["id"] = json!(id);
        }
        if let Some(previous) = previous(kind) {
            resource["previous"] = previous;
        }
        let mut line = self.journal.choose(chance).cloned().unwrap_or_else(|| json!({}));
        line["resource"] = resource;
        line["state"] = json!(*["created", "created", "planned", "left", "removed"].choose(chance).unwrap());
        line
    }

    /// A line that was never there; a tidy one could be one of a run's.
    fn line(&self, tidy: bool, chance: &mut SmallRng) -> Value {
        if tidy {
            return self.tidy_line(chance);
        }
        let roles = ["member", "member", "member", "alt", "reseller", "spare", "redfish-0", "redfish-9", "admin", ""];
        let states = ["created", "created", "planned", "left", "removed", "gone"];
        let mut resource = json!({"kind": Self::kind(chance), "name": self.name(chance)});
        // Of a decoy whole, as often as not.
        if chance.random_bool(0.5) {
            let (kind, name, id) = self.decoy(chance).clone();
            resource = json!({"kind": kind, "name": name});
            if let Some(id) = id {
                resource["id"] = json!(id);
            }
        }
        resource["role"] = json!(*roles.choose(chance).unwrap());
        if chance.random_bool(0.5) {
            resource["id"] = self.id(chance);
        }
        if chance.random_bool(0.3) {
            resource["previous"] = self.previous(chance);
        }
        let mut line = self.journal.choose(chance).cloned().unwrap_or_else(|| json!({}));
        line["resource"] = resource;
        line["state"] = json!(*states.choose(chance).unwrap());
        line
    }

    /// A journal: a real one with damage, one of lines that were never there, or both.
    fn journal(&self, chance: &mut SmallRng) -> Vec<u8> {
        // A reader refuses the whole of what is damaged in one place: most are read to their end.
        let tidy = chance.random_bool(0.7);
        let mut lines = if chance.random_bool(0.7) { self.journal.clone() } else { Vec::new() };
        for _ in 0..chance.random_range(0..20) {
            let at = chance.random_range(0..=lines.len());
            lines.insert(at, self.line(tidy, chance));
        }
        for _ in 0..chance.random_range(0..4) {
            if !tidy && !lines.is_empty() {
                let (one, other) = (chance.random_range(0..lines.len()), chance.random_range(0..lines.len()));
                match chance.random_range(0..4) {
                    0 => lines.swap(one, other),
                    1 => drop(lines.remove(one)),
                    2 => lines[one]["resource"]["id"] = self.id(chance),
                    _ => lines[one]["resource"]["name"] = json!(self.name(chance)),
                }
            }
        }
        let mut bytes: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
        if !tidy {
            damage(&mut bytes, chance);
        }
        bytes
    }

    fn run_json(&self, chance: &mut SmallRng) -> Vec<u8> {
        let mut run = self.run_json.clone();
        for _ in 0..chance.random_range(0..4_usize).saturating_sub(1) {
            match chance.random_range(0..8) {
                0 => run["id"] = json!(format!("assay-{:08x}", chance.random::<u32>() | 1)),
                1 => run["id"] = json!(*["", "assay-", "assay-*", "..", "assay-0A1B2C3D"].choose(chance).unwrap()),
                2 => run["deployment"]["auth_url"] = json!(self.elsewhere),
                3 => run["deployment"]["name"] = json!(*["elsewhere", "", "reference-alt"].choose(chance).unwrap()),
                4 => run["configuration"]["deployment"] = json!("evil.yaml"),
                5 => run["configuration"]["cloud"] = json!("reference-reseller"),
                6 => run["started"] = json!("1970-01-01T00:00:00Z"),
                _ => run["deployment"]["reference"] = json!(true),
            }
        }
        let mut bytes = run.to_string().into_bytes();
        if chance.random_bool(0.1) {
            damage(&mut bytes, chance);
        }
        bytes
    }
}

/// Changes, cuts or doubles some bytes, now and then.
fn damage(bytes: &mut Vec<u8>, chance: &mut SmallRng) {
    if bytes.is_empty() || chance.random_bool(0.6) {
        return;
    }
    for _ in 0..chance.random_range(1..5) {
        let at = chance.random_range(0..bytes.len());
        bytes[at] = chance.random();
    }
    if chance.random_bool(0.3) {
        bytes.truncate(chance.random_range(0..bytes.len()));
    }
}

/// Writes a random folder and begins a sweep of it.
fn begin(world: &World, pool: &Pool, name: &str, is_known: bool, chance: &mut SmallRng) -> tokio::process::Child {
    let folder = world.place.path(name);
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(world.place.path("run")).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    std::fs::write(folder.join("run.json"), pool.run_json(chance)).unwrap();
    let journal = folder.join("resources.jsonl");
    std::fs::write(&journal, pool.journal(chance)).unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(600);
    std::fs::File::options().append(true).open(&journal).unwrap().set_modified(long_ago).unwrap();
    if chance.random_bool(0.05) {
        std::fs::remove_file(&journal).unwrap();
    }
    let mut command = world.place.program(assay());
    command.args(["sweep", name]);
    match chance.random_range(0..4) {
        0 => drop(command.arg("--dry-run")),
        1 => {}
        _ => drop(command.arg("--yes")),
    }
    if chance.random_bool(0.9) {
        command.args(world.options());
    }
    if chance.random_bool(0.9) {
        // Otherwise they may be a stranger's, too.
        command.env("OS_CLIENT_CONFIG_FILE", world.place.path("clouds.yaml"));
    }
    if !is_known {
        // Another machine: the run is a stranger's.
        command.env("ASSAY_STATE", world.place.path("nowhere"));
    }
    command.spawn().unwrap()
}

async fn cases(mut world: World, count: usize) {
    let seed = number("ASSAY_PROPERTY_SEED", 10);
    let elsewhere = Server::start(Behaviour::Answer(200, Vec::new(), "{}".into())).await.unwrap();
    // The quota that the killed run set would be none of the decoys'.
    let mut tests = creators(world.ironic.is_some());
    tests.retain(|test| Some(*test) != creator(Kind::AccountQuota));
    world.killed_in(&tests).await;
    world.fill().await;
    let pool = Pool::of(&world, &elsewhere.url());
    let numbers: Vec<usize> = (0..count).collect();
    let mut looked = 0;
    for numbers in numbers.chunks(AT_ONCE) {
        let begun: Vec<_> = numbers
            .iter()
            .map(|number| {
                let mut chance = SmallRng::seed_from_u64((seed * 1_000_003 + number) as u64);
                // Two sweeps of a run that the user's own state knows would wait for each other.
                let is_known = number % AT_ONCE == 0;
                begin(&world, &pool, &format!("case-{number}"), is_known, &mut chance)
            })
            .collect();
        let mut ended: Vec<Ended> = Vec::new();
        for child in begun {
            ended.push(end(child).await);
        }
        let which = format!("cases {numbers:?} of seed {seed}");
        for (number, ended) in numbers.iter().zip(&ended) {
            assert!(matches!(ended.code, Some(0 | 2 | 3 | 5)), "case {number} of seed {seed}: {ended:#?}");
            looked += usize::from(ended.code != Some(2));
        }
        let strays = world.strays();
        assert!(strays.is_empty(), "{which}: asked to change what is not the run's: {strays:#?}\n{ended:#?}");
        assert_eq!(elsewhere.requests(), Vec::<String>::new(), "{which}: nothing is asked for elsewhere");
        if numbers[0] % (AT_ONCE * 5) == 0 {
            let missing = world.decoys.missing().await;
            assert!(missing.is_empty(), "{which}, or a few before: {}\n{ended:#?}", missing.join("\n"));
        }
        for number in numbers {
            std::fs::remove_dir_all(world.place.path(&format!("case-{number}"))).unwrap();
        }
    }
    world.decoys.verify().await;
    assert!(looked * 10 > count, "only {looked} of {count} folders were not refused at once: this shows too little");
}

#[tokio::test(flavor = "multi_thread")]
async fn random_folders_harm_nothing_of_a_cloud() {
    cases(World::cloud().await, number("ASSAY_PROPERTY_CASES", CASES) * 3 / 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_folders_harm_no_machine() {
    cases(World::metal().await, number("ASSAY_PROPERTY_CASES", CASES) / 4).await;
}
