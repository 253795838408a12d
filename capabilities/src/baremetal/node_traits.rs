//! Traits of nodes.

use std::collections::BTreeSet;

use assay_kit::prelude::*;
use assay_kit::resources::trait_name;

use super::fixture::{Node, Refusal as _, at, offers, patiently, refused, show};

/// The traits of a node, which its description has too.
async fn traits(ironic: &Client, node: &Node) -> Outcome<BTreeSet<String>> {
    let texts =
        |list: Json| list.elements()?.iter().map(|name| Ok(name.text()?.to_owned())).collect::<Outcome<BTreeSet<_>>>();
    let listed = show(ironic, &format!("{}/traits", node.path)).await?.get("traits")?;
    let shown = node.show(ironic).await?.get("traits")?;
    require_eq!(shown, texts(shown.clone())?, texts(listed.clone())?, "a node's description must have its traits");
    texts(listed)
}

/// A node must get two traits, then a third one; then one must be removed, then all. Each time it must have exactly the
/// traits that were sent.
#[conformance(
    id = "baremetal.traits.set",
    spec = "baremetal-v1#set-all-traits-of-a-node",
    covers = "54e80f87-55ec-4e66-9938-d84723e6bf7b",
    needs = [BareMetal, BareMetalMicroversion("1.37")],
)]
async fn set(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.37")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let path = format!("{}/traits", node.path);
    let (one, two) = (trait_name(&cx.name("trait")), trait_name(&cx.name("trait")));
    let standard = "HW_CPU_X86_VMX".to_owned();
    let request = ironic.put(&path).json(&json!({"traits": [one, standard]}));
    patiently(cx, request).await?.require_status(204)?;
    let now = traits(&ironic, &node).await?;
    require_eq!(cx, now, BTreeSet::from([one.clone(), standard.clone()]), "a node must have the traits it was sent");
    patiently(cx, ironic.put(&format!("{path}/{two}"))).await?.require_status(204)?;
    let now = traits(&ironic, &node).await?;
    require_eq!(
        cx,
        now,
        BTreeSet::from([one.clone(), two.clone(), standard.clone()]),
        "a trait must come to those there are"
    );
    patiently(cx, ironic.delete(&format!("{path}/{one}"))).await?.require_status(204)?;
    let now = traits(&ironic, &node).await?;
    require_eq!(cx, now, BTreeSet::from([two, standard]), "a trait that was taken away must be gone, and no other");
    patiently(cx, ironic.delete(&path)).await?.require_status(204)?;
    require_eq!(cx, traits(&ironic, &node).await?, BTreeSet::new(), "all traits must be gone");
    Ok(())
}

/// An invalid trait must be refused, alone and among valid ones, and the node must keep exactly the traits that it had. A
/// missing trait must not be found, and a microversion before 1.37 must not know any.
#[conformance(
    id = "baremetal.traits.refused",
    spec = "baremetal-v1#set-all-traits-of-a-node",
    covers = "8fdd007b-7799-4b94-a641-8c41454bd744",
    needs = [BareMetal, BareMetalMicroversion("1.37")],
)]
async fn refusals(cx: &Cx) -> Outcome {
    let ironic = at(cx, "1.37")?;
    let node = Node::enrol(cx, &ironic, &json!({})).await?;
    let path = format!("{}/traits", node.path);
    let (one, two) = (trait_name(&cx.name("trait")), trait_name(&cx.name("trait")));
    patiently(cx, ironic.put(&path).json(&json!({"traits": [one]}))).await?.require_status(204)?;
    refused(cx, ironic.put(&format!("{path}/notstandard")), 400, "notstandard").await?;
    refused(cx, ironic.put(&path).json(&json!({"traits": [two, "notstandard"]})), 400, "notstandard").await?;
    refused(cx, ironic.delete(&format!("{path}/{two}")), 404, &two).await?;
    require_eq!(cx, traits(&ironic, &node).await?, BTreeSet::from([one]), "refused requests must leave the traits");
    if offers(cx, 36)? {
        at(cx, "1.36")?.get(&path).require_refusal([404, 406]).await?;
    }
    Ok(())
}
