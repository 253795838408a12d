//! The key of temporary URLs of the member's account, which a test may set only if the account has no key.

use crate::context::Cx;
use crate::outcome::Outcome;
use crate::resources::temp_url_key::name;
use crate::resources::{Kind, Resource};
use crate::session::Role;

impl Cx {
    /// A key for temporary URLs that the member's account is about to get: a secret, taken away again at the end. The
    /// account must have none.
    pub fn new_temp_url_key(&self) -> Outcome<String> {
        let name = name(self.deployment().run_id());
        let key = self.deployment().session(Role::Member)?.derived_secret(&name)?;
        self.log_handle().redactor().learn(&key);
        self.will_create(Resource::new(Kind::TempUrlKey, &name))?;
        Ok(key)
    }
}
