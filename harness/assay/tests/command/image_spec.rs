//! `--image-spec`: what standard images are called and where they come from, by name or by file.

use assay_reports::record::Verdict;

use crate::support::Place;

const TESTS: [&str; 2] = ["scs-0104-source-debian-12", "scs-0104-image-debian-12"];

impl Place {
    /// What the two tests of one image come to.
    async fn debian(&self, spec: &[&str]) -> [Verdict; 2] {
        let out = format!("run-{}", spec.len());
        let run = ["run", "--cloud", "reference", "--exact", "--out", &out];
        self.run(&[&run[..], spec, &TESTS[..]].concat()).await;
        TESTS.map(|test| self.records(&out).into_iter().find(|record| record.id == test).unwrap().verdict)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_says_what_an_image_is_called_and_where_it_comes_from() {
    let place = Place::new();
    // Nothing there is called so.
    assert_eq!(place.debian(&[]).await, [Verdict::Pass, Verdict::Fail]);
    place.write(
        "spec.yaml",
        "images:\n- {name: Debian 12, name_scheme: '[a-z]+', source: [https://images.example.org/]}\n",
    );
    assert_eq!(place.debian(&["--image-spec", "spec.yaml"]).await, [Verdict::Fail, Verdict::Pass]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_specification_has_wrong_or_no_test_asks_for_is_said() {
    let place = Place::new();
    let listed = |spec: &'static str| ["run", "--cloud", "reference", "--image-spec", spec, TESTS[1]];
    place.run(&listed("scs-0104-v1-images-v6")).await.says(2, &["scs-0104-v1-images-v6"]);
    place.write("wrong.yaml", "images:\n- {name: Debian 12, sources: [a]}\n");
    place.run(&listed("wrong.yaml")).await.says(2, &["wrong.yaml:2", "did you mean `source`?"]);
    place.write("more.yaml", "images:\n- {name: Rocky 10, source: [https://images.example.org/]}\n");
    let note = "note: no test asks for these images of the specification: Rocky 10";
    place.run(&[&listed("more.yaml")[..], &["--guideline", "scs/iaas-v5.1"]].concat()).await.says(1, &[note]);
}
