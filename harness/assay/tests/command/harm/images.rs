//! An image service that does not filter, and does not create.

use assay_hostile::{Answer, Request, Turn};
use assay_kit::Kind;

use super::creators::creator;
use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn clean_up_where_names_are_not_filtered_deletes_no_image_of_others() {
    for refusal in [Turn::Answer(Answer::json(500, r#"{"message": "no"}"#)), Turn::Close, Turn::Lose] {
        let world = World::cloud().await;
        let hook = refusal.clone();
        world.front.before(move |request: &Request| match request.method.as_str() {
            "GET" if request.path.ends_with("/v2/images") => Turn::Rewrite(request.without("name")),
            "POST" if request.path.ends_with("/v2/images") => hook.clone(),
            _ => Turn::Pass,
        });
        let ended = world.run(&[creator(Kind::Image).unwrap()]).await;
        assert!(matches!(ended.code, Some(1 | 5)), "{refusal:?}: {ended:#?}");
        world.is_unharmed(&ended).await;
    }
}

/// A run is killed between the announcement of an image and its id.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_where_names_are_not_filtered_deletes_no_image_of_others() {
    let mut world = World::cloud().await;
    let creates = |request: &Request| request.method == "POST" && request.path.ends_with("/v2/images");
    world.front.before(move |request| if creates(request) { Turn::Silence } else { Turn::Pass });
    let mut child = world.start(&[creator(Kind::Image).unwrap()]);
    while !world.front.changes().iter().any(creates) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert!(child.try_wait().unwrap().is_none(), "the run waits for its image");
    }
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    world.fill().await;
    world.front.before(|request| match request.method.as_str() {
        "GET" if request.path.ends_with("/v2/images") => Turn::Rewrite(request.without("name")),
        _ => Turn::Pass,
    });
    let ended = world.sweep(&["run"]).await;
    assert!(matches!(ended.code, Some(0 | 5)), "{ended:#?}");
    world.is_unharmed(&ended).await;
}
