//! S3 beside Object Storage: [scs-0123](https://docs.scs.community/standards/scs-0123-v1-mandatory-and-supported-IaaS-services),
//! version 1.

use std::collections::BTreeSet;
use std::time::Duration;

use assay_kit::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use super::services::Catalog;
use super::signature::Keys;
use super::told::expect_none;

/// What S3 answers to who signs with a key that it does not know; the second, where it looks for something at its root.
const UNKNOWN: [&str; 2] = ["InvalidAccessKeyId", "NoSuchKey"];
/// How long containers and buckets may differ: other tests make and delete some.
const SETTLING: Duration = Duration::from_secs(5);
/// How deep elements may stand within each other.
const DEPTH: usize = 32;

/// The root of the host of Object Storage, where S3 is looked for.
struct Root {
    client: Client,
    address: String,
    host: String,
}

impl Root {
    fn of(cx: &Cx) -> Outcome<Self> {
        let client = cx.object_storage()?.without_token();
        let store = Url::parse(&client.url("")).map_err(|error| Stop::Error(format!("Object Storage: {error}")))?;
        let name = store.host_str().unwrap_or_default();
        let host = store.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        Ok(Self { address: format!("{}/", store.origin().ascii_serialization()), host, client })
    }

    /// Asks for the list of buckets.
    async fn buckets(&self, keys: &Keys<'_>) -> Outcome<Response> {
        let headers = keys.headers(&self.host, self.client.now())?;
        let request = self.client.request_to("GET", self.address.clone());
        headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
    }
}

/// The texts of the elements of this name that stand right in one of the name before it.
fn texts(xml: &str, parent: &str, name: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let (mut open, mut text, mut found) = (Vec::<String>::new(), String::new(), Vec::new());
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(element) if open.len() < DEPTH => {
                open.push(String::from_utf8_lossy(element.local_name().as_ref()).into_owned());
                text.clear();
            }
            Event::Text(part) => text.push_str(&String::from_utf8_lossy(&part)),
            Event::CData(part) => text.push_str(&String::from_utf8_lossy(&part)),
            Event::GeneralRef(entity) => {
                let letter = entity.resolve_char_ref().ok().flatten().map(String::from);
                let named = || quick_xml::escape::resolve_xml_entity(std::str::from_utf8(&entity).ok()?);
                text.push_str(&letter.or_else(|| named().map(str::to_owned)).unwrap_or_default());
            }
            Event::End(_) => {
                if let [.., above, this] = open.as_slice()
                    && above == parent
                    && this == name
                {
                    found.push(text.trim().to_owned());
                }
                open.pop();
                text.clear();
            }
            Event::Start(_) | Event::Eof => break,
            _ => {}
        }
    }
    found
}

/// The code and the message of an error of S3, in words; `None` where the answer is not an error.
fn refused_with(answer: &str) -> Option<String> {
    let told = |name: &str| texts(answer, "Error", name).into_iter().next();
    let code = told("Code")?;
    Some(told("Message").map_or_else(|| code.clone(), |message| format!("{code}: {message}")))
}

/// Where Object Storage is, S3 must be at the root of the same host: the list of buckets must be refused to who signs with a key
/// that nobody has, and as that. Where the catalog has no Object Storage, nothing is required, and the test passes.
///
/// Who signs with an EC2 credential of its own from Identity should see the containers of its account as buckets.
#[conformance(
    id = "scs-0123-swift-s3",
    spec = "scs-0123-v1#mandatory-iaas-apis",
    covers = "5c6df8bd-a358-58fd-a8b4-8d895568c934",
    needs = [Identity],
    shares = ["scs.catalog"],
)]
async fn swift_s3(cx: &Cx) -> Outcome {
    if Catalog::shared(cx).await?.of(&["object-store"]).next().is_none() {
        return Ok(());
    }
    let root = Root::of(cx)?;
    let nobody = cx.name("ec2-credential");
    let answer = root.buckets(&Keys { access: &nobody, secret: &nobody }).await?;
    let told = refused_with(&answer.text());
    if answer.status() < 300 || !told.as_ref().is_some_and(|told| UNKNOWN.iter().any(|known| told.contains(known))) {
        let requirement =
            "S3 must be at the root of the host of Object Storage, and refuse a key that nobody has as unknown";
        let told = told.unwrap_or_else(|| "without an error of S3".to_owned());
        let actual = format!("{}, {told}", answer.status());
        return Err(answer.fail(requirement.to_owned(), Some(UNKNOWN[0].to_owned()), Some(actual)));
    }
    match credential(cx).await? {
        Some((access, secret)) => buckets_are_containers(cx, &root, &Keys { access: &access, secret: &secret }).await,
        None => Ok(()),
    }
}

