//! The service root: which versions a service has, and what it offers.

use assay_kit::prelude::*;

use super::fixture::{Links, expect_members, same_path};

/// The list of versions must be shown without credentials, and have `v1` with its path.
///
/// The path should end with a slash.
#[conformance(
    id = "redfish.versions.document",
    spec = "redfish#redfish-version",
    covers = "791bf7e7-f4db-4022-b327-c0112c17e24a",
    needs = [Redfish],
)]
async fn document(_cx: &Cx, redfish: &Redfish) -> Outcome {
    let versions = redfish.client().without_token().get("/redfish").require(200).await?.json()?;
    let root = versions.get("v1")?;
    let path = redfish.path_of(root.text()?).unwrap_or_default();
    require!(root, same_path(&path, "/redfish/v1"), "`v1` must be the path of the service root");
    expect_eq!(root, root.value(), &json!("/redfish/v1/"), "`v1` should be /redfish/v1/, with a slash at the end");
    Ok(())
}

/// The service root must be shown without credentials. It must name itself, a Redfish version of 1.6.0 at least, and its
/// systems.
///
/// It should have its UUID, and link its chassis, managers and sessions.
#[conformance(
    id = "redfish.service-root.read",
    spec = "redfish#service-root-request",
    covers = "b1a13095-3b39-4643-bf8c-d9ae9a13a6c5",
    needs = [Redfish],
)]
async fn read(_cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.read(&redfish.client().without_token().get("/redfish/v1/").require(200).await?)?;
    let own = root.get("@odata.id")?;
    require!(own, same_path(own.text()?, "/redfish/v1"), "the root must name itself in `@odata.id`");
    let kind = root.get("@odata.type")?;
    require!(kind, kind.text()?.starts_with("#ServiceRoot."), "`@odata.type` must be that of a service root");
    root.get("Id")?.text()?;
    root.get("Name")?.text()?;
    let version = root.get("RedfishVersion")?;
    let numbers: Vec<u32> = version.text()?.split('.').filter_map(|number| number.parse().ok()).collect();
    let whole = numbers.len() == 3 && version.text()?.split('.').count() == 3;
    require!(version, whole, "`RedfishVersion` must be three numbers joined by dots");
    let recent = numbers >= vec![1, 6, 0];
    require!(version, recent, "`RedfishVersion` must be 1.6.0 or later; it is {}", version.text()?);
    root.get("Systems")?.get("@odata.id")?.text()?;
    expect_members(&root, &["UUID", "Chassis", "Managers", "SessionService"]);
    let sessions = root.find("Links").and_then(|links| links.find("Sessions"));
    expect!(root, sessions.is_some(), "`Links` of the root should have `Sessions`, where a client logs in");
    Ok(())
}

/// Each link of the service root must lead to a resource that names itself as the link does.
#[conformance(
    id = "redfish.service-root.links",
    spec = "redfish#service-root-request",
    covers = "eee1c01f-b65e-4156-a01c-755c1a319f7e",
    needs = [Redfish],
    seconds = 2,
)]
async fn links(_cx: &Cx, redfish: &Redfish) -> Outcome {
    let root = redfish.root().await?;
    let mut links = Links::default();
    for from in std::iter::once(root.clone()).chain(root.find("Links").filter(|links| links.value().is_object())) {
        for name in from.keys()? {
            if from.value()[name].get("@odata.id").is_some()
                && let Some(path) = redfish.path(&from, name)?
            {
                links.look(redfish, name, &path).await?;
            }
        }
    }
    links.all_lead_somewhere(&root)
}

