//! Changing the configuration's file: one change at a time, checked as a whole, kept in the history, written whole or not at all.

use std::{fmt, fs, io, os::unix::fs::MetadataExt, path::Path, sync::Arc};

use self::edits::{Current, edited};
pub use self::error::ChangeError;
pub(crate) use self::error::remedy;
pub use self::sealing::Sealing;
use openclaw_core::{Ids, Secret};
use openclaw_seal::KeyRing;

use crate::{
    ConfigError, Difference, Edit, Entry, EntryId, HistoryLimits, LoadRequest, Loaded, Notice, Plan,
    difference::differences,
    file,
    history::{Cause, History, KeptFile, Snapshot},
    load::{self, Overlay},
    plan,
    write::{self, Lock, LockFailure},
};

mod edits;
mod error;
mod past;
mod sealing;

/// Longest name and note that a change may carry, in characters; the rest is cut.
const MAX_LABEL: usize = 256;

/// The configuration's file with its history.
#[derive(Clone)]
pub struct ConfigFile {
    request: LoadRequest,
    history: History,
    probe: Option<Arc<Probe>>,
    ring: KeyRing,
    ids: Ids,
}

type Probe = dyn Fn(WriteStep) -> io::Result<()> + Send + Sync;

/// Who makes a change, when and how.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The hash that the configuration had when its editor looked at it. A change of another state is refused. `None`: whatever is there.
    pub base_hash: Option<&'a str>,
    /// Who makes it, for the history.
    pub who: &'a str,
    /// Why, for the history.
    pub note: Option<&'a str>,
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: i64,
    /// Whether it is made or only checked.
    pub mode: Mode,
}

/// Whether a change is made or only checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is written, and nobody is waited for.
    DryRun,
    /// The file is replaced.
    Write,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The configuration says so already; nothing was written.
    Unchanged,
    /// It could be made.
    Checked,
    /// It was made, and is on stable storage.
    Written,
}

/// A change that was made, or could be.
#[derive(Debug)]
pub struct Changed {
    /// What became of it.
    pub outcome: Outcome,
    /// Its entry in the history, when it was made.
    pub id: Option<EntryId>,
    /// The hash of the configuration before.
    pub before_hash: String,
    /// The hash of the configuration with it.
    pub after_hash: String,
    /// What differs, as written, without secrets.
    pub differences: Vec<Difference>,
    /// What the operator should know about the configuration with it.
    pub notices: Vec<Notice>,
    /// When each part of it takes effect, against the configuration that was on disk.
    pub plan: Plan,
    /// The configuration with it. Holds secrets.
    pub loaded: Loaded,
}

/// The steps of a write, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteStep {
    /// The history's entry is written, as pending.
    KeepPending,
    /// The new text is written beside the file and brought to stable storage.
    Draft,
    /// The new file takes the place of the old one.
    Publish,
    /// The folder is brought to stable storage.
    SyncFolder,
    /// The history's entry is confirmed, and the oldest ones make room.
    Confirm,
}

impl WriteStep {
    /// All steps, in their order.
    pub const ALL: [Self; 5] = [Self::KeepPending, Self::Draft, Self::Publish, Self::SyncFolder, Self::Confirm];
}

impl fmt::Debug for ConfigFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigFile").field("history", &self.history).finish_non_exhaustive()
    }
}

