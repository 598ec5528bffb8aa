//! Finding skills: folders with a `SKILL.md`, in several places of which the first wins. Links are not followed.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};

use super::{Front, read_front};

/// Folders in each other that are looked at.
const DEPTH: usize = 6;
/// Entries that are looked at in one place.
const ENTRIES: usize = 20_000;
/// Skills that are kept.
const SKILLS: usize = 500;
/// Problems that are told.
const PROBLEMS: usize = 100;
/// Bytes of a `SKILL.md`.
const FILE_BYTES: u64 = 1 << 20;

/// Where a skill comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The folder `skills` of an agent's workspace.
    Workspace,
    /// The folder `skills` of the state directory.
    Managed,
    /// `skills.load.extraDirs`.
    Extra,
}

impl Source {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Workspace => "openclaw-workspace",
            Self::Managed => "openclaw-managed",
            Self::Extra => "openclaw-extra",
        }
    }
}

/// A place that is looked at.
#[derive(Clone, Debug)]
pub struct Root {
    /// The folder.
    pub path: PathBuf,
    /// What it is.
    pub source: Source,
}

/// A skill.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its folder.
    pub folder: PathBuf,
    /// Where it comes from.
    pub source: Source,
    /// Its head.
    pub front: Front,
}

/// Something that looks like a skill and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub path: PathBuf,
    /// What is wrong.
    pub text: String,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Skills by name; where several have one name, the one from the first place.
    pub skills: Vec<Found>,
    /// What was left out.
    pub problems: Vec<Problem>,
}

/// Looks at the places in their order.
#[must_use]
pub fn scan(roots: &[Root]) -> Scan {
    let mut looking = Looking::default();
    for root in roots {
        looking.left = ENTRIES;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // The place itself may be a link: whoever configured it chose that.
        match rustix::fs::open(&root.path, flags, Mode::empty()) {
            Ok(folder) => looking.folder(&folder, &root.path, root.source, 0),
            Err(rustix::io::Errno::NOENT) => {}
            Err(errno) => looking.problem(&root.path, format!("cannot be read: {}", std::io::Error::from(errno))),
        }
    }
    looking.found.skills.sort_by(|one, other| one.front.name.cmp(&other.front.name));
    looking.found
}

#[derive(Default)]
struct Looking {
    found: Scan,
    names: BTreeSet<String>,
    left: usize,
}

impl Looking {
    fn problem(&mut self, path: &Path, text: String) {
        if self.found.problems.len() < PROBLEMS {
            self.found.problems.push(Problem { path: path.to_path_buf(), text });
        }
    }

    fn folder(&mut self, folder: &OwnedFd, path: &Path, source: Source, depth: usize) {
        let Ok(entries) = Dir::read_from(folder) else {
            return self.problem(path, "cannot be listed".to_owned());
        };
        let mut below = Vec::new();
        let mut skill = None;
        for entry in entries.flatten() {
            if self.left == 0 {
                return self.problem(path, format!("more than {ENTRIES} entries; the rest is not looked at"));
            }
            self.left -= 1;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name.starts_with('.') || name == "node_modules" {
                continue;
            }
            let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile if name == "SKILL.md" => skill = Some(stat.st_nlink),
                FileType::Symlink if depth == 0 || name == "SKILL.md" => {
                    self.problem(&path.join(name), "is a symbolic link; links are not followed".to_owned());
                }
                FileType::Directory if depth < DEPTH => below.push(name.to_owned()),
                _ => {}
            }
        }
        match skill {
            Some(1) => return self.skill(folder, path, source),
            Some(_) => {
                return self
                    .problem(&path.join("SKILL.md"), "has several names (hard links); copy it instead".to_owned());
            }
            None => {}
        }
        below.sort();
        for name in below {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            if let Ok(deeper) = openat(folder, name.as_str(), flags, Mode::empty()) {
                self.folder(&deeper, &path.join(&name), source, depth + 1);
            }
        }
    }

    fn skill(&mut self, folder: &OwnedFd, path: &Path, source: Source) {
        let file = path.join("SKILL.md");
        let text = match read(folder) {
            Ok(text) => text,
            Err(problem) => return self.problem(&file, problem),
        };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("skill");
        match read_front(&text, name) {
            Ok(front) if self.names.contains(&front.name) => {}
            Ok(_) if self.found.skills.len() == SKILLS => {
                self.problem(&file, format!("there are more than {SKILLS} skills"));
            }
            Ok(front) => {
                self.names.insert(front.name.clone());
                self.found.skills.push(Found { folder: path.to_path_buf(), source, front });
            }
            Err(problem) => self.problem(&file, problem),
        }
    }
}

fn read(folder: &OwnedFd) -> Result<String, String> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file =
        openat(folder, "SKILL.md", flags, Mode::empty()).map_err(|errno| std::io::Error::from(errno).to_string())?;
    let mut text = String::new();
    let mut bounded = File::from(file).take(FILE_BYTES + 1);
    bounded.read_to_string(&mut text).map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > FILE_BYTES {
        return Err(format!("has more than {FILE_BYTES} bytes"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn put(folder: &Path, name: &str, description: &str) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("SKILL.md"), format!("---\nname: {name}\ndescription: {description}\n---\n")).unwrap();
    }

    #[test]
    fn the_first_place_wins_and_links_are_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let (own, shared, outside) = (home.path().join("own"), home.path().join("shared"), home.path().join("outside"));
        put(&own.join("group/a"), "a", "own");
        put(&shared.join("a"), "a", "shared");
        put(&shared.join("b"), "b", "shared");
        put(&outside, "secret", "outside");
        symlink(&outside, own.join("linked")).unwrap();
        fs::create_dir(own.join("c")).unwrap();
        symlink(outside.join("SKILL.md"), own.join("c/SKILL.md")).unwrap();
        fs::create_dir(shared.join("broken")).unwrap();
        fs::write(shared.join("broken/SKILL.md"), "no head").unwrap();
        let root = |path: &Path, source| Root { path: path.to_path_buf(), source };
        let found = scan(&[
            root(&own, Source::Workspace),
            root(&shared, Source::Managed),
            root(&home.path().join("gone"), Source::Extra),
        ]);
        let names: Vec<_> = found.skills.iter().map(|skill| (skill.front.name.as_str(), skill.source)).collect();
        assert_eq!(names, [("a", Source::Workspace), ("b", Source::Managed)]);
        let problems: Vec<_> = found.problems.iter().map(|problem| problem.path.as_path()).collect();
        assert_eq!(problems.len(), 3, "{:?}", found.problems);
        for path in [own.join("linked"), own.join("c/SKILL.md"), shared.join("broken/SKILL.md")] {
            assert!(problems.contains(&path.as_path()), "{}", path.display());
        }
    }
}
