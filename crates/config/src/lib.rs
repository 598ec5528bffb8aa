//! What the operator wants: the configuration's model, its reading, its checking, its showing.
//!
//! [`load`] goes the whole way: it finds the file (`paths`), makes sure that nobody else can change it (`file`), parses it
//! within bounds (`document`), opens what is sealed (`sealed`), fills in environment variables (`substitute`), gives every key its canonical name
//! (`mapping`), says which keys do not do anything yet (`standing`), checks the shape against the schema (`schema`), puts
//! flags and environment variables over it (`overrides`), and checks what must hold between keys (`rules`). All issues come
//! at once, each with its path. No secret is ever part of an issue, a notice, an error or a debug print.

mod aim;
mod config_file;
mod difference;
mod document;
mod edit;
mod file;
mod first_start;
mod history;
mod include;
mod issue;
mod key_path;
mod load;
mod lookup;
mod mapping;
mod model;
mod overrides;
mod paths;
mod plan;
mod redact;
mod reference;
mod rules;
mod schema;
mod sealed;
mod standing;
mod substitute;
mod value;
mod write;

pub use config_file::{Attempt, ChangeError, Changed, ConfigFile, Mode, Outcome, Sealing, WriteStep};
pub use difference::Difference;
pub use document::{Format, MAX_BYTES, MAX_DEPTH, parse as parse_document};
pub use edit::{Edit, EditError, MAX_EDITS, edit};
pub use first_start::write_initial;
pub use history::{Cause, Entry, EntryId, HistoryError, HistoryLimits, Shown};
pub use issue::{ConfigError, InvalidConfig, Issue, Notice, NoticeKind};
pub use key_path::{KeyPath, PathError, Step};
pub use load::{LoadRequest, Loaded, Parsed, hash, load, load_to_judge, parse_over, parse_str};
pub use lookup::{SchemaChild, SchemaEntry, schema_lookup};
pub use model::*;
pub use overrides::{Origin, Overrides};
pub use paths::{Paths, expand_home, paths};
pub use plan::{Plan, PlannedChange, plan};
pub use redact::{REDACTED, redact, redact_raw, restore, secrets_of};
pub use reference::reference_markdown;
pub use schema::schema;
