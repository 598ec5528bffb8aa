//! `openclaw security backup-config`

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use clap::Args;
use openclaw_core::Clock;
use openclaw_store::AUDIT_KEY_FILE;
use serde::Serialize;

use super::facts;
use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::{Text, Tone},
    show,
};

/// Largest file that is copied, bytes.
const LARGEST: u64 = 64 << 20;

/// Copy the configuration into a folder of its own
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security backup-config
  openclaw security backup-config --out /mnt/safe/openclaw-config

Copied are the configuration, the files that it includes, and the policy of commands; for the owner alone, with the SHA-256
of each in manifest.json. What is there already is never overwritten. The copy holds the secrets of the configuration. audit.key is not in it; openclaw backup create --encrypt has everything.")]
pub(super) struct BackupConfig {
    /// The folder to make; it must not be there yet [default: backups/config-<time> in the state directory]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// What stands in `manifest.json`, and what `--json` prints beside the path.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    version: &'static str,
    created_at: String,
    files: Vec<Copied>,
}

/// One file.
#[derive(Serialize)]
struct Copied {
    /// Its name in the backup.
    name: String,
    /// Where it was.
    from: PathBuf,
    bytes: usize,
    sha256: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    path: &'a Path,
    files: &'a [Copied],
    bytes: usize,
    sha256: String,
    /// What a restored gateway needs besides.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_copied: &'a [&'a str],
}

impl BackupConfig {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let now = Clock::system().now_ms();
        let time = show::time(Some(now));
        let looked = match openclaw_config::load_to_judge(&facts::request(&context.local, None)) {
            Ok(loaded) => loaded.files().map(Path::to_path_buf).collect(),
            // A configuration with mistakes is worth keeping, too, and what it includes cannot be told.
            Err(_) => vec![context.local.paths()?.config_file],
        };
        let state = context.local.paths()?.state_dir;
        let mut wanted: Vec<PathBuf> = looked;
        wanted.push(state.join("exec-approvals.json"));
        wanted.retain(|path| path.exists());
        if wanted.is_empty() {
            let cause = "there is no configuration to copy: no gateway was started here";
            return Err(Failure::new(Exit::Failed, "NOT_FOUND", cause).helped("openclaw config file"));
        }
        let folder =
            self.out.unwrap_or_else(|| state.join("backups").join(format!("config-{}", time.replace(':', ""))));
        let copied = copy(&wanted, &folder, &time).map_err(|error| {
            let cause = if error.kind() == io::ErrorKind::AlreadyExists {
                format!("{} is there already, and nothing is overwritten", folder.display())
            } else {
                format!("{}: {error}", folder.display())
            };
            Failure::new(Exit::Failed, "BACKUP", cause).helped("name another folder: --out")
        })?;
        let keyed = state.join(AUDIT_KEY_FILE).exists();
        let bytes = copied.files.iter().map(|file| file.bytes).sum();
        let manifest = serde_json::to_vec(&copied).unwrap_or_default();
        let output = &mut context.output;
        if output.json {
            output.value(&Printed {
                path: &folder,
                files: &copied.files,
                bytes,
                sha256: openclaw_config::hash(&manifest),
                not_copied: if keyed { &[AUDIT_KEY_FILE] } else { &[] },
            })?;
        } else {
            output.paragraph(Text::toned(Tone::Good, "copied").and(format!(
                " {} files to {}",
                copied.files.len(),
                folder.display()
            )))?;
            for file in &copied.files {
                output.indented(2, format!("{}  {}", &file.sha256[..12], file.name))?;
            }
            output.paragraph(Text::toned(
                Tone::Faint,
                "The copy holds the secrets of the configuration: keep it where you keep those.",
            ))?;
            if keyed {
                output.paragraph(Text::toned(Tone::Warning, "not in it: ").and(format!(
                    "{AUDIT_KEY_FILE}, without which a restored gateway does not start; copy it, or: openclaw backup create \
                     --encrypt"
                )))?;
            }
        }
        Ok(Exit::Ok)
    }
}

/// Copies into a folder that appears whole or not at all.
fn copy(wanted: &[PathBuf], folder: &Path, time: &str) -> io::Result<Manifest> {
    if folder.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    let name = folder.file_name().ok_or_else(|| io::Error::other("it names no folder"))?.to_string_lossy();
    let draft = parent.join(format!(".{name}.{}.new", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&draft)?;
    let outcome = fill(wanted, &draft, time).and_then(|manifest| fs::rename(&draft, folder).map(|()| manifest));
    if outcome.is_err() {
        // Nothing with secrets in it may stay behind.
        let _ = fs::remove_dir_all(&draft);
    }
    let manifest = outcome?;
    fs::File::open(parent)?.sync_all()?;
    Ok(manifest)
}

fn fill(wanted: &[PathBuf], draft: &Path, time: &str) -> io::Result<Manifest> {
    let mut files: Vec<Copied> = Vec::new();
    for path in wanted {
        if fs::metadata(path)?.len() > LARGEST {
            return Err(io::Error::other(format!("{} is larger than {} MiB", path.display(), LARGEST >> 20)));
        }
        let bytes = fs::read(path)?;
        let own = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Files of the same name may come from several folders.
        let taken = |name: &String| files.iter().any(|file| file.name == *name) || name == "manifest.json";
        let name = if taken(&own) { format!("{}-{own}", files.len()) } else { own };
        write(&draft.join(&name), &bytes)?;
        files.push(Copied { name, from: path.clone(), bytes: bytes.len(), sha256: openclaw_config::hash(&bytes) });
    }
    let manifest = Manifest { version: openclaw_protocol::VERSION, created_at: time.to_owned(), files };
    write(&draft.join("manifest.json"), &serde_json::to_vec(&manifest)?)?;
    fs::File::open(draft)?.sync_all()?;
    Ok(manifest)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
