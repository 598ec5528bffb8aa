//! Which file a change belongs to, and the text it gets.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::ChangeError;
use crate::{
    ConfigError, Edit, EditError, Format,
    aim::{self, Spread},
    document,
    edit::{self, Action, Op},
    include::{Source, Sources},
    load, redact, schema,
};

/// Most single places that one change may touch.
const MAX_OPS: usize = 10 * edit::MAX_EDITS;

/// What is on disk.
pub(super) enum Current {
    Absent,
    /// No configuration: it cannot be parsed.
    Broken(String),
    Read(Box<Sources>),
}

impl Current {
    pub(super) fn hash(&self) -> String {
        match self {
            Self::Absent => load::hash(&[]),
            Self::Broken(text) => load::hash(text.as_bytes()),
            Self::Read(sources) => load::hash_of(&sources.files),
        }
    }

    pub(super) fn files(&self) -> &[Source] {
        match self {
            Self::Read(sources) => &sources.files,
            _ => &[],
        }
    }

    pub(super) fn document(&self) -> Value {
        match self {
            Self::Read(sources) => sources.document.clone(),
            _ => Value::Object(Map::new()),
        }
    }
}

/// One file with another text.
pub(super) struct Rewritten {
    /// As it is read.
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// What all files say then, when that is known beforehand.
    pub(super) expected: Option<(Value, KeysOf)>,
}

/// For a refusal: a path of the change and the files.
pub(super) type KeysOf = (String, Vec<String>);

/// The file that edits ask to be changed, `None` when they change nothing.
pub(super) fn edited(path: &Path, current: &Current, edits: &[Edit]) -> Result<Option<Rewritten>, ChangeError> {
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
            let format = Format::of(path).ok_or_else(|| ConfigError::UnknownFormat { path: path.to_path_buf() })?;
            let error = document::parse(text, format).err().unwrap_or(ConfigError::NotUtf8);
            return Err(error.into());
        }
    };
    let ops = ops(&sources.document, edits)?;
    if ops.len() > MAX_OPS {
        return Err(EditError::TooMany.into());
    }
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
    let format = Format::of(path).ok_or_else(|| ConfigError::UnknownFormat { path: path.to_path_buf() })?;
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
pub(super) fn with_secrets(path: &Path, text: &str, stored: Option<&Value>) -> Result<String, ChangeError> {
    let format = Format::of(path).ok_or_else(|| ConfigError::UnknownFormat { path: path.to_path_buf() })?;
    let shown = document::parse(text, format)?;
    let mut restored = shown.clone();
    redact::restore(&mut restored, stored.unwrap_or(&Value::Null)).map_err(ChangeError::Invalid)?;
    Ok(edit::rewrite(text, format, &shown, &restored)?)
}
