//! `$include`: parts of a configuration in other files of its folder.
//!
//! As in the reference: an object with `$include` becomes the content of the named file, or of a list of files merged in
//! order, and its other keys are merged over that. Objects are merged key by key, lists are joined, anything else is
//! replaced. A path is relative to the file that names it, and may not leave the folder of the configuration, not by a link either.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::{ConfigError, Format, Issue, Step, document, file::Contents, value, write};

/// The key that includes.
pub(crate) const KEY: &str = "$include";
/// How deep files may include files.
const MAX_DEPTH: usize = 10;
/// Most files of one configuration; one that is included twice counts twice.
const MAX_FILES: usize = 64;
/// Most bytes of them all.
const MAX_TOTAL: usize = 4 * crate::MAX_BYTES;

/// One file of a configuration.
#[derive(Clone)]
pub(crate) struct Source {
    /// The file; for included ones, after following links.
    pub(crate) path: PathBuf,
    /// Its place in the configuration's folder.
    pub(crate) name: String,
    /// Its text. Holds secrets.
    pub(crate) text: String,
    pub(crate) format: Format,
    pub(crate) mode: Option<u32>,
    /// What it says, with its own `$include` keys. Holds secrets.
    pub(crate) value: Value,
    /// The number of the file that includes it, and where in that file's value. `None` for the first, which nothing includes.
    pub(crate) included: Option<(usize, Vec<Step>)>,
}

/// How files are read; `None` when there is none.
pub(crate) type Read<'a> = dyn Fn(&Path) -> Result<Option<Contents>, ConfigError> + 'a;

/// All files of a configuration, and what they say together.
#[derive(Clone)]
pub(crate) struct Sources {
    /// The main file first.
    pub(crate) files: Vec<Source>,
    /// What they say together, without `$include`. Holds secrets.
    pub(crate) document: Value,
    /// What is wrong with the inclusions.
    pub(crate) issues: Vec<Issue>,
}

impl Sources {
    /// Reads what `main` includes.
    pub(crate) fn collect(main: Source, read: &Read<'_>) -> Self {
        // Where the main file is a link, the folder is that of what it leads to.
        let real = std::fs::canonicalize(&main.path).unwrap_or_else(|_| main.path.clone());
        let root = write::folder_of(&real);
        let (value, total) = (main.value.clone(), main.text.len());
        let chain = vec![real];
        let mut collector = Collector { root, read, files: vec![main], total, issues: Vec::new() };
        let mut at = Place { file: 0, steps: Vec::new(), path: String::new(), chain };
        let document = collector.resolve(value, &mut at);
        if value::depth(&document) > crate::MAX_DEPTH {
            let problem = format!("the files together nest deeper than {} levels", crate::MAX_DEPTH);
            collector.issues.push(Issue::new(KEY, problem));
        }
        Self { files: collector.files, document, issues: collector.issues }
    }
}

struct Collector<'a> {
    root: PathBuf,
    read: &'a Read<'a>,
    files: Vec<Source>,
    total: usize,
    issues: Vec<Issue>,
}

/// Where the collector is.
struct Place {
    file: usize,
    /// Within the file.
    steps: Vec<Step>,
    /// Within the whole.
    path: String,
    /// The files that led here.
    chain: Vec<PathBuf>,
}

