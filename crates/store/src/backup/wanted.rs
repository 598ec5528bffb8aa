//! Which files belong into a backup.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{CONFIG, LeftOut, MAX_DEPTH, MAX_FILES, STATE};
use crate::{error::Error, schema};

/// What a gateway makes anew, or what is a copy itself.
const NOT_STATE: &[&str] =
    &["backups", "logs", "snapshots", "trash", "lost+found", "gateway.lock", "gateway.json", "gateway.sqlite"];
const NOT_STATE_PREFIXES: &[&str] = &["gateway.sqlite-", ".openclaw.", ".backup-"];
/// Keys and what is as good as one: only in an encrypted backup.
const SECRET: &[&str] = &["keys", "identity", "tls", "credentials", "node", ".env", "config-history"];
const SECRET_ENDINGS: &[&str] = &[".key", ".pem", ".p12", ".pfx", ".key.new"];

/// A file to be copied.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) from: PathBuf,
    pub(super) name: String,
}

/// Every file that belongs into a backup, and what was left out.
pub(super) fn wanted(
    state_dir: &Path,
    config: &[PathBuf],
    out: &Path,
    keys: bool,
) -> Result<(Vec<Wanted>, Vec<LeftOut>), Error> {
    let out = fs::metadata(out).ok().map(|out| (out.dev(), out.ino()));
    let mut walk = Walk { state_dir, out, keys, files: Vec::new(), left_out: Vec::new() };
    if state_dir.is_dir() {
        walk.folder(state_dir, 0)?;
    }
    let home = config.first().and_then(|main| main.parent()).map(Path::to_path_buf).unwrap_or_default();
    for path in config {
        let inside = path
            .strip_prefix(state_dir)
            .is_ok_and(|inside| walk.files.iter().any(|file| Path::new(&file.name) == Path::new(STATE).join(inside)));
        if !inside && path.exists() {
            let name = path.strip_prefix(&home).ok().map(Path::to_path_buf);
            let name = name.or_else(|| path.file_name().map(PathBuf::from)).unwrap_or_default();
            walk.files.push(Wanted { from: path.clone(), name: named(&Path::new(CONFIG).join(name), path)? });
        }
    }
    Ok((walk.files, walk.left_out))
}

struct Walk<'a> {
    state_dir: &'a Path,
    /// The folder where backups go, which may be below the state directory under any name.
    out: Option<(u64, u64)>,
    keys: bool,
    files: Vec<Wanted>,
    left_out: Vec<LeftOut>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            return Err(Error::TooLarge { what: "the state directory", size: depth, max: MAX_DEPTH });
        }
        let mut entries = fs::read_dir(folder)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(Error::io("list", folder))?;
        // In order, so that two backups of one state are alike.
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let top = depth == 0;
            if (top && not_state(&name)) || super::when(&name).is_some() || name == "lock" && folder.ends_with("keys") {
                continue;
            }
            if !self.keys && ((top && SECRET.contains(&name.as_str())) || is_key(&name, top)) {
                self.leave_out(&path, "only an encrypted backup holds keys");
                continue;
            }
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                // Gone since the folder was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Error::io("look at", &path)(error)),
            };
            if kind.is_dir() {
                let is = entry.metadata().map_err(Error::io("look at", &path))?;
                if self.out == Some((is.dev(), is.ino())) {
                    continue;
                }
                self.folder(&path, depth + 1)?;
            } else if kind.is_file() {
                let inside = path.strip_prefix(self.state_dir).unwrap_or(&path);
                self.files.push(Wanted { name: named(&Path::new(STATE).join(inside), &path)?, from: path });
                if self.files.len() > MAX_FILES {
                    return Err(Error::Limit { what: "files in the state directory", max: MAX_FILES });
                }
            } else if kind.is_symlink() {
                self.leave_out(&path, "a link, which may lead anywhere");
            }
            // Sockets and pipes are made anew.
        }
        Ok(())
    }

    fn leave_out(&mut self, path: &Path, why: &str) {
        let name = path.strip_prefix(self.state_dir).unwrap_or(path).display().to_string();
        self.left_out.push(LeftOut { name, why: why.to_owned() });
    }
}

fn not_state(name: &str) -> bool {
    name == schema::FILE
        || NOT_STATE.contains(&name)
        || NOT_STATE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Deeper than the first level are folders of agents, whose files are their own affair, whatever they are called.
fn is_key(name: &str, top: bool) -> bool {
    top && SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn named(name: &Path, path: &Path) -> Result<String, Error> {
    name.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::invalid(format!("{} is not UTF-8 and cannot be backed up; rename it", path.display())))
}
