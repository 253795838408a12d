//! The published form: what is odd is repaired and listed, and nothing is lost.

use std::sync::LazyLock;

use assay_guidelines::import::Kind;
use assay_guidelines::worksheet::import::{Imported, import};
use assay_guidelines::worksheet::{Answer, Evaluation, Standing};
use assay_guidelines::{Catalogue, Errors, Guideline};

use super::{DAY, PUBLISHED, changed, good};

/// The guideline whose criteria the small file has, read once.
pub(crate) fn guideline() -> &'static Guideline {
    static READ: LazyLock<Guideline> =
        LazyLock::new(|| Catalogue::embedded().get("openstack-powered/2018.11", DAY).unwrap().guideline);
    &READ
}

fn imported(text: &str) -> Imported {
    import("scoring.txt", text, guideline()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn refused(text: &str) -> Errors {
    match import("scoring.txt", text, guideline()) {
        Ok(imported) => panic!("accepted with {} repairs", imported.repairs.len()),
        Err(errors) => errors,
    }
}

fn said(imported: &Imported) -> Vec<String> {
    imported.repairs.iter().map(ToString::to_string).collect()
}

/// Holds off a repair that is not told, or told of another place. The list is that of the small file's faults.
#[test]
fn everything_odd_is_repaired_and_listed_with_its_place() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worksheet/repairs.golden.txt");
    let text = said(&imported(PUBLISHED)).join("\n") + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap());
    let kinds: std::collections::BTreeSet<_> = imported(PUBLISHED).repairs.iter().map(|repair| repair.kind).collect();
    for kind in
        [Kind::Column, Kind::Score, Kind::Total, Kind::LeftOut, Kind::ListedTwice, Kind::MisspeltName, Kind::Text]
    {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

#[test]
fn what_is_read_is_what_was_written() {
    let read = imported(PUBLISHED);
    let sheet = &read.worksheet;
    assert_eq!((sheet.title.as_str(), sheet.sections.len()), ("A Small Worksheet", 2));
    let compute = &sheet.sections["Compute"];
    let signs = |name: &str| {
        let row = &compute.capabilities[name];
        let scores: String =
            guideline().scoring.as_ref().unwrap().criteria.keys().map(|name| row.scores[name].sign()).collect();
        (scores, row.non_admin)
    };
    // In the order of the guideline: atomic, clients, complete, deployed, discover, doc, foundation, future, proximity,
    // stable, sticky, tools. Nothing is titled for `stable`.
    assert_eq!(signs("compute-servers-create"), ("111111111?11".to_owned(), Answer::Yes));
    assert_eq!(signs("compute-servers-list"), ("11111?011?00".to_owned(), Answer::Yes));
    assert_eq!(signs("compute-servers-odd"), ("1?1111?11?0?".to_owned(), Answer::Yes));
    assert_eq!(signs("compute-servers-admin").1, Answer::No);
    assert_eq!(signs("compute-servers-open"), ("111111111?11".to_owned(), Answer::Yes));
    assert_eq!(compute.groups["compute-all"], ["compute-servers-create", "compute-servers-list"]);
    assert_eq!(compute.groups["compute-servers-admins"], ["compute-servers-admin"]);
    assert_eq!(compute.groups.len(), 2);
    assert_eq!(compute.links["1"], "https://example.org/one");
    assert!(compute.notes[0].starts_with("compute servers spaced:"), "a line that is no capability is kept as a note");
    assert_eq!(
        compute.notes[1],
        "compute-server-list is called otherwise here, and of compute-servers-gone nobody knows: see [1]. • A bullet of it. It \
         goes on."
    );
    assert!(compute.notes[2].ends_with("• compute-none-at-all [2] is no address."), "{}", compute.notes[2]);
    assert_eq!(compute.notes[3], "Nothing more.");
    assert!(compute.capabilities.contains_key("compute-flavors-list"), "more of a section that stood before");
    let store = &sheet.sections["Object Store"];
    assert_eq!(store.notes, ["The first paragraph has two lines.", "The second has one."]);
    assert_eq!(store.capabilities["objectstore-object-get"].non_admin, Answer::Open);
}

/// Holds off words of the notes, or a number of a capability, that are gone without a repair.
#[test]
fn import_and_export_and_import_give_the_same() {
    let read = imported(PUBLISHED);
    let again = good(&read.worksheet.yaml());
    assert_eq!(again.worksheet, read.worksheet);
    let evaluation = Evaluation::of(&again, None);
    let of = |name: &str| evaluation.all().find(|of| of.name == name).unwrap().clone();
    let create = of("compute-servers-create");
    assert_eq!((create.minimum, create.maximum, create.standing), (91, 100, Some(Standing::Over)));
    assert_eq!(of("compute-servers-admin").standing, Some(Standing::Vetoed));
    assert_eq!(of("objectstore-object-get").standing, Some(Standing::Undecided));
}

/// Holds off a clean file of which something is said to be repaired.
#[test]
fn of_a_clean_file_only_the_titles_are_noted() {
    let text = "Title\n=====\n\nCapability Name: [deployed,tools,clients], [future,complete,stable], [discover,doc,sticky],\n\
                [foundation,atomic,proximity], [Non-Admin] [Total]\n\nA\n---\na-b-c: [1,1,1] [1,1,1] [1,1,1] [1,1,1] [1] [100]*\n";
    let read = imported(text);
    assert!(read.repairs.is_empty(), "{:?}", said(&read));
    // Without the titles, the published order is taken, and that is said.
    let bare = imported("A\n---\na-b-c: [1,0,0] [0,0,0] [0,0,0] [0,0,0] [1] [8]\n");
    assert_eq!(bare.worksheet.sections["A"].capabilities["a-b-c"].scores["deployed"], Answer::Yes);
    assert_eq!(bare.repairs.iter().map(|repair| repair.kind).collect::<Vec<_>>(), [Kind::Column]);
    let alone = imported("a-b-c: [1,0,0] [0,0,0] [0,0,0] [0,0,0] [1] [8]\n");
    assert_eq!(alone.worksheet.sections.keys().collect::<Vec<_>>(), ["Capabilities"]);
    assert_eq!(alone.repairs.len(), 2);
}

#[test]
fn a_total_that_contradicts_its_scores_is_repaired() {
    let line = "compute-servers-create:   [1,1,1] [1,1,1] [1,1,1] [1,1,1] [1] [91]*";
    for (wrong, part) in [("[90]*", "written as `90`"), ("[x]*", "written as `x`"), ("[91]", "no asterisk")] {
        let read = imported(&changed(PUBLISHED, line, &changed(line, "[91]*", wrong)));
        let found = read.repairs.iter().find(|repair| repair.line == 15 && repair.kind == Kind::Total);
        assert!(found.is_some_and(|repair| repair.message.contains(part)), "{wrong}: {:?}", said(&read));
    }
}

#[test]
fn what_is_no_worksheet_is_refused_with_a_reason() {
    for (text, part) in [
        ("", "has no line such as"),
        ("{\"id\": \"2020.06\"}", "has no line such as"),
        ("Title\n=====\n\nA\n---\nNotes:\n  * none\n", "has no line such as"),
    ] {
        assert!(refused(text).to_string().contains(part), "{text}: {}", refused(text));
    }
    let scs = Catalogue::embedded().get("scs/0128-v1", DAY).unwrap().guideline;
    assert!(import("scoring.txt", PUBLISHED, &scs).unwrap_err().to_string().contains("has no criteria"));
    let long = "a\n".repeat(200_000);
    assert!(refused(&long).to_string().contains("more than 100000 lines"));
    let wide = format!("Capability Name: {}\n\na: [1]\n", "[x,]".repeat(100_000));
    assert!(imported(&wide).repairs.len() < 300, "titles beyond the first few are told together");
    let rows: String = (0..20_000).map(|number| format!("r-{number}-x: [1]\n")).collect();
    assert!(refused(&rows).to_string().contains("more than"));
    let cells = format!("a-b-c: {}\n", "[x,x,x,x] y ".repeat(100_000));
    assert!(imported(&cells).repairs.len() < 30);
    let names: String = (0..50_000).map(|number| format!("a-b-{number}x{number}\n")).collect();
    let mentions = format!("A\n---\na-b-c: [1,0,0] [0,0,0] [0,0,0] [0,0,0] [1] [8]\n\nNotes:\n{names}");
    assert!(refused(&mentions).to_string().contains("have to be repaired"));
    assert!(refused(&" ".repeat(5 * 1024 * 1024)).to_string().contains("larger than 4 MiB"));
}
