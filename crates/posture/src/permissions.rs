//! Which mode bits files should have, and what to do about those that have others.

use crate::{FileFact, FileKind};

/// What becomes of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It gets these bits.
    Chmod(u32),
    /// It has them.
    Already(u32),
    /// It is a link, whose target may be somebody else's.
    Link(u32),
    /// It is not of the kind that belongs there.
    WrongKind {
        /// The bits it would have got.
        mode: u32,
        /// What should be there.
        wanted: &'static str,
    },
}

/// The bits that a file or folder of this kind should have: nobody but the owner.
#[must_use]
pub const fn wanted(kind: FileKind) -> u32 {
    match kind {
        FileKind::State | FileKind::Credentials => 0o700,
        _ => 0o600,
    }
}

/// What to do about one file. A log that `security.storage.logPermissions` opens on purpose keeps that mode.
#[must_use]
pub fn step(file: &FileFact, log_mode: Option<u32>) -> Step {
    let mode = match (file.kind, log_mode) {
        (FileKind::Log, Some(mode)) => mode & 0o666,
        (kind, _) => wanted(kind),
    };
    let wants_folder = matches!(file.kind, FileKind::State | FileKind::Credentials);
    if file.link {
        Step::Link(mode)
    } else if wants_folder != file.folder {
        Step::WrongKind { mode, wanted: if wants_folder { "not-a-directory" } else { "not-a-file" } }
    } else if file.mode & 0o777 == mode {
        Step::Already(mode)
    } else {
        Step::Chmod(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: FileKind, mode: u32) -> FileFact {
        let folder = matches!(kind, FileKind::State | FileKind::Credentials);
        FileFact { kind, path: "x".into(), mode, link: false, folder }
    }

    #[test]
    fn only_plain_files_and_folders_of_the_right_kind_are_changed() {
        assert_eq!(step(&file(FileKind::State, 0o755), None), Step::Chmod(0o700));
        assert_eq!(step(&file(FileKind::State, 0o700), None), Step::Already(0o700));
        assert_eq!(step(&file(FileKind::Config, 0o644), None), Step::Chmod(0o600));
        let link = FileFact { link: true, ..file(FileKind::Config, 0o777) };
        assert_eq!(step(&link, None), Step::Link(0o600));
        let wrong = FileFact { folder: true, ..file(FileKind::Config, 0o777) };
        assert_eq!(step(&wrong, None), Step::WrongKind { mode: 0o600, wanted: "not-a-file" });
        let wrong = FileFact { folder: false, ..file(FileKind::State, 0o777) };
        assert_eq!(step(&wrong, None), Step::WrongKind { mode: 0o700, wanted: "not-a-directory" });
        assert_eq!(step(&file(FileKind::Log, 0o644), Some(0o640)), Step::Chmod(0o640));
        assert_eq!(step(&file(FileKind::Log, 0o640), Some(0o640)), Step::Already(0o640));
    }
}
