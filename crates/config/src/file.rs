//! Reading the file, when nobody else can change it.

use std::{
    fs::{File, Metadata},
    io::Read,
    path::Path,
};

use crate::{ConfigError, MAX_BYTES, load::Modes};

/// A file that was read.
pub(crate) struct Contents {
    pub(crate) text: String,
    pub(crate) mode: Option<u32>,
}

/// Reads the file, following links. `None` when there is none.
pub(crate) fn read(path: &Path, modes: Modes) -> Result<Option<Contents>, ConfigError> {
    let io = |source| ConfigError::Io { path: path.to_path_buf(), source };
    // Looked at before it is opened, because opening a pipe would wait for a writer.
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
        Ok(metadata) if !metadata.is_file() => return Err(ConfigError::NotAFile { path: path.to_path_buf() }),
        Ok(_) => {}
    }
    let file = File::open(path).map_err(io)?;
    // Looked at again through the handle, so that what is checked is what is read.
    let metadata = file.metadata().map_err(io)?;
    let mode = mode(&metadata);
    if modes == Modes::Private && mode.is_some_and(|mode| mode & 0o022 != 0) {
        return Err(refusal(path, mode, "writable by others, who could change what the gateway does"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| ConfigError::NotUtf8)?;
    Ok(Some(Contents { text, mode }))
}

/// Refuses a file that holds secrets and that everybody can read.
pub(crate) fn check_secrecy(path: &Path, mode: Option<u32>) -> Result<(), ConfigError> {
    if mode.is_some_and(|mode| mode & 0o004 != 0) {
        return Err(refusal(path, mode, "world-readable and holds a secret"));
    }
    Ok(())
}

/// Whether the file's group can read it.
pub(crate) fn is_group_readable(mode: Option<u32>) -> bool {
    mode.is_some_and(|mode| mode & 0o040 != 0)
}

fn refusal(path: &Path, mode: Option<u32>, problem: &'static str) -> ConfigError {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    ConfigError::Permissions { path, mode: mode.unwrap_or_default(), problem }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> Option<u32> {
    None
}
