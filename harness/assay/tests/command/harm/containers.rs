//! An object store that lists what was not asked for, and containers with something of others in them.

use assay_hostile::{Request, Turn};
use assay_kit::Kind;

use super::creators::creator;
use super::world::World;

/// The one fault of this store: it does not know the query parameter `prefix`.
fn without_prefix(request: &Request) -> Turn {
    let account = request.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if request.method == "GET" && account.starts_with("AUTH_") {
        Turn::Rewrite(request.without("prefix"))
    } else {
        Turn::Pass
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_ignores_the_prefix_loses_nothing() {
    let mut world = World::cloud().await;
    world.killed_in(&[creator(Kind::Container).unwrap(), "object-storage.containers.list-objects-with-limit"]).await;
    world.fill().await;
    world.front.before(without_prefix);
    let ended = world.sweep(&["run"]).await;
    ended.prints(&["removed container"]);
    world.is_unharmed(&ended).await;
    world.is_swept(&ended).await;
    // By the run's name alone, where no journal says more.
    let name = world.name();
    let ended = world.sweep(&[&name]).await;
    assert!(matches!(ended.code, Some(0 | 5)), "{ended:#?}");
    world.is_unharmed(&ended).await;
}

/// Of a container of the run's, only objects that the run put there are deleted.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_somebody_else_put_into_a_container_of_the_run_stays() {
    let mut world = World::cloud().await;
    world.killed_in(&[creator(Kind::Container).unwrap(), "object-storage.containers.list-objects-with-limit"]).await;
    world.fill().await;
    let (name, access) = (world.name(), world.access.clone());
    world.decoys.intrude(&access, &name).await.unwrap();
    let ended = world.sweep(&["run"]).await;
    ended.says(5, &["container"]);
    let missing = world.decoys.missing().await;
    assert!(missing.is_empty(), "decoys suffered:\n{}\n{ended:#?}", missing.join("\n"));
}
