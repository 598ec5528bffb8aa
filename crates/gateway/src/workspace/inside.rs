//! A path that cannot leave the folder it is used in.

use std::fmt;

/// Bytes of a whole path.
const BYTES: usize = 4096;
/// Bytes of one name.
const NAME_BYTES: usize = 255;
/// Folders below each other.
const DEPTH: usize = 64;

/// Names below each other, none of which goes up, starts over or hides a separator. Empty for the folder itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inside(Vec<String>);

impl Inside {
    /// The folder itself.
    pub(crate) const HERE: Self = Self(Vec::new());

    /// Reads a path as clients write it: names with `/` between them.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text == "." {
            return Ok(Self::HERE);
        }
        if text.len() > BYTES {
            return Err("is longer than 4096 bytes");
        }
        if text.starts_with('/') {
            return Err("must be relative to the workspace");
        }
        if text.chars().any(|c| c.is_control() || c == '\\') {
            return Err("must not hold control characters or backslashes");
        }
        let names: Vec<String> = text.strip_suffix('/').unwrap_or(text).split('/').map(str::to_owned).collect();
        if names.len() > DEPTH {
            return Err("is nested deeper than 64 folders");
        }
        if names.iter().any(|name| name.is_empty() || name == "." || name == ".." || name.len() > NAME_BYTES) {
            return Err("must be made of plain names, without `.` and `..`");
        }
        Ok(Self(names))
    }

    /// The folder above; `None` for the folder itself.
    pub(crate) fn parent(&self) -> Option<Self> {
        let (_, above) = self.0.split_last()?;
        Some(Self(above.to_vec()))
    }

    /// The last name, and the folders on the way to it.
    pub(super) fn split(&self) -> Option<(&str, &[String])> {
        self.0.split_last().map(|(last, above)| (last.as_str(), above))
    }

    /// All names.
    pub(super) fn names(&self) -> &[String] {
        &self.0
    }

    /// This path, and a name in it.
    pub(crate) fn join(&self, name: &str) -> String {
        if self.0.is_empty() { name.to_owned() } else { format!("{self}/{name}") }
    }
}

impl fmt::Display for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}