/// Makes an EC2 credential of the member's own; gives its keys. The run chooses both: the name of one, by which it is found
/// again, and a secret. One that is refused is a deviation.
async fn credential(cx: &Cx) -> Outcome<Option<(String, String)>> {
    let login = cx.login(Role::Member).await?;
    let name = cx.name("ec2-credential");
    let secret = cx.deployment().derived_secret(Role::Member, &name)?;
    cx.log_handle().redactor().learn(&secret);
    let planned = cx.will_create(Resource::new(Kind::Ec2Credential, &name))?;
    let blob = json!({"access": name, "secret": secret}).to_string();
    let body = json!({"credential": {
        "type": "ec2", "user_id": login.user_id, "project_id": login.project_id, "blob": blob,
    }});
    let answer = cx.identity()?.post("credentials").json(&body).send().await?;
    if answer.status() != 201 {
        let promise = "Identity should give a member an EC2 credential, to list its containers by S3; with an application credential \
                       it need not";
        answer.deviate(promise.to_owned(), Some("201".to_owned()), Some(answer.status().to_string()));
        return Ok(None);
    }
    planned.created(&name);
    Ok(Some((name, secret)))
}

/// Records a deviation unless the buckets are the containers of the account.
async fn buckets_are_containers(cx: &Cx, root: &Root, keys: &Keys<'_>) -> Outcome {
    let store = cx.object_storage()?;
    let look = || async {
        let before = containers(&store).await?;
        let answer = root.buckets(keys).await?;
        let buckets = texts(&answer.text(), "Bucket", "Name").into_iter().collect();
        let wrong = differences(&before, &buckets, &containers(&store).await?);
        Ok((answer, wrong))
    };
    let (answer, wrong) = cx.settled(SETTLING, look, |(_, wrong): &(_, Vec<String>)| wrong.is_empty()).await?;
    if answer.status() != 200 {
        let seen = refused_with(&answer.text()).unwrap_or_default();
        let promise = "S3 should list the buckets of who signs with an EC2 credential of Identity";
        answer.deviate(promise.to_owned(), Some("200".to_owned()), Some(format!("{}, {seen}", answer.status())));
        return Ok(());
    }
    expect_none(cx, "the buckets that S3 lists should be the containers of the account", &wrong);
    Ok(())
}

async fn containers(store: &Client) -> Outcome<BTreeSet<String>> {
    let listed = Pages::new(store, "").query("format", "json").by_marker("name").all().await?;
    listed.iter().map(|container| Ok(container.get("name")?.text()?.to_owned())).collect()
}

/// Where buckets differ from the containers before and after they were listed, in words.
fn differences(before: &BTreeSet<String>, buckets: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<String> {
    let lasting = before.intersection(after).filter(|name| !buckets.contains(*name));
    let missing = lasting.map(|name| format!("the container `{name}` is missing among the buckets"));
    let more = buckets.iter().filter(|name| !before.contains(*name) && !after.contains(*name));
    missing.chain(more.map(|name| format!("the bucket `{name}` is not a container"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_s3_is_read() {
        let xml =
            "<?xml version='1.0'?><Error><Code>InvalidAccessKeyId</Code><Message>No &lt;key&gt;</Message></Error>";
        assert_eq!(refused_with(xml).as_deref(), Some("InvalidAccessKeyId: No <key>"));
        assert_eq!(refused_with("<Error><Code>AccessDenied</Code></Error>").as_deref(), Some("AccessDenied"));
        for other in ["", "{}", "<html><body>Error</body></html>", "<Code>x</Code>", "<Error><Code>", "\u{0}<"] {
            assert_eq!(refused_with(other), None, "{other}");
        }
        assert_eq!(refused_with(&"<Error>".repeat(100_000)), None);
    }

    #[test]
    fn buckets_are_read_by_their_names() {
        let xml = "<ListAllMyBucketsResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Owner><ID>Name</ID></Owner><Buckets>\
                   <Bucket><Name>one&amp;two</Name><CreationDate>x</CreationDate></Bucket><Bucket><Name>b</Name></Bucket></Buckets>\
                   </ListAllMyBucketsResult>";
        assert_eq!(texts(xml, "Bucket", "Name"), ["one&two", "b"]);
    }

    #[test]
    fn what_others_make_and_delete_meanwhile_is_no_difference() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(differences(&set(&["a", "old"]), &set(&["a", "new"]), &set(&["a", "new"])), Vec::<String>::new());
        assert_eq!(
            differences(&set(&["a", "b"]), &set(&["b", "c"]), &set(&["a", "b"])),
            ["the container `a` is missing among the buckets", "the bucket `c` is not a container"]
        );
    }
}
