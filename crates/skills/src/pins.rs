//! Sums that were computed, so that an installed skill is read again only when something in it changed.

use std::{
    collections::BTreeMap,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::{
    Pin, Refused, pin,
    tree::{self, Item},
};

/// Skills that are remembered.
const MOST: usize = 1000;
/// How old the newest change must be, milliseconds: file systems tell times in steps, and a second change within one looks like the
/// first.
const SETTLED_MS: i64 = 2000;

/// What is known of skills by their folders.
#[derive(Debug, Default)]
pub struct Pins(Mutex<BTreeMap<PathBuf, ([u8; 32], Pin)>>);

impl Pins {
    /// As [`pin`]. Blocks.
    #[must_use]
    pub fn of(&self, skill: &Path, now_ms: i64) -> Pin {
        let Ok((look, newest_ms)) = look(skill) else { return pin(skill) };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(skill).cloned();
        if let Some((seen, pin)) = known
            && seen == look
        {
            return pin;
        }
        let found = pin(skill);
        // It may have been changed while it was read.
        if newest_ms.saturating_add(SETTLED_MS) < now_ms && self::look(skill).is_ok_and(|(again, _)| again == look) {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(skill.to_path_buf(), (look, found.clone()));
        }
        found
    }
}

/// How a skill looks without reading it, and when it last changed, milliseconds since the epoch.
fn look(skill: &Path) -> Result<([u8; 32], i64), Refused> {
    let root = tree::open(skill)?;
    let (mut hash, mut newest) = (Sha256::new(), 0);
    tree::walk(&root, skill, &|_| false, &mut |parts, item| {
        hash.update(parts.join("/").as_bytes());
        hash.update([0]);
        if let Item::File { file, .. } = item {
            let is = file.metadata().map_err(|source| Refused::Io {
                path: skill.display().to_string(),
                doing: "looked at",
                source,
            })?;
            let times = [is.mtime(), is.mtime_nsec(), is.ctime(), is.ctime_nsec()];
            for number in times {
                hash.update(number.to_be_bytes());
            }
            for number in [is.ino(), is.len(), u64::from(is.mode())] {
                hash.update(number.to_be_bytes());
            }
            newest = newest.max(is.ctime().saturating_mul(1000));
        }
        Ok(())
    })?;
    Ok((hash.finalize().into(), newest))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{Install, install};

    #[test]
    fn a_skill_is_read_again_only_when_something_changed() {
        let home = tempfile::tempdir().unwrap();
        let source = home.path().join("notes");
        fs::create_dir(&source).unwrap();
        fs::write(source.join("SKILL.md"), "---\ndescription: d\n---\n").unwrap();
        let skills = home.path().join("skills");
        let wanted =
            Install { source: &source, slug: None, force: false, sha256: None, skills: &skills, id: "a", now_ms: 1 };
        let path = install(&wanted).unwrap().path;
        let later = i64::MAX - 10_000;
        let pins = Pins::default();
        // What has just changed is not taken for settled.
        assert!(matches!(pins.of(&path, 0), Pin::Holds(_)));
        assert!(pins.0.lock().unwrap().is_empty());
        assert!(matches!(pins.of(&path, later), Pin::Holds(_)));
        assert_eq!(pins.0.lock().unwrap().len(), 1);
        pins.0.lock().unwrap().get_mut(&path).unwrap().1 = Pin::None;
        assert_eq!(pins.of(&path, later), Pin::None, "it is known");
        fs::write(path.join("more.txt"), "x").unwrap();
        assert!(matches!(pins.of(&path, later), Pin::Broken(_)));
        fs::remove_dir_all(&path).unwrap();
        assert_eq!(pins.of(&path, later), Pin::None);
    }
}
