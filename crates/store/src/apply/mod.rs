//! Applies one transaction: idempotency, then each change, then the audit record.

mod access_tokens;
mod agent_tokens;
mod approvals;
mod cron;
mod devices;
mod keys;
mod nodes;
mod passkeys;
mod runs;
mod sessions;
mod spawns;
mod usage;

use rusqlite::Connection;

pub(crate) use keys::prune as prune_keys;
pub(crate) use runs::interrupt;
pub(crate) use usage::SLOT_MS;

use crate::{
    chain::{self, ChainHead, Proof},
    change::{Change, Committed, IdempotentReply, MAX_CHANGES, Outcome, Transaction},
    error::{Error, Fail},
    rows,
};

/// Where and when the changes of one transaction happen.
pub(crate) struct Applying<'a> {
    pub(crate) connection: &'a Connection,
    /// What its audit record is proved with.
    pub(crate) proof: &'a Proof,
    /// Number that its audit record will have.
    pub(crate) seq: i64,
    pub(crate) ts: i64,
    /// Pairing requests older than this have lapsed.
    pub(crate) pairing_since: i64,
}

/// What became of a transaction that was not refused.
pub(crate) enum Applied {
    /// It is written; the chain ends here now.
    All(Committed, ChainHead),
    /// It repeats an earlier one. Whatever it wrote so far must be rolled back.
    Nothing(Committed),
}

/// Why the changes stopped.
pub(crate) enum Stop {
    RunExists(Box<openclaw_core::record::Run>),
    Fail(Fail),
}

impl<E: Into<Fail>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Fail(error.into())
    }
}

/// Applies a transaction on top of `head`. The caller has opened a savepoint and rolls it back unless this gives [`Applied::All`].
pub(crate) fn transaction(at: &Applying<'_>, head: &ChainHead, transaction: &Transaction) -> Result<Applied, Fail> {
    let Transaction { changes, audit, idempotency } = transaction;
    if changes.len() > MAX_CHANGES {
        return Err(Error::TooLarge { what: "transaction", size: changes.len(), max: MAX_CHANGES }.into());
    }
    if let Some(key) = idempotency
        && let Some(first) = keys::find(at, key)?
    {
        return Ok(Applied::Nothing(first));
    }
    let mut outcomes = Vec::with_capacity(changes.len());
    for (index, change) in changes.iter().enumerate() {
        match one(at, index, change) {
            Ok(outcome) => outcomes.push(outcome),
            Err(Stop::RunExists(run)) => {
                let outcomes = vec![Outcome::RunExists(*run)];
                return Ok(Applied::Nothing(Committed { seq: head.seq, ts: at.ts, outcomes }));
            }
            Err(Stop::Fail(fail)) => return Err(fail),
        }
    }
    let next = chain::append(at.connection, at.proof, head, at.ts, audit)?;
    if let Some(key) = idempotency {
        let reply = match &key.reply {
            IdempotentReply::Static(value) => rows::text(value, "idempotent reply", crate::MAX_REPLY_BYTES)?,
            IdempotentReply::FromOutcome => rows::text(&outcomes, "idempotent reply", crate::MAX_REPLY_BYTES)?,
        };
        keys::keep(at, key, &reply)?;
    }
    Ok(Applied::All(Committed { seq: at.seq, ts: at.ts, outcomes }, next))
}

fn one(at: &Applying<'_>, index: usize, change: &Change) -> Result<Outcome, Stop> {
    Ok(match change {
        Change::CreateSession { session } => Outcome::Session(sessions::create(at, index, session)?.session),
        Change::EnsureSession { session } => Outcome::Session(sessions::ensure(at, index, session)?.session),
        Change::PatchSession { key, patch, create } => {
            Outcome::Session(sessions::patch(at, index, key, patch, create.as_ref())?)
        }
        Change::ResetSession { key, new_session_id } => {
            Outcome::Session(sessions::reset(at, index, key, *new_session_id)?)
        }
        Change::DeleteSession { key, keep_transcript } => {
            Outcome::Deleted(sessions::delete(at, key, *keep_transcript)?)
        }
        Change::CompactSession { key, keep_last } => sessions::compact(at, index, key, *keep_last)?,
        Change::AppendMessages { key, messages, totals_add, aborted_last_run } => {
            sessions::append(at, key, messages, totals_add, *aborted_last_run)?
        }
        Change::AcceptRun { run } => {
            runs::accept(at, run)?;
            Outcome::Done
        }
        Change::StartRun { run_id, at: when } => Outcome::Run(runs::start(at, run_id, *when)?),
        Change::EndRun { run_id, state, at: when, outcome } => {
            Outcome::Run(runs::end(at, run_id, *state, *when, outcome.as_ref())?)
        }
        Change::PutPairingRequest { request } => {
            devices::put_request(at, request)?;
            Outcome::Done
        }
        Change::DropPairingRequest { request_id } => Outcome::Deleted(devices::drop_request(at, *request_id)?),
        Change::PutDevice { device, over } => Outcome::Device(devices::replace(at, device.clone(), *over)?),
        Change::DeleteDevice { device_id } => {
            devices::delete(at, device_id)?;
            Outcome::Deleted(true)
        }
        Change::TouchDevice { device_id, role, at: when } => {
            Outcome::Device(devices::touch(at, device_id, *role, *when)?)
        }
        Change::PutDeviceToken { device_id, token, revision } => {
            Outcome::Device(devices::put_token(at, device_id, token, *revision)?)
        }
        Change::RotateDeviceToken { device_id, token, revision } => {
            Outcome::Device(devices::rotate_token(at, device_id, token, *revision)?)
        }
        Change::RevokeDeviceToken { device_id, role, at: when } => {
            Outcome::Device(devices::revoke_token(at, device_id, *role, *when)?)
        }
        Change::Node(change) => Outcome::Node(nodes::apply(at, change)?),
        Change::EnsureAgent { agent_id } => Outcome::Agent(keys::ensure_agent(at, agent_id)?),
        Change::Used(turn) => {
            usage::keep(at, turn)?;
            Outcome::Done
        }
        Change::RequireSession { key, session_id, archived } => {
            sessions::require(at, key, *session_id, *archived)?;
            Outcome::Done
        }
        Change::Approval(change) => Outcome::Approval(approvals::apply(at, change)?),
        Change::Cron(change) => Outcome::Cron(cron::apply(at, index, change)?),
        Change::AccessToken(change) => Outcome::AccessToken(access_tokens::apply(at, change)?),
        Change::Passkey(change) => Outcome::Passkey(passkeys::apply(at, change)?),
        Change::AgentToken(change) => Outcome::AgentToken(agent_tokens::apply(at, change)?),
        Change::PutSetting { name, value } => {
            keys::put_setting(at, name, value)?;
            Outcome::Done
        }
        Change::MergeSetting { name, entries, expected, most } => {
            keys::merge_setting(at, name, entries, expected, *most)?;
            Outcome::Done
        }
        Change::Spawn(change) => Outcome::Spawned(spawns::apply(at, change)?),
    })
}
