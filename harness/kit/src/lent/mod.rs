//! What a test may change, or ask to be deleted, although no run made it: announced first, and put back after.

mod idle_group;
mod machine;
mod redfish_system;
mod spare_passwords;
mod temp_url_key;

pub use machine::Machine;
pub use redfish_system::RedfishMachine;
pub use spare_passwords::SparePasswords;
