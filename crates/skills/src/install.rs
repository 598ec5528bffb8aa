//! Installing a skill: staged in a folder of its own, checked there, brought to stable storage, and put in its place by one rename.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::{
        fd::OwnedFd,
        unix::fs::{DirBuilderExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FileType, Mode, OFlags, RenameFlags, renameat, renameat_with},
    io::Errno,
};
use serde::{Deserialize, Serialize};

use super::{
    Contents, Front, Refused, Slug,
    budget::BYTES,
    read_front,
    tree::{self, Item, Sum},
    unpack,
};

/// Folder below the one of all skills, in which they are prepared. Scans leave it out.
const STAGING: &str = ".staging";
/// Folder in a skill with what the gateway notes about it.
const NOTES: &str = ".openclaw";
/// What is noted: where it came from and what it was.
const ORIGIN: &str = "origin.json";
/// Bytes of that note.
const ORIGIN_BYTES: u64 = 64 << 10;
/// Bytes of a `SKILL.md`.
const TEXT_BYTES: u64 = 1 << 20;

/// What is to be installed.
#[derive(Debug)]
pub struct Install<'a> {
    /// A folder or an archive.
    pub source: &'a Path,
    /// The name to install it under; made from the name of the source when there is none.
    pub slug: Option<Slug>,
    /// Whether a skill of that name is replaced.
    pub force: bool,
    /// The SHA-256 that it must have, hex: of the archive as it lies there, or of the folder as [`Installed::sha256`] tells it.
    pub sha256: Option<&'a str>,
    /// The folder of all skills. It is made when it is not there.
    pub skills: &'a Path,
    /// Names no other installation.
    pub id: &'a str,
    /// Milliseconds since the epoch.
    pub now_ms: i64,
}

/// What was installed.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Under which name.
    pub slug: Slug,
    /// Where.
    pub path: PathBuf,
    /// Its head.
    pub front: Front,
    /// SHA-256 over names, kinds and bytes of everything in it, hex.
    pub sha256: String,
    /// Its files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether another one was there.
    pub replaced: bool,
}

/// What was noted when a skill was installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// What it was.
    pub sha256: String,
    /// When, milliseconds since the epoch.
    pub installed_at_ms: i64,
    /// Name of the folder or archive that it came from.
    pub from: String,
}

/// What a skill's note says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// There is none: somebody put it there by hand.
    None,
    /// It is what was installed.
    Holds(Origin),
    /// It is not, or that cannot be told. With the reason.
    Broken(String),
}

/// Installs a skill. Blocks; one at a time, because what others left in the staging folder is taken away.
///
/// # Errors
/// [`Refused`]; then nothing is changed.
pub fn install(wanted: &Install<'_>) -> Result<Installed, Refused> {
    let slug = match &wanted.slug {
        Some(slug) => slug.clone(),
        None => Slug::made(&wanted.source.file_name().unwrap_or_default().to_string_lossy())?,
    };
    let skills = make(wanted.skills)?;
    let target = wanted.skills.join(slug.as_str());
    let there = free(&skills, &slug, &target, wanted.force)?;
    let mut stage = Stage::new(wanted.skills, wanted.id)?;
    let taken = take(wanted, &mut stage)?;
    let root = stage.root()?;
    let (front, sum) = check(&root)?;
    if taken == Taken::Folder && wanted.sha256.is_some_and(|sha256| !sha256.eq_ignore_ascii_case(&sum.sha256)) {
        return Err(Refused::Damaged(format!("its SHA-256 is {}, not the one that was asked for", sum.sha256)));
    }
    let origin = Origin {
        sha256: sum.sha256.clone(),
        installed_at_ms: wanted.now_ms,
        from: wanted.source.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    note(&root, &origin)?;
    sync(&root)?;
    put(&skills, &slug, &target, &root, there)?;
    Ok(Installed { slug, path: target, front, sha256: sum.sha256, files: sum.files, bytes: sum.bytes, replaced: there })
}

/// Whether an installed skill is what was installed.
#[must_use]
pub fn pin(skill: &Path) -> Pin {
    let file = skill.join(NOTES).join(ORIGIN);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = match rustix::fs::open(&file, flags, Mode::empty()) {
        Ok(opened) => File::from(opened),
        Err(Errno::NOENT | Errno::NOTDIR) => return Pin::None,
        Err(errno) => return Pin::Broken(tree::io_error(&file, "opened", errno).to_string()),
    };
    let mut text = Vec::new();
    if let Err(source) = opened.take(ORIGIN_BYTES).read_to_end(&mut text) {
        return Pin::Broken(io_at(&file, "read", source).to_string());
    }
    let Ok(origin) = serde_json::from_slice::<Origin>(&text) else {
        return Pin::Broken(format!("{} cannot be read", file.display()));
    };
    match tree::open(skill).and_then(|root| tree::sum(&root, skill, &is_note)) {
        Ok(sum) if sum.sha256 == origin.sha256 => Pin::Holds(origin),
        Ok(_) => Pin::Broken("it is not what was installed; install it again with force to accept it".to_owned()),
        Err(refused) => Pin::Broken(refused.to_string()),
    }
}

fn is_note(name: &str) -> bool {
    name == NOTES
}

/// What is no part of a skill where somebody works on one.
fn is_no_part(name: &str) -> bool {
    is_note(name) || name.split('/').any(|part| part == ".git")
}

fn make(path: &Path) -> Result<OwnedFd, Refused> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|source| io_at(path, "made", source))?;
    // The folder itself may be a link: whoever keeps the state put it there.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| tree::io_error(path, "opened", errno))
}

