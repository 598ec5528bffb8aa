//! What may be changed, and what comes of it.

mod access_tokens;
mod agent_tokens;
pub(crate) mod approvals;
pub mod cron;
mod node;
mod passkeys;
mod spawn;

pub use node::{MAX_NODE_WORK, MAX_NODES, NodeChange, NodeOutcome, NodeSaid, Review};

use approvals::{ApprovalChange, ApprovalOutcome};
use openclaw_core::record::{
    AccessToken, AgentNumber, AgentToken, AuditEvent, Device, DeviceToken, PairingRequest, Passkey, Run, RunState,
    Session, SessionSettings, Spawned, Totals,
};
use openclaw_core::usage::UsedTurn;
use openclaw_protocol::{AgentId, DeviceId, Role, RunId, SessionKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub use access_tokens::{AccessTokenChange, FormerSecrets};
pub use agent_tokens::AgentTokenChange;
pub use passkeys::PasskeyChange;

use cron::{CronChange, CronOutcome};
pub use spawn::{MAX_ENDED_SPAWNS, SpawnChange};

/// Most changes in one transaction.
pub const MAX_CHANGES: usize = 256;
/// Most messages in one [`Change::AppendMessages`].
pub const MAX_MESSAGES: usize = 1_024;
/// Most bytes of one message body or run outcome, as JSON.
pub const MAX_TEXT_BYTES: usize = 32 << 20;
/// Most bytes of a label.
pub const MAX_LABEL_BYTES: usize = 512;
/// Most entries of [`SessionSettings::extra`].
pub const MAX_SETTING_EXTRAS: usize = 64;
/// Most bytes of one entry of [`SessionSettings::extra`], as JSON.
pub const MAX_EXTRA_BYTES: usize = 4 << 10;
/// Most bytes of a value of [`Change::PutSetting`], as JSON.
pub const MAX_SETTING_BYTES: usize = 1 << 20;
/// Most bytes of a reply that is kept for repetition, as JSON.
pub const MAX_REPLY_BYTES: usize = 1 << 20;
/// Most bytes of the scope, and of the key, of an [`Idempotency`].
pub const MAX_IDEMPOTENCY_NAME_BYTES: usize = 1 << 10;
/// Most pairing requests that wait at once.
pub const MAX_PAIRING_REQUESTS: usize = 1_000;

/// Most of them from one address: the places are for others, too.
pub const MAX_PAIRING_REQUESTS_OF_ADDRESS: usize = 32;

/// Changes that are stored together or not at all, with the one audit record that tells of them.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// What to change, in order. May be empty: then only the audit record is written.
    pub changes: Vec<Change>,
    /// Who did what. At most [`MAX_AUDIT_BYTES`](crate::MAX_AUDIT_BYTES) as JSON.
    pub audit: AuditEvent,
    /// Makes a repetition of the request answer what the first one did, without applying it again.
    pub idempotency: Option<Idempotency>,
}

/// Tells a repeated request from a new one.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// Principal and method: keys of different scopes never meet.
    pub scope: String,
    /// The key that the client sent.
    pub key: String,
    /// Hash of the request: the same key with another hash is refused.
    pub request_hash: String,
    /// What a repetition gets.
    pub reply: IdempotentReply,
    /// When the key may be forgotten, in milliseconds since the epoch.
    pub expires_at: i64,
}

/// What a repeated request gets in [`Outcome::Repeated`].
#[derive(Clone, Debug)]
pub enum IdempotentReply {
    /// This value.
    Static(Value),
    /// The outcomes of the first one, as a JSON array; [`Committed::first_outcomes`] reads them back.
    FromOutcome,
}

/// A line that is to be appended to a transcript.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Identifier of the message.
    pub id: Uuid,
    /// Run it belongs to.
    pub run_id: Option<RunId>,
    /// The message as `chat.history` shows it; at most [`MAX_TEXT_BYTES`] as JSON.
    pub body: Value,
}

