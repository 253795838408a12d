//! Volume types that say what they are: [scs-0114](https://docs.scs.community/standards/scs-0114-v1-volume-type-standard).

use std::sync::Arc;

use assay_kit::prelude::*;

use super::told::{expect_none, listed, require_none};

/// The key of the volume types, as `shares` names it.
const SHARED: &str = "scs.volume-types";
/// The aspects that the standard knows.
const ASPECTS: [&str; 2] = ["encrypted", "replicated"];
/// What a list of aspects begins with.
const MARK: &str = "[scs:";

/// The volume types that a member sees.
struct Types {
    all: Vec<Type>,
    page: Json,
}

/// One of them.
struct Type {
    name: String,
    /// Empty where it has none.
    description: String,
}

impl Types {
    async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move {
            let mut pages = Pages::new(&cx.block_storage()?, "types").key("volume_types");
            let (mut all, mut first) = (Vec::new(), None);
            while let Some(page) = pages.next().await? {
                for kind in page.get("volume_types")?.elements()? {
                    let description = kind.value()["description"].as_str().unwrap_or_default().to_owned();
                    all.push(Type { name: kind.get("name")?.text()?.to_owned(), description });
                }
                first.get_or_insert(page);
            }
            let page = first.ok_or_else(|| Stop::Error("the list of volume types has no page".to_owned()))?;
            Ok(Self { all, page })
        })
        .await
    }
}

/// The aspects that a description lists at its beginning; none where it lacks one.
fn aspects(description: &str) -> Option<Vec<&str>> {
    let (list, _) = description.strip_prefix(MARK)?.split_once(']')?;
    match list {
        _ if list.contains('[') => None,
        "" => Some(Vec::new()),
        _ => Some(list.split(',').map(str::trim).collect()),
    }
}

/// What is wrong with a list of aspects, in words.
fn wrong_with(aspects: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut sorted = aspects.to_vec();
    sorted.sort_unstable();
    if sorted != aspects {
        wrong.push(format!("it is not sorted: `{}` would be", sorted.join(", ")));
    }
    let twice = sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    wrong.extend(twice.map(|aspect| format!("`{aspect}` is there twice")));
    sorted.dedup();
    let unknown = sorted.iter().filter(|aspect| !ASPECTS.contains(aspect));
    wrong.extend(unknown.map(|aspect| format!("`{aspect}` is unknown: {} are known", ASPECTS.join(" and "))));
    wrong
}

/// A list of aspects at the beginning of a volume type's description, such as `[scs:encrypted, replicated]`, must be sorted, have
/// each aspect once, and none but `encrypted` and `replicated`. There need not be one.
///
/// It should stand at the beginning and nowhere else, end with `]`, and have aspects.
#[conformance(
    id = "scs-0114-syntax-check",
    spec = "scs-0114-v1#systematic-description-of-volume-types",
    covers = "43c4ecae-c134-5c5d-9720-fbce362a161b",
    needs = [BlockStorage],
    shares = ["scs.volume-types"],
)]
async fn syntax_check(cx: &Cx) -> Outcome {
    let types = Types::shared(cx).await?;
    let (mut wrong, mut lost) = (Vec::new(), Vec::new());
    for Type { name, description } in &types.all {
        let about = |what: String| format!("volume type `{name}`, described as `{description}`: {what}");
        match aspects(description) {
            Some(list) => {
                if list.is_empty() {
                    lost.push(about("its list is empty".to_owned()));
                }
                wrong.extend(wrong_with(&list).into_iter().map(about));
            }
            None if description.to_lowercase().contains(MARK) => {
                lost.push(about("its list is not read: it does not begin with `[scs:`, or has no `]`".to_owned()));
            }
            None => {}
        }
    }
    require_none(&types.page, "the list of aspects of a volume type must be written as scs-0114 says", &wrong)?;
    expect_none(cx, "a list of aspects should stand at the beginning of the description of a volume type", &lost);
    Ok(())
}

/// A volume type must have `{aspect}` in the list of aspects that its description begins with.
#[conformance(
    spec = "scs-0114-v1#standardized-aspects",
    needs = [BlockStorage],
    shares = ["scs.volume-types"],
    cases = [
        ("scs-0114-encrypted-type", "d443db26-621b-5eeb-9fdc-fef9a665c07f", "encrypted"),
        ("scs-0114-replicated-type", "7df06b47-25be-5758-a32d-97fbfac1ff47", "replicated"),
    ],
)]
async fn aspect_type(cx: &Cx, aspect: &str) -> Outcome {
    let types = Types::shared(cx).await?;
    let has = |one: &Type| aspects(&one.description).is_some_and(|list| list.contains(&aspect));
    if types.all.iter().any(has) {
        return Ok(());
    }
    let seen: Vec<String> =
        types.all.iter().map(|one| format!("`{}`, described as `{}`", one.name, one.description)).collect();
    let seen = if seen.is_empty() { "no volume type".to_owned() } else { listed(&seen) };
    let requirement = format!("a volume type must have the aspect `{aspect}`");
    let expected = format!("a description that begins with a list such as `[scs:{aspect}]`");
    Err(types.page.fail(requirement, Some(expected), Some(seen)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aspects_are_read_at_the_beginning_of_a_description() {
        for (description, list) in [
            ("[scs:encrypted] LUKS", Some(vec!["encrypted"])),
            ("[scs:encrypted, replicated] three copies", Some(vec!["encrypted", "replicated"])),
            ("[scs:replicated,encrypted]", Some(vec!["replicated", "encrypted"])),
            ("[scs:]", Some(vec![])),
            ("[scs:encrypted,]", Some(vec!["encrypted", ""])),
            ("fast [scs:encrypted]", None),
            ("[scs:encrypted", None),
            ("[scs:encrypted [fast]]", None),
            ("[SCS:encrypted]", None),
            ("", None),
        ] {
            assert_eq!(aspects(description), list, "{description}");
        }
    }

    #[test]
    fn of_a_wrong_list_it_is_said_what_is_wrong() {
        for (list, says) in [
            (&["encrypted"][..], &[][..]),
            (&["encrypted", "replicated"], &[]),
            (&["replicated", "encrypted"], &["not sorted: `encrypted, replicated` would be"]),
            (&["encrypted", "encrypted"], &["`encrypted` is there twice"]),
            (&["encrypted", "fast"], &["`fast` is unknown: encrypted and replicated are known"]),
            (&["ssd", "ssd", "encrypted"], &["not sorted", "`ssd` is there twice", "`ssd` is unknown"]),
        ] {
            let wrong = wrong_with(list);
            assert_eq!(wrong.len(), says.len(), "{list:?}: {wrong:?}");
            assert!(wrong.iter().zip(says).all(|(wrong, says)| wrong.contains(says)), "{list:?}: {wrong:?}");
        }
    }
}
