//! The configuration that the first start writes.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use openclaw_core::Secret;
use serde_json::Value;

use crate::{ConfigError, Format};

/// Writes a new configuration with this token, as YAML or JSON5 by the path's ending: mode 0600, in a folder made 0700 when it is not there yet.
///
/// It appears whole or not at all, is on stable storage when this returns, and never replaces a file.
///
/// # Errors
/// [`ConfigError::Exists`] when there is one already, [`ConfigError::Io`] when it cannot be written.
pub fn write_initial(path: &Path, token: &Secret) -> Result<(), ConfigError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = parent.join(format!(".{name}.{}.new", std::process::id()));
    let result = make_folder(parent).and_then(|()| publish(&draft, path, parent, &initial_text(path, token)));
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
    // A draft of this name is left from a process that died, for ours is alone with its number.
    let _ = fs::remove_file(draft);
    let mut file = new_private_file(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // A link, because a rename would replace a file that came into being meanwhile.
    fs::hard_link(draft, path)?;
    fs::remove_file(draft)?;
    File::open(parent)?.sync_all()
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

#[cfg(unix)]
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

#[cfg(unix)]
fn new_private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn new_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests;
