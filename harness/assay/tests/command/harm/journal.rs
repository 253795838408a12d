//! A journal in which somebody wrote what the run never did.

use assay_hostile::{Behaviour, Server};
use assay_kit::Kind;
use assay_record::naming::generated;
use serde_json::{Value, json};

use super::creators::kinds;
use super::world::World;

/// Whose things of a kind are.
pub fn role(kind: Kind) -> &'static str {
    match kind {
        Kind::SparePassword => "spare",
        Kind::AccountQuota => "reseller",
        Kind::RedfishSession | Kind::RedfishAccount | Kind::RedfishSubscription | Kind::RedfishSystem => "redfish-0",
        _ => "member",
    }
}

/// What a line may say was there before.
pub fn previous(kind: Kind) -> Option<Value> {
    Some(match kind {
        Kind::AccountQuota => json!("1"),
        Kind::VirtualMedia => json!("cdrom"),
        Kind::Indicator => json!(json!({"indicator": "led@system", "state": "BLINKING"}).to_string()),
        Kind::Machine => json!(
            json!({"provision_state": "manageable", "power_state": "power on", "boot_mode": "bios",
            "extra": {"owner": "a stranger"}, "properties": {}})
            .to_string()
        ),
        Kind::RedfishSystem => json!(
            json!({"power": "On", "asked": null, "boot": {"BootSourceOverrideTarget": "Pxe"},
            "properties": {"AssetTag": "OWNED"}, "secure_boot": null, "bios": null, "media": {}})
            .to_string()
        ),
        _ => return None,
    })
}

/// Lines about what others have: by its own name and id, under a name that could be the run's, and with ids that lead
/// somewhere else.
fn lines(world: &World, kind: Kind, elsewhere: &str) -> Vec<Value> {
    let word = serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned();
    let own = generated(&world.name(), &word, 4242);
    let decoys = world.decoys_of(kind);
    let nearest = decoys.len().saturating_sub(3);
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    for (name, id) in decoys.iter().take(2).chain(decoys.iter().skip(nearest)) {
        found.push((name.clone(), id.clone()));
        found.push((own.clone(), Some(id.clone().unwrap_or_else(|| name.clone()))));
        found.push((format!("{own}-1"), Some(id.clone().unwrap_or_else(|| name.clone()))));
    }
    let victim = decoys.first().and_then(|(name, id)| id.clone().or(Some(name.clone()))).unwrap_or_default();
    for id in [elsewhere, "..", ".", "", "a/b", "?x=y", "#", &format!("../{victim}"), &format!("{victim}?force=true")] {
        found.push((own.clone(), Some(id.to_owned())));
    }
    for name in ["", ".", "..", "/", "?", "a/b", &format!("{own}/../{victim}"), &world.name()] {
        found.push((name.to_owned(), None));
    }
    let line = |(name, id): (String, Option<String>)| {
        let mut resource = json!({"kind": word, "name": name, "role": role(kind)});
        if let Some(id) = id {
            resource["id"] = json!(id);
        }
        if let Some(previous) = previous(kind) {
            resource["previous"] = previous;
        }
        resource
    };
    found.into_iter().map(line).collect()
}

/// A quiet run of one test; its folder has lines for every kind added. `is_known` says whether the user's own state knows
/// the run.
async fn victims(mut world: World, test: &str, is_known: bool) {
    let elsewhere = Server::start(Behaviour::Answer(204, Vec::new(), String::new())).await.unwrap();
    world.run(&[test]).await;
    world.fill().await;
    let metal = world.ironic.is_some();
    if !is_known {
        world.forget_the_run();
    }
    let whole = world.place.read("run/resources.jsonl");
    // All lines of a kind at once, and each kind apart, so that one that is refused does not hide the next.
    for kind in kinds(metal) {
        world.place.write("run/resources.jsonl", &whole);
        for line in lines(&world, kind, &format!("{}/steal", elsewhere.url())) {
            world.add_line(&line, "created");
        }
        let really: &[&str] = if is_known { &["run"] } else { &["run", "--yes"] };
        for arguments in [&["run", "--dry-run"], really] {
            let ended = world.sweep(arguments).await;
            assert!(matches!(ended.code, Some(0 | 2 | 5)), "{}: {ended:#?}", kind.name());
            let strays = world.strays();
            assert!(strays.is_empty(), "{}:\n{}\n{ended:#?}", kind.name(), strays.join("\n"));
            let is_dry = arguments.contains(&"--dry-run");
            assert!(is_dry || ended.code != Some(0), "{}: what is left is said: {ended:#?}", kind.name());
        }
    }
    world.decoys.verify().await;
    assert_eq!(elsewhere.requests(), Vec::<String>::new(), "nothing is asked for elsewhere");
}

const QUIET: &str = "image.images.delete";
const QUIET_METAL: &str = "baremetal.nodes.create";

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_were_added_to_a_journal_harm_nothing_of_a_cloud() {
    victims(World::cloud().await, QUIET, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_in_the_journal_of_a_stranger_harm_nothing_of_a_cloud() {
    victims(World::cloud().await, QUIET, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_were_added_to_a_journal_harm_no_machine() {
    victims(World::metal().await, QUIET_METAL, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_in_the_journal_of_a_stranger_harm_no_machine() {
    victims(World::metal().await, QUIET_METAL, false).await;
}
