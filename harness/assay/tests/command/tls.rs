//! Certificates that nobody has reason to trust.

use assay_hostile::{Certificate, Proxy};

use crate::support::{Place, address, clouds, reference, through};

const RUN: [&str; 7] =
    ["run", "--cloud", "member", "identity.tokens.validate", "object-storage.containers.create-again", "--out", "run"];

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_signs_itself_is_refused_unless_named_or_waved_through() {
    let reference = reference().await;
    let certificate = Certificate::for_hosts(&["127.0.0.1", "localhost"]).unwrap();
    let proxy = Proxy::start_tls(address(reference.url()), &certificate).await.unwrap();
    let place = Place::new();
    let through = through(&clouds(&reference), reference.url(), proxy.url()).await;
    place.write("clouds.yaml", &through);
    place.run(&RUN).await.says(3, &["certificate", proxy.url(), "cacert", "--insecure"]);

    std::fs::remove_dir_all(place.path("run")).unwrap();
    let insecure = ["--insecure", "--guideline", "openstack-powered/2022.11", "--target", "storage"];
    let ended = place.run(&[RUN.as_slice(), &insecure].concat()).await;
    // Two tests are too few to conform.
    ended.says(1, &["certificates of `member` are not verified"]);
    assert!(place.read("run/run.json").contains("\"tls_verified\": false"));
    for report in ["run/report.html", "run/report.md", "run/report.txt"] {
        assert!(place.read(report).to_lowercase().contains("certificate"), "{report} does not say it");
    }

    std::fs::remove_dir_all(place.path("run")).unwrap();
    let file = place.write("authority.pem", certificate.pem());
    let trusting = through
        .replace("    identity_api_version", &format!("    cacert: {}\n    identity_api_version", file.display()));
    place.write("clouds.yaml", &trusting);
    let ended = place.run(&RUN).await;
    ended.says(0, &[]).prints(&["2 passed"]);
    assert!(!ended.stderr.contains("verified"), "{ended:#?}");
    assert!(place.read("run/run.json").contains("\"tls_verified\": true"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_host_is_refused_although_it_is_trusted() {
    let reference = reference().await;
    let certificate = Certificate::for_hosts(&["cloud.example"]).unwrap();
    let proxy = Proxy::start_tls(address(reference.url()), &certificate).await.unwrap();
    let place = Place::new();
    let file = place.write("authority.pem", certificate.pem());
    let through = through(&clouds(&reference), reference.url(), proxy.url()).await;
    let lines = format!("    cacert: {}\n    identity_api_version", file.display());
    place.write("clouds.yaml", &through.replace("    identity_api_version", &lines));
    place.run(&RUN).await.says(3, &["certificate", "cloud.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_file_that_is_none_is_bad_usage() {
    let reference = reference().await;
    let place = Place::new();
    for (file, word) in [("missing.pem", "missing.pem"), ("clouds.yaml", "no certificate")] {
        let lines = format!("    cacert: {file}\n    identity_api_version");
        place.write("clouds.yaml", &clouds(&reference).replace("    identity_api_version", &lines));
        place.run(&["doctor", "--cloud", "member"]).await.says(2, &[file, word]);
    }
}
