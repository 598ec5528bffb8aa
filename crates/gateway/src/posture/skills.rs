//! Reading the skills of every workspace: where they lie, and what they say.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use openclaw_posture::{Severity, SkillFacts, code};

use super::Looked;

/// Most files that are looked at, in all.
const MOST_FILES: usize = 2000;
/// Most folders below each other.
const DEEPEST: usize = 12;
/// Largest file that is read, bytes.
const LARGEST: u64 = 1 << 20;

/// What was read.
pub struct Read {
    /// What it says.
    pub facts: SkillFacts,
    /// How many skills there are.
    pub skills: usize,
    /// How many files were looked at.
    pub files: usize,
}

/// The folders in which skills may lie.
fn folders(looked: &Looked) -> Vec<PathBuf> {
    let config = &looked.loaded.config;
    let home = looked.facts.home.as_deref().map(Path::new);
    let state = &looked.paths.state_dir;
    let expand = |text: &String| openclaw_config::expand_home(text, home).ok();
    let own = config.agents.list.iter().filter_map(|agent| agent.workspace.as_ref());
    let named = own.chain(&config.agents.defaults.workspace).filter_map(expand);
    let all: BTreeSet<PathBuf> = named
        .chain([state.join("workspace")])
        .map(|workspace| workspace.join("skills"))
        .chain([state.join("skills")])
        .chain(config.skills.load.extra_dirs.iter().filter_map(expand))
        .collect();
    all.into_iter().collect()
}

/// Looks at where skills lie, and with `texts` at what they say.
#[must_use]
pub fn read(looked: &Looked, texts: bool) -> Read {
    let mut read = Read { facts: SkillFacts::default(), skills: 0, files: 0 };
    for folder in folders(looked) {
        let Ok(root) = fs::canonicalize(folder.parent().unwrap_or(&folder)) else { continue };
        walk(&folder, &root, 0, texts, &mut read);
    }
    read
}

fn walk(folder: &Path, root: &Path, depth: usize, texts: bool, read: &mut Read) {
    if depth > DEEPEST || read.files >= MOST_FILES {
        read.facts.truncated = true;
        return;
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if read.files >= MOST_FILES {
            read.facts.truncated = true;
            return;
        }
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if metadata.is_symlink() {
            // A link is told and not followed: what it leads to may be anybody's.
            let leads = fs::canonicalize(&path).is_ok_and(|target| !target.starts_with(root));
            if leads && (name == "SKILL.md" || path.join("SKILL.md").exists()) {
                read.facts.escapes.push(path.display().to_string());
            }
            continue;
        }
        if metadata.is_dir() {
            if name != "node_modules" && name != ".git" {
                walk(&path, root, depth + 1, texts, read);
            }
            continue;
        }
        read.skills += usize::from(name == "SKILL.md");
        if !metadata.is_file() || !code::is_scanned(&name) {
            continue;
        }
        read.files += 1;
        if texts {
            scan(&path, read);
        }
    }
}

fn scan(path: &Path, read: &mut Read) {
    let shown = path.display().to_string();
    let mut bytes = Vec::new();
    // One byte more than may be there tells a file that is larger, or grows while it is read.
    let outcome = fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match outcome {
        Err(error) => read.facts.unreadable.push(format!("{shown}: {error}")),
        Ok(_) if bytes.len() as u64 > LARGEST => {
            read.facts.unreadable.push(format!("{shown}: it is larger than {} KiB", LARGEST >> 10));
        }
        Ok(_) => read.facts.code.extend(code::scan(&shown, &String::from_utf8_lossy(&bytes))),
    }
}

/// Whether anything that was read is more than worth knowing.
#[must_use]
pub fn is_suspicious(read: &Read) -> bool {
    read.facts.code.iter().any(|fact| fact.severity >= Severity::Warn)
}
