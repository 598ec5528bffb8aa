//! The file that tells programs on this machine where the gateway listens. Without it they try the configured port.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

use serde_json::json;
use tracing::warn;

/// The file, and what does not change in it while the gateway runs.
#[derive(Clone, Debug)]
pub(crate) struct AddressFile {
    pub(crate) path: PathBuf,
    pub(crate) url: String,
    pub(crate) started_at: i64,
    pub(crate) boot_id: String,
}

impl AddressFile {
    /// Writes it whole, with the fingerprint of the certificate that is shown.
    pub(crate) fn write(&self, fingerprint: Option<&str>) {
        let text = json!({
            "url": self.url, "tlsFingerprint": fingerprint, "pid": std::process::id(), "startedAt": self.started_at,
            "bootId": self.boot_id,
        });
        if let Err(error) = self.put(&format!("{text:#}\n")) {
            warn!(%error, "the address file could not be written; programs on this machine try the configured port");
        }
    }

    fn put(&self, text: &str) -> io::Result<()> {
        let temporary = self.path.with_extension("json.new");
        let _ = fs::remove_file(&temporary);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&temporary, &self.path)
    }

    /// Takes it away.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}
