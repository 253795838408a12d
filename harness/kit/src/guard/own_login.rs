//! Sessions of controllers that this process got by its own login, and leave to end them.
//!
//! What a login was answered with is a hint where the session is. It is ended once it was read there, and is its own user's.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::Permit;
use super::path::{is_within, plain};
use crate::clock::{APART, time};
use crate::http::RawResponse;

/// A session of a controller that this process got by its own login.
#[derive(Debug, Clone)]
pub(crate) struct OwnLogin {
    /// Its address.
    url: String,
    /// Its path, in one form.
    path: String,
    user: String,
    /// When it was asked for, by the service's clock.
    asked: DateTime<Utc>,
}

impl OwnLogin {
    /// The session that the answer to a login names: one of the collection that was asked. None where it names none.
    pub(crate) fn named_by(collection: &str, answer: &RawResponse, user: &str, asked: DateTime<Utc>) -> Option<Self> {
        let collection = Url::parse(collection).ok()?;
        let location = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let named = location.map(|(_, value)| value.as_str()).or_else(|| body["@odata.id"].as_str())?;
        // A service may know itself by another name than the user does: the path alone counts.
        let named = collection.join(named).ok()?;
        let path = plain(named.path()).filter(|_| named.query().is_none())?;
        let owner = plain(collection.path())?;
        // One of its members, and nothing below one.
        let id = path.get(owner.len() + 1..).filter(|_| is_within(&path, &owner))?;
        if id.contains('/') {
            return None;
        }
        let mut url = collection;
        url.set_path(named.path());
        Some(Self { url: url.into(), path, user: user.to_owned(), asked })
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its path, in one form.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Leave to end it, once it was read by its path and answered so.
    ///
    /// # Errors
    ///
    /// Why it may be somebody else's.
    pub(crate) fn leave(&self, shown: &[u8]) -> Result<Permit, String> {
        let it: Value = serde_json::from_slice(shown).unwrap_or_default();
        if it["UserName"] != self.user.as_str() {
            return Err(format!("what is found at {} is not the user's", self.path));
        }
        let same = |other: &str| plain(other).is_some_and(|other| other.eq_ignore_ascii_case(&self.path));
        if it["@odata.id"].as_str().is_some_and(|told| !same(told)) {
            return Err(format!("what is found at {} names itself otherwise", self.path));
        }
        let Some(told) = it["CreatedTime"].as_str().filter(|told| !told.is_empty()) else { return Ok(Permit::given()) };
        match time(told) {
            Some(created) if self.asked.checked_sub_signed(APART).is_none_or(|earliest| created >= earliest) => {
                Ok(Permit::given())
            }
            _ => Err(format!("the session at {} was created before it was asked for", self.path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;

    const SESSIONS: &str = "https://h/redfish/v1/SessionService/Sessions";

    fn named(location: &str) -> Option<OwnLogin> {
        let headers = vec![("location".to_owned(), location.to_owned())];
        let answer = RawResponse { status: 201, headers, body: Bytes::new(), exchange: 1 };
        OwnLogin::named_by(SESSIONS, &answer, "operator", Utc::now())
    }

    #[test]
    fn a_login_names_a_session_of_the_collection_that_was_asked() {
        for location in
            ["/redfish/v1/SessionService/Sessions/7", "https://inside/redfish/v1/SessionService/Sessions/7/"]
        {
            let session = named(location).unwrap();
            assert_eq!(session.path(), "/redfish/v1/SessionService/Sessions/7");
            assert!(session.url().starts_with("https://h/redfish/v1/SessionService/Sessions/7"), "{}", session.url());
        }
        for location in [
            "/redfish/v1/SessionService/Sessions",
            "/redfish/v1/SessionService/Sessions/",
            "/redfish/v1/SessionService/Sessions/7/Actions/x",
            "/redfish/v1/SessionService/Sessions/../../Systems/1",
            "/redfish/v1/Systems/1",
            "/redfish/v1/SessionService/Sessions/7?x=1",
            "/redfish/v1/SessionService/SessionsOfOthers/7",
        ] {
            assert!(named(location).is_none(), "{location}");
        }
    }

    #[test]
    fn a_session_is_ended_when_it_is_the_user_s_and_was_made_since() {
        let session = named("/redfish/v1/SessionService/Sessions/7").unwrap();
        let leave = |shown: Value| session.leave(shown.to_string().as_bytes()).is_ok();
        assert!(leave(json!({"UserName": "operator", "CreatedTime": null})));
        assert!(leave(json!({"UserName": "operator", "CreatedTime": Utc::now().to_rfc3339()})));
        for shown in [
            json!({}),
            json!({"UserName": "somebody"}),
            json!({"UserName": "operator", "@odata.id": "/redfish/v1/SessionService/Sessions/8"}),
            json!({"UserName": "operator", "CreatedTime": (Utc::now() - TimeDelta::hours(1)).to_rfc3339()}),
        ] {
            assert!(!leave(shown.clone()), "{shown}");
        }
    }
}