/// What to set in a session. The outer `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionPatch {
    /// Name given by people; unique among sessions.
    pub label: Option<Option<String>>,
    /// See [`SessionSettings::model`].
    pub model: Option<Option<String>>,
    /// See [`SessionSettings::fallbacks`].
    pub fallbacks: Option<Option<Vec<String>>>,
    /// See [`SessionSettings::thinking_level`].
    pub thinking_level: Option<Option<String>>,
    /// See [`SessionSettings::verbose_level`].
    pub verbose_level: Option<Option<String>>,
    /// See [`SessionSettings::reasoning_level`].
    pub reasoning_level: Option<Option<String>>,
    /// See [`SessionSettings::elevated_level`].
    pub elevated_level: Option<Option<String>>,
    /// See [`SessionSettings::response_usage`].
    pub response_usage: Option<Option<String>>,
    /// See [`SessionSettings::send_policy`].
    pub send_policy: Option<Option<String>>,
    /// See [`SessionSettings::group_activation`].
    pub group_activation: Option<Option<String>>,
    /// See [`SessionSettings::queue_mode`].
    pub queue_mode: Option<Option<String>>,
    /// See [`SessionSettings::archived`].
    pub archived: Option<bool>,
    /// See [`SessionSettings::pinned`].
    pub pinned: Option<bool>,
    /// Entries of [`SessionSettings::extra`] to set; `null` removes one.
    pub extra: serde_json::Map<String, Value>,
    /// Further entries, for a session that still is as its reader saw it.
    pub extra_if: Option<ExtraIf>,
    /// See [`Session::aborted_last_run`].
    pub aborted_last_run: Option<bool>,
}

/// Entries to set in a session of which one entry has a certain value; otherwise they are left as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtraIf {
    /// The entry that is looked at.
    pub name: &'static str,
    /// What it must be; `null` for one that is not there.
    pub is: Value,
    /// Entries to set; `null` removes one.
    pub then: serde_json::Map<String, Value>,
}

impl SessionPatch {
    /// Applies everything but the label to a session's settings.
    pub(crate) fn apply_to(self, settings: &mut SessionSettings) {
        fn set<T>(field: &mut T, patch: Option<T>) {
            if let Some(value) = patch {
                *field = value;
            }
        }
        set(&mut settings.model, self.model);
        set(&mut settings.fallbacks, self.fallbacks);
        set(&mut settings.thinking_level, self.thinking_level);
        set(&mut settings.verbose_level, self.verbose_level);
        set(&mut settings.reasoning_level, self.reasoning_level);
        set(&mut settings.elevated_level, self.elevated_level);
        set(&mut settings.response_usage, self.response_usage);
        set(&mut settings.send_policy, self.send_policy);
        set(&mut settings.group_activation, self.group_activation);
        set(&mut settings.queue_mode, self.queue_mode);
        set(&mut settings.archived, self.archived);
        set(&mut settings.pinned, self.pinned);
        let also = self.extra_if.filter(|wish| settings.extra.get(wish.name).unwrap_or(&Value::Null) == &wish.is);
        for (name, value) in self.extra.into_iter().chain(also.into_iter().flat_map(|wish| wish.then)) {
            if value.is_null() {
                settings.extra.remove(&name);
            } else {
                settings.extra.insert(name, value);
            }
        }
    }
}

