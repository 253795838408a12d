//! What a conformance test is written with.
//!
//! A test is an `async fn(cx: &Cx) -> Outcome` under [`conformance`]. Through its [`Cx`] it reaches the services of the
//! deployment ([`Cx::image`] and the like give a [`Client`]), names what it creates ([`Cx::name`]), registers how that
//! is undone before it is created ([`Cx::will_create`]), waits ([`Cx::wait_until`]) and shares what is only read
//! ([`Cx::shared`]). [`require!`] ends it as failed; [`expect!`] records a deviation and goes on.

pub mod budget;
pub mod choices;
mod choosing;
pub mod clock;
mod context;
pub mod deployment;
pub mod elsewhere;
mod found;
mod guard;
pub mod guest;
pub mod http;
pub mod image_spec;
pub mod journal;
mod json;
mod lent;
mod limit;
pub mod metal;
mod need;
mod outcome;
pub mod pages;
mod panics;
mod recorder;
mod registry;
pub mod resources;
pub mod session;
pub mod shape;
mod shared;
mod undo;

pub use assay_macros::conformance;
pub use assay_record::Lack;
pub use budget::Budget;
pub use choices::{Choices, Flavor, Image, Network, Overrides};
pub use choosing::Explained;
pub use context::Cx;
pub use deployment::Deployment;
pub use guard::MARK as DEPLOYMENT_MARK;
pub use http::client::{Client, Request};
pub use http::response::{Response, Statuses};
pub use inventory;
pub use json::Json;
pub use lent::{Machine, RedfishMachine, SparePasswords};
pub use limit::{Limit, Limits, Quota};
pub use metal::{Metal, Redfish};
pub use need::{Need, Service};
pub use outcome::{Evidence, Outcome, Skip, Stop, Worst, shown as __shown};
pub use pages::{Pages, Walk};
pub use panics::Caught;
pub use recorder::{Recorder, TestLog};
pub use registry::{ConformanceTest, EmptyRegistry, TestFn, registered};
pub use resources::{Kind, Resource};
pub use serde_json::{Value, json};
pub use session::Role;
pub use shared::{Busy, Claim, Share, Unshared};
pub use undo::{Planned, Undone};

/// Everything a file of tests needs: `use assay_kit::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Client, Cx, Evidence, Json, Kind, Lack, Outcome, Pages, Redfish, RedfishMachine, Resource, Response, Role,
        Service, Stop, Value, conformance, expect, expect_eq, json, require, require_eq,
    };
}
