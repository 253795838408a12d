//! Where controllers keep what a machine boots from, and what they take.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use assay_hostile::{Answer, Turn};
use assay_reports::record::Verdict;
use serde_json::{Value, json};

use super::{Controller, SYSTEM, error, json_of, patches, rewrites, rewritten, texts, with_body};

const TARGET: &str = "BootSourceOverrideTarget";
const ENABLED: &str = "BootSourceOverrideEnabled";
const MODE: &str = "BootSourceOverrideMode";
/// The tests of what a machine boots from.
const BOOT: [&str; 2] = ["redfish.boot.", "redfish.boot-mode."];

fn not_in_list(name: &str) -> Turn {
    Turn::Answer(error(400, "PropertyValueNotInList", &format!("The value is invalid for {name}.")))
}

fn not_writable(name: &str) -> Turn {
    Turn::Answer(error(400, "PropertyNotWritable", &format!("{name} can only be read.")))
}

/// A machine of which some boot settings are set in a resource beside it, and hold from its next start on.
fn keeps_apart(controller: &Controller, names: &'static [&'static str]) -> Arc<Mutex<Value>> {
    const APART: &str = "/redfish/v1/Systems/reference-1/Settings";
    const SOUND: [(&str, &[&str]); 3] = [
        (ENABLED, &["Disabled", "Once", "Continuous"]),
        (TARGET, &["None", "Pxe", "Cd", "Hdd"]),
        (MODE, &["UEFI", "Legacy"]),
    ];
    let first = SOUND.iter().filter(|(name, _)| names.contains(name)).map(|(name, values)| (*name, values[0]));
    let apart = Arc::new(Mutex::new(first.map(|(name, value)| (name.to_owned(), json!(value))).collect::<Value>()));
    let kept = apart.clone();
    controller.front.before(move |request| {
        let wanted = json_of(request)["Boot"].clone();
        let members = || wanted.as_object().into_iter().flatten();
        if request.path == SYSTEM && request.method == "PATCH" {
            let elsewhere = members().find(|(name, _)| names.contains(&name.as_str()));
            return elsewhere.map_or(Turn::Pass, |(name, _)| not_writable(name));
        }
        if request.path != APART {
            return Turn::Pass;
        }
        let mut kept = kept.lock().unwrap();
        if request.method == "PATCH" {
            for (name, value) in members() {
                let sound = SOUND.iter().find(|(known, _)| known == name && names.contains(known));
                if !sound.is_some_and(|(_, values)| values.iter().any(|sound| value == sound)) {
                    return not_in_list(name);
                }
            }
            for (name, value) in members() {
                kept[name.as_str()] = value.clone();
            }
            return Turn::Answer(Answer::status(204));
        }
        let shown = json!({
            "@odata.id": APART,
            "@odata.type": "#ComputerSystem.v1_22_0.ComputerSystem",
            "Id": "Settings",
            "Name": "What holds from the next start on",
            "Boot": *kept,
        });
        Turn::Answer(Answer::json(200, shown.to_string()))
    });
    rewrites(controller, |request, body| {
        if request.path == SYSTEM && body.get("Boot").is_some() {
            let settings = json!({"@odata.type": "#Settings.v1_3_5.Settings", "SettingsObject": {"@odata.id": APART}});
            body["@Redfish.Settings"] = settings;
        }
    });
    apart
}

#[tokio::test(flavor = "multi_thread")]
async fn boot_settings_that_stand_apart_are_set_there_and_put_back() {
    let sets: [&'static [&'static str]; 3] = [&[ENABLED, TARGET, MODE], &[ENABLED, TARGET], &[MODE]];
    let each = sets.map(|names| async move {
        let controller = Controller::start().await;
        let apart = keeps_apart(&controller, names);
        let before = apart.lock().unwrap().clone();
        let told = controller.is_sound_in(&[&BOOT[..], &["redfish.systems.links"]].concat()).await;
        assert_eq!(told, BTreeSet::new(), "{names:?}");
        assert_eq!(*apart.lock().unwrap(), before, "{names:?}");
    });
    futures::future::join_all(each).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disc_that_is_one_of_usb_is_booted_from() {
    let controller = Controller::start().await;
    controller.front.before(|request| {
        let mut body = json_of(request);
        if !patches(request) || body["Boot"][TARGET].is_null() {
            return Turn::Pass;
        }
        match body["Boot"][TARGET].as_str() {
            Some("Cd") => not_in_list(TARGET),
            Some("UsbCd") => {
                body["Boot"][TARGET] = json!("Cd");
                with_body(request, &body)
            }
            _ => Turn::Pass,
        }
    });
    rewrites(&controller, |request, body| {
        if request.path == SYSTEM
            && let Some(boot) = body.get_mut("Boot")
        {
            let usb = |value: &mut Value| {
                if *value == "Cd" {
                    *value = json!("UsbCd");
                }
            };
            usb(&mut boot[TARGET]);
            let values = boot[format!("{TARGET}@Redfish.AllowableValues")].as_array_mut();
            values.into_iter().flatten().for_each(usb);
        }
    });
    assert_eq!(controller.is_sound_in(&BOOT).await, BTreeSet::new());
}

