//! A guideline as its YAML file states it.

use chrono::NaiveDate;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::follow::Followed;

mod words;

pub use words::{ByState, DesignationState, Interface, Origin, Rule, State, Status, TargetKind};

/// The value of `schema` in a guideline file of this version.
pub const SCHEMA: &str = "assay.guideline/1";

/// The pattern of an id: `family/version`.
pub const ID_PATTERN: &str = "^[a-z0-9][a-z0-9-]*/[A-Za-z0-9][A-Za-z0-9._-]*$";
/// The pattern of a bare UUID in lower case.
pub const UUID_PATTERN: &str = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
/// The pattern of a flag's code: a letter or more, then digits.
pub const CODE_PATTERN: &str = "^[A-Z]+[0-9]+$";
/// The pattern of a name of a test: one line, with no white space at its ends.
pub const NAME_PATTERN: &str = r"^\S(.*\S)?$";

/// A versioned statement of which capabilities a product must have, and which tests prove each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guideline {
    /// The version of the file format: `assay.guideline/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// `family/version`, such as `openstack-powered/2020.06`.
    #[schemars(extend("pattern" = ID_PATTERN))]
    pub id: String,
    /// The name that reports print.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Where the guideline stands in its life.
    pub status: Status,
    /// The day from which it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<NaiveDate>,
    /// The id of the guideline that this one supersedes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = ID_PATTERN))]
    pub replaces: Option<String>,
    /// The releases of the software that it covers, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<String>,
    /// Which parts were published, and which were reconstructed because no file could be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<String>,
    /// What its published file said of itself, if it states what was published as it was, faults included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// What the tests of a required capability must do for it to be met.
    #[serde(default, skip_serializing_if = "Rule::is_default")]
    pub rule: Rule,
    /// How capabilities were scored when the committee decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scoring: Option<Scoring>,
    /// What a product can be certified as, by the name that `--target` takes.
    #[schemars(extend("minProperties" = 1))]
    pub targets: IndexMap<String, Target>,
    /// Groups of capabilities that targets are made of.
    #[schemars(extend("minProperties" = 1))]
    pub components: IndexMap<String, Component>,
    /// What a product can do, and the tests that prove it.
    #[schemars(extend("minProperties" = 1))]
    pub capabilities: IndexMap<String, Capability>,
    /// The code that a product must contain unaltered, by project.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub designated_sections: IndexMap<String, DesignatedProject>,
    /// Where the published tests live.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub test_repositories: IndexMap<String, TestRepository>,
    /// The guidelines that its targets refer to, once a catalogue has looked for them.
    #[serde(skip)]
    pub followed: Followed,
}

/// What a published file said of itself.
///
/// A guideline with it states what was published, and that has faults: one UUID for several tests, a test that is
/// flagged in one capability only or that has no UUID, a removed capability that is not defined. The loader takes them
/// as they are; in a guideline without it they are errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The version of the format that the file was published in, such as `2.0`.
    #[schemars(length(min = 1))]
    pub schema: String,
    /// The id in the file, where it is not the one that its name and place say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub id: Option<String>,
    /// Where the file says it comes from, right or wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub source: Option<String>,
    /// Where the file says its format is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub reference: Option<String>,
    /// When it was meant to be approved: a day such as `2017-09-10`, or a month such as `2018.02`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub target_approval: Option<String>,
}

/// The committee's scoring of capabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// The score from which a capability may be required, out of the sum of all weights; there was none before 2016.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<u32>,
    /// The criteria, by the name that `achievements` uses.
    pub criteria: IndexMap<String, Criterion>,
}

/// One criterion of the scoring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The name that reports print.
    #[schemars(length(min = 1))]
    pub title: String,
    /// What meeting it adds to the score.
    pub weight: u32,
    /// What it asks, in one line.
    #[schemars(length(min = 1))]
    pub summary: String,
}

/// What a product can be certified as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The name of the programme, such as `OpenStack Powered Storage`.
    #[schemars(length(min = 1))]
    pub title: String,
    /// What it covers, in one line.
    #[schemars(length(min = 1))]
    pub summary: String,
    /// A programme of its own, or an add-on to one.
    #[serde(default)]
    pub kind: TargetKind,
    /// The components that a product must meet.
    #[schemars(length(min = 1))]
    pub components: Vec<String>,
    /// The components of other guidelines that it must meet as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
}

/// A component of another guideline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The id of the guideline.
    #[schemars(extend("pattern" = ID_PATTERN))]
    pub guideline: String,
    /// The name of the component there.
    #[schemars(length(min = 1))]
    pub component: String,
    /// The name that was published, where the guideline has the component under another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub published_as: Option<String>,
    /// Where the published file says that the guideline is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub source: Option<String>,
}