/// The `OData` service document must list the systems, and the metadata document must be CSDL.
///
/// They should be `application/json` and `application/xml`.
#[conformance(
    id = "redfish.service-root.odata",
    spec = "redfish#odata-service-document",
    covers = "75c395a6-d170-42db-b06e-a4ed367bf1a3",
    needs = [Redfish],
)]
async fn odata(_cx: &Cx, redfish: &Redfish) -> Outcome {
    let answer = redfish.get("/redfish/v1/odata").require(200).await?;
    let document = answer.json()?;
    let entries = document.get("value")?;
    let systems = entries.elements()?.iter().any(|entry| {
        entry.value()["name"] == "Systems" || entry.value()["url"].as_str().is_some_and(|url| url.ends_with("/Systems"))
    });
    require!(entries, systems, "the service document must have an entry for the systems");
    let json = answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    expect!(answer, json, "the service document should be application/json");

    let metadata = redfish.get("/redfish/v1/$metadata").header("Accept", "application/xml").require(200).await?;
    let text = metadata.text();
    require!(metadata, root_element(&text) == Some("Edmx"), "the root of the metadata document must be edmx:Edmx");
    let xml = metadata.header("content-type").is_some_and(|kind| kind.starts_with("application/xml"));
    expect!(metadata, xml, "the metadata document should be application/xml");
    Ok(())
}

/// The local name of the root element of an XML document.
fn root_element(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.split_once('<')?.1;
        if rest.starts_with(['?', '!']) {
            rest = if rest.starts_with("!--") { rest.split_once("-->")?.1 } else { rest.split_once('>')?.1 };
            continue;
        }
        let name = rest.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next()?;
        return name.rsplit(':').next();
    }
}

/// Answers must be JSON, and a request with an unsupported `OData-Version` must not make the service fail.
///
/// Every answer should say its version of `OData` and whether it may be cached, and a system should have an `ETag`. An
/// unsupported `OData-Version` should be refused with 412.
#[conformance(
    id = "redfish.protocol.headers",
    spec = "redfish#response-headers",
    covers = "8dcc569b-3b63-4b77-b3dc-b7b19767ddef",
    needs = [Redfish],
)]
async fn headers(_cx: &Cx, redfish: &Redfish) -> Outcome {
    let mut paths = vec!["/redfish/v1/".to_owned()];
    for system in redfish.systems_to_read().await?.into_iter().take(1) {
        paths.push(system.get("@odata.id")?.text()?.to_owned());
    }
    for path in &paths {
        let answer = redfish.get(path).header("OData-Version", "4.0").require(200).await?;
        let kind = answer.require_header("content-type")?;
        // What is JSON of another name can be read all the same.
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_json = kind.starts_with("application/") && kind.ends_with("json");
        require!(answer, is_json, "{path} must be JSON; it is {kind}");
        expect!(answer, kind == "application/json", "{path} should be application/json; it is {kind}");
        let version = answer.header("odata-version");
        expect_eq!(answer, version, Some("4.0"), "every answer should have `OData-Version: 4.0`");
        expect!(answer, answer.header("cache-control").is_some(), "every answer should have `Cache-Control`");
        if *path != paths[0] {
            let body = answer.json()?;
            let tags = [answer.header("etag"), body.value()["@odata.etag"].as_str()];
            let tagged = tags.into_iter().flatten().any(|tag| !tag.trim_matches('"').is_empty());
            expect!(answer, tagged, "a system should have an `ETag`");
        }
    }
    let later = redfish.get("/redfish/v1/").header("OData-Version", "5.0").send().await?;
    require!(
        later,
        later.status() < 500,
        "`OData-Version: 5.0` must not lead to a server error; the answer is {}",
        later.status()
    );
    expect_eq!(later, later.status(), 412, "an unsupported `OData-Version` should be refused with 412");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::root_element;

    #[test]
    fn the_root_element_is_found_behind_what_stands_before_it() {
        let text = "<?xml version=\"1.0\"?>\n<!-- <a> -->\n<edmx:Edmx Version=\"4.0\">";
        assert_eq!(root_element(text), Some("Edmx"));
        assert_eq!(root_element("<html><edmx:Edmx/></html>"), Some("html"));
        assert_eq!(root_element("{}"), None);
    }
}
