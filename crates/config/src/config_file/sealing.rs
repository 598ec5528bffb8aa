//! Sealing the secrets of a configuration where they stand, and opening them again.

use std::{collections::BTreeMap, path::Path};

use openclaw_core::Secret;
use openclaw_seal::{Cipher, DataKeys, Means, Protection, Sealer, Use};
use serde_json::Value;

use super::{Attempt, ChangeError, ConfigFile, Goal, Mode, edits::Current};
use crate::{
    Edit, EditError, Issue, KeyPath, Loaded, Step,
    aim::{self, Spread},
    edit::{Action, Op, apply, rewrite},
    load::{self, Overlay},
    schema,
    sealed::{self, Found, Kinds},
};

/// What was sealed or opened, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealing {
    /// The paths, as written.
    pub changed: Vec<String>,
    /// The key that new values are sealed with, when one was needed.
    pub kid: Option<String>,
}

impl ConfigFile {
    /// Seals every secret that stands in the open, or those at `only`, and takes it out of the history. Files are changed one after
    /// the other; whatever happens each is whole.
    ///
    /// # Errors
    /// [`ChangeError`]; [`ChangeError::Invalid`] for a path in `only` that is no secret.
    pub fn seal(
        &self,
        only: &[KeyPath],
        protection: &Protection,
        attempt: &Attempt<'_>,
    ) -> Result<Sealing, ChangeError> {
        let loaded = load::load(&self.request)?;
        let open = chosen(&loaded.parsed, only, sealed::in_the_open(&loaded.parsed, Kinds::ALL))?;
        self.seal_these(&loaded, &open, protection, attempt)
    }

    /// Seals what the configuration wants sealed, when it does: for whoever has just loaded it. The history keeps none of it either.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub fn seal_wanted(&self, loaded: &Loaded, attempt: &Attempt<'_>) -> Result<Sealing, ChangeError> {
        let Some(kinds) = Kinds::wanted(&loaded.config) else { return Ok(Sealing::default()) };
        self.seal_these(loaded, &sealed::in_the_open(&loaded.parsed, kinds), &Protection::Usual, attempt)
    }

    fn seal_these(
        &self,
        loaded: &Loaded,
        open: &[Found],
        protection: &Protection,
        attempt: &Attempt<'_>,
    ) -> Result<Sealing, ChangeError> {
        let changed = open.iter().map(|found| found.path.to_string()).collect();
        if open.is_empty() || attempt.mode == Mode::DryRun {
            return Ok(Sealing { changed, kid: None });
        }
        let sealer = self.sealer(loaded, protection, attempt.now_ms)?;
        let edits = open.iter().map(|found| Edit::Set {
            path: found.path.clone(),
            value: Value::from(sealer.seal(&found.place, &found.text)),
        });
        let gone: Vec<String> = open.iter().map(|found| found.text.clone()).collect();
        self.exactly(edits.collect(), &gone, attempt)?;
        Ok(Sealing { changed, kid: Some(sealer.kid().to_owned()) })
    }

    /// Writes every sealed secret, or those at `only`, in the open again.
    ///
    /// # Errors
    /// [`ChangeError`]; [`ChangeError::StaysSealed`] when the configuration wants them sealed.
    pub fn unseal(&self, only: &[KeyPath], attempt: &Attempt<'_>) -> Result<Sealing, ChangeError> {
        let loaded = load::load(&self.request)?;
        if Kinds::wanted(&loaded.config).is_some() {
            return Err(ChangeError::StaysSealed);
        }
        let closed = chosen(&loaded.parsed, only, sealed::sealed(&loaded.parsed))?;
        let changed = closed.iter().map(|found| found.path.to_string()).collect();
        if closed.is_empty() || attempt.mode == Mode::DryRun {
            return Ok(Sealing { changed, kid: None });
        }
        let sealer = self.sealer(&loaded, &Protection::Usual, attempt.now_ms)?;
        let edits =
            closed.iter().map(|found| Ok(Edit::Set { path: found.path.clone(), value: opened(&sealer, found)? }));
        self.exactly(edits.collect::<Result<_, ChangeError>>()?, &[], attempt)?;
        Ok(Sealing { changed, kid: Some(sealer.kid().to_owned()) })
    }

    /// The text of the configuration's own file with everything in the open, for its owner's eyes. Nothing is written.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub fn in_the_open(&self) -> Result<Secret, ChangeError> {
        let loaded = load::load(&self.request)?;
        let path = load::path_of(&self.request)?;
        let Current::Read(sources) = self.current(&path)? else { return Ok(Secret::new("")) };
        let closed = sealed::sealed(&loaded.parsed);
        let main = &sources.files[0];
        if closed.is_empty() {
            return Ok(Secret::new(main.text.as_str()));
        }
        let sealer = self.sealer(&loaded, &Protection::Usual, 0)?;
        let mut after = main.value.clone();
        for found in &closed {
            let op = Op::new(found.path.clone(), Action::Put(opened(&sealer, found)?));
            let (number, op) =
                aim::located(&op, &sources).map_err(|Spread { path, files }| ChangeError::Spread { path, files })?;
            if number == 0 {
                apply(&mut after, &op)?;
            }
        }
        Ok(Secret::new(rewrite(&main.text, main.format, &main.value, &after)?))
    }

    /// Seals in a text that is about to be written what the configuration wants sealed, and tells what the history is to lose.
    pub(super) fn sealed(
        &self,
        path: &Path,
        text: String,
        loaded: Loaded,
        attempt: &Attempt<'_>,
    ) -> Result<(String, Loaded, Vec<String>), ChangeError> {
        let Some(kinds) = Kinds::wanted(&loaded.config) else { return Ok((text, loaded, Vec::new())) };
        let open = sealed::in_the_open(&loaded.parsed, kinds);
        if open.is_empty() {
            return Ok((text, loaded, Vec::new()));
        }
        let overlay = Overlay::from(vec![(path.to_path_buf(), text.clone())]);
        let Some(sources) = load::read_sources(&load::path_of(&self.request)?, &overlay)? else {
            return Ok((text, loaded, Vec::new()));
        };
        let Some((number, file)) = sources.files.iter().enumerate().find(|(_, source)| source.path == path) else {
            return Ok((text, loaded, Vec::new()));
        };
        let sealer = self.sealer(&loaded, &Protection::Usual, attempt.now_ms)?;
        let mut after = file.value.clone();
        let mut gone = Vec::new();
        for found in open {
            let op = Op::new(found.path.clone(), Action::Put(Value::from(sealer.seal(&found.place, &found.text))));
            // What belongs to several files at once, or to another one, waits for a start or for `config encrypt`.
            if let Ok((at, op)) = aim::located(&op, &sources)
                && at == number
            {
                apply(&mut after, &op)?;
                gone.push(found.text);
            }
        }
        let text = rewrite(&file.text, file.format, &file.value, &after)?;
        let loaded = load::load_over(&self.request, &Overlay::from(vec![(path.to_path_buf(), text.clone())]))?;
        Ok((text, loaded, gone))
    }

    fn sealer(&self, loaded: &Loaded, protection: &Protection, now_ms: i64) -> Result<Sealer, ChangeError> {
        let means = Means::of(&self.request.environment);
        let derivation = loaded.config.key_derivation();
        let keys: DataKeys = self.ring.ensure(&means, protection, derivation, &self.ids, now_ms)?;
        Ok(Sealer::new(&keys, &self.ids, Use::Config, Cipher::Gcm))
    }

    /// Opens what is sealed, when there are keys and they open.
    pub(super) fn opener(&self) -> Option<Sealer> {
        let keys = self.ring.open(&Means::of(&self.request.environment)).ok().flatten()?;
        Some(Sealer::new(&keys, &self.ids, Use::Config, Cipher::Gcm))
    }

    /// Makes edits that belong to any number of files, one file after the other.
    fn exactly(&self, edits: Vec<Edit>, gone: &[String], attempt: &Attempt<'_>) -> Result<(), ChangeError> {
        let path = load::path_of(&self.request)?;
        let Current::Read(sources) = self.current(&path)? else { return Ok(()) };
        let mut by_file: BTreeMap<usize, Vec<Edit>> = BTreeMap::new();
        for edit in edits {
            let Edit::Set { path, value } = edit else { return Err(EditError::NotAlone.into()) };
            let op = Op::new(path.clone(), Action::Put(value.clone()));
            let (number, _) =
                aim::located(&op, &sources).map_err(|Spread { path, files }| ChangeError::Spread { path, files })?;
            by_file.entry(number).or_default().push(Edit::Set { path, value });
        }
        let mut base = attempt.base_hash.map(str::to_owned);
        for edits in by_file.into_values() {
            let made = self.make(&Goal::Exactly(&edits, gone), &Attempt { base_hash: base.as_deref(), ..*attempt })?;
            base = base.map(|_| made.after_hash);
        }
        Ok(())
    }
}

