//! Whether images for everybody are as recent as their properties say
//! ([scs-0102](https://docs.scs.community/standards/scs-0102-v2-image-metadata)).

use std::collections::BTreeMap;

use assay_kit::prelude::*;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::images::{Images, day, name, text, time};
use super::told::{expect_none, require_none};

/// How long an image may be old at most that is replaced so often, as the test case counts it; none where it may be any age.
fn replaced_within(frequency: &str) -> Option<TimeDelta> {
    let hours = match frequency {
        "yearly" => 365 * 24,
        "quarterly" => 92 * 24,
        "monthly" => 31 * 24,
        "weekly" => 7 * 25,
        "daily" => 25,
        _ => return None,
    };
    // A tenth more.
    TimeDelta::try_minutes(hours * 66)
}

/// What becomes of an image by its age.
#[derive(Debug, PartialEq, Eq)]
enum Age {
    /// It is as recent as it says; or it is no longer provided; or nothing is promised.
    Fine,
    /// It should have been replaced, and neither is it hidden nor does its name say so.
    Outdated,
    /// It should have been replaced, and is put aside.
    PutAside,
    /// It should have been replaced, unless it is no longer provided, which it does not say.
    Unknown,
}

/// How an image stands by its properties.
fn age(image: &Value, now: DateTime<Utc>) -> Age {
    let text = |key: &str| image[key].as_str().unwrap_or_default();
    let Some(within) = replaced_within(text("replace_frequency")) else { return Age::Fine };
    let built = time(text("image_build_date")).or_else(|| time(text("created_at"))).unwrap_or_default();
    let now = now.naive_utc();
    if built.checked_add_signed(within).is_none_or(|latest| now <= latest) {
        return Age::Fine;
    }
    match text("provided_until") {
        "none" | "notice" => return Age::Fine,
        until => match time(until) {
            None => return Age::Unknown,
            Some(until) if now > until => return Age::Fine,
            Some(_) => {}
        },
    }
    let mark = text("name").rsplit_once(' ').map_or("", |(_, mark)| mark);
    let stamped = day(mark).is_some() || (mark.len() == 8 && NaiveDate::parse_from_str(mark, "%Y%m%d").is_ok());
    if image["os_hidden"] == true || matches!(mark, "old" | "prev") || stamped { Age::PutAside } else { Age::Outdated }
}

/// The name of what replaces an image: its own without the last word, which says that it is old.
fn replacement(name: &str) -> Option<&str> {
    name.rsplit_once(' ').map(|(short, _)| short.trim_end())
}

/// Each image for everybody must be as recent as its `replace_frequency` says, with a tenth of that time to spare; or its
/// `provided_until` must be past, `none` or `notice`; or there must be a recent image that has its name without the last word,
/// such as `Debian 12` for `Debian 12 20260801`.
///
/// An old one should be hidden, or have `old`, `prev` or a date as the last word of its name.
#[conformance(
    id = "scs-0102-image-recency",
    spec = "scs-0102-v2#image-updating",
    covers = "bbf4377b-0bba-5861-87a2-6261ce89d1a2",
    needs = [Image],
    shares = ["scs.images"],
)]
async fn image_recency(cx: &Cx) -> Outcome {
    let images = Images::shared(cx).await?;
    let age_of = |image: &Value| age(image, images.now);
    // Of several with one name, the last in the list stands for all.
    let by_name: BTreeMap<&str, &Value> = images.all.iter().map(|image| (name(image), image)).collect();
    let (mut wrong, mut open) = (Vec::new(), Vec::new());
    for image in &images.all {
        let old = name(image);
        let (built, frequency) = (text(image, "image_build_date"), text(image, "replace_frequency"));
        let about = format!("image `{old}`, built {built}, to be replaced {frequency}");
        let replaced = replacement(old).and_then(|short| by_name.get(short)).is_some_and(|it| age_of(it) == Age::Fine);
        match age_of(image) {
            Age::Fine => continue,
            Age::Unknown => {
                let until = text(image, "provided_until");
                wrong.push(format!("{about}: its `provided_until` is `{until}`, which is an invalid day"));
                continue;
            }
            Age::Outdated => open.push(about.clone()),
            Age::PutAside => {}
        }
        if !replaced {
            let wanted = replacement(old).map_or_else(
                || "its name has no last word to tell it from a newer one".to_owned(),
                |short| format!("no recent image is called `{short}`"),
            );
            wrong.push(format!("{about}: {wanted}"));
        }
    }
    require_none(&images.page, "an image must be as recent as it says, or there must be one that replaces it", &wrong)?;
    expect_none(cx, "an image that is replaced should be hidden, or say so in its name", &open);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-08-21T12:00:00Z").unwrap().to_utc()
    }

    #[test]
    fn an_image_that_is_old_for_its_frequency_is_outdated() {
        let image = |name: &str, built: &str, frequency: &str, until: &str| {
            json!({
                "name": name, "image_build_date": built, "replace_frequency": frequency, "provided_until": until,
                "created_at": "2020-01-01T00:00:00Z", "os_hidden": false,
            })
        };
        for (built, frequency, until, wanted) in [
            ("2026-08-20", "daily", "2027-01-01", Age::Outdated),
            ("2026-08-21", "daily", "2027-01-01", Age::Fine),
            ("2026-08-13", "weekly", "2027-01-01", Age::Outdated),
            ("2026-08-14", "weekly", "2027-01-01", Age::Fine),
            ("2026-07-18", "monthly", "2027-01-01", Age::Outdated),
            ("2026-07-19", "monthly", "2027-01-01", Age::Fine),
            ("2026-05-10", "quarterly", "2027-01-01", Age::Outdated),
            ("2025-08-21", "yearly", "2027-01-01", Age::Fine),
            ("2025-07-01", "yearly", "2027-01-01", Age::Outdated),
            ("2020-01-01", "never", "", Age::Fine),
            ("2020-01-01", "critical_bug", "", Age::Fine),
            ("2020-01-01", "", "", Age::Fine),
            ("2020-01-01", "monthly", "none", Age::Fine),
            ("2020-01-01", "monthly", "notice", Age::Fine),
            ("2020-01-01", "monthly", "2026-08-20", Age::Fine),
            ("2020-01-01", "monthly", "some day", Age::Unknown),
            ("2020-01-01", "monthly", "", Age::Unknown),
            // The time of the upload stands for that of the build.
            ("", "monthly", "2027-01-01", Age::Outdated),
        ] {
            let image = image("Debian 12", built, frequency, until);
            assert_eq!(age(&image, now()), wanted, "{image}");
        }
        for name in ["Debian 12 old", "Debian 12 prev", "Debian 12 20200101", "Debian 12 2020-01-01"] {
            assert_eq!(age(&image(name, "2020-01-01", "monthly", "2027-01-01"), now()), Age::PutAside, "{name}");
            assert_eq!(replacement(name), Some("Debian 12"));
        }
        let mut hidden = image("Debian 12", "2020-01-01", "monthly", "2027-01-01");
        hidden["os_hidden"] = json!(true);
        assert_eq!(age(&hidden, now()), Age::PutAside);
        assert_eq!(replacement("Debian"), None);
    }
}
