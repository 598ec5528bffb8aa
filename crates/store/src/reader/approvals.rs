//! Looking up what people were asked.

use openclaw_core::approval::{Approval, Grant, Kind};
use rusqlite::params;

use super::{MAX_PAGE, Reader};
use crate::{error::Error, rows};

/// Which ended approvals, newest end first.
#[derive(Clone, Copy, Debug)]
pub struct ApprovalQuery {
    /// Of these kinds alone.
    pub kinds: &'static [Kind],
    /// Most of them, up to [`MAX_PAGE`].
    pub limit: usize,
    /// Before this one: [`ApprovalPage::next`] of the page before.
    pub before: Option<(i64, i64)>,
}

/// Some ended approvals.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalPage {
    /// Newest end first.
    pub approvals: Vec<Approval>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<(i64, i64)>,
}

impl Reader {
    /// The approval with this name, waiting or ended.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn approval(&self, id: &str) -> Result<Option<Approval>, Error> {
        self.one(
            "SELECT opened('approvals.doc', approval_id, doc) FROM approvals WHERE approval_id = ?1",
            [id],
            |row| rows::json(row, 0, "approval"),
        )
    }

    /// Everything that waits for people, oldest first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn pending_approvals(&self) -> Result<Vec<Approval>, Error> {
        self.many(
            "SELECT opened('approvals.doc', approval_id, doc) FROM approvals WHERE ended IS NULL ORDER BY id",
            [],
            |row| rows::json(row, 0, "approval"),
        )
    }

    /// A page of ended approvals.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn ended_approvals(&self, query: ApprovalQuery) -> Result<ApprovalPage, Error> {
        let limit = query.limit.clamp(1, MAX_PAGE);
        let (ended, id) = query.before.unwrap_or((i64::MAX, i64::MAX));
        let kind = |at: usize| query.kinds.get(at).map(|kind| kind.as_str());
        let found = self.many(
            "SELECT ended, id, opened('approvals.doc', approval_id, doc) FROM approvals
             WHERE ended IS NOT NULL AND (ended, id) < (?1, ?2) AND kind IN (?3, ?4, ?5)
             ORDER BY ended DESC, id DESC LIMIT ?6",
            params![ended, id, kind(0), kind(1), kind(2), limit + 1],
            |row| {
                let place = (rows::column(row, 0, "approval")?, rows::column(row, 1, "approval")?);
                Ok((place, rows::json::<Approval>(row, 2, "approval")?))
            },
        )?;
        let next = found.get(limit - 1).filter(|_| found.len() > limit).map(|(place, _)| *place);
        Ok(ApprovalPage { approvals: found.into_iter().take(limit).map(|(_, approval)| approval).collect(), next })
    }

    /// Standing permissions, newest first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn grants(&self, limit: usize) -> Result<Vec<Grant>, Error> {
        self.many(
            "SELECT opened('exec_grants.doc', grant_id, doc) FROM exec_grants ORDER BY id DESC LIMIT ?1",
            [limit.min(MAX_PAGE)],
            |row| rows::json(row, 0, "grant"),
        )
    }

    /// The standing permission for a plan that was not taken back; its time may be over.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn grant_for(&self, plan: &str) -> Result<Option<Grant>, Error> {
        self.one(
            "SELECT opened('exec_grants.doc', grant_id, doc) FROM exec_grants WHERE plan = ?1 AND revoked IS NULL",
            [plan],
            |row| rows::json(row, 0, "grant"),
        )
        .map(|found| found.filter(|grant: &Grant| grant.stands_for(plan)))
    }
}
