//! Alerts by a signed POST. What is signed is the time, a dot and the body, so that a copy sent later is known by its age.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use openclaw_config::Alerting;
use openclaw_core::{Ids, Secret};
use sha2::Sha256;

use super::alerts::{Alert, Sent};
use crate::{
    egress::{Failed, Place},
    state::State,
};

/// Holds the secret when the configuration says none.
const KEY_FILE: &str = "alert-webhook.key";

/// Posts it once.
pub(super) async fn post(state: &Arc<State>, alerting: &Alerting, alert: &Alert) -> Sent {
    let Some(url) = &alerting.webhook_url else { return Err(Failed::Refused("webhookUrl is missing".to_owned())) };
    let secret = match &alerting.webhook_secret {
        Some(secret) => secret.clone(),
        None => own_secret(&state.state_dir, &state.ids)
            .map_err(|error| Failed::Unreachable(format!("{KEY_FILE} cannot be used: {error}")))?,
    };
    let place = Place::find(url.expose(), &alerting.allow_private_addresses).await?;
    let body = serde_json::to_vec(alert).map_err(|_| Failed::Refused("the alert is no JSON".to_owned()))?;
    let seconds = (state.clock.now_ms() / 1000).to_string();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let signature = signature(&secret, &seconds, &body);
    for (name, value) in [
        ("x-openclaw-timestamp", seconds),
        ("x-openclaw-signature", signature),
        ("x-openclaw-delivery", alert.id.clone()),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    place.post(headers, Bytes::from(body)).await
}

/// `sha256=` and the HMAC, hex.
fn signature(secret: &Secret, seconds: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("sha256={}", openclaw_core::hex(&mac.finalize().into_bytes()))
}

/// The secret in the state directory, which is made when there is none.
fn own_secret(state_dir: &Path, ids: &Ids) -> io::Result<Secret> {
    let path = state_dir.join(KEY_FILE);
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    match OpenOptions::new().read(true).custom_flags(no_follow).open(&path) {
        Ok(file) => {
            let mut text = String::new();
            file.take(4096).read_to_string(&mut text)?;
            let secret = Secret::new(text.trim());
            return match secret.expose().len() {
                0..32 => Err(io::Error::new(io::ErrorKind::InvalidData, "it holds no key; remove it")),
                _ => Ok(secret),
            };
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    let secret = ids.token();
    // Whole or not at all, and nobody else's that came meanwhile is replaced: one task posts, in one process.
    let draft = state_dir.join(format!(".{KEY_FILE}.draft"));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).custom_flags(no_follow).open(&draft)?;
    file.write_all(format!("{}\n", secret.expose()).as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, &path)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_signature_is_over_time_and_body() {
        let secret = Secret::new("0123456789abcdef0123456789abcdef");
        // By: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let expected = "sha256=f05f2539e3ae1c49aec5f8cfdad75ef6b06480b133973ffbb7ec9e18827af177";
        assert_eq!(signature(&secret, "1700000000", br#"{"a":1}"#), expected);
        assert_ne!(signature(&secret, "1700000001", br#"{"a":1}"#), expected);
    }

    #[test]
    fn a_secret_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (own_secret(folder.path(), &Ids::system()), own_secret(folder.path(), &Ids::system()));
        assert!(one.unwrap().matches(two.unwrap().expose()));
        let path = folder.path().join(KEY_FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "short").unwrap();
        assert!(own_secret(folder.path(), &Ids::system()).is_err());
    }
}
