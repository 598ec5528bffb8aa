//! Files of keys: for the owner alone, whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use openclaw_core::Secret;

use crate::KeyError;

/// Most bytes of a file that is read here.
const MAX_BYTES: u64 = 256 << 10;
/// Fewest letters of a key.
const LEAST: usize = 32;

pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    move |source| KeyError::Io { doing, path: path.to_owned(), source }
}

/// Reads a private file; `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, KeyError> {
    let no_follow = i32::try_from((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits());
    let file = match OpenOptions::new().read(true).custom_flags(no_follow.unwrap_or_default()).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io("read", path)(error)),
    };
    let metadata = file.metadata().map_err(io("look at", path))?;
    if !metadata.is_file() {
        return Err(KeyError::NotAKey { path: path.to_owned(), why: "it is not a file" });
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::TooOpen { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(io("read", path))?;
    Ok(Some(text))
}

/// Reads a key; `None` when there is no file.
pub(crate) fn read_key(path: &Path) -> Result<Option<Secret>, KeyError> {
    let Some(text) = read(path)?.map(Secret::new) else { return Ok(None) };
    let key = text.expose().trim();
    if key.len() < LEAST {
        let why = "a key has 32 letters or more; make one by: openssl rand -hex 32";
        return Err(KeyError::NotAKey { path: path.to_owned(), why });
    }
    Ok(Some(Secret::new(key)))
}

/// Writes a file that appears whole or not at all and is on stable storage when this returns.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), KeyError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.draft"));
    let written = (|| -> io::Result<()> {
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(folder_of(path))?.sync_all()
    })();
    written.map_err(io("write", path))
}

pub(crate) fn make_folder(path: &Path) -> Result<(), KeyError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io("make", path))?;
    let metadata = fs::symlink_metadata(path).map_err(io("look at", path))?;
    if !metadata.is_dir() {
        return Err(KeyError::NotAKey { path: path.to_owned(), why: "it is not a folder" });
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(io("protect", path))?;
    }
    Ok(())
}

pub(crate) fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

/// Waits for the right to change what lies in the folder. Ends when it is dropped.
pub(crate) fn lock(folder: &Path) -> Result<File, KeyError> {
    let path = folder.join("lock");
    let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = open.map_err(io("open", &path))?;
    file.lock().map_err(io("lock", &path))?;
    Ok(file)
}
