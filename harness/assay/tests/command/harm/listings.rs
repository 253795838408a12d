//! Services that list what was not asked for, or list without end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use assay_hostile::{Answer, Request, Turn};
use assay_record::naming::generated;
use serde_json::{Value, json};

use super::creators::creators;
use super::world::World;

/// When a sweep is taken to have no end. How much it asks for is bounded below.
const BOUND: Duration = Duration::from_secs(600);

/// A list is asked for as if nothing but the fields had been said of it.
fn unfiltered(request: &Request) -> Turn {
    if request.method != "GET" || request.query.is_none() {
        return Turn::Pass;
    }
    let mut asked = request.clone();
    for filter in ["name", "prefix", "description", "device_id", "owner", "project_id", "tenant_id", "id", "status"] {
        asked = asked.without(filter);
    }
    Turn::Rewrite(asked)
}

/// Every creation fails, and clean-up has nothing but names to go by, which no service filters.
async fn filters_ignored(mut world: World) {
    let metal = world.ironic.is_some();
    for front in world.fronts() {
        front.before(|request| {
            let logs_in = request.path.ends_with("/auth/tokens") || request.path.ends_with("/Sessions");
            let creates = matches!(request.method.as_str(), "POST" | "PUT") && !logs_in;
            if creates { Turn::Answer(Answer::json(500, "{}")) } else { unfiltered(request) }
        });
    }
    let ended = world.run(&[creators(metal).as_slice(), &["--timeout", "10"]].concat()).await;
    assert!(matches!(ended.code, Some(1 | 5)), "{ended:#?}");
    world.is_unharmed(&ended).await;
    world.fill().await;
    for front in world.fronts() {
        front.before(unfiltered);
    }
    let ended = world.sweep(&["run"]).await;
    assert!(matches!(ended.code, Some(0 | 5)), "{ended:#?}");
    world.is_unharmed(&ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_do_not_filter_lose_nothing_of_a_cloud() {
    filters_ignored(World::cloud().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_do_not_filter_lose_nothing_of_bare_metal() {
    filters_ignored(World::metal().await).await;
}

/// Gives every list a next page, in each form that there is: to itself (`again`) or to one that is ever new.
fn endless(request: &Request, answer: &mut Answer, number: usize, again: bool) {
    if request.method != "GET" || answer.status != 200 {
        return;
    }
    let marker = if again { "x".to_owned() } else { format!("x{number}") };
    let base = format!("http://{}{}", request.host(), request.path);
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else { return };
    if let Some(things) = body.as_array_mut() {
        // An account's containers, or a container's objects: whatever marker is asked for.
        if things.iter().all(|thing| thing["name"].is_string()) {
            let name = if again { "assay-notes".to_owned() } else { format!("zz-{number}") };
            things.push(json!({"name": name, "count": 1, "bytes": 1}));
        }
    } else if body.get("Members").is_some() {
        body["Members@odata.nextLink"] = json!(format!("{}?$skip={marker}", request.path));
    } else if let Some(members) = body.as_object_mut() {
        let listed = members.iter().find(|(_, value)| value.is_array()).map(|(key, _)| key.clone());
        if let Some(listed) = listed {
            let next = format!("{base}?marker={marker}");
            members.insert("next".to_owned(), json!(next));
            members.insert(format!("{listed}_links"), json!([{"rel": "next", "href": next}]));
        }
    }
    answer.body = body.to_string().into();
}

/// A sweep, by the folder and by the name alone, comes to its end, and does no harm on the way.
async fn pages_without_end(mut world: World) {
    world.killed().await;
    world.fill().await;
    for again in [true, false] {
        for front in world.fronts() {
            let number = AtomicUsize::new(0);
            let front_url = front.url().to_owned();
            front.before(|request| {
                let asked = request.without("marker").without("$skip");
                if request.method == "GET" { Turn::Rewrite(asked) } else { Turn::Pass }
            });
            front.after(move |request, answer| {
                let mut request = request.clone();
                for (name, value) in &mut request.headers {
                    if name == "host" {
                        front_url.trim_start_matches("http://").clone_into(value);
                    }
                }
                endless(&request, answer, number.fetch_add(1, Ordering::Relaxed), again);
            });
        }
        let named = world.name();
        for what in if again { vec!["run", &named] } else { vec!["run"] } {
            let begun = Instant::now();
            let ended = world.sweep(&[what]).await;
            assert!(begun.elapsed() < BOUND, "{:?}: {ended:#?}", begun.elapsed());
            assert!(matches!(ended.code, Some(0 | 5)), "{ended:#?}");
            world.is_unharmed(&ended).await;
        }
    }
    let asked: usize = world.fronts().map(|front| front.seen().len()).sum();
    assert!(asked < 40_000, "{asked} requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_end_of_a_cloud_come_to_one() {
    pages_without_end(World::cloud().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_end_of_bare_metal_come_to_one() {
    pages_without_end(World::metal().await).await;
}

/// Lists in which everything has a whole name of the run's; what is read by its id says what it is.
async fn lists_that_lie(mut world: World) {
    world.killed().await;
    world.fill().await;
    let run = world.name();
    for front in world.fronts() {
        let run = run.clone();
        front.after(move |request, answer| {
            if request.method != "GET" || answer.status != 200 {
                return;
            }
            let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else { return };
            let lists = match &mut body {
                Value::Array(things) => things.iter_mut().collect::<Vec<_>>(),
                Value::Object(members) => members.values_mut().filter_map(Value::as_array_mut).flatten().collect(),
                _ => return,
            };
            for (number, thing) in (1..).zip(lists) {
                let thing = if thing["keypair"].is_object() { &mut thing["keypair"] } else { thing };
                for label in ["name", "description", "access", "Context", "UserName"] {
                    if thing[label].is_string() {
                        thing[label] = json!(generated(&run, "thing", number));
                    }
                }
            }
            answer.body = body.to_string().into();
        });
    }
    for what in ["run".to_owned(), run] {
        let ended = world.sweep(&[&what]).await;
        assert!(matches!(ended.code, Some(0 | 5)), "{ended:#?}");
        world.is_unharmed(&ended).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_call_everything_the_run_s_lose_nothing_of_a_cloud() {
    lists_that_lie(World::cloud().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_call_everything_the_run_s_lose_nothing_of_bare_metal() {
    lists_that_lie(World::metal().await).await;
}

/// One page of tiny values: read whole, it would take a hundred times its size.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_millions_of_values_is_not_read() {
    let world = World::cloud().await;
    let page = [b"{\"images\":[".as_slice(), &b"[],".repeat(20 << 20), b"[]]}"].concat();
    world.front.before(move |request| {
        if request.reads() && request.path.ends_with("/v2/images") {
            Turn::Answer(Answer::json(200, page.clone()))
        } else {
            Turn::Pass
        }
    });
    let sweep = "ulimit -v 3000000; $assay sweep assay-0a1b2c3d --cloud member --dry-run";
    let ended = world.place.shell(sweep).await;
    ended.says(5, &["image", "JSON values"]);
    world.is_unharmed(&ended).await;
}
