//! Changing the configuration's file: one change at a time, checked as a whole, kept in the history, written whole or not at all.

use std::{
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use openclaw_core::Secret;
use serde_json::{Map, Value};

use crate::{
    ConfigError, Difference, Edit, EditError, Entry, EntryId, HistoryLimits, Issue, LoadRequest, Loaded, Notice, Plan,
    Shown,
    aim::{self, Spread},
    difference::{differences, places},
    document,
    edit::{self, Action, Op},
    file,
    history::{Cause, History, HistoryError, KeptFile, Open, Snapshot},
    include::{Source, Sources},
    load::{self, Overlay},
    plan, redact, schema,
    write::{self, Lock, LockFailure},
};

/// Longest name and note that a change may carry, in characters; the rest is cut.
const MAX_LABEL: usize = 256;

/// The configuration's file with its history.
#[derive(Clone)]
pub struct ConfigFile {
    request: LoadRequest,
    history: History,
    probe: Option<Arc<Probe>>,
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

/// Why a change was not made. Unless it says otherwise, the file is as it was. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The file cannot be read, or the configuration would not be valid: then it comes as [`ConfigError::Invalid`] with all issues.
    #[error("{0}")]
    Config(ConfigError),
    /// The edit cannot be made.
    #[error("{0}")]
    Edit(EditError),
    /// Placeholders of hidden secrets that have no value to keep, or paths that name nothing.
    #[error("the change is not valid{}", listed(.0))]
    Invalid(Vec<Issue>),
    /// The configuration has changed since its editor looked at it.
    #[error("config changed since last load; re-run config.get and retry")]
    Conflict {
        /// The hash it has now.
        current: String,
    },
    /// The change belongs to more than one file.
    #[error("{path}: is written in {}; change it there, one file at a time", files.join(" and "))]
    Spread {
        /// The path.
        path: String,
        /// The files, by their place in the configuration's folder.
        files: Vec<String>,
    },
    /// Others could replace the file.
    #[error("the folder {} is writable by others (mode {mode:03o}), who could replace the configuration; run: chmod go-w {}", path.display(), path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another process has been changing the configuration for ten seconds.
    #[error("config {}: another process has been changing it for ten seconds; try again", path.display())]
    Held {
        /// The file.
        path: PathBuf,
    },
    /// The new file cannot be written.
    #[error("config {} cannot be written: {source}{}", path.display(), remedy(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The history cannot be used.
    #[error("{0}")]
    History(#[from] HistoryError),
}

impl From<EditError> for ChangeError {
    fn from(error: EditError) -> Self {
        Self::Edit(error)
    }
}

impl From<ConfigError> for ChangeError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl ChangeError {
    /// The issues, when that is what is wrong.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        match self {
            Self::Config(error) => error.issues(),
            Self::Invalid(issues) => issues,
            _ => &[],
        }
    }
}

fn listed(issues: &[Issue]) -> String {
    issues.iter().map(|issue| format!("\n  - {issue}")).collect()
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room and try again, nothing was changed",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; the file and its folder must be writable for the user that runs this"
        }
        _ => "",
    }
}

impl fmt::Debug for ConfigFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigFile").field("history", &self.history).finish_non_exhaustive()
    }
}

