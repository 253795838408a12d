//! Finding the form of results from their content.

use assay_reports::{InputFormat, intake};

use super::{read, read_as, refusal};

#[test]
fn forms_are_found_from_the_content() {
    for (text, format) in [
        (&b"\xb3\x29\x03\x0c\x03fooE\x9d\xfe\x10"[..], InputFormat::SubunitV2),
        (b"noise\n\xb3\x29\x03\x0c\x03fooE\x9d\xfe\x10", InputFormat::SubunitV2),
        (b"noise\ntest: a\nsuccess: a\n", InputFormat::SubunitV1),
        (b"\xef\xbb\xbf <testsuite/>", InputFormat::Junit),
        (b"\n{\"results\": []}", InputFormat::Refstack),
    ] {
        assert_eq!(read(text).unwrap().format, format);
    }
}

#[test]
fn what_is_none_of_them_is_called_what_it_is() {
    for (text, what) in [
        (&b""[..], "it is empty"),
        (b" \n", "it is empty"),
        (b"\x1f\x8b\x08rest", "packed with gzip: unpack it first"),
        (b"{\"schema\": \"assay.run/1\"}", "give the folder that it stands in"),
        (b"{\"id\": \"x\", \"verdict\": \"pass\"}", "one of Assay's own files"),
        (b"just text", "its form is not known"),
    ] {
        let shown = refusal(text);
        assert!(shown.contains(what) && shown.contains("subunit v1 or v2 stream"), "{shown}");
    }
}

#[test]
fn a_form_that_is_forced_is_the_one_that_is_read() {
    assert!(read_as(b"{}", Some(InputFormat::Junit)).unwrap_err().to_string().contains("not JUnit XML"));
    let prose = read_as(b"test a\nsuccess a\n", Some(InputFormat::SubunitV1)).unwrap();
    assert_eq!(prose.records.len(), 1);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = intake::read(std::path::Path::new("no/such/file"), None).unwrap_err();
    assert_eq!(error.to_string(), "cannot read no/such/file");
}