impl Collector<'_> {
    fn resolve(&mut self, value: Value, at: &mut Place) -> Value {
        match value {
            Value::Array(items) => {
                Value::Array(items.into_iter().enumerate().map(|(index, item)| self.item(item, index, at)).collect())
            }
            Value::Object(mut object) => {
                let Some(names) = object.remove(KEY) else { return Value::Object(self.entries(object, at)) };
                let included = self.include(names, at);
                let siblings = self.entries(object, at);
                if siblings.is_empty() { included } else { merged(included, Value::Object(siblings)) }
            }
            leaf => leaf,
        }
    }

    fn entries(&mut self, object: Map<String, Value>, at: &mut Place) -> Map<String, Value> {
        let mut entries = Map::new();
        for (key, inner) in object {
            let outer = std::mem::take(&mut at.path);
            at.path = value::join(&outer, &key);
            at.steps.push(Step::Key(key.clone()));
            entries.insert(key, self.resolve(inner, at));
            at.steps.pop();
            at.path = outer;
        }
        entries
    }

    fn item(&mut self, item: Value, index: usize, at: &mut Place) -> Value {
        let outer = std::mem::take(&mut at.path);
        at.path = value::item(&outer, index);
        at.steps.push(Step::Index(index));
        let item = self.resolve(item, at);
        at.steps.pop();
        at.path = outer;
        item
    }

    fn include(&mut self, names: Value, at: &Place) -> Value {
        let names = match names {
            Value::String(name) => vec![name],
            Value::Array(items) if items.iter().all(Value::is_string) => {
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => {
                self.refuse(at, "expected the path of a file, or a list of paths");
                return Value::Object(Map::new());
            }
        };
        names.iter().fold(Value::Object(Map::new()), |together, name| match self.file(name, at) {
            Ok(content) => merged(together, content),
            Err(problem) => {
                self.refuse(at, problem);
                together
            }
        })
    }

    fn refuse(&mut self, at: &Place, problem: impl Into<String>) {
        self.issues.push(Issue::new(value::join(&at.path, KEY), problem));
    }

    /// The content of an included file, with what it includes.
    fn file(&mut self, name: &str, at: &Place) -> Result<Value, String> {
        let shown = shown(name);
        let wanted = write::folder_of(&at.chain[at.chain.len() - 1]).join(name);
        // Links are followed before the folder is compared, so that none leads out of it.
        let path = std::fs::canonicalize(&wanted).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("`{shown}` does not exist"),
            kind => format!("`{shown}` cannot be read: {kind}"),
        })?;
        let Ok(inside) = path.strip_prefix(&self.root) else {
            return Err(format!("`{shown}` is outside the folder of the configuration; put it there"));
        };
        let inside = inside.display().to_string();
        if at.chain.contains(&path) {
            let names: Vec<String> = at.chain.iter().chain([&path]).map(|path| self.name_of(path)).collect();
            return Err(format!("includes itself: {}", names.join(" -> ")));
        }
        if at.chain.len() > MAX_DEPTH {
            return Err(format!("`{shown}` is included more than {MAX_DEPTH} files deep"));
        }
        if self.files.len() >= MAX_FILES {
            return Err(format!("more than {MAX_FILES} files are included"));
        }
        let format = Format::of(&path)
            .ok_or_else(|| format!("`{shown}` has an unknown format; name it .json, .json5, .yml or .yaml"))?;
        let contents = match (self.read)(&path) {
            Ok(Some(contents)) => contents,
            Ok(None) => return Err(format!("`{shown}` does not exist")),
            // It says which file, and never what is in it.
            Err(error) => return Err(format!("`{shown}`: {error}")),
        };
        self.total += contents.text.len();
        if self.total > MAX_TOTAL {
            return Err(format!("`{shown}` makes the configuration larger than {MAX_TOTAL} bytes"));
        }
        let value = document::parse(&contents.text, format).map_err(|error| format!("`{shown}`: {error}"))?;
        let number = self.files.len();
        self.files.push(Source {
            path: path.clone(),
            name: inside,
            text: contents.text,
            format,
            mode: contents.mode,
            value: value.clone(),
            included: Some((at.file, at.steps.clone())),
        });
        let chain = at.chain.iter().cloned().chain([path]).collect();
        Ok(self.resolve(value, &mut Place { file: number, steps: Vec::new(), path: at.path.clone(), chain }))
    }

    fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// A path as it may be shown: short, and without what could disturb a terminal.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// `over` merged over `under`, as the reference does it.
fn merged(under: Value, over: Value) -> Value {
    match (under, over) {
        (Value::Object(mut under), Value::Object(over)) => {
            for (key, value) in over {
                let value = match under.remove(&key) {
                    Some(there) => merged(there, value),
                    None => value,
                };
                under.insert(key, value);
            }
            Value::Object(under)
        }
        (Value::Array(mut under), Value::Array(over)) => {
            under.extend(over);
            Value::Array(under)
        }
        (_, over) => over,
    }
}