/// Whether a skill is there, which may be replaced.
fn free(skills: &OwnedFd, slug: &Slug, target: &Path, force: bool) -> Result<bool, Refused> {
    match tree::kind_at(skills, slug.as_str(), target)? {
        None => Ok(false),
        Some(FileType::Directory) if force => Ok(true),
        Some(FileType::Directory) => Err(Refused::Exists(slug.to_string())),
        Some(_) => Err(Refused::Kind { name: target.display().to_string(), what: "no folder, so it is left alone" }),
    }
}

/// What the source was when it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Folder,
    Archive,
}

/// Takes the source into the stage.
fn take(wanted: &Install<'_>, stage: &mut Stage) -> Result<Taken, Refused> {
    let source = wanted.source;
    let is = fs::symlink_metadata(source).map_err(|error| io_at(source, "found", error))?;
    if is.is_dir() {
        let real = |path: &Path| path.canonicalize().map_err(|error| io_at(path, "found", error));
        if real(wanted.skills)?.starts_with(real(source)?) {
            return Err(Refused::NoSkill("the folder of all skills lies in it".to_owned()));
        }
        let folder = tree::open(source)?;
        tree::walk(&folder, source, &is_no_part, &mut |parts, item| match item {
            Item::Folder => stage.folder(parts),
            Item::File { file, size, executable } => stage.file(parts, executable, &mut file.take(size)),
        })?;
        return Ok(Taken::Folder);
    }
    if !is.is_file() {
        let what = if is.is_symlink() { "a symbolic link" } else { "neither a folder nor a file" };
        return Err(Refused::Kind { name: source.display().to_string(), what });
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let archive = rustix::fs::open(source, flags, Mode::empty());
    let mut archive = File::from(archive.map_err(|errno| tree::io_error(source, "opened", errno))?);
    if let Some(sha256) = wanted.sha256 {
        // A copy, so that what is unpacked is what was summed up, whoever writes to the source meanwhile.
        archive = stage.copy(archive, source)?;
        let found = tree::sum_of_file(&mut archive, source)?;
        if !found.eq_ignore_ascii_case(sha256) {
            return Err(Refused::Damaged(format!("its SHA-256 is {found}, not the one that was asked for")));
        }
        archive.rewind().map_err(|error| io_at(source, "read", error))?;
    }
    unpack(io::BufReader::new(archive), stage)?;
    Ok(Taken::Archive)
}

/// Reads a staged skill as agents will.
fn check(root: &Path) -> Result<(Front, Sum), Refused> {
    let folder = tree::open(root)?;
    if tree::kind_at(&folder, NOTES, root)?.is_some() {
        return Err(Refused::Kind { name: NOTES.to_owned(), what: "what the gateway notes about a skill itself" });
    }
    let file = root.join("SKILL.md");
    let mut text = String::new();
    let opened = File::open(&file).map_err(|_| no_skill())?;
    let read = opened.take(TEXT_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| Refused::NoSkill(format!("SKILL.md cannot be read: {error}")))?;
    if text.len() as u64 > TEXT_BYTES {
        return Err(Refused::NoSkill(format!("SKILL.md has more than {TEXT_BYTES} bytes")));
    }
    let front = read_front(&text, "skill").map_err(Refused::NoSkill)?;
    Ok((front, tree::sum(&folder, root, &is_note)?))
}

fn no_skill() -> Refused {
    Refused::NoSkill("there is no SKILL.md in it, nor in its only folder".to_owned())
}

fn note(root: &Path, origin: &Origin) -> Result<(), Refused> {
    let folder = root.join(NOTES);
    fs::DirBuilder::new().mode(0o700).create(&folder).map_err(|source| io_at(&folder, "made", source))?;
    let file = folder.join(ORIGIN);
    let text = serde_json::to_vec(origin).unwrap_or_default();
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(&file);
    opened.and_then(|mut opened| opened.write_all(&text)).map_err(|source| io_at(&file, "written", source))
}

/// Brings everything below a folder to stable storage.
fn sync(root: &Path) -> Result<(), Refused> {
    let folder = tree::open(root)?;
    let mut folders = vec![root.to_path_buf()];
    let mut told = |parts: &[String], item: Item| {
        let path = parts.iter().fold(root.to_path_buf(), |path, part| path.join(part));
        match item {
            Item::Folder => folders.push(path),
            Item::File { file, .. } => file.sync_all().map_err(|source| io_at(&path, "synced", source))?,
        }
        Ok(())
    };
    tree::walk(&folder, root, &|_| false, &mut told)?;
    for folder in folders.iter().rev() {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|source| io_at(folder, "synced", source))?;
    }
    Ok(())
}

