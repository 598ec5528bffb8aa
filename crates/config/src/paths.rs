//! Where things are.

use std::path::{Path, PathBuf};

use openclaw_core::Environment;

use crate::ConfigError;

/// Where state and configuration are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Folder of everything the gateway keeps. `OPENCLAW_STATE_DIR`, else `~/.openclaw`.
    pub state_dir: PathBuf,
    /// The configuration. `OPENCLAW_CONFIG_PATH` or `OPENCLAW_CONFIG`, else `openclaw.json` in the state folder.
    pub config_file: PathBuf,
}

/// Works out where things are.
///
/// # Errors
/// [`ConfigError::NoHome`] when a home folder is needed and there is none.
pub fn paths(environment: &Environment, home: Option<&Path>) -> Result<Paths, ConfigError> {
    let named = |name| environment.get(name).map(|text| expand_home(text, home)).transpose();
    let config = match named("OPENCLAW_CONFIG_PATH")? {
        Some(path) => Some(path),
        None => named("OPENCLAW_CONFIG")?,
    };
    let state_dir = match (named("OPENCLAW_STATE_DIR")?, home, &config) {
        (Some(state), ..) => state,
        (None, Some(home), _) => home.join(".openclaw"),
        // A named configuration needs no home; state then lies beside it.
        (None, None, Some(config)) => config.parent().unwrap_or(Path::new(".")).to_path_buf(),
        (None, None, None) => return Err(ConfigError::NoHome),
    };
    let config_file = config.unwrap_or_else(|| state_dir.join("openclaw.json"));
    Ok(Paths { state_dir, config_file })
}

/// Replaces a leading `~` by the home folder.
///
/// # Errors
/// [`ConfigError::NoHome`] when there is a `~` and no home folder.
pub fn expand_home(text: &str, home: Option<&Path>) -> Result<PathBuf, ConfigError> {
    match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            Ok(home.ok_or(ConfigError::NoHome)?.join(rest.trim_start_matches('/')))
        }
        _ => Ok(PathBuf::from(text)),
    }
}

#[cfg(test)]
mod tests;
