//! Identity v3: <https://docs.openstack.org/api-ref/identity/v3/>.

mod application_credentials;
mod catalog;
mod domains;
mod lockout;
mod login;
mod passwords;
mod tokens;
mod users;
mod versions;
