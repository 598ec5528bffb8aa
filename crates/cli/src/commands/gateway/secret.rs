//! What the commands about the shared token share.

use std::{fs, path::Path};

use openclaw_config::ConfigFile;
use openclaw_core::Secret;
use sha2::{Digest, Sha256};

use crate::{
    app::Context,
    failure::{Exit, Failure},
};

/// What stands where a former token stood.
const GONE: &str = "[rotated]";
/// Largest copy of a configuration that is looked at.
const COPY_BYTES: u64 = 4 * 1024 * 1024;

/// Names a secret without telling anything of it: the beginning of its hash.
pub(super) fn fingerprint(secret: &Secret) -> String {
    let digest = Sha256::digest(secret.expose().as_bytes());
    digest.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}

/// Refuses to change a token that a variable of this environment replaces, for the gateway that is started from it and for
/// every command.
pub(super) fn overridden_here(context: &Context) -> Result<(), Failure> {
    const NAME: &str = "OPENCLAW_GATEWAY_TOKEN";
    match context.local.environment.get(NAME).filter(|value| !value.is_empty()) {
        Some(_) => Err(overridden(&format!("the environment variable {NAME} overrides gateway.auth.token"))),
        None => Ok(()),
    }
}

/// The refusal, which scripts tell from others by its number.
pub(super) fn overridden(text: &str) -> Failure {
    Failure::new(Exit::Usage, "SECRET_OVERRIDDEN", text)
        .helped("change the token where it is set, or unset it there and run this again")
}

/// Takes a former token out of the configuration's history.
pub(super) fn forget(file: &ConfigFile, former: Option<&str>) -> Result<(), Failure> {
    let Some(former) = former.filter(|former| !former.is_empty()) else { return Ok(()) };
    file.scrub(&Secret::new(former)).map(drop).map_err(|error| {
        let text = format!("the token is changed, but the old one could not be taken out of the history: {error}");
        Failure::new(Exit::Failed, "HISTORY", text)
    })
}

/// Takes a former token out of copies of this machine's configuration that editors and other programs made beside it
/// (SECURITY T91).
pub(super) fn forget_copies(context: &Context, former: Option<&str>) -> Result<(), Failure> {
    let Some(former) = former.filter(|former| !former.is_empty()) else { return Ok(()) };
    let path = context.local.paths()?.config_file;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let is_copy = entry.file_name().to_str().is_some_and(|other| {
            other != name && (other.starts_with(&format!("{name}.bak")) || other == format!("{name}~"))
        });
        if is_copy {
            rewrite(&entry.path(), former).map_err(|error| {
                let text =
                    format!("the token is changed, but the old one is still in {}: {error}", entry.path().display());
                Failure::new(Exit::Failed, "COPY", text).helped("delete that file")
            })?;
        }
    }
    Ok(())
}

fn rewrite(path: &Path, former: &str) -> std::io::Result<()> {
    let known = path.symlink_metadata()?;
    if !known.is_file() || known.len() > COPY_BYTES {
        return Ok(());
    }
    let Ok(text) = fs::read_to_string(path) else { return Ok(()) };
    if !text.contains(former) {
        return Ok(());
    }
    crate::private::replace(path, &text.replace(former, GONE))
}
