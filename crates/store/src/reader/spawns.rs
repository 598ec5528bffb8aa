//! Looking up programs that clients had started.

use openclaw_core::record::Spawned;
use rusqlite::params;

use super::{MAX_PAGE, Reader};
use crate::{error::Error, rows};

impl Reader {
    /// The newest programs, newest first, at most `limit` and [`MAX_PAGE`].
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn spawns(&self, limit: usize) -> Result<Vec<Spawned>, Error> {
        let sql = "SELECT opened('spawns.doc', spawn_id, doc) FROM spawns ORDER BY id DESC LIMIT ?1";
        self.many(sql, params![limit.min(MAX_PAGE)], |row| rows::json(row, 0, "program"))
    }

    /// The programs that have not ended, oldest first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn unfinished_spawns(&self) -> Result<Vec<Spawned>, Error> {
        let sql = "SELECT opened('spawns.doc', spawn_id, doc) FROM spawns WHERE ended IS NULL ORDER BY id LIMIT ?1";
        self.many(sql, params![MAX_PAGE], |row| rows::json(row, 0, "program"))
    }
}