fn opened(sealer: &Sealer, found: &Found) -> Result<Value, ChangeError> {
    let plain = sealer
        .open(&found.place, &found.text)
        .map_err(|error| ChangeError::Invalid(vec![Issue::new(found.path.to_string(), error.to_string())]))?;
    Ok(Value::from(plain.as_str()))
}

/// Those of the secrets that are at a path in `only` or below it, however it spells it.
fn chosen(document: &Value, only: &[KeyPath], found: Vec<Found>) -> Result<Vec<Found>, ChangeError> {
    if only.is_empty() {
        return Ok(found);
    }
    let canonical = |path: &KeyPath| aim::canonical(&plain(path, document).to_string());
    let wanted: Vec<(String, &KeyPath)> = only.iter().map(|path| (canonical(path), path)).collect();
    let below = |path: &KeyPath, wanted: &str| crate::mapping::under(&canonical(path), wanted).is_some();
    let all: Vec<KeyPath> = crate::redact::secret_texts(document).into_iter().map(|(path, _)| path).collect();
    let mut issues = Vec::new();
    for (name, path) in &wanted {
        if all.iter().any(|secret| below(secret, name)) {
            continue;
        }
        issues.push(schema::unknown(path).unwrap_or_else(|| {
            Issue::new(
                path.to_string(),
                "holds no secret; sealed is what shown configurations hide, unless it is a ${NAME}",
            )
        }));
    }
    if !issues.is_empty() {
        return Err(ChangeError::Invalid(issues));
    }
    Ok(found.into_iter().filter(|found| wanted.iter().any(|(name, _)| below(&found.path, name))).collect())
}

/// The path with numbers of items as such.
fn plain(path: &KeyPath, document: &Value) -> KeyPath {
    let mut at = Some(document);
    let steps = path.steps().iter().map(|step| {
        let step = match (at, step) {
            (Some(Value::Array(_)), Step::Key(digits)) => digits.parse().map_or_else(|_| step.clone(), Step::Index),
            _ => step.clone(),
        };
        at = at.and_then(|value| KeyPath::from_steps(vec![step.clone()]).get(value));
        step
    });
    KeyPath::from_steps(steps.collect())
}
