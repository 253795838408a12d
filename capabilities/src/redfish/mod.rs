//! Redfish, as the controllers of machines speak it: DSP0266, <https://www.dmtf.org/dsp/DSP0266>, and the schemas of DSP0268.
//!
//! What a service does not link or name is not offered, and skips a test; what it does is offered, and fails one when it does
//! not work. Machines that are not listed in the deployment file receive nothing but reads.

mod accounts;
mod auth;
mod bios;
mod boot;
mod chassis;
mod errors;
mod ethernet;
mod events;
mod fixture;
mod indicator;
mod logs;
mod managers;
mod processors;
mod reset;
mod secure_boot;
mod service_root;
mod sessions;
mod storage;
mod systems;
mod tls;
mod update;
mod virtual_media;
