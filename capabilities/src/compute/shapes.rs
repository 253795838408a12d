//! The bodies of Compute, as the versions of the API that the tests ask for define them. None has any other property: a version
//! of the API gets none later, and the published schemas allow none.

use assay_kit::prelude::*;
use assay_kit::shape::{Object, Shape};

/// A body with one member.
fn body(key: &'static str, shape: impl Into<Shape>) -> Shape {
    Object::new(vec![(key, shape.into())]).into()
}

/// A body with a page of a collection, and where there are more pages.
fn page(key: &'static str, links_key: &'static str, element: impl Into<Shape>) -> Shape {
    Object::new(vec![(key, element.into().array())]).optional(vec![(links_key, links())]).into()
}

fn links() -> Shape {
    Shape::from(Object::new(vec![("href", Shape::Address), ("rel", Shape::Text)])).array()
}

/// The answer to the creation of a server. A service can be told to give no administrators' passwords.
pub(super) fn created_server() -> Shape {
    let server = Object::new(vec![("id", Shape::Text), ("links", links())]).optional(vec![
        ("adminPass", Shape::Text),
        ("security_groups", Shape::Any.array()),
        ("OS-DCF:diskConfig", Shape::Text),
    ]);
    body("server", server)
}

/// A list of servers.
pub(super) fn servers() -> Shape {
    page("servers", "servers_links", Object::new(vec![("id", Shape::Text), ("links", links()), ("name", Shape::Text)]))
}

/// The list of servers in detail, up to 2.2.
pub(super) fn servers_in_detail() -> Shape {
    page("servers", "servers_links", detailed(vec![], &Shape::Time))
}

/// A server, up to 2.2.
pub(super) fn server() -> Shape {
    body("server", detailed(vec![], &Shape::Time))
}

/// A server, from 2.26 to 2.46.
pub(super) fn server_with_tags() -> Shape {
    let server = detailed(vec![("delete_on_termination", Shape::Truth)], &Shape::Text)
        .and(vec![
            ("flavor", Object::new(vec![("id", Shape::Text), ("links", links())]).into()),
            ("description", Shape::Text.or_null()),
            ("tags", Shape::Text.array()),
        ])
        .optional(vec![
            ("locked", Shape::Truth),
            ("host_status", Shape::Text),
            ("OS-EXT-SRV-ATTR:reservation_id", Shape::Text.or_null()),
            ("OS-EXT-SRV-ATTR:launch_index", Shape::Integer),
            ("OS-EXT-SRV-ATTR:kernel_id", Shape::Text.or_null()),
            ("OS-EXT-SRV-ATTR:ramdisk_id", Shape::Text.or_null()),
            ("OS-EXT-SRV-ATTR:hostname", Shape::Text),
            ("OS-EXT-SRV-ATTR:root_device_name", Shape::Text.or_null()),
            ("OS-EXT-SRV-ATTR:user_data", Shape::Text.or_null()),
        ]);
    body("server", server)
}

/// The answer to the update of a server, up to 2.18.
pub(super) fn updated_server() -> Shape {
    body("server", common(addresses(&[]), &Shape::Time))
}

/// The answer to the rebuilding of a server, up to 2.18.
pub(super) fn rebuilt_server() -> Shape {
    body("server", common(addresses(&[]), &Shape::Time).optional(vec![("adminPass", Shape::Text)]))
}

/// What updating, rebuilding and showing a server have in common, with times of this shape.
fn common(addresses: Shape, time: &Shape) -> Object {
    let linked = || vec![("id", Shape::Text), ("links", links())];
    let fault = Object::new(vec![("code", Shape::Integer), ("created", Shape::Text), ("message", Shape::Text)])
        .optional(vec![("details", Shape::Text)]);
    let ip_or_none = || Shape::Either(vec![Shape::Ip, Shape::OneOf(&[""])]);
    Object::new(vec![
        ("id", Shape::Text),
        ("name", Shape::Text),
        ("status", Shape::Text),
        // A server that was started from a volume has no image.
        ("image", Shape::Either(vec![Object::new(linked()).into(), Shape::Text.or_null()])),
        ("flavor", Object::default().optional(linked()).into()),
        ("user_id", Shape::Text),
        ("tenant_id", Shape::Text),
        ("created", time.clone()),
        ("updated", time.clone()),
        ("metadata", Object::default().open().into()),
        ("links", links()),
        ("addresses", addresses),
        ("hostId", Shape::Text),
    ])
    .optional(vec![
        ("fault", fault.into()),
        ("progress", Shape::Integer),
        ("OS-DCF:diskConfig", Shape::Text),
        ("accessIPv4", ip_or_none()),
        ("accessIPv6", ip_or_none()),
    ])
}