/// A group of capabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The capabilities, sorted by state.
    pub capabilities: ByState,
    /// The interfaces that it is about: of each capability it asks only for the tests that go through one of these. A
    /// component without it asks for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<Interface>,
    /// What it is asked with: the values of its parameters, such as the address of a list of images.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, String>,
    /// The component that it only adds to: what was published does not ask for it, so it may require nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub beside: Option<String>,
    /// The projects whose designated sections a product must contain, sorted by state.
    #[serde(default, skip_serializing_if = "ByState::is_empty")]
    pub designated_sections: ByState,
}

/// What a product can do, and the tests that prove it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// The name that it was published with, where it is not its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub title: Option<String>,
    /// The target that its tests were published under, where its state does not tell: `preview`, for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub published_as: Option<String>,
    /// The project whose API it belongs to, such as `keystone`.
    #[schemars(length(min = 1))]
    pub project: String,
    /// What it is, in one line.
    #[schemars(length(min = 1))]
    pub summary: String,
    /// The criteria that it meets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub achievements: Vec<String>,
    /// Criteria among the achievements that were published misspelt, with the words that were published for them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub misspelt: IndexMap<String, String>,
    /// The version since which it is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_since: Option<String>,
    /// The versions that required it, as files before 2015.07 list them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guidelines: Vec<String>,
    /// Whether an administrator is needed to use it.
    #[serde(default)]
    pub admin: bool,
    /// Whether its name and its tests' place in it were published or reconstructed by Assay.
    #[serde(default, skip_serializing_if = "Origin::is_published")]
    pub origin: Origin,
    /// Why no component lists it, when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub unlisted: Option<String>,
    /// The state that was published with the capability itself, where components give it none or another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Why no test proves it, when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub untested: Option<String>,
    /// The operations that show it, by interface.
    #[serde(default, skip_serializing_if = "OperationList::is_empty")]
    pub operations: OperationList,
    /// Where it comes from: the clauses of published profiles, or who asks for it beyond them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The tests that prove it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Test>,
}

/// The operations that show a capability, by interface.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationList {
    /// Those of Ironic: method and path, such as `PUT /v1/nodes/{node}/states/power`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ironic: Vec<String>,
    /// Those of Redfish: method and path below the service root, or the action, such as `POST #ComputerSystem.Reset`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redfish: Vec<String>,
}

impl OperationList {
    /// The lists, by interface.
    #[must_use]
    pub fn lists(&self) -> [(Interface, &[String]); 2] {
        [(Interface::Ironic, &self.ironic), (Interface::Redfish, &self.redfish)]
    }

    /// Whether none is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists().iter().all(|(_, operations)| operations.is_empty())
    }
}

/// A published test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its published name.
    #[schemars(extend("pattern" = NAME_PATTERN))]
    pub name: String,
    /// Its published UUID, bare; only files published without UUIDs leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = UUID_PATTERN))]
    pub uuid: Option<String>,
    /// The interface that it goes through, where a guideline is about several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<Interface>,
    /// Whether no program decides it, but what a person states.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub manual: bool,
    /// The attributes of the test that were published with its UUID, such as `smoke`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// Other names it has or had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Why it is excused, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
}

/// Why a test is excused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// The reason's code, such as `D401`; absent where none was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = CODE_PATTERN))]
    pub code: Option<String>,
    /// The code as it stood before the published reason, where it is not the bare code, such as `[D401]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub published_as: Option<String>,
    /// The day it was set; only files published without it leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// Why, in one line.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// What lifts it, in one line.
    #[schemars(length(min = 1))]
    pub action: String,
    /// Where it is discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<NaiveDate>,
}

/// The designated sections of one project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DesignatedProject {
    /// Whether a product that contains the project must contain its designated sections.
    #[serde(default)]
    pub state: DesignationState,
    /// What is designated as a rule, in one line.
    #[schemars(length(min = 1))]
    pub guidance: String,
    /// The sections that are named one by one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub sections: IndexMap<String, DesignatedSection>,
}

/// A part of a project's code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DesignatedSection {
    /// Whether a product must contain it unaltered.
    pub designated: bool,
    /// The state of this section, where it is not that of its project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<DesignationState>,
    /// What it is, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// Where published tests live.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRepository {
    /// Its address.
    #[schemars(length(min = 1))]
    pub repository: String,
    /// The commit that the guideline refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What it holds, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub summary: Option<String>,
}
