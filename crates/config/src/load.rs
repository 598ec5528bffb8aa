//! From a request to a configuration.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use openclaw_core::Environment;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Config, ConfigError, Format, InvalidConfig, Issue, Notice, NoticeKind, Origin, Overrides, REDACTED, document,
    file::{self, Contents},
    include::{Source, Sources},
    mapping, overrides,
    overrides::Origins,
    paths::{expand_home, paths},
    redact, rules, schema, sealed, standing, substitute, value,
};

/// Most issues that one report lists.
const MAX_ISSUES: usize = 200;

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct LoadRequest {
    /// The file named on the command line. It must exist. Else the environment's or the default one, which need not.
    pub config_path: Option<PathBuf>,
    /// What the command line says.
    pub overrides: Overrides,
    /// The environment.
    pub environment: Environment,
    /// The home folder.
    pub home: Option<PathBuf>,
}

/// A configuration that can be used.
#[derive(Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Arc<Config>,
    /// Its file.
    pub path: PathBuf,
    /// Whether the file is there; without it everything is at its default.
    pub exists: bool,
    /// The file's text. Holds secrets: show it through [`crate::redact_raw`].
    pub raw: Option<String>,
    /// The parsed file, as written, with what it includes. Holds secrets: show it through [`crate::redact`].
    pub parsed: Value,
    /// The same with canonical names and with environment variables filled in. Holds secrets: show it through [`crate::redact`].
    pub resolved: Value,
    /// SHA-256, hex: of the file's bytes; of nothing when there is no file; of the bytes and names of all files when it includes others.
    pub hash: String,
    /// What the operator should know.
    pub notices: Vec<Notice>,
    pub(crate) sources: Vec<Source>,
    origins: Origins,
}

/// A configuration that was read from text.
#[derive(Clone)]
pub struct Parsed {
    /// The configuration.
    pub config: Config,
    /// The document, as written. Holds secrets.
    pub parsed: Value,
    /// The same with canonical names and with environment variables filled in. Holds secrets.
    pub resolved: Value,
    /// What the operator should know.
    pub notices: Vec<Notice>,
    origins: Origins,
}

impl Loaded {
    /// Where the value at a canonical path came from.
    #[must_use]
    pub fn origin_of(&self, path: &str) -> Origin {
        self.origins.of(path)
    }

    /// All files it was read from: the configuration first, then what it includes.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sources.iter().map(|source| source.path.as_path())
    }

    /// The file's text without its secrets, or `None` when there is no file or a secret in it cannot be found as it stands.
    #[must_use]
    pub fn redacted_raw(&self) -> Option<String> {
        let main = self.sources.first()?;
        redact::redact_raw(self.raw.as_deref()?, &main.value)
    }
}

impl Parsed {
    /// Where the value at a canonical path came from.
    #[must_use]
    pub fn origin_of(&self, path: &str) -> Origin {
        self.origins.of(path)
    }
}

// Neither shows the document, which holds secrets.
impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("path", &self.path)
            .field("exists", &self.exists)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Parsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parsed").field("notices", &self.notices).finish_non_exhaustive()
    }
}

/// Reads, checks and completes the configuration.
///
/// # Errors
/// Everything in [`ConfigError`]; what is wrong inside the file comes as one [`ConfigError::Invalid`] with all issues.
pub fn load(request: &LoadRequest) -> Result<Loaded, ConfigError> {
    load_over(request, &Overlay::default())
}

/// As [`load`], but files that others can read or change are read as well: for those who say what is wrong with them, and
/// never to run anything.
///
/// # Errors
/// As [`load`], but for [`ConfigError::Permissions`].
pub fn load_to_judge(request: &LoadRequest) -> Result<Loaded, ConfigError> {
    load_over(request, &Overlay { texts: Vec::new(), modes: Modes::Any })
}

/// Texts that are read in the place of files, to see what writing them would mean, and which files are read.
#[derive(Default)]
pub(crate) struct Overlay {
    pub(crate) texts: Vec<(PathBuf, String)>,
    pub(crate) modes: Modes,
}

/// Which files are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Modes {
    /// Those that nobody else can change, and in which nobody else can read secrets.
    #[default]
    Private,
    /// All.
    Any,
}

impl From<Vec<(PathBuf, String)>> for Overlay {
    fn from(texts: Vec<(PathBuf, String)>) -> Self {
        Self { texts, modes: Modes::Private }
    }
}

