//! Names inside of what is installed, and the name that a skill is installed under.

use std::{collections::BTreeMap, fmt, io};

use super::budget::ENTRIES;

/// Folders that may lie in each other.
const DEPTH: usize = 16;
/// Bytes of one name.
const NAME_BYTES: usize = 200;

/// Why something is not installed. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A name that leads elsewhere, or that means different things on different machines.
    #[error("\"{name}\" {problem}")]
    Name {
        /// The name, shown safely.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Something that is neither a plain file nor a folder.
    #[error("\"{name}\" is {what}; a skill has plain files and folders only")]
    Kind {
        /// Its name.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// More than is taken.
    #[error("it is too large: {0}")]
    Large(String),
    /// The archive is damaged, or of a kind that is not read.
    #[error("the archive cannot be read: {0}")]
    Damaged(String),
    /// It is no skill.
    #[error("it is no skill: {0}")]
    NoSkill(String),
    /// A skill of this name is there.
    #[error("a skill \"{0}\" is installed already; replace it with force")]
    Exists(String),
    /// No slug.
    #[error("\"{0}\" is no name for a skill: 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit")]
    Slug(String),
    /// The file system refuses.
    #[error("{path} could not be {doing}: {source}")]
    Io {
        /// Where.
        path: String,
        /// What was tried.
        doing: &'static str,
        /// What the file system said.
        source: io::Error,
    },
}

/// The name that a skill is installed under: given by whoever installs it, or made from the name of what is installed; never
/// from what stands inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slug(String);

impl Slug {
    /// Takes a name that is one.
    ///
    /// # Errors
    /// [`Refused::Slug`].
    pub fn new(text: &str) -> Result<Self, Refused> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let first = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if first && text.len() <= 64 && text.chars().all(good) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refused::Slug(shown(text.as_bytes())))
    }

    /// Makes one from the name of a folder or an archive.
    ///
    /// # Errors
    /// [`Refused::Slug`] when nothing of it can be used.
    pub fn made(file_name: &str) -> Result<Self, Refused> {
        let lower = file_name.to_ascii_lowercase();
        let stem = [".tar.gz", ".tgz", ".tar", ".zip", ".skill"].iter().find_map(|end| lower.strip_suffix(end));
        let mut slug = String::new();
        for c in stem.unwrap_or(&lower).chars() {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(64);
        Self::new(slug.trim_end_matches('-')).map_err(|_| Refused::Slug(shown(file_name.as_bytes())))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name as it may be printed.
pub(super) fn shown(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut safe: String = text.chars().take(120).flat_map(char::escape_default).collect();
    if text.chars().count() > 120 {
        safe.push('…');
    }
    safe
}

/// The names of one archive or folder, so that no two of them mean the same file anywhere.
#[derive(Debug, Default)]
pub struct Names {
    /// By the name in small letters: the name as it is, and whether it is a file.
    seen: BTreeMap<String, (String, bool)>,
}

impl Names {
    /// Checks a name and keeps it. The parts of the path below the skill's folder; none for that folder itself.
    ///
    /// # Errors
    /// [`Refused::Name`].
    pub fn take(&mut self, raw: &[u8], is_file: bool) -> Result<Vec<String>, Refused> {
        let refuse = |problem| Err(Refused::Name { name: shown(raw), problem });
        if raw.contains(&0) {
            return refuse("holds a zero byte");
        }
        let Ok(text) = std::str::from_utf8(raw) else { return refuse("is not UTF-8") };
        if text.is_empty() {
            return refuse("is empty");
        }
        if text.starts_with('/') {
            return refuse("is an absolute path");
        }
        if text.contains('\\') {
            return refuse("holds a backslash, which leads elsewhere on other systems");
        }
        if text.contains(':') {
            return refuse("holds a colon, as names of drives do");
        }
        if text.chars().any(char::is_control) {
            return refuse("holds a control character");
        }
        let folder = text.ends_with('/');
        if folder && is_file {
            return refuse("is a file with the name of a folder");
        }
        let mut parts = Vec::new();
        for part in text.strip_suffix('/').unwrap_or(text).split('/') {
            match part {
                "." => {}
                ".." => return refuse("leads out of its folder"),
                "" => return refuse("has an empty part"),
                part if part.len() > NAME_BYTES => return refuse("is too long"),
                part => parts.push(part.to_owned()),
            }
        }
        if parts.len() > DEPTH {
            return refuse("lies too deep");
        }
        if parts.is_empty() {
            return if is_file { refuse("is no name of a file") } else { Ok(parts) };
        }
        for end in 1..=parts.len() {
            let (path, file) = (parts[..end].join("/"), is_file && end == parts.len());
            match self.seen.get(&path.to_lowercase()) {
                Some((known, _)) if *known != path => return refuse("differs from another name only in its case"),
                Some((_, true)) => return refuse("is there twice"),
                Some((_, false)) if file => return refuse("is there twice"),
                Some(_) => {}
                // Folders that only names lead through are made as well.
                None if self.seen.len() >= ENTRIES => {
                    return Err(Refused::Large(format!("it has more than {ENTRIES} files and folders")));
                }
                None => drop(self.seen.insert(path.to_lowercase(), (path, file))),
            }
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for bad in [
            "",
            "/etc/passwd",
            "..",
            "../x",
            "a/../../x",
            "a/..",
            "C:/x",
            "c:x",
            "\\\\host\\share",
            "a\\..\\b",
            "a//b",
            "x\0y",
            "a\nb",
            "./",
        ] {
            assert!(Names::default().take(bad.as_bytes(), true).is_err(), "{bad:?}");
        }
        assert!(Names::default().take(b"\xff\xfe", true).is_err());
        assert!(Names::default().take("a/".repeat(17).as_bytes(), false).is_err());
        assert_eq!(Names::default().take(b"./a/b.md", true).unwrap(), ["a", "b.md"]);
    }

    #[test]
    fn names_that_collide_are_refused() {
        let mut names = Names::default();
        names.take(b"a/b", true).unwrap();
        names.take(b"a/", false).unwrap();
        for bad in ["a/b", "A/c", "a/B", "a", "a/b/c"] {
            assert!(names.take(bad.as_bytes(), true).is_err(), "{bad}");
        }
    }

    #[test]
    fn slugs_are_made_from_file_names_alone() {
        let made = |name: &str| Slug::made(name).map(|slug| slug.to_string()).ok();
        assert_eq!(made("My Skill.tar.gz").as_deref(), Some("my-skill"));
        assert_eq!(made("../../x.zip").as_deref(), Some("x"));
        assert_eq!(made("..."), None);
        assert!(Slug::new("../x").is_err() && Slug::new("-x").is_err() && Slug::new("").is_err());
    }
}
