//! The shapes of bodies, as the published tests check them: closed but where noted, at the least microversion.
//!
//! They check no id for being a UUID: their checker knows no such format.

use assay_kit::prelude::*;
use assay_kit::shape::{Object, Shape};

fn of(name: &'static str, shape: impl Into<Shape>) -> Shape {
    Object::new(vec![(name, shape.into())]).into()
}

/// A page of a list: `<name>_links` may lead to the next.
fn page(name: &'static str, next: &'static str, shape: impl Into<Shape>) -> Shape {
    Object::new(vec![(name, shape.into().array())]).optional(vec![(next, links())]).into()
}

fn text_or_null() -> Shape {
    Shape::Text.or_null()
}

/// The links of a volume or of a page.
fn links() -> Shape {
    Shape::from(Object::new(vec![("href", Shape::Address), ("rel", Shape::Text)])).array()
}

pub(super) fn versions() -> Shape {
    let link =
        Object::new(vec![("href", Shape::Address), ("rel", Shape::Text)]).optional(vec![("type", Shape::Text)]).open();
    let version = Object::new(vec![
        ("status", Shape::Text),
        ("updated", Shape::Text),
        ("id", Shape::Text),
        ("links", Shape::from(link).array()),
        ("min_version", Shape::Text),
        ("version", Shape::Text),
        ("media-types", Shape::Any.array()),
    ])
    .open();
    Object::new(vec![("versions", Shape::from(version).array())]).open().into()
}

pub(super) fn extensions() -> Shape {
    let extension = Object::new(vec![
        ("updated", Shape::Time),
        ("links", Shape::Any.array()),
        ("alias", Shape::Text),
        ("name", Shape::Text),
        ("description", Shape::Text),
    ])
    .optional(vec![("namespace", Shape::Text)]);
    of("extensions", Shape::from(extension).array())
}

/// A volume as the answers to its creation and update tell it.
fn changed_volume() -> Object {
    let attachment = Object::new(vec![
        ("server_id", text_or_null()),
        ("attachment_id", Shape::Text),
        ("host_name", text_or_null()),
        ("volume_id", Shape::Text),
        ("device", text_or_null()),
        ("id", Shape::Text),
    ])
    .optional(vec![("attached_at", Shape::Time.or_null())]);
    Object::new(vec![
        ("attachments", Shape::from(attachment).array()),
        ("links", links()),
        ("encrypted", Shape::Truth),
        ("updated_at", Shape::Time.or_null()),
        ("replication_status", text_or_null()),
        ("id", Shape::Text),
        ("size", Shape::Integer),
        ("user_id", Shape::Text),
        ("availability_zone", text_or_null()),
        ("metadata", metadata_of_any_values()),
        ("status", Shape::Text),
        ("description", text_or_null()),
        ("multiattach", Shape::Truth),
        ("consistencygroup_id", text_or_null()),
        ("name", text_or_null()),
        ("bootable", Shape::Text),
        ("created_at", Shape::Time),
        ("volume_type", text_or_null()),
        ("snapshot_id", text_or_null()),
        ("source_volid", text_or_null()),
    ])
    .optional(vec![
        ("migration_status", text_or_null()),
        ("group_id", text_or_null()),
        ("provider_id", text_or_null()),
        ("service_uuid", text_or_null()),
        ("shared_targets", Shape::Truth),
    ])
}

/// A volume as it is shown and listed with details.
fn detailed_volume() -> Object {
    changed_volume().optional(vec![
        ("os-vol-host-attr:host", text_or_null()),
        ("os-vol-tenant-attr:tenant_id", Shape::Text),
        ("os-vol-mig-status-attr:migstat", text_or_null()),
        ("os-vol-mig-status-attr:name_id", text_or_null()),
        ("volume_image_metadata", metadata_of_any_values().or_null()),
    ])
}

/// Ends the test as failed when a volume tells its host in another form than `host@backend#pool`. Most users see none.
pub(super) fn require_host(volume: &Json) -> Outcome {
    let Some(host) = volume.find("os-vol-host-attr:host") else { return Ok(()) };
    let text = host.value().as_str().unwrap_or("host@backend#pool");
    // Each part has a character at least.
    let pool = text.char_indices().skip(1).find(|(_, sign)| *sign == '@').map_or("", |(at, _)| &text[at + 1..]);
    let whole = pool.char_indices().skip(1).any(|(at, sign)| sign == '#' && at + 1 < pool.len());
    require!(host, whole, "the host of a volume must have the form `host@backend#pool`");
    Ok(())
}

pub(super) fn volume_changed() -> Shape {
    of("volume", changed_volume())
}

pub(super) fn volume() -> Shape {
    of("volume", detailed_volume())
}

pub(super) fn volumes() -> Shape {
    let volume = Object::new(vec![("links", links()), ("id", Shape::Text), ("name", text_or_null())]);
    page("volumes", "volumes_links", volume)
}

pub(super) fn volumes_detail() -> Shape {
    page("volumes", "volumes_links", detailed_volume())
}

/// A snapshot as the list without details and the answers to its creation and update tell it.
fn plain_snapshot() -> Object {
    Object::new(vec![
        ("status", Shape::Text),
        ("description", text_or_null()),
        ("created_at", Shape::Time),
        ("metadata", metadata_of_texts()),
        ("name", text_or_null()),
        ("volume_id", Shape::Text),
        ("id", Shape::Text),
        ("size", Shape::Integer),
        ("updated_at", Shape::Time.or_null()),
    ])
}

/// A snapshot as it is shown and listed with details.
fn detailed_snapshot() -> Object {
    plain_snapshot().and(vec![
        ("os-extended-snapshot-attributes:progress", Shape::Text),
        ("os-extended-snapshot-attributes:project_id", Shape::Text),
    ])
}

pub(super) fn snapshot_changed() -> Shape {
    of("snapshot", plain_snapshot())
}

pub(super) fn snapshot() -> Shape {
    of("snapshot", detailed_snapshot())
}

pub(super) fn snapshots() -> Shape {
    page("snapshots", "snapshots_links", plain_snapshot())
}

pub(super) fn snapshots_detail() -> Shape {
    page("snapshots", "snapshots_links", detailed_snapshot())
}

/// Metadata of a volume, under `metadata` or, for an item, `meta`.
pub(super) fn volume_metadata(name: &'static str) -> Shape {
    of(name, metadata_of_any_values())
}

/// Metadata of a snapshot, under `metadata` or, for an item, `meta`.
pub(super) fn snapshot_metadata(name: &'static str) -> Shape {
    of(name, metadata_of_texts())
}

fn metadata_of_any_values() -> Shape {
    Shape::Map(Box::new(Shape::Any))
}

fn metadata_of_texts() -> Shape {
    Shape::Map(Box::new(Shape::Text))
}
