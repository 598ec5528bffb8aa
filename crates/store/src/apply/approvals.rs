//! What people are asked, and what they allowed for good.

use openclaw_core::approval::{Approval, Ending, Grant, GrantState};
use rusqlite::params;

use super::Applying;
use crate::{
    change::approvals::{
        APPROVAL_RETENTION_MS, ApprovalChange, ApprovalOutcome, MAX_APPROVAL_BYTES, MAX_ENDED_APPROVALS, MAX_GRANTS,
        MAX_PENDING_APPROVALS,
    },
    error::{Error, Fail},
    rows,
};

/// Most ended approvals that one new one makes way for.
const PRUNE: usize = 64;

pub(super) fn apply(at: &Applying<'_>, change: &ApprovalChange) -> Result<ApprovalOutcome, Fail> {
    match change {
        ApprovalChange::Ask(approval) => ask(at, approval),
        ApprovalChange::End { id, ending } => end(at, id, ending),
        ApprovalChange::Redeem { id, at: when } => redeem(at, id, *when),
        ApprovalChange::Grant(grant) => keep_grant(at, grant),
        ApprovalChange::UseGrant { id, at: when } => use_grant(at, id, *when),
        ApprovalChange::RevokeGrant { id, at: when, by } => revoke(at, id, *when, by),
    }
}

fn ask(at: &Applying<'_>, approval: &Approval) -> Result<ApprovalOutcome, Fail> {
    prune(at)?;
    let pending: usize = at
        .connection
        .prepare_cached("SELECT count(*) FROM approvals WHERE ended IS NULL")?
        .query_row([], |row| row.get(0))?;
    if approval.is_pending() && pending >= MAX_PENDING_APPROVALS {
        return Err(Error::Limit { what: "approvals that wait", max: MAX_PENDING_APPROVALS }.into());
    }
    let ended = approval.ending.as_ref().map(|ending| ending.at);
    let added = at
        .connection
        .prepare_cached(
            "INSERT INTO approvals(approval_id, kind, created, expires, ended, doc)
             VALUES(?1, ?2, ?3, ?4, ?5, sealed('approvals.doc', ?1, ?6))
             ON CONFLICT(approval_id) DO NOTHING",
        )?
        .execute(params![
            approval.id,
            approval.kind().as_str(),
            approval.created_at,
            approval.expires_at,
            ended,
            rows::text(approval, "approval", MAX_APPROVAL_BYTES)?
        ])?;
    if added == 0 {
        return Err(Error::conflict(format!("an approval named {} was asked before", approval.id)).into());
    }
    Ok(ApprovalOutcome::Approval(Box::new(approval.clone())))
}

fn prune(at: &Applying<'_>) -> Result<(), Fail> {
    at.connection
        .prepare_cached(
            "DELETE FROM approvals WHERE id IN
             (SELECT id FROM approvals WHERE ended IS NOT NULL AND ended < ?1 ORDER BY ended LIMIT ?2)",
        )?
        .execute(params![at.ts - APPROVAL_RETENTION_MS, PRUNE])?;
    // Cheap while there are few: the offset is beyond the end of the index.
    at.connection
        .prepare_cached(
            "DELETE FROM approvals WHERE id IN
             (SELECT id FROM approvals WHERE ended IS NOT NULL ORDER BY ended DESC, id DESC LIMIT ?2 OFFSET ?1)",
        )?
        .execute(params![MAX_ENDED_APPROVALS - 1, PRUNE])?;
    Ok(())
}

fn end(at: &Applying<'_>, id: &str, ending: &Ending) -> Result<ApprovalOutcome, Fail> {
    let mut approval = find(at, id)?;
    if !approval.is_pending() {
        return Err(Error::conflict(format!("approval {id} ended before")).into());
    }
    approval.ending = Some(ending.clone());
    put(at, approval)
}

fn redeem(at: &Applying<'_>, id: &str, when: i64) -> Result<ApprovalOutcome, Fail> {
    let mut approval = find(at, id)?;
    if approval.redeemed_at.is_some() {
        return Err(Error::conflict(format!("approval {id} was used before; it allows one run")).into());
    }
    approval.redeemed_at = Some(when);
    put(at, approval)
}

fn find(at: &Applying<'_>, id: &str) -> Result<Approval, Fail> {
    let found = rows::one(
        at.connection,
        "SELECT opened('approvals.doc', approval_id, doc) FROM approvals WHERE approval_id = ?1",
        [id],
        |row| rows::json::<Approval>(row, 0, "approval"),
    )??;
    Ok(found.ok_or_else(|| Error::not_found("approval", id))?)
}

