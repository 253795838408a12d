//! Whom an image lets in.

/// The users that images of a system have, by what their names or `os_distro` contain.
const BY_SYSTEM: [(&str, &str); 14] = [
    ("cirros", "cirros"),
    ("ubuntu", "ubuntu"),
    ("debian", "debian"),
    ("centos", "cloud-user"),
    ("rhel", "cloud-user"),
    ("rocky", "rocky"),
    ("alma", "almalinux"),
    ("fedora-coreos", "core"),
    ("coreos", "core"),
    ("flatcar", "core"),
    ("fedora", "fedora"),
    ("alpine", "alpine"),
    ("opensuse", "opensuse"),
    ("arch", "arch"),
];

/// Tried one after the other when nothing tells.
const COMMON: [&str; 6] = ["cirros", "ubuntu", "debian", "cloud-user", "fedora", "root"];

/// The users to try at an image's servers, the likeliest first: the one that its property `os_admin_user` names, the one of
/// its system, or the common ones.
///
/// A server that is asked for many users it does not have may shut who asks out: what tells more is believed.
pub(crate) fn users(property: Option<&str>, system: Option<&str>, name: &str) -> Vec<String> {
    if let Some(user) = property.filter(|user| is_user(user)) {
        return vec![user.to_owned()];
    }
    let told = [system.unwrap_or_default().to_lowercase(), name.to_lowercase()];
    let known = told.iter().find_map(|told| BY_SYSTEM.iter().find(|(system, _)| told.contains(system)));
    match known {
        Some((_, user)) => vec![(*user).to_owned()],
        None => COMMON.map(str::to_owned).to_vec(),
    }
}

/// Whether this can be a user's name: an image's properties may have anything in them.
fn is_user(user: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !user.is_empty() && user.len() <= 32 && user.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_image_says_of_its_user_is_believed_before_its_name() {
        assert_eq!(users(Some("boss"), Some("ubuntu"), "cirros-0.6.2"), ["boss"]);
        assert_eq!(users(None, Some("Ubuntu"), "my image"), ["ubuntu"]);
        assert_eq!(users(None, None, "CirrOS 0.6.2"), ["cirros"]);
        assert_eq!(users(None, None, "my image"), COMMON);
        // A property with a line break in it must not reach a log or a server.
        assert_eq!(users(Some("a\nb"), None, "debian-12"), ["debian"]);
    }
}