/// The addresses of a server by the names of its networks, with these members besides.
fn addresses(more: &[(&'static str, Shape)]) -> Shape {
    let address =
        Object::new(vec![("version", Shape::OneOfIntegers(&[4, 6])), ("addr", Shape::Ip)]).optional(more.to_vec());
    Shape::Map(Box::new(Shape::from(address).array()))
}

/// What showing a server and listing servers in detail tell, with these members of each attached volume besides, and with
/// times of this shape.
fn detailed(of_volume: Vec<(&'static str, Shape)>, time: &Shape) -> Object {
    let volume = Object::default().optional(vec![("id", Shape::Text)]).optional(of_volume);
    let address = [("OS-EXT-IPS:type", Shape::Text), ("OS-EXT-IPS-MAC:mac_addr", Shape::Mac)];
    common(addresses(&address), time).optional(vec![
        ("key_name", Shape::Text.or_null()),
        ("security_groups", Shape::Any.array()),
        ("OS-SRV-USG:launched_at", Shape::Text.or_null()),
        ("OS-SRV-USG:terminated_at", Shape::Text.or_null()),
        ("OS-EXT-AZ:availability_zone", Shape::Text),
        ("OS-EXT-STS:task_state", Shape::Text.or_null()),
        ("OS-EXT-STS:vm_state", Shape::Text),
        ("OS-EXT-STS:power_state", Shape::OneOfIntegers(&[0, 1, 3, 4, 6, 7])),
        ("OS-EXT-SRV-ATTR:host", Shape::Text.or_null()),
        ("OS-EXT-SRV-ATTR:instance_name", Shape::Text),
        ("OS-EXT-SRV-ATTR:hypervisor_hostname", Shape::Text.or_null()),
        ("os-extended-volumes:volumes_attached", Shape::from(volume).array()),
        ("config_drive", Shape::Text),
    ])
}

/// All metadata of a server.
pub(super) fn metadata() -> Shape {
    body("metadata", Shape::Map(Box::new(Shape::Text)))
}

/// An item of a server's metadata.
pub(super) fn metadata_item() -> Shape {
    body("meta", Shape::Map(Box::new(Shape::Text)))
}

/// The tags of a server, since 2.26.
pub(super) fn tags() -> Shape {
    body("tags", Shape::Text.array())
}

/// The attachment of a volume, up to 2.69.
pub(super) fn attachment() -> Shape {
    body("volumeAttachment", attached())
}

/// The volume attachments of a server, up to 2.69.
pub(super) fn attachments() -> Shape {
    body("volumeAttachments", Shape::from(attached()).array())
}

fn attached() -> Object {
    Object::new(vec![("id", Shape::Text), ("volumeId", Shape::Text), ("serverId", Shape::Text)])
        .optional(vec![("device", Shape::Text.or_null())])
}

/// The addresses of a server on their own.
pub(super) fn server_addresses() -> Shape {
    body("addresses", addresses(&[]))
}

/// The actions that were taken on a server, up to 2.57.
pub(super) fn instance_actions() -> Shape {
    body("instanceActions", Shape::from(instance_action_members()).array())
}

/// An action that was taken on a server, up to 2.50.
pub(super) fn instance_action() -> Shape {
    let event = Object::new(vec![
        ("event", Shape::Text),
        ("start_time", Shape::Time),
        ("finish_time", Shape::Time.or_null()),
        ("result", Shape::Text.or_null()),
    ])
    .optional(vec![("traceback", Shape::Text.or_null())]);
    body("instanceAction", instance_action_members().optional(vec![("events", Shape::from(event).array())]))
}

fn instance_action_members() -> Object {
    Object::new(vec![
        ("action", Shape::Text),
        ("request_id", Shape::Text),
        ("user_id", Shape::Text),
        ("project_id", Shape::Text),
        ("start_time", Shape::Time),
        ("message", Shape::Text.or_null()),
        ("instance_uuid", Shape::Text),
    ])
}

/// A list of flavors, up to 2.54.
pub(super) fn flavors() -> Shape {
    page("flavors", "flavors_links", Object::new(vec![("id", Shape::Text), ("links", links()), ("name", Shape::Text)]))
}

/// A list of flavors in detail, up to 2.54.
pub(super) fn flavors_in_detail() -> Shape {
    page("flavors", "flavors_links", flavor_members())
}

/// A flavor, up to 2.54.
pub(super) fn flavor() -> Shape {
    body("flavor", flavor_members())
}

fn flavor_members() -> Object {
    Object::new(vec![
        ("id", Shape::Text),
        ("name", Shape::Text),
        ("links", links()),
        ("ram", Shape::Integer),
        ("vcpus", Shape::Integer),
        // Without any it is an empty string.
        ("swap", Shape::Either(vec![Shape::Integer, Shape::Text])),
        ("disk", Shape::Integer),
    ])
    .optional(vec![
        ("OS-FLV-DISABLED:disabled", Shape::Truth),
        ("os-flavor-access:is_public", Shape::Truth),
        ("rxtx_factor", Shape::Number),
        ("OS-FLV-EXT-DATA:ephemeral", Shape::Integer),
    ])
}

/// The answer to the creation of a keypair; its type is told since 2.2.
pub(super) fn created_keypair(with_type: bool) -> Shape {
    body(
        "keypair",
        typed(keypair_members().and(vec![("user_id", Shape::Text)]), with_type)
            .optional(vec![("private_key", Shape::Text)]),
    )
}

/// A keypair, since 2.2.
pub(super) fn keypair() -> Shape {
    let members = keypair_members().and(vec![
        ("type", Shape::Text),
        ("user_id", Shape::Text),
        ("deleted", Shape::Truth),
        ("created_at", Shape::Time),
        ("updated_at", Shape::Time.or_null()),
        ("deleted_at", Shape::Time.or_null()),
        ("id", Shape::Integer),
    ]);
    body("keypair", members)
}

/// A list of keypairs; their types are told since 2.2.
pub(super) fn keypairs(with_type: bool) -> Shape {
    body("keypairs", body("keypair", typed(keypair_members(), with_type)).array())
}

fn keypair_members() -> Object {
    Object::new(vec![("name", Shape::Text), ("public_key", Shape::Text), ("fingerprint", Shape::Text)])
}

fn typed(members: Object, with_type: bool) -> Object {
    if with_type { members.and(vec![("type", Shape::Text)]) } else { members }
}

/// An image, as Compute shows it up to 2.35.
pub(super) fn image() -> Shape {
    let link = Object::new(vec![("href", Shape::Address), ("rel", Shape::Text)]).optional(vec![("type", Shape::Text)]);
    let image = Object::new(vec![
        ("id", Shape::Text),
        ("status", Shape::OneOf(&["ACTIVE", "SAVING", "DELETED", "ERROR", "UNKNOWN"])),
        ("updated", Shape::Time),
        ("links", Shape::from(link).array()),
        ("name", Shape::Text.or_null()),
        ("created", Shape::Time),
        ("minDisk", Shape::Integer),
        ("minRam", Shape::Integer),
        ("progress", Shape::Integer),
        ("metadata", Object::default().open().into()),
    ])
    .optional(vec![
        ("server", Object::new(vec![("id", Shape::Text), ("links", links())]).into()),
        ("OS-EXT-IMG-SIZE:size", Shape::Integer.or_null()),
        ("OS-DCF:diskConfig", Shape::Text),
    ]);
    body("image", image)
}

/// A security group, up to 2.35.
pub(super) fn security_group() -> Shape {
    body("security_group", security_group_members())
}

/// Security groups, up to 2.35.
pub(super) fn security_groups() -> Shape {
    body("security_groups", Shape::from(security_group_members()).array())
}

fn security_group_members() -> Object {
    let id = || Shape::Either(vec![Shape::Text, Shape::Integer]);
    let rule = Object::default().optional(vec![
        ("from_port", Shape::Integer.or_null()),
        ("to_port", Shape::Integer.or_null()),
        ("group", Object::default().optional(vec![("tenant_id", Shape::Text), ("name", Shape::Text)]).into()),
        ("ip_protocol", Shape::Text.or_null()),
        ("parent_group_id", id().or_null()),
        ("ip_range", Object::default().optional(vec![("cidr", Shape::Text)]).into()),
        ("id", id()),
    ]);
    Object::new(vec![
        ("id", id()),
        ("name", Shape::Text),
        ("tenant_id", Shape::Text),
        ("rules", Shape::from(rule).or_null().array()),
        ("description", Shape::Text),
    ])
}

/// Availability zones without their hosts.
pub(super) fn availability_zones() -> Shape {
    let zone = Object::new(vec![
        ("zoneName", Shape::Text),
        ("zoneState", body("available", Shape::Truth)),
        ("hosts", Shape::Null),
    ]);
    body("availabilityZoneInfo", Shape::from(zone).array())
}

/// The quotas of a project, up to 2.35.
pub(super) fn quotas() -> Shape {
    let counted = |keys: &[&'static str]| keys.iter().map(|key| (*key, Shape::Integer)).collect::<Vec<_>>();
    let quotas = Object::new(vec![("id", Shape::Text)]).and(counted(&super::quotas::KINDS));
    body("quota_set", quotas)
}

/// The versions of the API.
pub(super) fn versions() -> Shape {
    let link = Object::new(vec![("href", Shape::Address), ("rel", Shape::Text)]).optional(vec![("type", Shape::Text)]);
    let version = Object::new(vec![
        ("id", Shape::Text),
        ("links", Shape::from(link).array()),
        ("status", Shape::Text),
        ("updated", Shape::Time),
    ])
    .optional(vec![("version", Shape::Text), ("min_version", Shape::Text), ("media-types", Shape::Any.array())]);
    body("versions", Shape::from(version).array())
}

/// Ends the test as failed unless the answer's body has this shape; gives the body.
pub(super) fn checked(response: &Response, shape: &Shape) -> Outcome<Json> {
    let json = response.json()?;
    shape.require(&json)?;
    Ok(json)
}
