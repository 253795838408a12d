//! What is read of `clouds.yaml` and the environment, and what a login sends. The right values are openstacksdk's: see
//! `tests/openstacksdk`, which asks it.

mod entries;
mod files;
mod logins;
mod page;
mod regions;

use super::clouds::Clouds;
use super::token::OFTEN;
use super::{Cloud, CloudError, Logins};

/// The entry `a` with these lines, in YAML's short form: `region_name: one, auth: {…}`.
fn read(entry: &str) -> Result<Cloud, CloudError> {
    Clouds::from_text("clouds.yaml", &format!("clouds: {{a: {{{entry}}}}}"))?.get("a")
}

/// The same with a password login, and these lines beside it.
fn with(lines: &str) -> Cloud {
    read(&format!("auth: {{auth_url: 'http://h/v3', username: u, password: p}}, {lines}")).unwrap()
}

/// What is said of an entry that cannot be used.
fn refused(entry: &str) -> String {
    read(entry).unwrap_err().to_string()
}

#[test]
fn an_account_logs_in_so_often_and_no_more() {
    let logins = Logins::default();
    assert_eq!((0..OFTEN * 2).filter(|_| logins.one_more()).count(), OFTEN);
    assert!(!logins.has_room());
}
