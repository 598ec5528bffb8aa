//! Named access tokens.

use openclaw_core::record::AccessToken;

use super::Reader;
use crate::{error::Error, rows};

impl Reader {
    /// Every named access token that is remembered.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn access_tokens(&self) -> Result<Vec<AccessToken>, Error> {
        self.many("SELECT opened('access_tokens.doc', id, doc) FROM access_tokens ORDER BY id", [], |row| {
            rows::json(row, 0, "access token")
        })
    }
}
