//! The metadata of an account.

use assay_kit::prelude::*;

use super::headers::{self, Target};
use super::steps::{self, SETTLING};

/// An item of the account's metadata, which is removed after the test.
struct Item {
    header: String,
    remove: String,
}

impl Item {
    fn plan(cx: &Cx) -> Outcome<Self> {
        let name = cx.name("meta");
        cx.will_create(Resource::new(Kind::AccountMetadata, &name))?;
        Ok(Self { header: format!("X-Account-Meta-{name}"), remove: format!("X-Remove-Account-Meta-{name}") })
    }

    /// The account's headers, once they have this value of the item or the time is up.
    async fn show(&self, cx: &Cx, value: Option<&str>) -> Outcome<Response> {
        let head = cx.object_storage()?.head("");
        let account = steps::settled(cx, &head, SETTLING, |account| account.header(&self.header) == value).await?;
        account.require_status(204)?;
        Ok(account)
    }

    async fn create(&self, cx: &Cx) -> Outcome {
        cx.object_storage()?.post("").header(&self.header, "first").require([200, 204]).await?;
        let account = self.show(cx, Some("first")).await?;
        // A deletion is tested; without this it may have had nothing to delete.
        expect_eq!(account, account.header(&self.header), Some("first"), "metadata that was set should be shown");
        Ok(())
    }

    /// Sends a header that must leave the account without the item.
    async fn without(&self, cx: &Cx, header: &str, value: &str) -> Outcome {
        let response = cx.object_storage()?.post("").header(header, value).require([200, 204]).await?;
        headers::check(cx, &response, Target::Account)?;
        let account = self.show(cx, None).await?;
        require_eq!(account, account.header(&self.header), None, "the account must not show this item of metadata");
        Ok(())
    }
}

/// Metadata with an empty value is not kept.
///
/// An empty value should also take away metadata that was there.
#[conformance(
    id = "object-storage.account-metadata.create-empty",
    spec = "object-storage-v1#create-update-or-delete-account-metadata",
    covers = "64fd53f3-adbd-4639-af54-436e4982dbfb",
    needs = [ObjectStorage],
    holds = [AccountMetadata],
)]
async fn create_empty(cx: &Cx) -> Outcome {
    let item = Item::plan(cx)?;
    item.without(cx, &item.header, "").await?;
    cx.object_storage()?.post("").header(&item.header, "first").send().await?;
    let account = item.show(cx, Some("first")).await?;
    expect_eq!(account, account.header(&item.header), Some("first"), "metadata with a value should be kept");
    cx.object_storage()?.post("").header(&item.header, "").send().await?;
    let account = item.show(cx, None).await?;
    expect_eq!(account, account.header(&item.header), None, "an empty value should take metadata away");
    Ok(())
}

/// Metadata that was set is taken away by naming it with its value.
///
/// It should be shown before that.
#[conformance(
    id = "object-storage.account-metadata.delete",
    spec = "object-storage-v1#create-update-or-delete-account-metadata",
    covers = "9f60348d-c46f-4465-ae06-d51dbd470953",
    needs = [ObjectStorage],
    holds = [AccountMetadata],
)]
async fn delete(cx: &Cx) -> Outcome {
    let item = Item::plan(cx)?;
    item.create(cx).await?;
    item.without(cx, &item.remove, "first").await
}

/// Metadata that was set is taken away by naming it, without a value.
///
/// It should be shown before that.
#[conformance(
    id = "object-storage.account-metadata.delete-without-value",
    spec = "object-storage-v1#create-update-or-delete-account-metadata",
    covers = "d4d884d3-4696-4b85-bc98-4f57c4dd2bf1",
    needs = [ObjectStorage],
    holds = [AccountMetadata],
)]
async fn delete_without_value(cx: &Cx) -> Outcome {
    let item = Item::plan(cx)?;
    item.create(cx).await?;
    item.without(cx, &item.remove, "").await
}

/// An account shows its headers, and no metadata that nobody set.
///
/// Whoever uses the account may have set some: what is shown must have a name and a value, and none may have a name
/// that nobody used.
#[conformance(
    id = "object-storage.account-metadata.show-none",
    spec = "object-storage-v1#show-account-metadata",
    covers = "b904c2e3-24c2-4dba-ad7d-04e90a761be5",
    needs = [ObjectStorage],
)]
async fn show_none(cx: &Cx) -> Outcome {
    let unknown = format!("x-account-meta-{}", cx.name("meta"));
    let account = cx.object_storage()?.head("").require(204).await?;
    headers::check(cx, &account, Target::Account)?;
    for (name, value) in account.headers().iter().filter(|(name, _)| name.starts_with("x-account-meta-")) {
        require!(account, !name.starts_with(&unknown), "the account must have no metadata that nobody set: {name}");
        require!(
            account,
            name != "x-account-meta-" && !value.is_empty(),
            "metadata must have a name and a value: {name}"
        );
    }
    Ok(())
}
