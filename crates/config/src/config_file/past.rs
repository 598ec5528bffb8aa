//! Looking at what the configuration was, and keeping what it is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use openclaw_core::Secret;
use serde_json::{Map, Value};

use super::{
    ChangeError, ConfigFile,
    edits::{Current, Rewritten, with_secrets},
};
use crate::{
    ConfigError, Difference, Entry, EntryId, Loaded, Shown,
    difference::{differences, places},
    history::{Cause, HistoryError, KeptFile, Open, Snapshot},
    load::{self, Overlay},
    sealed, write,
};

impl ConfigFile {
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

    pub(super) fn open_history(&self) -> Result<Open<'_>, HistoryError> {
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
        load::load_over(&self.request, &Overlay::from(texts.collect::<Vec<_>>())).map(Some)
    }

    /// Takes a secret out of everything the history keeps, so that it is nowhere but where it is used. Going back to such an entry
    /// keeps the secret that is there then. Gives the number of entries that held it.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn scrub(&self, secret: &Secret) -> Result<usize, HistoryError> {
        let history = self.open_history()?;
        let mut held = history.scrub(secret)?;
        // Where it is kept sealed, going back would bring it back as well.
        let mut opener = None;
        for found in history.documents()?.iter().flat_map(sealed::sealed) {
            let opener = opener.get_or_insert_with(|| self.opener());
            let opened = opener.as_ref().and_then(|opener| opener.open(&found.place, &found.text).ok());
            if opened.is_some_and(|opened| secret.matches(&opened)) {
                held += history.scrub(&Secret::new(found.text))?;
            }
        }
        Ok(held)
    }

    /// The file that an entry of the history asks to be changed.
    pub(super) fn restored(
        &self,
        path: &Path,
        current: &Current,
        id: Option<&str>,
    ) -> Result<Option<Rewritten>, ChangeError> {
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

    /// Keeps what is on disk, unless it is what was kept last. Gives its hash, if there is anything.
    pub(super) fn keep_current(
        &self,
        history: &Open<'_>,
        current: &Current,
        now_ms: i64,
    ) -> Result<Option<String>, HistoryError> {
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

/// The folder that the names of kept files are in.
fn real_folder(path: &Path) -> PathBuf {
    write::folder_of(&fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()))
}
