//! What stands under a name of the run's own: containers, objects, and settings of an object-storage account.

use percent_encoding::percent_decode_str;

use super::{Guard, Wanted, refuse};
use crate::http::Caller;
use crate::journal::State;
use crate::outcome::{Outcome, Stop};
use crate::resources::{Kind, Resource};
use crate::session::Role;

/// Headers of a request that set nothing.
const NEUTRAL: [&str; 6] = ["accept", "content-length", "content-type", "x-auth-token", "x-newest", "user-agent"];

impl Guard {
    pub(super) fn weigh_container(&self, caller: &Caller, wanted: &Wanted<'_>, name: &str) -> Outcome {
        if self.is_ours(Kind::Container, name) {
            return Ok(());
        }
        Err(refuse(caller, wanted, &format!("the container `{name}` has no name of this run")))
    }

    /// An object is copied into a container of the run's; a written one is noted, for it may be deleted again.
    pub(super) fn weigh_destination(&self, caller: &Caller, wanted: &Wanted<'_>) -> Outcome {
        let Some((_, destination)) = wanted.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("destination"))
        else {
            return Ok(());
        };
        if wanted.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("destination-account")) {
            return Err(refuse(caller, wanted, "its header Destination-Account names another account"));
        }
        let decoded = percent_decode_str(destination.trim_start_matches('/')).decode_utf8_lossy();
        let Some((container, object)) = decoded.split_once('/') else {
            return Err(refuse(caller, wanted, "its header Destination names no object"));
        };
        self.weigh_container(caller, wanted, container)?;
        self.note_object(caller, container, object)
    }

    /// Notes an object that is about to be written: what the run did not write it does not delete.
    pub(super) fn note_object(&self, caller: &Caller, container: &str, object: &str) -> Outcome {
        if !self.known().objects.insert((container.to_owned(), object.to_owned())) {
            return Ok(());
        }
        let written = Resource { id: Some(object.to_owned()), ..Resource::new(Kind::Object, container) };
        let journal = caller.log.recorder().journal();
        journal.write(caller.log.id(), &written, State::Planned, None).map_err(Stop::Error)
    }

    pub(super) fn weigh_object(&self, caller: &Caller, wanted: &Wanted<'_>, container: &str, object: &str) -> Outcome {
        self.weigh_container(caller, wanted, container)?;
        if self.has_written(container, object) {
            return Ok(());
        }
        Err(refuse(caller, wanted, &format!("this run did not write the object `{object}` of `{container}`")))
    }

    /// Whether the run wrote an object, or a service keeps it as an older version of one that the run wrote.
    pub(crate) fn has_written(&self, container: &str, object: &str) -> bool {
        let known = self.known();
        known.objects.contains(&(container.to_owned(), object.to_owned()))
            || known.objects.iter().any(|(_, written)| is_version(object, written))
    }

    /// What a request deletes that lists paths, each on a line.
    pub(super) fn weigh_bulk(&self, caller: &Caller, wanted: &Wanted<'_>) -> Outcome {
        let lines = String::from_utf8_lossy(wanted.body);
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let path = percent_decode_str(line.trim_start_matches('/')).decode_utf8_lossy();
            match path.split_once('/') {
                Some((container, object)) if !object.is_empty() => {
                    self.weigh_object(caller, wanted, container, object)?;
                }
                Some((container, _)) => self.weigh_container(caller, wanted, container)?,
                None => self.weigh_container(caller, wanted, &path)?,
            }
        }
        Ok(())
    }

    /// Settings of an account: items whose name is the run's, and what was announced before.
    pub(super) fn weigh_account(&self, caller: &Caller, wanted: &Wanted<'_>, owner: Role) -> Outcome {
        for (name, _) in wanted.headers {
            let name = name.to_ascii_lowercase();
            let item = name.strip_prefix("x-account-meta-").or(name.strip_prefix("x-remove-account-meta-"));
            let allowed = match item {
                Some("temp-url-key") => self.has_announced(Kind::TempUrlKey) && owner == Role::Member,
                Some("quota-bytes") => self.has_announced(Kind::AccountQuota) && owner == Role::Member,
                Some(item) => self.is_ours(Kind::AccountMetadata, item),
                None => NEUTRAL.contains(&name.as_str()),
            };
            if !allowed {
                return Err(refuse(caller, wanted, &format!("the header {name} sets what the run did not make")));
            }
        }
        Ok(())
    }

    fn has_announced(&self, kind: Kind) -> bool {
        self.known().announced.iter().any(|(announced, _)| *announced == kind)
    }
}

/// Whether an object is what Object Storage keeps of an older version: the length of the name in three hexadecimal digits,
/// the name, a slash and a time (<https://docs.openstack.org/swift/latest/overview_object_versioning.html>).
fn is_version(kept: &str, name: &str) -> bool {
    let time = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    kept.strip_prefix(&format!("{:03x}{name}/", name.len())).is_some_and(time)
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn an_older_version_is_known_by_its_whole_name() {
        assert!(is_version("006object/1764400000.12345", "object"));
        for other in ["006object/", "006object/notes", "007object/1", "object/1", "006objects/1", "006object/1/2"] {
            assert!(!is_version(other, "object"), "{other}");
        }
    }
}
