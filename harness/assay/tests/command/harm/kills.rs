//! A run that was killed in the middle, in a deployment that is good: all of it goes, and nothing else.

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_after_a_kill_removes_something_of_each_kind_and_nothing_else() {
    let mut world = World::cloud().await;
    world.killed().await;
    world.fill().await;
    let asked = world.front.changes().len();
    let ended = world.sweep(&["run", "--dry-run"]).await;
    assert_eq!(world.front.changes().len(), asked, "a dry run changes nothing: {ended:#?}");
    let ended = world.sweep(&["run"]).await;
    world.is_unharmed(&ended).await;
    world.is_swept(&ended).await;
}
