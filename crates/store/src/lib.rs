//! What is remembered: sessions, transcripts, runs, devices, pairing requests, agents, settings and the chained audit table, in one
//! SQLite file inside the state directory.
//!
//! One thread writes. It takes every transaction that waits, applies them in order, each behind its own savepoint, and commits them
//! together, so that many callers share one `fsync`. [`Store::write`] resolves after that `fsync` and not before. Readers have
//! their own connections and never wait for the writer.
//!
//! Every transaction carries exactly one [audit event](openclaw_core::record::AuditEvent). Its number is the revision of whatever the
//! transaction touched.

mod apply;
pub mod audit_file;
mod audit_key;
pub mod backup;
mod chain;
mod change;
mod error;
mod open;
mod reader;
mod rows;
mod schema;
mod sealing;
mod settings;
mod state_dir;
mod store;
mod trail;
mod writer;

pub use audit_key::{AUDIT_KEY_FILE, AuditKey};
pub use chain::{ChainHead, FirstBad, MAX_AUDIT_BYTES, Proved};
pub use change::approvals::{
    APPROVAL_RETENTION_MS, ApprovalChange, ApprovalOutcome, MAX_APPROVAL_BYTES, MAX_ENDED_APPROVALS, MAX_GRANTS,
    MAX_PENDING_APPROVALS,
};
pub use change::cron;
pub use change::{
    AccessTokenChange, AgentTokenChange, Change, Committed, ExtraIf, FormerSecrets, Idempotency, IdempotentReply,
    MAX_CHANGES, MAX_ENDED_SPAWNS, MAX_EXTRA_BYTES, MAX_IDEMPOTENCY_NAME_BYTES, MAX_LABEL_BYTES, MAX_MESSAGES,
    MAX_NODE_WORK, MAX_NODES, MAX_PAIRING_REQUESTS, MAX_PAIRING_REQUESTS_OF_ADDRESS, MAX_REPLY_BYTES,
    MAX_SETTING_BYTES, MAX_SETTING_EXTRAS, MAX_TEXT_BYTES, NewMessage, NodeChange, NodeOutcome, NodeSaid, Outcome,
    PasskeyChange, Review, SessionPatch, SpawnChange, Transaction,
};
pub use error::Error;
pub use open::{Opened, Recovery};
pub use reader::{
    ApprovalPage, ApprovalQuery, Archive, FoundLine, FoundLines, LineQuery, MAX_PAGE, MAX_PAGE_BYTES, MAX_SCAN,
    MAX_SEARCHED_BYTES, MAX_SEARCHED_LINES, MAX_USAGE_ROWS, MessageQuery, Reader, SessionPage, SessionQuery,
    UsageQuery, UsedDay, UsedPoint, UsedSession,
};
pub use sealing::{Converted, Sealing};
pub use settings::Settings;
pub use state_dir::StateDir;
pub use store::{Stats, Store};
pub use trail::{Trail, setting};
