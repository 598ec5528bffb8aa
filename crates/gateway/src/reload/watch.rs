//! Notices that the configuration's files look different.
//!
//! Looks once a second instead of asking the kernel for notifications: that works on every file system and across bind
//! mounts, sees through links, survives editors that rename and folders that vanish, and needs no thread, descriptor or
//! crate of its own. One look is one `stat` of each file.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Time between two looks.
pub(super) const LOOK: Duration = Duration::from_secs(1);
/// Time in which a file must not change again before it is read: an editor may still be writing.
pub(super) const SETTLE: Duration = Duration::from_millis(200);

/// How the files look: whatever somebody does to them, it is another one afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look(Vec<(PathBuf, Option<Stat>)>);

/// The time of the last change of content and of anything else, size, and which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    modified: (i64, i64),
    changed: (i64, i64),
    size: u64,
    mode: u32,
    file: (u64, u64),
}

impl Look {
    /// Looks at these files now. Blocks, for long where a file system does not answer.
    pub(super) fn at<'a>(files: impl IntoIterator<Item = &'a Path>) -> Self {
        Self(files.into_iter().map(|path| (path.to_path_buf(), stat(path))).collect())
    }

    /// Whether nobody else may write any of the files.
    pub(super) fn is_private(&self) -> bool {
        self.0.iter().all(|(_, stat)| stat.is_none_or(|stat| stat.mode & 0o022 == 0))
    }
}

fn stat(path: &Path) -> Option<Stat> {
    let found = fs::metadata(path).ok()?;
    Some(Stat {
        modified: (found.mtime(), found.mtime_nsec()),
        changed: (found.ctime(), found.ctime_nsec()),
        size: found.size(),
        mode: found.mode(),
        file: (found.dev(), found.ino()),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn whatever_is_done_to_a_file_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("link"));
        let look = || Look::at([path.as_path(), link.as_path()]);
        let mut before = look();
        let mut differs = |what: &str| {
            let now = look();
            assert_ne!(now, before, "{what}");
            assert_eq!(now, look(), "{what}");
            before = now;
        };
        fs::write(&path, "one").unwrap();
        differs("made");
        fs::write(&path, "three").unwrap();
        differs("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        differs("made readable");
        fs::write(folder.path().join("b"), "three").unwrap();
        fs::rename(folder.path().join("b"), &path).unwrap();
        differs("replaced by one of the same size");
        symlink(&path, &link).unwrap();
        differs("reached by a link");
        fs::remove_file(&path).unwrap();
        differs("removed");
    }
}
