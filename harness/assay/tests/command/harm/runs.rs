//! Whole runs in good deployments: whatever a test does, it does it to what it made, or was given.

use super::world::World;

async fn whole(world: World, filters: &[&str]) {
    let ended = world.run(filters).await;
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:#?}");
    world.decoys.verify().await;
    assert_eq!(world.strays_done(), Vec::<String>::new(), "a request about what is not the run's");
    world.is_swept(&ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_test_of_a_cloud_changes_what_it_made_alone() {
    whole(World::cloud().await, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_test_of_bare_metal_changes_what_it_made_or_was_given_alone() {
    whole(World::metal().await, &[]).await;
}