/// One change. Each is applied inside the writer, so what it reads cannot change before it writes.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a change lives only until the writer has applied it, and callers write it as a literal"
)]
pub enum Change {
    /// Makes a session. [`Error::Conflict`](crate::Error::Conflict) when its key exists or its label is taken. → [`Outcome::Session`]
    CreateSession {
        /// The session; revision and message count are given by the store.
        session: Session,
    },
    /// Makes a session unless its key exists; one that exists is not touched. → [`Outcome::Session`]
    EnsureSession {
        /// The session to make.
        session: Session,
    },
    /// Sets what the patch names. → [`Outcome::Session`]
    PatchSession {
        /// Which session.
        key: SessionKey,
        /// What to set.
        patch: SessionPatch,
        /// Made first when the key does not exist; without it that is [`Error::NotFound`](crate::Error::NotFound).
        create: Option<Session>,
    },
    /// Begins a new transcript; the old one is kept among the [archives](crate::Reader::archives), count and totals start over.
    /// → [`Outcome::Session`]
    ResetSession {
        /// Which session.
        key: SessionKey,
        /// Identifier of the new transcript.
        new_session_id: Uuid,
    },
    /// Removes a session. Without its transcript, every archived transcript of the key and the outcome texts of its ended runs go too.
    /// → [`Outcome::Deleted`]
    DeleteSession {
        /// Which session.
        key: SessionKey,
        /// Keep the transcript among the archives.
        keep_transcript: bool,
    },
    /// Sets all but the newest lines aside among the archives. Lines that stay keep their numbers. → [`Outcome::Compacted`]
    CompactSession {
        /// Which session.
        key: SessionKey,
        /// How many lines stay.
        keep_last: u64,
    },
    /// Appends lines to the transcript. → [`Outcome::Messages`]
    AppendMessages {
        /// Which session.
        key: SessionKey,
        /// The lines, oldest first. May be empty.
        messages: Vec<NewMessage>,
        /// Usage to add; `context_tokens` replaces the old figure unless it is 0.
        totals_add: Totals,
        /// Sets whether the last run was aborted.
        aborted_last_run: Option<bool>,
    },
    /// Keeps a new run. → [`Outcome::Done`], or, when the run exists, the only outcome is [`Outcome::RunExists`] and **nothing** of the
    /// transaction is applied.
    AcceptRun {
        /// The run.
        run: Run,
    },
    /// An accepted run begins. → [`Outcome::Run`]
    StartRun {
        /// Which run.
        run_id: RunId,
        /// When.
        at: i64,
    },
    /// A run ends. [`Error::Conflict`](crate::Error::Conflict) when it has ended before. → [`Outcome::Run`]
    EndRun {
        /// Which run.
        run_id: RunId,
        /// How: one of the states that [end](RunState::ended) a run.
        state: RunState,
        /// When.
        at: i64,
        /// What came of it, at most [`MAX_TEXT_BYTES`] as JSON.
        outcome: Option<Value>,
    },
    /// Keeps a pairing request, replacing one with the same id. At most [`MAX_PAIRING_REQUESTS`], and
    /// [`MAX_PAIRING_REQUESTS_OF_ADDRESS`] from one address. → [`Outcome::Done`]
    PutPairingRequest {
        /// The request.
        request: PairingRequest,
    },
    /// Removes a pairing request. → [`Outcome::Deleted`]
    DropPairingRequest {
        /// Which one.
        request_id: Uuid,
    },
    /// Keeps a device, replacing what was known of it, and gives it a new revision. [`Error::Conflict`](crate::Error::Conflict)
    /// when that is not what `over` says. → [`Outcome::Device`]
    PutDevice {
        /// The device.
        device: Device,
        /// Revision of what was known of it; `None` when nothing was.
        over: Option<i64>,
    },
    /// Removes a device and its tokens; refused when there is none, so that no record tells of it. → [`Outcome::Deleted`]
    DeleteDevice {
        /// Which device.
        device_id: DeviceId,
    },
    /// Notes that a device connected. → [`Outcome::Device`]
    TouchDevice {
        /// Which device.
        device_id: DeviceId,
        /// In which role.
        role: Role,
        /// When.
        at: i64,
    },
    /// Keeps a token that its own device got, replacing the one of the same role. [`Error::Conflict`](crate::Error::Conflict) when
    /// the device has another revision. → [`Outcome::Device`]
    PutDeviceToken {
        /// Which device.
        device_id: DeviceId,
        /// The token, hashed.
        token: DeviceToken,
        /// Revision of the device about which that was decided.
        revision: i64,
    },
    /// The same on somebody else's word, which gives the device a new revision. → [`Outcome::Device`]
    RotateDeviceToken {
        /// Which device.
        device_id: DeviceId,
        /// The token, hashed.
        token: DeviceToken,
        /// Revision of the device about which that was decided.
        revision: i64,
    },
    /// Withdraws a device's token, which gives the device a new revision. → [`Outcome::Device`]
    RevokeDeviceToken {
        /// Which device.
        device_id: DeviceId,
        /// Of which role.
        role: Role,
        /// When.
        at: i64,
    },
    /// Changes what is kept about nodes. → [`Outcome::Node`]
    Node(NodeChange),
    /// Gives an agent its number unless it has one. → [`Outcome::Agent`]
    EnsureAgent {
        /// Which agent.
        agent_id: AgentId,
    },
    /// Keeps what a turn used. → [`Outcome::Done`]
    Used(Box<UsedTurn>),
    /// Refuses the whole transaction with [`Error::Conflict`](crate::Error::Conflict) when the session is there and is not as its
    /// caller saw it. → [`Outcome::Done`]
    RequireSession {
        /// Which session.
        key: SessionKey,
        /// Identifier of its present transcript.
        session_id: Option<Uuid>,
        /// Whether it is set aside.
        archived: Option<bool>,
    },
    /// Something about what people are asked. → [`Outcome::Approval`]
    Approval(ApprovalChange),
    /// Changes scheduled work. → [`Outcome::Cron`]
    Cron(CronChange),
    /// Changes the token of an agent. → [`Outcome::AgentToken`]
    AgentToken(AgentTokenChange),
    /// Changes a named access token. → [`Outcome::AccessToken`]
    AccessToken(AccessTokenChange),
    /// Changes a passkey. → [`Outcome::Passkey`], as it was when it is removed
    Passkey(PasskeyChange),
    /// Keeps a small value under a name, replacing the old one; `null` removes it. → [`Outcome::Done`]
    PutSetting {
        /// The name.
        name: String,
        /// The value, at most [`MAX_SETTING_BYTES`] as JSON.
        value: Value,
    },
    /// Sets members of a setting that is an object; one that is kept already and is none counts as empty. → [`Outcome::Done`]
    MergeSetting {
        /// The name.
        name: String,
        /// Members to set; `null` removes one.
        entries: serde_json::Map<String, Value>,
        /// Members as they must be now, `null` for absent; else it is [`Error::Conflict`](crate::Error::Conflict).
        expected: serde_json::Map<String, Value>,
        /// Most members afterwards; more are [`Error::Limit`](crate::Error::Limit).
        most: usize,
    },
    /// Something happened to a program that a client had started. → [`Outcome::Spawned`]
    Spawn(SpawnChange),
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Nothing to tell.
    Done,
    /// The session after the change.
    Session(Session),
    /// Numbers of the appended lines; `last_seq` is `first_seq - 1` when none were.
    Messages {
        /// Number of the first one.
        first_seq: u64,
        /// Number of the last one.
        last_seq: u64,
    },
    /// How many lines were set aside, and the session after it.
    Compacted {
        /// Lines that are now among the archives.
        archived: u64,
        /// The session after the change.
        session: Session,
    },
    /// The run after the change.
    Run(Run),
    /// The run was accepted before; nothing of this transaction was applied.
    RunExists(Run),
    /// The device after the change.
    Device(Device),
    /// Whether there was something to remove.
    Deleted(bool),
    /// What came of a change of nodes.
    Node(NodeOutcome),
    /// What came of a [`Change::Approval`].
    Approval(ApprovalOutcome),
    /// The agent's number.
    Agent(AgentNumber),
    /// What came of a change of scheduled work.
    Cron(CronOutcome),
    /// The token of an agent after the change.
    AgentToken(AgentToken),
    /// The named access token after the change.
    AccessToken(AccessToken),
    /// The passkey after the change, or as it was when it is removed.
    Passkey(Passkey),
    /// The program after the change.
    Spawned(Spawned),
    /// The request was answered before; this is the kept reply and nothing was applied.
    Repeated(Value),
}

/// A transaction on stable storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Committed {
    /// Number of its audit record, and revision of what it touched. Of the first request when this one repeats it, of the newest record
    /// when a run existed.
    pub seq: i64,
    /// When it was written, in milliseconds since the epoch.
    pub ts: i64,
    /// One per change, in order; a single [`Outcome::Repeated`] or [`Outcome::RunExists`] when nothing was applied.
    pub outcomes: Vec<Outcome>,
}

impl Committed {
    /// The kept reply, when the request repeats an earlier one.
    #[must_use]
    pub fn repeated(&self) -> Option<&Value> {
        match self.outcomes.as_slice() {
            [Outcome::Repeated(reply)] => Some(reply),
            _ => None,
        }
    }

    /// The outcomes of the first request: these ones, or those read back from a reply kept by [`IdempotentReply::FromOutcome`].
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) when the kept reply holds no outcomes.
    pub fn first_outcomes(self) -> Result<Vec<Outcome>, crate::Error> {
        match self.repeated() {
            None => Ok(self.outcomes),
            Some(reply) => Vec::deserialize(reply).map_err(|why| crate::Error::damaged("reply", why)),
        }
    }
}