fn put(at: &Applying<'_>, approval: Approval) -> Result<ApprovalOutcome, Fail> {
    let ended = approval.ending.as_ref().map(|ending| ending.at);
    at.connection
        .prepare_cached(
            "UPDATE approvals SET ended = ?2, doc = sealed('approvals.doc', approval_id, ?3) WHERE approval_id = ?1",
        )?
        .execute(params![approval.id, ended, rows::text(&approval, "approval", MAX_APPROVAL_BYTES)?])?;
    Ok(ApprovalOutcome::Approval(Box::new(approval)))
}

fn grant(at: &Applying<'_>, column: &str, value: &str) -> Result<Option<Grant>, Fail> {
    let sql = match column {
        "plan" => {
            "SELECT opened('exec_grants.doc', grant_id, doc) FROM exec_grants WHERE plan = ?1 AND revoked IS NULL"
        }
        _ => "SELECT opened('exec_grants.doc', grant_id, doc) FROM exec_grants WHERE grant_id = ?1",
    };
    let found: Option<Grant> = rows::one(at.connection, sql, [value], |row| rows::json(row, 0, "grant"))??;
    Ok(found.filter(|grant| column != "plan" || grant.stands_for(value)))
}

fn put_grant(at: &Applying<'_>, grant: &Grant) -> Result<(), Fail> {
    at.connection
        .prepare_cached(
            "INSERT INTO exec_grants(grant_id, plan, created, revoked, doc)
             VALUES(?1, ?2, ?3, ?4, sealed('exec_grants.doc', ?1, ?5))
             ON CONFLICT(grant_id) DO UPDATE SET revoked = excluded.revoked, doc = excluded.doc",
        )?
        .execute(params![
            grant.id,
            grant.plan,
            grant.created_at,
            grant.revoked_at,
            rows::text(grant, "grant", MAX_APPROVAL_BYTES)?
        ])?;
    Ok(())
}

fn keep_grant(at: &Applying<'_>, new: &Grant) -> Result<ApprovalOutcome, Fail> {
    if let Some(mut old) = grant(at, "plan", &new.plan)? {
        old.revoked_at = Some(new.created_at);
        old.revoked_by = Some("replaced".to_owned());
        put_grant(at, &old)?;
    }
    // What was taken back makes way, oldest first; half of the places are enough to show it in.
    let revoked: usize = at
        .connection
        .prepare_cached("SELECT count(*) FROM exec_grants WHERE revoked IS NOT NULL")?
        .query_row([], |row| row.get(0))?;
    at.connection
        .prepare_cached(
            "DELETE FROM exec_grants WHERE id IN
             (SELECT id FROM exec_grants WHERE revoked IS NOT NULL ORDER BY id LIMIT ?1)",
        )?
        .execute([revoked.saturating_sub(MAX_GRANTS / 2)])?;
    let count: usize =
        at.connection.prepare_cached("SELECT count(*) FROM exec_grants")?.query_row([], |row| row.get(0))?;
    if count >= MAX_GRANTS {
        return Err(Error::Limit { what: "standing permissions", max: MAX_GRANTS }.into());
    }
    put_grant(at, new)?;
    Ok(ApprovalOutcome::Grant(Box::new(new.clone())))
}

fn use_grant(at: &Applying<'_>, id: &str, when: i64) -> Result<ApprovalOutcome, Fail> {
    let mut found = grant(at, "grant_id", id)?.ok_or_else(|| Error::not_found("grant", id))?;
    if found.state(when) != GrantState::Active {
        return Err(Error::conflict(format!("grant {id} does not hold any more")).into());
    }
    found.last_used_at = Some(when);
    found.uses += 1;
    put_grant(at, &found)?;
    Ok(ApprovalOutcome::Grant(Box::new(found)))
}

fn revoke(at: &Applying<'_>, id: &str, when: i64, by: &str) -> Result<ApprovalOutcome, Fail> {
    let Some(mut found) = grant(at, "grant_id", id)? else { return Ok(ApprovalOutcome::NoGrant) };
    if found.revoked_at.is_some() {
        return Ok(ApprovalOutcome::AlreadyRevoked(Box::new(found)));
    }
    found.revoked_at = Some(when);
    found.revoked_by = Some(by.to_owned());
    put_grant(at, &found)?;
    Ok(ApprovalOutcome::Grant(Box::new(found)))
}