/// A mode that nobody has set yet is blank, and becomes one with whatever is set. Nobody can make it blank again.
#[tokio::test(flavor = "multi_thread")]
async fn a_boot_mode_that_is_blank_at_first_is_left_alone_and_that_is_said() {
    let each = [json!(""), Value::Null].map(|blank| async move {
        let controller = Controller::start().await;
        let set = Arc::new(AtomicBool::new(false));
        let now = set.clone();
        controller.front.before(move |request| {
            let mode = &json_of(request)["Boot"][MODE];
            let is_blank = mode.as_str().is_some_and(|mode| mode.trim().is_empty());
            if patches(request) && is_blank { not_in_list(MODE) } else { Turn::Pass }
        });
        controller.front.after(move |request, answer| {
            if patches(request) && answer.status < 300 && !json_of(request)["Boot"].is_null() {
                now.store(true, Ordering::Relaxed);
            } else if request.path == SYSTEM && !set.load(Ordering::Relaxed) {
                rewritten(answer, |body| {
                    if body.get("Boot").is_some() {
                        body["Boot"][MODE] = blank.clone();
                    }
                });
            }
        });
        // Apart: once the mode is set, it can be tried.
        let skipped = ("redfish.boot-mode.set", Verdict::Skip);
        assert_eq!(controller.differs(&["redfish.boot-mode.set"], &[skipped]).await, BTreeSet::new());
        std::fs::remove_dir_all(controller.place.path("run")).unwrap();
        assert_eq!(controller.is_sound_in(&["redfish.boot."]).await, BTreeSet::new());
    });
    futures::future::join_all(each).await;
}

/// A mode that can only be read, and that the machine itself changes with what it boots from.
#[tokio::test(flavor = "multi_thread")]
async fn a_boot_mode_that_can_only_be_read_is_one_failure_and_said_before_it_changes() {
    let controller = Controller::start().await;
    let moved = Arc::new(AtomicBool::new(false));
    let now = moved.clone();
    controller.front.before(move |request| {
        let wanted = &json_of(request)["Boot"];
        if patches(request) && wanted.get(MODE).is_some() { not_writable(MODE) } else { Turn::Pass }
    });
    controller.front.after(move |request, answer| {
        if patches(request) && answer.status < 300 && !json_of(request)["Boot"][TARGET].is_null() {
            now.store(true, Ordering::Relaxed);
        }
        if request.path == SYSTEM && !moved.load(Ordering::Relaxed) {
            rewritten(answer, |body| {
                if body.get("Boot").is_some() {
                    body["Boot"][MODE] = json!("Legacy");
                }
            });
        }
    });
    let told = controller.differs(&BOOT, &[("redfish.boot-mode.set", Verdict::Fail)]).await;
    let promise = "the present boot mode should be taken: it cannot be put back where the machine changes it";
    assert_eq!(told, texts(&[promise]));
}

/// Where no override holds, neither its duration nor its target is told.
#[tokio::test(flavor = "multi_thread")]
async fn an_override_that_is_blank_while_it_is_off_is_put_back() {
    let controller = Controller::start().await;
    controller.front.before(|request| {
        let blank = |name: &str| json_of(request)["Boot"].get(name).is_some_and(|value| value.is_null() || value == "");
        let name = [ENABLED, TARGET].into_iter().find(|name| blank(name)).filter(|_| patches(request));
        name.map_or(Turn::Pass, not_in_list)
    });
    rewrites(&controller, |request, body| {
        if request.path == SYSTEM && body["Boot"][ENABLED] == "Disabled" {
            body["Boot"][ENABLED] = Value::Null;
            body["Boot"][TARGET] = json!("");
        }
    });
    let told = controller.is_sound_in(&["redfish.boot.once", "redfish.boot.refused", "redfish.boot-mode"]).await;
    assert_eq!(told, BTreeSet::new());
}
