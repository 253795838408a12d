//! The rules that are checked, each with its code, why it exists, an example, and how to keep it.
//!
//! Codes are stable: one that was given is never given to another rule. The first digit says what a rule is about: 1 the
//! step from one guideline to the next, 2 capabilities, 3 flags, 4 identities of tests, 5 what Tempest has.

use serde::Serialize;

/// How bad it is to break a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The process forbids it.
    Error,
    /// The committee should look at it.
    Warning,
}

impl Severity {
    /// Its name, such as `error`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule of the process.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its stable code, such as `AG101`.
    pub code: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What it asks, in one line.
    pub title: &'static str,
    /// Why it exists.
    pub why: &'static str,
    /// What breaks it.
    pub example: &'static str,
    /// How to keep it.
    pub fix: &'static str,
}

impl Rule {
    /// The rule with this code, in either case.
    #[must_use]
    pub fn of(code: &str) -> Option<&'static Self> {
        RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code))
    }
}

macro_rules! rules {
    ($($name:ident $code:literal $severity:ident $title:literal why $why:literal example $example:literal fix $fix:literal)*) => {
        $(pub(crate) static $name: Rule = Rule {
            code: $code, severity: Severity::$severity, title: $title, why: $why, example: $example, fix: $fix,
        };)*
        /// All rules, by code.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    NOT_COMPARED "AG100" Warning "a guideline is compared with the one it replaces"
        why "Half of the rules are about the step from one guideline to the next; without the earlier one they cannot be checked, and silence would look like consent."
        example "`replaces: openstack-powered/2022.06`, and no such file is known."
        fix "Name the earlier guideline with `--against`, or add its folder with `--guidelines`."
    NOT_ADVISORY "AG101" Error "a capability is advisory before it is required"
        why "Vendors need a cycle's notice: what is required today must have been announced in the guideline before."
        example "2015.05 says nothing of `compute-servers-lock`, and 2015.07 requires it."
        fix "List it as `advisory` in this guideline, and require it in the next."
    NOT_DEPRECATED "AG102" Error "a required capability is deprecated before it is removed"
        why "Users rely on what the mark promises: what goes must have been announced in the guideline before."
        example "2016.08 requires `compute-servers-suspend`, and 2017.01 no longer names it."
        fix "List it as `deprecated` in this guideline, and remove it in the next."
    CRITERIA_CHANGED "AG103" Error "criteria and weights are frozen once a guideline has left draft"
        why "Scores that are voted on must be the ones that were discussed; moving weights afterwards moves capabilities over the cutoff without a word on them."
        example "In review, `deployed` weighs 8; in the approved file it weighs 12."
        fix "Put the criteria back, and change them in the next draft."
    TESTS_CHANGED "AG104" Error "the tests of an approved guideline do not change"
        why "A result counts for good only if the list it was held against stays; a test that proves faulty is flagged, not taken out."
        example "After the approval, a test is deleted from `compute-servers-get`."
        fix "Put the tests back as they were, and flag those that are at fault."
    FLAG_LIFTED "AG105" Error "a flag stays for the life of its guideline"
        why "A product that was certified while a test was excused must not lose its mark because the excuse went."
        example "A test is flagged D401 in the approved file, and not any more in its next revision."
        fix "Put the flag back, and leave it out of the next guideline."
    OTHER_CRITERIA "AG106" Warning "the criteria are those of the guideline that is replaced"
        why "New criteria or weights need the board's approval, and scores of two guidelines with different ones cannot be compared."
        example "`deployed` weighs 8 in 2016.01 and 10 in the guideline that replaces it."
        fix "Say in the proposal that the criteria change and who approved it, or take over the earlier ones."
    BELOW_CUTOFF "AG201" Error "a required capability reaches the cutoff"
        why "The cutoff is what keeps the choice of capabilities out of the hands of whoever proposes them."
        example "The cutoff is 74, and a required capability scores 66."
        fix "Score it again, list it as advisory, or lower the cutoff for all in the next draft."
    REQUIRED_UNTESTED "AG202" Error "a required capability has tests"
        why "Without a test nobody can show that a product has the capability, nor that it lacks it."
        example "A capability is listed as required, and its `tests` are empty."
        fix "Add tests, or list it as advisory until there are some."
    UNTESTED "AG203" Warning "a capability has tests"
        why "What is advisory today is meant to be required next, and needs tests by then."
        example "An advisory capability has `untested:` in place of tests."
        fix "Write tests for it, or remove it."
    ADMIN "AG204" Error "no required capability needs an administrator"
        why "The programme certifies what any user of a cloud can rely on; a vendor may keep administration to itself, and a tester has no such account."
        example "A required capability has `admin: true`."
        fix "List it as advisory, or remove it."
    NO_INTERFACE "AG205" Warning "a test says which interface it goes through, where components ask by interface"
        why "A component with `interfaces` counts only the tests that name one of them; a test that names none is never asked for there, and nobody sees that it is not."
        example "A component has `interfaces: [redfish]`, and a test of a capability that it lists has no `interface`."
        fix "Add `interface:` to the test."
    UNPROVED "AG206" Warning "operations that a capability names are proved by a test through their interface"
        why "Operations tell a vendor what shows the capability; those that no test calls are a promise that nothing holds."
        example "A capability names operations of Redfish, and all its tests go through Ironic."
        fix "Add a test that goes through the interface, or take the operations out."
    NO_CODE "AG301" Error "a flag has one of the reasons D400 to D406 as its code"
        why "Reasons for excusing a test are a closed list; a flag without one has no agreed reason."
        example "A flag says that the resize is insecure, and has no `code`."
        fix "Choose from D400 to D406; D404 starts a discussion where none fits."
    NO_REASON "AG302" Error "the code of a flag is a reason, not a rule for editors"
        why "D300 to D312 are rules on how the files are edited; they tell how to flag, and none of them is a reason to."
        example "`code: D302`."
        fix "Take the reason that the rule was applied for: mostly D400."
    PLACEHOLDER "AG303" Warning "a flag does not keep the placeholder D404"
        why "D404 stands for a reason still to be found; a flag that keeps it was never decided on."
        example "`code: D404` in an approved guideline."
        fix "Decide on a reason, or add a new one to the list of reasons."
    NO_DATE "AG304" Error "a flag says when it was set"
        why "Without a day nobody can tell which results it excuses, nor how long it has been there."
        example "A flag without `date`."
        fix "Add `date:` with the day it was set."
    OLD_FLAG "AG305" Warning "a flag is no older than a year"
        why "A flag is meant to bridge a defect until it is mended; one that stays is a test that is not required, without anybody having said so."
        example "A flag of 2015-05-07 in a guideline that is looked at in 2020."
        fix "Find out whether the defect is mended: leave the flag out of the next draft, or the test."
    EXPIRED "AG306" Warning "a flag has not expired"
        why "After its last day a flag excuses nothing, and its test counts again."
        example "`expires: 2025-12-31` on a day of 2026."
        fix "Set a later day, or leave the flag out of the next draft."
    FLAGGED_PROPOSAL "AG307" Warning "a guideline that is proposed has no flags"
        why "What is put to the vote is the full list of tests; exceptions are decided one by one afterwards."
        example "`status: review`, and a test has a flag."
        fix "Take the flags out, and propose each of them after the approval."
    FLAG_PATTERN "AG308" Warning "the published reason of a flag begins as the published schema asks"
        why "The schemas 1.5 to 2.0 want a reason to begin with the bare code, so that programs can read it; a reader that keeps to that does not find this flag's reason."
        example "`[D401] This test …`, or a reason without any code, where the schema has the pattern `^D\\d{3} \\w+`."
        fix "It is history and stays; in a new guideline, put the code into `code`."
    TWO_NAMES "AG401" Error "a UUID belongs to one name"
        why "Results are matched by name and by UUID; where one UUID has two names, a pass of one test counts for the other."
        example "`a.test_one` and `a.test_two` both have e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59."
        fix "If it is one test that was renamed, list it once with the other name as alias; otherwise find the right UUID."
    TWO_UUIDS "AG402" Error "a name has one UUID"
        why "Two UUIDs for one name are two tests, one of which no result can reach."
        example "`a.test_one` has one UUID in one capability and another in the next."
        fix "Take the UUID that Tempest gives for the name."
    GONE "AG501" Error "Tempest has every required test that is not flagged"
        why "Nobody can pass a test that does not exist."
        example "A required test was deleted from Tempest, and has no flag."
        fix "Flag it D406 in this guideline, and leave it out of the next."
    GONE_OTHER "AG502" Warning "Tempest has every other test"
        why "A test that is gone proves nothing, also where it decides nothing."
        example "A test of an advisory capability was deleted from Tempest."
        fix "Flag it D406, or leave it out of the next draft."
    RENAMED "AG503" Warning "a test is listed under the name that Tempest has for its UUID"
        why "Results carry the new name; they are found by it only if it stands there."
        example "Tempest has the UUID of `a.OldTest.test_one` under `a.NewTest.test_one`."
        fix "Add the new name to the test's `aliases`; in the next draft, make it the name."
    NOT_HELD "AG600" Warning "a worksheet is held against its guideline"
        why "A worksheet is kept to decide on a guideline; without one, only its own numbers can be checked."
        example "A worksheet with `scoring:` of its own and no `guideline:`."
        fix "Name the guideline with `guideline:`, or with `--against`."
    OTHER_SCORING "AG601" Error "a worksheet has the criteria, weights and cutoff of its guideline"
        why "Totals decide only if they are made with the weights that were agreed on, and held against the agreed cutoff."
        example "On the worksheet `deployed` weighs 12, in its guideline 8."
        fix "Leave `scoring:` out, so that the guideline's holds; or change the guideline's, while it is a draft."
    UNREACHABLE "AG602" Error "the cutoff can be reached"
        why "If all weights together are less than the cutoff, every capability is under it, and no score decides anything."
        example "The cutoff is 740, and the weights sum up to 100."
        fix "Correct the cutoff, or the weights."
    REQUIRED_UNDER "AG603" Error "what a guideline requires is not under the cutoff on its worksheet"
        why "The worksheet is the reason for the decision; a guideline that requires what scored too low has none."
        example "`compute-images-create` scores 72 of 74 on the worksheet, and is required."
        fix "Score it again, or list it as advisory."
    REQUIRED_VETOED "AG604" Error "what a guideline requires needs no administrator by its worksheet"
        why "A capability that takes an administrator has the total 0 whatever it scored: what the mark promises must be there for any user of a cloud."
        example "`non_admin: 0` for a capability that is required."
        fix "Find out whether it needs one; if it does, take it out of the required ones."
    REQUIRED_OPEN "AG605" Error "what a guideline requires is decided on its worksheet"
        why "A capability that is over or under the cutoff as open scores turn out has not been decided on."
        example "It has 70 of 74, and `clients: \"?\"`."
        fix "Decide on the scores that tip it; `assay guideline worksheet show` names them."
    OPEN_SCORE "AG606" Warning "no score is open once the guideline has left draft"
        why "`?` stands for a discussion that is still to be held; a guideline that is put to the vote should not wait for it."
        example "The guideline is approved, and on its worksheet a score is `?`."
        fix "Decide: 1 or 0."
    OTHER_ACHIEVEMENTS "AG607" Warning "the achievements of a guideline are those of its worksheet"
        why "Of two records of one decision, readers cannot tell which one holds."
        example "On the worksheet a capability meets `doc`, and its achievements in the guideline lack it."
        fix "Bring over what was decided last: to the guideline's `achievements`, or to the worksheet."
    NOT_SCORED "AG608" Warning "what a guideline requires or announces is scored on its worksheet"
        why "What stands in no worksheet was never weighed against the criteria."
        example "A capability is advisory, and neither a row nor a group of the worksheet has its name."
        fix "Add a row for it, or name the group of rows that it is made of."
}