/// Puts a staged skill in its place.
fn put(skills: &OwnedFd, slug: &Slug, target: &Path, root: &Path, there: bool) -> Result<(), Refused> {
    let failed = |errno| match errno {
        Errno::NOTEMPTY | Errno::EXIST => Refused::Exists(slug.to_string()),
        errno => tree::io_error(target, "put in its place", errno),
    };
    let cwd = rustix::fs::CWD;
    if there {
        // Both names change at once, so that at no time there is neither; the former one goes with the stage.
        match renameat_with(cwd, root, skills, slug.as_str(), RenameFlags::EXCHANGE) {
            Ok(()) => {}
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                let aside = root.with_extension("former");
                renameat(skills, slug.as_str(), cwd, &aside).map_err(failed)?;
                if let Err(errno) = renameat(cwd, root, skills, slug.as_str()) {
                    let _ = renameat(cwd, &aside, skills, slug.as_str());
                    return Err(failed(errno));
                }
            }
            Err(errno) => return Err(failed(errno)),
        }
    } else {
        // A folder never takes the place of another that holds something.
        renameat(cwd, root, skills, slug.as_str()).map_err(failed)?;
    }
    rustix::fs::fsync(skills).map_err(|errno| tree::io_error(target, "synced", errno))
}

/// A folder in which one skill is prepared. It goes with everything in it.
struct Stage {
    path: PathBuf,
    inside: PathBuf,
}

impl Stage {
    fn new(skills: &Path, id: &str) -> Result<Self, Refused> {
        let all = skills.join(STAGING);
        // What a crash left behind.
        match fs::remove_dir_all(&all) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(io_at(&all, "emptied", source)),
        }
        let path = all.join(id);
        let inside = path.join("skill");
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&inside);
        made.map_err(|source| io_at(&inside, "made", source))?;
        Ok(Self { path, inside })
    }

    /// A copy of an archive that nobody else has, at its beginning.
    fn copy(&self, from: File, source: &Path) -> Result<File, Refused> {
        let path = self.path.join("archive");
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
        let mut copy = opened.map_err(|error| io_at(&path, "written", error))?;
        // One byte more than may be, so that one that is too large is refused as such.
        io::copy(&mut from.take(BYTES + 1), &mut copy).map_err(|error| io_at(source, "read", error))?;
        copy.rewind().map_err(|error| io_at(&path, "read", error))?;
        Ok(copy)
    }

    /// The skill's folder: this one, or the only one in it.
    fn root(&self) -> Result<PathBuf, Refused> {
        if self.inside.join("SKILL.md").is_file() {
            return Ok(self.inside.clone());
        }
        let listed = fs::read_dir(&self.inside).map_err(|source| io_at(&self.inside, "listed", source))?;
        let mut entries = listed.flatten().map(|entry| entry.path());
        match (entries.next(), entries.next()) {
            (Some(only), None) if only.join("SKILL.md").is_file() => Ok(only),
            _ => Err(no_skill()),
        }
    }

    fn at(&self, parts: &[String]) -> PathBuf {
        parts.iter().fold(self.inside.clone(), |path, part| path.join(part))
    }
}

impl Contents for Stage {
    fn folder(&mut self, path: &[String]) -> Result<(), Refused> {
        let path = self.at(path);
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|source| io_at(&path, "made", source))
    }

    fn file(&mut self, path: &[String], executable: bool, bytes: &mut dyn Read) -> Result<(), Refused> {
        if let Some((_, above)) = path.split_last() {
            self.folder(above)?;
        }
        let path = self.at(path);
        let mode = if executable { 0o700 } else { 0o600 };
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(mode).open(&path);
        let mut file = opened.map_err(|source| io_at(&path, "written", source))?;
        match io::copy(bytes, &mut file) {
            Ok(_) => Ok(()),
            // Said by whoever takes the archive apart.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput
                ) =>
            {
                Err(Refused::Damaged(error.to_string()))
            }
            Err(source) => Err(io_at(&path, "written", source)),
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What stays is taken away by the next installation.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn io_at(path: &Path, doing: &'static str, source: io::Error) -> Refused {
    Refused::Io { path: path.display().to_string(), doing, source }
}
