//! The image, flavors and networks that tests use: chosen by the user, or discovered.

use crate::guest::Override;

/// What the user wants to be used; what is not named is discovered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// An image, by name or id.
    pub image: Option<String>,
    /// A flavor, by name or id.
    pub flavor: Option<String>,
    /// A network, by name or id.
    pub network: Option<String>,
    /// Whether to log in to servers, and at which address.
    pub guest: Option<Override>,
    /// Who logs in to servers.
    pub guest_user: Option<String>,
}

/// What tests use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// The image that servers are made of: the smallest active one, or the one that was named.
    pub image: String,
    /// The size of that image's file, in bytes.
    pub image_size: u64,
    /// Who may log in to its servers, the likeliest first.
    pub image_users: Vec<String>,
    /// Another image, when there is one; else the same.
    pub other_image: String,
    /// The flavor of servers: the one with the least memory that the image fits in, or the one that was named. Empty
    /// where there is no compute service, whose tests alone use it.
    pub flavor: String,
    /// Another flavor, for resizing: the next larger one, when there is one.
    pub other_flavor: Option<String>,
    /// The network of servers: one of the project's own, or a shared one, with a subnet.
    pub network: Option<String>,
    /// The external network that floating IPs come from, when there is one.
    pub external_network: Option<String>,
}