/// What a change aims at.
enum Goal<'a> {
    Edits(&'a [Edit]),
    /// Edits that seal or open secrets, after which nothing is sealed by itself; and the texts that the history loses.
    Exactly(&'a [Edit], &'a [String]),
    /// An entry of the history, by the beginning of its id; `None` for the one before the newest.
    Entry(Option<&'a str>),
}

impl ConfigFile {
    /// The file that `request` means, with its history under `state_dir`.
    #[must_use]
    pub fn new(request: LoadRequest, state_dir: &Path) -> Self {
        Self {
            request,
            history: History::new(state_dir, HistoryLimits::default()),
            probe: None,
            ring: KeyRing::of(state_dir),
            ids: Ids::system(),
        }
    }

    /// The same, with `probe` called before each step of a write; what it refuses fails there. For tests of crashes and full disks.
    #[must_use]
    pub fn probed(mut self, probe: impl Fn(WriteStep) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.probe = Some(Arc::new(probe));
        self
    }

    /// The same, with another bound of the history.
    #[must_use]
    pub fn limited(mut self, state_dir: &Path, limits: HistoryLimits) -> Self {
        self.history = History::new(state_dir, limits);
        self
    }

    /// Reads, checks and completes the configuration, as [`crate::load`].
    ///
    /// # Errors
    /// As [`crate::load`].
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        load::load(&self.request)
    }

    /// The hash of what is on disk, whether or not it is valid.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read.
    pub fn hash(&self) -> Result<String, ConfigError> {
        Ok(self.current(&load::path_of(&self.request)?)?.hash())
    }

    /// Makes the edits. Keys may have any of their names; a key goes where the file has it, else to its canonical place.
    /// A [`crate::REDACTED`] keeps the value that is there.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub fn change(&self, edits: &[Edit], attempt: &Attempt<'_>) -> Result<Changed, ChangeError> {
        self.make(&Goal::Edits(edits), attempt)
    }

    /// Goes back to an entry of the history, named by the beginning of its id; without one, to what was before the newest. That is a
    /// change like any other, so it can be undone too.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub fn undo(&self, to: Option<&str>, attempt: &Attempt<'_>) -> Result<Changed, ChangeError> {
        self.make(&Goal::Entry(to), attempt)
    }

    fn make(&self, goal: &Goal<'_>, attempt: &Attempt<'_>) -> Result<Changed, ChangeError> {
        let path = load::path_of(&self.request)?;
        let _lock = match attempt.mode {
            Mode::Write => Some(lock(&path)?),
            Mode::DryRun => None,
        };
        let current = self.current(&path)?;
        let before_hash = current.hash();
        if attempt.base_hash.is_some_and(|base| base != before_hash) {
            return Err(ChangeError::Conflict { current: before_hash });
        }
        let rewritten = match goal {
            Goal::Edits(edits) | Goal::Exactly(edits, _) => edited(&path, &current, edits)?,
            Goal::Entry(id) => self.restored(&path, &current, *id)?,
        };
        let overlay: Vec<_> = rewritten.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
        let loaded = load::load_over(&self.request, &Overlay::from(overlay))?;
        let Some(rewritten) = rewritten else {
            return Ok(changed(Outcome::Unchanged, None, before_hash.clone(), &current, &self.request, loaded));
        };
        if let Some((expected, (path, files))) = rewritten.expected
            && loaded.parsed != expected
        {
            return Err(ChangeError::Spread { path, files });
        }
        if attempt.mode == Mode::DryRun {
            return Ok(changed(Outcome::Checked, None, before_hash, &current, &self.request, loaded));
        }
        let (text, loaded, gone) = match goal {
            Goal::Exactly(_, gone) => (rewritten.text, loaded, gone.to_vec()),
            _ => self.sealed(&rewritten.path, rewritten.text, loaded, attempt)?,
        };
        let cause = if matches!(goal, Goal::Entry(_)) { Cause::Undo } else { Cause::Edit };
        // Compared with the old one while that is still on disk.
        let mut changed = changed(Outcome::Written, None, before_hash, &current, &self.request, loaded);
        changed.id = Some(self.write(&rewritten.path, &text, &current, &changed, (cause, &gone), attempt)?);
        Ok(changed)
    }

    fn current(&self, path: &Path) -> Result<Current, ConfigError> {
        match load::read_sources(path, &Overlay::default()) {
            Ok(None) => Ok(Current::Absent),
            Ok(Some(sources)) => Ok(Current::Read(Box::new(sources))),
            Err(ConfigError::Syntax { .. }) => Ok(file::read(path, load::Modes::Private)?
                .map_or(Current::Absent, |contents| Current::Broken(contents.text))),
            Err(error) => Err(error),
        }
    }

    fn write(
        &self,
        path: &Path,
        text: &str,
        current: &Current,
        changed: &Changed,
        (cause, gone): (Cause, &[String]),
        attempt: &Attempt<'_>,
    ) -> Result<EntryId, ChangeError> {
        let failed = |source| ChangeError::Write { path: path.to_path_buf(), source };
        // A link stays; what it leads to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let folder = write::folder_of(&target);
        check_folder(&folder)?;
        let history = self.history.open(|| changed.before_hash.clone())?;
        let parent = self.keep_current(&history, current, attempt.now_ms)?;
        // Behind what was just kept, and before the file changes: a crash in between leaves them in the file alone, which still
        // holds them, and whoever seals next comes by here again.
        for secret in gone {
            history.scrub(&Secret::new(secret.as_str()))?;
        }
        let entry = Entry {
            id: history.next_id(parent.as_deref(), &changed.after_hash, attempt.now_ms)?,
            parent,
            hash: changed.after_hash.clone(),
            time_ms: attempt.now_ms,
            who: label(attempt.who),
            note: attempt.note.map(label).filter(|note| !note.is_empty()),
            cause,
            paths: changed.differences.iter().map(|difference| difference.path.clone()).collect(),
        };
        let snapshot = Snapshot {
            entry: entry.clone(),
            files: changed.loaded.sources.iter().map(KeptFile::of).collect(),
            document: changed.loaded.parsed.clone(),
        };
        self.reach(WriteStep::KeepPending).map_err(failed)?;
        history.keep_pending(&snapshot)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let draft = folder.join(format!(".openclaw.{name}.new"));
        let published = (|| {
            self.reach(WriteStep::Draft).map_err(failed)?;
            let replaced = fs::metadata(&target).ok();
            let mode = mode_of(&changed.loaded, replaced.as_ref());
            write::draft(&draft, text.as_bytes(), mode, replaced.as_ref()).map_err(failed)?;
            self.reach(WriteStep::Publish).map_err(failed)?;
            // An editor that knows nothing of locks may have saved meanwhile; what it wrote is not overwritten.
            let now = self.current(&load::path_of(&self.request)?)?.hash();
            if now != changed.before_hash {
                return Err(ChangeError::Conflict { current: now });
            }
            fs::rename(&draft, &target).map_err(failed)
        })();
        if let Err(error) = published {
            let _ = fs::remove_file(&draft);
            history.forget_pending()?;
            return Err(error);
        }
        // From here on the new text is in the file; should the machine fail before the folder is on stable storage, the old one is.
        self.reach(WriteStep::SyncFolder).and_then(|()| write::sync_folder(&folder)).map_err(failed)?;
        // The change is made. What fails now is settled by whoever opens the history next.
        let _ = self.reach(WriteStep::Confirm).map(|()| history.confirm(&entry));
        Ok(entry.id)
    }

    fn reach(&self, step: WriteStep) -> io::Result<()> {
        self.probe.as_ref().map_or(Ok(()), |probe| probe(step))
    }
}

