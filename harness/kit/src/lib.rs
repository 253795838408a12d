//! What a conformance test is written with.
//!
//! A test is an `async fn(cx: &Cx) -> Outcome` under [`conformance`]. Through its [`Cx`] it reaches the services of the
//! deployment ([`Cx::image`] and the like give a [`Client`]), names what it creates ([`Cx::name`]), registers how that
//! is undone before it is created ([`Cx::will_create`]), waits ([`Cx::wait_until`]) and shares what is only read
//! ([`Cx::shared`]). [`require!`] ends it as failed; [`expect!`] records a deviation and goes on.

pub mod choices;
mod context;
pub mod deployment;
pub mod guest;
pub mod http;
pub mod journal;
mod json;
mod limit;
pub mod metal;
mod need;
mod outcome;
mod panics;
mod quotas;
mod recorder;
mod registry;
pub mod resources;
pub mod session;
pub mod shape;
mod shared;
mod visible;

pub use assay_macros::conformance;
pub use choices::{Choices, Wishes};
pub use context::Cx;
pub use deployment::Deployment;
pub use http::client::{Client, Request};
pub use http::response::{Response, Statuses};
pub use inventory;
pub use json::Json;
pub use limit::{Limit, Limits, Quota};
pub use metal::{Metal, Redfish};
pub use need::{Need, Service};
pub use outcome::{Evidence, Outcome, Stop, Worst, shown as __shown};
pub use panics::Caught;
pub use recorder::{Recorder, TestLog};
pub use registry::{ConformanceTest, EmptyRegistry, TestFn, registered};
pub use resources::{Kind, Planned, RedfishMachine, Resource};
pub use serde_json::{Value, json};
pub use session::Role;
pub use shared::{Claim, Share, Unshared};

/// Everything a file of tests needs: `use assay_kit::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Client, Cx, Evidence, Json, Kind, Outcome, Redfish, RedfishMachine, Resource, Response, Role, Service, Stop,
        Value, conformance, expect, expect_eq, json, require, require_eq,
    };
}
