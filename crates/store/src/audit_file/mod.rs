//! The audit file: the exporter's copy of the audit table, one record a line.
//!
//! The table is the truth. Each line holds a record with the table's hash, `before` (the link of the line before) and, at its
//! end, `link`: a keyed hash over everything else of the line. So a line that was changed, removed, moved or added shows without
//! the table, also where only some events reach the file, and with the table it shows what is missing at the end.

mod append;
mod line;
mod walk;

pub use append::{Appender, Found, Refused, Settings};
pub use line::{Entry, Form, MAX_LINE_BYTES};
pub use walk::{BadLine, Checked, Walk, check, files};

/// Name of the file inside the state directory's `logs`, unless configured.
pub const FILE: &str = "audit.jsonl";
/// Where the exporter keeps how far it came, inside the state directory.
pub const ANCHOR: &str = "audit.anchor";
