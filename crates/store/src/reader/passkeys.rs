//! Passkeys.

use openclaw_core::record::Passkey;

use super::Reader;
use crate::{error::Error, rows};

impl Reader {
    /// Every passkey.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn passkeys(&self) -> Result<Vec<Passkey>, Error> {
        self.many("SELECT opened('passkeys.doc', id, doc) FROM passkeys ORDER BY id", [], |row| {
            rows::json(row, 0, "passkey")
        })
    }
}