impl Overlay {
    fn read(&self, path: &Path) -> Result<Option<Contents>, ConfigError> {
        let Some((_, text)) = self.texts.iter().find(|(replaced, _)| replaced == path) else {
            return file::read(path, self.modes);
        };
        if text.len() > crate::MAX_BYTES {
            return Err(ConfigError::TooLarge);
        }
        Ok(Some(Contents { text: text.clone(), mode: None }))
    }
}

/// The file that a request means.
pub(crate) fn path_of(request: &LoadRequest) -> Result<PathBuf, ConfigError> {
    let home = request.home.as_deref();
    match &request.config_path {
        Some(path) => path.to_str().map_or_else(|| Ok(path.clone()), |text| expand_home(text, home)),
        None => Ok(paths(&request.environment, home)?.config_file),
    }
}

/// Reads the file and what it includes. `None` when there is no file.
pub(crate) fn read_sources(path: &Path, overlay: &Overlay) -> Result<Option<Sources>, ConfigError> {
    let format = Format::of(path).ok_or_else(|| ConfigError::UnknownFormat { path: path.to_path_buf() })?;
    let Some(Contents { text, mode }) = overlay.read(path)? else { return Ok(None) };
    let value = document::parse(&text, format)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let main = Source { path: path.to_path_buf(), name, text, format, mode, value, included: None };
    Ok(Some(Sources::collect(main, &|path| overlay.read(path))))
}

/// As [`load`], with the overlay's texts in the place of files.
pub(crate) fn load_over(request: &LoadRequest, overlay: &Overlay) -> Result<Loaded, ConfigError> {
    let path = path_of(request)?;
    let sources = read_sources(&path, overlay)?;
    if sources.is_none() && request.config_path.is_some() {
        return Err(ConfigError::Missing { path });
    }
    let exists = sources.is_some();
    let Sources { files, document, issues } = sources.unwrap_or_else(|| Sources {
        files: Vec::new(),
        document: Value::Object(serde_json::Map::new()),
        issues: Vec::new(),
    });
    let mut shared_secret = false;
    for file in &files {
        if overlay.modes == Modes::Private && redact::holds_secret(&file.value) {
            file::check_secrecy(&file.path, file.mode)?;
            shared_secret |= file::is_group_readable(file.mode);
        }
    }
    let hash = hash_of(&files);
    let raw = files.first().map(|main| main.text.clone());
    let context = (&request.environment, request.home.as_deref());
    match interpret(document, issues, context, Some(&request.overrides)) {
        Ok(Parsed { config, parsed, resolved, mut notices, origins }) => {
            if let Some(issue) = misplaced(&config, &path, request.home.as_deref()).filter(|_| exists) {
                let invalid = InvalidConfig { path: Some(path), raw, parsed, hash, issues: vec![issue], notices };
                return Err(ConfigError::Invalid(Box::new(invalid)));
            }
            if shared_secret {
                notices.push(Notice::new(
                    "",
                    NoticeKind::Weak,
                    "the configuration holds a secret and its group can read it; run chmod 600 on it",
                ));
            }
            Ok(Loaded {
                config: Arc::new(config),
                path,
                exists,
                raw,
                parsed,
                resolved,
                hash,
                notices,
                sources: files,
                origins,
            })
        }
        Err(invalid) => Err(ConfigError::Invalid(Box::new(InvalidConfig { path: Some(path), raw, hash, ..*invalid }))),
    }
}

/// Whether the file lies elsewhere than `security.storage.configPath` says.
fn misplaced(config: &Config, path: &Path, home: Option<&Path>) -> Option<Issue> {
    let wanted = config.security.storage.as_ref()?.config_path.as_deref()?;
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = real(&crate::write::folder_of(path));
    let matches = expand_home(wanted, home).is_ok_and(|wanted| real(&wanted) == folder);
    (!matches).then(|| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let advice = format!(
            "the configuration lies in {}; move it and start with OPENCLAW_CONFIG_PATH={wanted}/{name}, or take this key out",
            folder.display()
        );
        Issue::new("security.storage.configPath", advice)
    })
}

/// The hash of all files of a configuration: of the bytes alone when there is one.
pub(crate) fn hash_of(files: &[Source]) -> String {
    let [main, included @ ..] = files else { return hash(&[]) };
    if included.is_empty() {
        return hash(main.text.as_bytes());
    }
    let mut all = main.text.clone().into_bytes();
    for file in included {
        // A zero byte is in no name and no text, so no two configurations have the same bytes here.
        for part in [&file.name, &file.text] {
            all.push(0);
            all.extend_from_slice(part.as_bytes());
        }
    }
    hash(&all)
}