fn changed(
    outcome: Outcome,
    id: Option<EntryId>,
    before_hash: String,
    current: &Current,
    request: &LoadRequest,
    loaded: Loaded,
) -> Changed {
    let plan = plan::against(load::load(request).ok().as_ref(), &loaded);
    Changed {
        outcome,
        id,
        before_hash,
        after_hash: loaded.hash.clone(),
        differences: differences(&current.document(), &loaded.parsed),
        notices: loaded.notices.clone(),
        plan,
        loaded,
    }
}

/// Waits until nobody else changes the file, and keeps others from it.
fn lock(path: &Path) -> Result<Lock, ChangeError> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = write::folder_of(&target);
    let failed = |source| ChangeError::Write { path: path.to_path_buf(), source };
    write::make_folder(&folder).map_err(failed)?;
    check_folder(&folder)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    write::lock(&folder.join(format!(".openclaw.{name}.lock"))).map_err(|failure| match failure {
        LockFailure::Held => ChangeError::Held { path: path.to_path_buf() },
        LockFailure::Io(source) => failed(source),
    })
}

/// Refuses a folder in which others can replace the file. Where the sticky bit is set they cannot.
fn check_folder(folder: &Path) -> Result<(), ChangeError> {
    let failed = |source| ChangeError::Write { path: folder.to_path_buf(), source };
    let mode = fs::metadata(folder).map_err(failed)?.mode() & 0o7777;
    if mode & 0o022 != 0 && mode & 0o1000 == 0 {
        return Err(ChangeError::Folder { path: folder.to_path_buf(), mode });
    }
    Ok(())
}

/// The mode of a new file: what the configuration asks for, and never more than the old file's.
fn mode_of(loaded: &Loaded, replaced: Option<&fs::Metadata>) -> u32 {
    let asked = loaded.config.security.storage.as_ref().and_then(|storage| storage.config_permissions);
    let asked = asked.map_or(0o600, |mode| mode.bits() & 0o600);
    replaced.map_or(asked, |replaced| replaced.mode() & asked)
}

fn label(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_LABEL).collect()
}
