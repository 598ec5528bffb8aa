//! Changing a configuration's text so that its comments, its order and every untouched line stay as they are.
//!
//! An edit is first made on the value (`apply`); the text then follows the value (`rewrite`): the smallest places that differ
//! are spliced, found in a tree of byte ranges (`tree`) that `json5` and `yaml` read from the text. What was written is parsed
//! again and compared with what was meant, so that an oddity of a format can only end in a refusal, never in another meaning.
//!
//! Editing crates were looked at and not taken: `jsonc-parser` does not know all of JSON5 (escaped line ends, escapes in bare
//! keys, `.5`), the YAML ones read with another parser than the one that loads the file. Here the YAML tree comes from that parser's
//! own events, and JSON5 needs only brackets, strings and comments to be told apart.

mod apply;
mod block;
mod comma;
mod json5;
mod render;
mod rewrite;
mod tree;
mod yaml;

use std::fmt;

use serde_json::Value;

pub(crate) use apply::{Action, Op, apply, leaves};
pub(crate) use rewrite::rewrite;

use crate::{ConfigError, Format, KeyPath, document};

/// Most edits of one change.
pub const MAX_EDITS: usize = 1000;

/// One edit of a configuration.
#[derive(Clone, PartialEq)]
pub enum Edit {
    /// Puts a value at a path; objects on the way are made. An item of a list is replaced, and the number after the last appends.
    Set {
        /// Where.
        path: KeyPath,
        /// What.
        value: Value,
    },
    /// Takes the value at a path out. Nothing happens when there is none.
    Unset {
        /// Where.
        path: KeyPath,
    },
    /// Merges a patch (RFC 7396): objects are merged key by key, `null` takes a key out, anything else replaces.
    Merge {
        /// Where the patch belongs; `None` for the whole configuration.
        path: Option<KeyPath>,
        /// The patch.
        patch: Value,
    },
    /// Replaces the whole text.
    Replace {
        /// The new text, in the format of the file.
        text: String,
    },
}

// Shows no value, which may be a secret.
impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { path, .. } => write!(f, "Set({path})"),
            Self::Unset { path } => write!(f, "Unset({path})"),
            Self::Merge { path: Some(path), .. } => write!(f, "Merge({path})"),
            Self::Merge { path: None, .. } => f.write_str("Merge"),
            Self::Replace { .. } => f.write_str("Replace"),
        }
    }
}

/// Why an edit was not made. Never holds a value.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The text to be edited, or the one to replace it, cannot be read.
    #[error("{0}")]
    Unreadable(ConfigError),
    /// Something on the way to a path is neither an object nor a list.
    #[error("{path}: cannot be set, because `{blocker}` is {found}; set `{blocker}` itself, or unset it first")]
    Blocked {
        /// The path of the edit.
        path: String,
        /// What is in its way.
        blocker: String,
        /// What that is.
        found: &'static str,
    },
    /// The number of an item is neither that of one there is nor the next one.
    #[error("{path}: the list has {len} items; the next one has the number {len}")]
    NoSuchItem {
        /// The path of the edit.
        path: String,
        /// Items in the list.
        len: usize,
    },
    /// The place is written elsewhere and only referred to here.
    #[error(
        "{path}: is written through a YAML alias or merge key; edit it where its anchor is, or write it out by hand first"
    )]
    Alias {
        /// The place.
        path: String,
    },
    /// The text cannot be changed there without changing something else.
    #[error("{path}: the text around it is written in a way that cannot be edited safely; change the file by hand")]
    Unsafe {
        /// The place; empty for the whole text.
        path: String,
    },
    /// The value is nested deeper than a configuration may be.
    #[error("the edit nests deeper than {} levels", crate::MAX_DEPTH)]
    TooDeep,
    /// A whole text was given together with other edits.
    #[error("replacing the whole text stands alone; make the other edits in that text, or as a change of their own")]
    NotAlone,
    /// More than [`MAX_EDITS`].
    #[error("more than {MAX_EDITS} edits at once; replace the whole text instead")]
    TooMany,
}

/// Makes the edits, one after the other, and gives the new text. What they did not touch stays byte for byte, comments included.
///
/// # Errors
/// [`EditError`]; the text is then as it was.
pub fn edit(text: &str, format: Format, edits: &[Edit]) -> Result<String, EditError> {
    if edits.len() > MAX_EDITS {
        return Err(EditError::TooMany);
    }
    let mut text = text.to_owned();
    let mut before = document::parse(&text, format).map_err(EditError::Unreadable)?;
    let mut after = before.clone();
    for edit in edits {
        match edit {
            Edit::Set { path, value } => apply(&mut after, &Op::new(path.clone(), Action::Put(value.clone())))?,
            Edit::Unset { path } => apply(&mut after, &Op::new(path.clone(), Action::Remove))?,
            Edit::Merge { path, patch } => {
                for op in leaves(path.as_ref(), patch) {
                    apply(&mut after, &op)?;
                }
            }
            Edit::Replace { text: new } => {
                before = document::parse(new, format).map_err(EditError::Unreadable)?;
                (text, after) = (new.clone(), before.clone());
            }
        }
    }
    rewrite(&text, format, &before, &after)
}

#[cfg(test)]
mod tests;