/// Reads a configuration from text; of the environment only `${NAME}` references are filled in. Reads no file but, when a value is
/// sealed, the keys that open it.
///
/// # Errors
/// [`ConfigError::TooLarge`], [`ConfigError::Syntax`] and [`ConfigError::Invalid`].
pub fn parse_str(text: &str, format: Format, environment: &Environment) -> Result<Parsed, ConfigError> {
    parse(text, format, environment, None)
}

/// Reads a configuration from text as [`load`] would from a file: flags and environment variables win over it.
///
/// # Errors
/// As [`parse_str`].
pub fn parse_over(
    text: &str,
    format: Format,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<Parsed, ConfigError> {
    parse(text, format, environment, Some(overrides))
}

fn parse(
    text: &str,
    format: Format,
    environment: &Environment,
    overrides: Option<&Overrides>,
) -> Result<Parsed, ConfigError> {
    let context = (environment, environment.get("HOME").map(Path::new));
    interpret(document::parse(text, format)?, Vec::new(), context, overrides).map_err(|invalid| {
        ConfigError::Invalid(Box::new(InvalidConfig {
            raw: Some(text.to_owned()),
            hash: hash(text.as_bytes()),
            ..*invalid
        }))
    })
}

/// SHA-256 of the bytes, hex.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    openclaw_core::hex(&Sha256::digest(bytes))
}

fn interpret(
    parsed: Value,
    mut issues: Vec<Issue>,
    (environment, home): (&Environment, Option<&Path>),
    overrides: Option<&Overrides>,
) -> Result<Parsed, Box<InvalidConfig>> {
    let mut notices = Vec::new();
    value::each_string(&parsed, "", &mut |path, text| {
        if text.contains(REDACTED) {
            issues.push(Issue::new(path, "holds the placeholder of a hidden secret; write the secret itself"));
        }
    });
    let mut resolved = parsed.clone();
    // First, so that a sealed text means what it meant in the open.
    sealed::open(&mut resolved, environment, home, &mut issues);
    substitute::substitute(&mut resolved, environment, &mut issues);
    let renames = mapping::apply(&mut resolved, &mut issues, &mut notices);
    let mut found = Vec::new();
    standing::check(&resolved, &mut notices);
    let before = found.len();
    schema::check(&resolved, &schema().to_value(), &mut found);
    let mut origins = Origins::new(resolved.clone());
    let config = if found.len() == before { typed(&resolved, &mut found) } else { None };
    let config = config.map(|mut config| {
        if let Some(overrides) = overrides {
            overrides::apply(&mut config, environment, overrides, &mut origins, &mut found);
        }
        rules::check(&config, &origins, &mut found, &mut notices);
        config
    });
    issues.extend(found.into_iter().map(|issue| written(issue, &renames)));
    notices.iter_mut().filter(|notice| notice.kind != NoticeKind::Renamed).for_each(|notice| {
        if let Some(path) = mapping::as_written(&notice.path, &renames) {
            notice.path = path;
        }
    });
    issues.sort_by(|a, b| a.path.cmp(&b.path));
    issues.dedup();
    if issues.len() > MAX_ISSUES {
        let more = issues.len() - MAX_ISSUES;
        issues.truncate(MAX_ISSUES);
        issues.push(Issue::new("", format!("and at least {more} more")));
    }
    match config {
        Some(config) if issues.is_empty() => Ok(Parsed { config, parsed, resolved, notices, origins }),
        _ => Err(Box::new(InvalidConfig { path: None, raw: None, parsed, hash: String::new(), issues, notices })),
    }
}

/// The typed configuration. The schema was checked before, so that an issue here means that schema and types differ.
fn typed(document: &Value, issues: &mut Vec<Issue>) -> Option<Config> {
    match serde_path_to_error::deserialize(document) {
        Ok(config) => Some(config),
        Err(error) => {
            // The error's text may quote the value, so only its place is shown.
            issues.push(Issue::new(error.path().to_string(), "cannot be read as what belongs here"));
            None
        }
    }
}

/// The issue at the place where the operator wrote it, naming the canonical one.
fn written(issue: Issue, renames: &mapping::Renames) -> Issue {
    match mapping::as_written(&issue.path, renames) {
        Some(path) => Issue { message: format!("{} (canonical name: {})", issue.message, issue.path), path, ..issue },
        None => issue,
    }
}

#[cfg(test)]
mod tests;
