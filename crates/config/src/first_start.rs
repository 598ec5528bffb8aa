//! The configuration that the first start writes.

use std::{fs, io, path::Path};

use openclaw_core::Secret;
use serde_json::Value;

use crate::{ConfigError, Format, write};

/// Writes a new configuration with this token, as YAML or JSON5 by the path's ending: mode 0600, in a folder made 0700 when it is not there yet.
///
/// It appears whole or not at all, is on stable storage when this returns, and never replaces a file.
///
/// # Errors
/// [`ConfigError::Exists`] when there is one already, [`ConfigError::Io`] when it cannot be written.
pub fn write_initial(path: &Path, token: &Secret) -> Result<(), ConfigError> {
    let parent = write::folder_of(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = parent.join(format!(".openclaw.{name}.{}.new", std::process::id()));
    let result = write::make_folder(&parent).and_then(|()| publish(&draft, path, &parent, &initial_text(path, token)));
    if result.is_err() {
        // Whatever became of the draft, it must not stay behind with the token in it.
        let _ = fs::remove_file(&draft);
    }
    result.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => ConfigError::Exists { path: path.to_path_buf() },
        _ => ConfigError::Io { path: path.to_path_buf(), source },
    })
}

fn publish(draft: &Path, path: &Path, parent: &Path, text: &str) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    write::draft(draft, text.as_bytes(), 0o600, None)?;
    // A link, because a rename would replace a file that came into being meanwhile.
    fs::hard_link(draft, path)?;
    fs::remove_file(draft)?;
    write::sync_folder(parent)
}

fn initial_text(path: &Path, token: &Secret) -> String {
    // A JSON string is a JSON5 string and a YAML string.
    let token = Value::from(token.expose()).to_string();
    let text = match Format::of(path) {
        Some(Format::Yaml) => include_str!("first_start/initial.yml"),
        Some(Format::Json5) | None => include_str!("first_start/initial.json5"),
    };
    text.replace("@TOKEN@", &token)
}

#[cfg(test)]
mod tests;
