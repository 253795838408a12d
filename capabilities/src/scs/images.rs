//! Images for everybody, and the days and times that their properties have.

use std::sync::Arc;

use assay_kit::prelude::*;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// The key of the images, as `shares` names it.
const SHARED: &str = "scs.images";

/// The images that a member sees in the list and others see too: public ones, and community images.
pub(super) struct Images {
    pub all: Vec<Value>,
    /// The first page of the list.
    pub page: Json,
    /// What time it is by the deployment's clock.
    pub now: DateTime<Utc>,
}

impl Images {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move {
            let image = cx.image()?;
            let mut pages = Pages::new(&image, "images").query("member_status", "all");
            let (mut all, mut first) = (Vec::new(), None);
            while let Some(page) = pages.next().await? {
                for image in page.get("images")?.elements()?.iter().map(Json::value) {
                    let is_for_all = matches!(text(image, "visibility"), "public" | "community");
                    // What this or another run makes comes and goes.
                    if is_for_all && text(image, "status") != "deleted" && !name(image).starts_with("assay-") {
                        all.push(image.clone());
                    }
                }
                first.get_or_insert(page);
            }
            let page = first.ok_or_else(|| Stop::Error("the list of images has no page".to_owned()))?;
            Ok(Self { all, page, now: image.now() })
        })
        .await
    }
}

/// A property that is a text; empty where the property is missing.
pub(super) fn text<'a>(image: &'a Value, property: &str) -> &'a str {
    image[property].as_str().unwrap_or_default()
}

/// The name of an image; empty where it has none.
pub(super) fn name(image: &Value) -> &str {
    text(image, "name")
}

/// A day, as `2026-08-21`.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    // A year has four digits.
    let year = text.find('-') == Some(4) && text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| year)
}

/// A time as the properties of images write it: a day, with hours and minutes or without, or as Image writes it.
pub(super) fn time(text: &str) -> Option<NaiveDateTime> {
    let (date, clock) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let day = day(date)?;
    let formats: &[&str] = match text.as_bytes().get(date.len()) {
        None => return day.and_hms_opt(0, 0, 0),
        Some(b'T') => &["%H:%M:%SZ"],
        Some(_) => &["%H:%M:%S", "%H:%M"],
    };
    let clock = formats.iter().find_map(|format| chrono::NaiveTime::parse_from_str(clock, format).ok())?;
    Some(day.and_time(clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_that_images_have() {
        for (text, reads) in [
            ("2026-08-21", "2026-08-21 00:00:00"),
            ("2026-08-21 14:30", "2026-08-21 14:30:00"),
            ("2026-08-21 14:30:05", "2026-08-21 14:30:05"),
            ("2026-08-21T14:30:05Z", "2026-08-21 14:30:05"),
        ] {
            assert_eq!(time(text).map(|time| time.to_string()).as_deref(), Some(reads));
        }
        for text in [
            "",
            "2026",
            "2026-02-30",
            "21.08.2026",
            "+2026-08-21",
            "26-08-21",
            "2026-08-21 25:00",
            "2026-08-21T14:30",
            "forever",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