/// What a change aims at.
enum Goal<'a> {
    Edits(&'a [Edit]),
    /// An entry of the history, by the beginning of its id; `None` for the one before the newest.
    Entry(Option<&'a str>),
}

/// What is on disk.
enum Current {
    Absent,
    /// No configuration: it cannot be parsed.
    Broken(String),
    Read(Box<Sources>),
}

impl Current {
    fn hash(&self) -> String {
        match self {
            Self::Absent => load::hash(&[]),
            Self::Broken(text) => load::hash(text.as_bytes()),
            Self::Read(sources) => load::hash_of(&sources.files),
        }
    }

    fn files(&self) -> &[Source] {
        match self {
            Self::Read(sources) => &sources.files,
            _ => &[],
        }
    }

    fn document(&self) -> Value {
        match self {
            Self::Read(sources) => sources.document.clone(),
            _ => Value::Object(Map::new()),
        }
    }
}

/// One file with another text.
struct Rewritten {
    /// As it is read.
    path: PathBuf,
    text: String,
    /// What all files say then, when that is known beforehand.
    expected: Option<(Value, KeysOf)>,
}

/// For a refusal: a path of the change and the files.
type KeysOf = (String, Vec<String>);

impl ConfigFile {
    /// The file that `request` means, with its history under `state_dir`.
    #[must_use]
    pub fn new(request: LoadRequest, state_dir: &Path) -> Self {
        Self { request, history: History::new(state_dir, HistoryLimits::default()), probe: None }
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
            Goal::Edits(edits) => edited(&path, &current, edits)?,
            Goal::Entry(id) => self.restored(&path, &current, *id)?,
        };
        let overlay = rewritten.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
        let loaded = load::load_over(&self.request, &Overlay(overlay))?;
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
        let cause = if matches!(goal, Goal::Entry(_)) { Cause::Undo } else { Cause::Edit };
        // Compared with the old one while that is still on disk.
        let mut changed = changed(Outcome::Written, None, before_hash, &current, &self.request, loaded);
        changed.id = Some(self.write(&rewritten.path, &rewritten.text, &current, &changed, cause, attempt)?);
        Ok(changed)
    }

    fn current(&self, path: &Path) -> Result<Current, ConfigError> {
        match load::read_sources(path, &Overlay::default()) {
            Ok(None) => Ok(Current::Absent),
            Ok(Some(sources)) => Ok(Current::Read(Box::new(sources))),
            Err(ConfigError::Syntax { .. }) => {
                Ok(file::read(path)?.map_or(Current::Absent, |contents| Current::Broken(contents.text)))
            }
            Err(error) => Err(error),
        }
    }

    fn write(
        &self,
        path: &Path,
        text: &str,
        current: &Current,
        changed: &Changed,
        cause: Cause,
        attempt: &Attempt<'_>,
    ) -> Result<EntryId, ChangeError> {
        let failed = |source| ChangeError::Write { path: path.to_path_buf(), source };
        // A link stays; what it leads to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let folder = write::folder_of(&target);
        check_folder(&folder)?;
        let history = self.history.open(|| changed.before_hash.clone())?;
        let parent = self.keep_current(&history, current, attempt.now_ms)?;
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
            self.reach(WriteStep::Draft)?;
            write::draft(&draft, text.as_bytes(), fs::metadata(&target).ok().as_ref())?;
            self.reach(WriteStep::Publish)?;
            fs::rename(&draft, &target)
        })();
        if let Err(error) = published {
            let _ = fs::remove_file(&draft);
            history.forget_pending()?;
            return Err(failed(error));
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

    /// Keeps what is on disk, unless it is what was kept last. Gives its hash, if there is anything.
    fn keep_current(&self, history: &Open<'_>, current: &Current, now_ms: i64) -> Result<Option<String>, HistoryError> {
        let newest = history.newest()?;
        let hash = current.hash();
        let files = match current {
            Current::Absent => return Ok(newest.map(|newest| newest.entry.hash)),
            Current::Broken(text) => {
                let path = load::path_of(&self.request).unwrap_or_default();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                vec![KeptFile { name, text: text.clone() }]
            }
            Current::Read(sources) => sources.files.iter().map(KeptFile::of).collect(),
        };
        keep_found(history, newest, &hash, files, &current.document(), now_ms)?;
        Ok(Some(hash))
    }

    /// Keeps a configuration that a gateway has loaded and runs with: as an entry, unless the newest one is the same, and as the
    /// last known good one. Call it after each start and each reload.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn record(&self, loaded: &Loaded, now_ms: i64) -> Result<Option<EntryId>, HistoryError> {
        if !loaded.exists {
            return Ok(None);
        }
        let history = self.open_history()?;
        let files: Vec<KeptFile> = loaded.sources.iter().map(KeptFile::of).collect();
        let newest = history.newest()?;
        let kept = keep_found(&history, newest, &loaded.hash, files, &loaded.parsed, now_ms)?;
        if history.good().is_none_or(|good| good.entry.hash != loaded.hash)
            && let Some(snapshot) = history.with_hash(&loaded.hash)?
        {
            history.set_good(&snapshot)?;
        }
        Ok(kept)
    }

    fn open_history(&self) -> Result<Open<'_>, HistoryError> {
        self.history.open(|| self.hash().unwrap_or_default())
    }

    /// The newest `limit` entries, newest first.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn history(&self, limit: usize) -> Result<Vec<Entry>, HistoryError> {
        self.open_history()?.entries(limit)
    }

    /// One entry, named by the beginning of its id, with what it keeps, without secrets.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn show(&self, id: &str) -> Result<Shown, HistoryError> {
        Ok(self.open_history()?.find(id)?.into())
    }

    /// What differs between two entries, or between an entry and what is on disk.
    ///
    /// # Errors
    /// [`ChangeError::History`], and [`ChangeError::Config`] when what is on disk cannot be parsed.
    pub fn diff(&self, before: &str, after: Option<&str>) -> Result<Vec<Difference>, ChangeError> {
        let history = self.open_history()?;
        let before = history.find(before)?.document;
        let after = match after {
            Some(id) => history.find(id)?.document,
            None => {
                let path = load::path_of(&self.request)?;
                let sources = load::read_sources(&path, &Overlay::default())?;
                sources.map_or_else(|| Value::Object(Map::new()), |sources| sources.document)
            }
        };
        Ok(differences(&before, &after))
    }

    /// The last configuration that a gateway ran with, for when the one on disk cannot be used. `None` when none was recorded.
    ///
    /// # Errors
    /// [`ConfigError`] when it does not hold any more, for example because an environment variable is gone.
    pub fn last_known_good(&self) -> Result<Option<Loaded>, ConfigError> {
        let Some(good) = self.open_history().ok().and_then(|history| history.good()) else { return Ok(None) };
        let path = load::path_of(&self.request)?;
        let folder = real_folder(&path);
        let texts = good.files.into_iter().enumerate().map(|(number, kept)| {
            let place = if number == 0 { path.clone() } else { folder.join(&kept.name) };
            (place, kept.text)
        });
        load::load_over(&self.request, &Overlay(texts.collect())).map(Some)
    }

    /// Takes a secret out of everything the history keeps, so that it is nowhere but where it is used. Going back to such an entry
    /// keeps the secret that is there then. Gives the number of entries that held it.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn scrub(&self, secret: &Secret) -> Result<usize, HistoryError> {
        self.open_history()?.scrub(secret)
    }

    /// The file that an entry of the history asks to be changed.
    fn restored(&self, path: &Path, current: &Current, id: Option<&str>) -> Result<Option<Rewritten>, ChangeError> {
        let history = self.history.open(|| current.hash())?;
        let wanted = match id {
            Some(id) => history.find(id)?,
            None => {
                let newest = history.newest()?.ok_or(HistoryError::NothingBefore)?;
                let before = if newest.entry.hash == current.hash() {
                    newest.entry.parent.clone()
                } else {
                    Some(newest.entry.hash)
                };
                let hash = before.ok_or(HistoryError::NothingBefore)?;
                history.with_hash(&hash)?.ok_or(HistoryError::NothingBefore)?
            }
        };
        drop(history);
        let folder = real_folder(path);
        let on_disk =
            |name: &str| current.files().iter().find(|source| source.name == name).map(|source| source.text.as_str());
        let mut other =
            wanted.files.iter().enumerate().filter(|(_, kept)| on_disk(&kept.name) != Some(kept.text.as_str()));
        let Some((number, kept)) = other.next() else { return Ok(None) };
        if let Some((_, second)) = other.next() {
            let files = vec![kept.name.clone(), second.name.clone()];
            return Err(ChangeError::Spread { path: format!("entry {}", wanted.entry.id), files });
        }
        let place = if number == 0 { path.to_path_buf() } else { folder.join(&kept.name) };
        let stored = current.files().iter().find(|source| source.name == kept.name).map(|source| &source.value);
        let text = with_secrets(&place, &kept.text, stored)?;
        Ok(Some(Rewritten { path: place, text, expected: None }))
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

fn keep_found(
    history: &Open<'_>,
    newest: Option<Snapshot>,
    hash: &str,
    files: Vec<KeptFile>,
    document: &Value,
    now_ms: i64,
) -> Result<Option<EntryId>, HistoryError> {
    if newest.as_ref().is_some_and(|newest| newest.entry.hash == hash) {
        return Ok(None);
    }
    let before = newest.as_ref().map_or_else(|| Value::Object(Map::new()), |newest| newest.document.clone());
    let parent = newest.map(|newest| newest.entry.hash);
    let id = history.next_id(parent.as_deref(), hash, now_ms)?;
    let entry = Entry {
        id: id.clone(),
        parent,
        hash: hash.to_owned(),
        time_ms: now_ms,
        who: "file".to_owned(),
        note: None,
        cause: Cause::Found,
        paths: places(&before, document).iter().map(ToString::to_string).collect(),
    };
    history.keep(&Snapshot { entry, files, document: document.clone() })?;
    Ok(Some(id))
}

/// The file that edits ask to be changed, `None` when they change nothing.
fn edited(path: &Path, current: &Current, edits: &[Edit]) -> Result<Option<Rewritten>, ChangeError> {
    if edits.len() > edit::MAX_EDITS {
        return Err(EditError::TooMany.into());
    }
    if let [Edit::Replace { text }] = edits {
        let stored = current.files().first();
        let text = with_secrets(path, text, stored.map(|main| &main.value))?;
        let same = stored.is_some_and(|main| main.text == text);
        return Ok((!same).then(|| Rewritten { path: path.to_path_buf(), text, expected: None }));
    }
    let sources = match current {
        Current::Read(sources) => sources.as_ref().clone(),
        Current::Absent => empty(path)?,
        // Says where it is wrong, which is all that can be said about an edit of it.
        Current::Broken(text) => {
            let format =
                crate::Format::of(path).ok_or_else(|| ConfigError::UnknownFormat { path: path.to_path_buf() })?;
            let error = document::parse(text, format).err().unwrap_or(ConfigError::NotUtf8);
            return Err(error.into());
        }
    };
    let ops = ops(&sources.document, edits)?;
    let mut expected = sources.document.clone();
    let mut aimed: Option<(usize, Value)> = None;
    for op in &ops {
        edit::apply(&mut expected, op)?;
        let (number, op) =
            aim::located(op, &sources).map_err(|Spread { path, files }| ChangeError::Spread { path, files })?;
        let (file, after) = aimed.get_or_insert_with(|| (number, sources.files[number].value.clone()));
        if *file != number {
            let files = [*file, number].map(|number| sources.files[number].name.clone()).to_vec();
            return Err(ChangeError::Spread { path: op.path.to_string(), files });
        }
        edit::apply(after, &op)?;
    }
    let Some((number, mut after)) = aimed else { return Ok(None) };
    let file = &sources.files[number];
    redact::restore(&mut after, &file.value).map_err(ChangeError::Invalid)?;
    redact::restore(&mut expected, &sources.document).map_err(ChangeError::Invalid)?;
    let text = edit::rewrite(&file.text, file.format, &file.value, &after)?;
    if text == file.text {
        return Ok(None);
    }
    let first = ops.first().map(|op| op.path.to_string()).unwrap_or_default();
    let names = sources.files.iter().map(|file| file.name.clone()).collect();
    Ok(Some(Rewritten { path: file.path.clone(), text, expected: Some((expected, (first, names))) }))
}

/// The edits as changes of single places, under the names that the document uses.
fn ops(document: &Value, edits: &[Edit]) -> Result<Vec<Op>, ChangeError> {
    let mut ops = Vec::new();
    for edit in edits {
        match edit {
            Edit::Set { path, value } => ops.push(Op::new(path.clone(), Action::Put(value.clone()))),
            Edit::Unset { path } => {
                let op = Op::new(path.clone(), Action::Remove);
                if aim::spelled(&op, document).iter().all(|op| op.path.get(document).is_none())
                    && let Some(issue) = schema::unknown(path)
                {
                    return Err(ChangeError::Invalid(vec![issue]));
                }
                ops.push(op);
            }
            Edit::Merge { path, patch } => ops.extend(edit::leaves(path.as_ref(), patch)),
            Edit::Replace { .. } => return Err(EditError::NotAlone.into()),
        }
    }
    Ok(ops.iter().flat_map(|op| aim::spelled(op, document)).collect())
}

/// A configuration that is not there yet.
fn empty(path: &Path) -> Result<Sources, ConfigError> {
    let format = crate::Format::of(path).ok_or_else(|| ConfigError::UnknownFormat { path: path.to_path_buf() })?;
    let value = Value::Object(Map::new());
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let main = Source {
        path: path.to_path_buf(),
        name,
        text: String::new(),
        format,
        mode: None,
        value: value.clone(),
        included: None,
    };
    Ok(Sources { files: vec![main], document: value, issues: Vec::new() })
}

/// A text that replaces a whole file, with the stored secrets in the place of their markers.
fn with_secrets(path: &Path, text: &str, stored: Option<&Value>) -> Result<String, ChangeError> {
    let format = crate::Format::of(path).ok_or_else(|| ConfigError::UnknownFormat { path: path.to_path_buf() })?;
    let shown = document::parse(text, format)?;
    let mut restored = shown.clone();
    redact::restore(&mut restored, stored.unwrap_or(&Value::Null)).map_err(ChangeError::Invalid)?;
    Ok(edit::rewrite(text, format, &shown, &restored)?)
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

fn real_folder(path: &Path) -> PathBuf {
    let folder = write::folder_of(path);
    fs::canonicalize(&folder).unwrap_or(folder)
}

fn label(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_LABEL).collect()
}
