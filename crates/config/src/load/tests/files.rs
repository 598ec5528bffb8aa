//! Files: where they are, who may write them, how large they are.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use crate::{ConfigError, LoadRequest, Loaded, MAX_BYTES, NoticeKind, load};

const SECRET: &str = "0123456789abcdefghijklmnop";

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>, mode: u32) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

fn read(path: &Path) -> Result<Loaded, ConfigError> {
    load(&LoadRequest { config_path: Some(path.to_path_buf()), ..LoadRequest::default() })
}

fn secret() -> String {
    format!("{{ gateway: {{ auth: {{ token: '{SECRET}' }} }} }}")
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o660, 0o602, 0o666] {
        let path = write(folder.path(), "c.json", "{}", mode);
        let error = read(&path).unwrap_err();
        assert!(matches!(error, ConfigError::Permissions { .. }), "{mode:o}");
        assert!(error.to_string().contains("chmod 600 "), "{error}");
    }
}

#[test]
fn a_world_readable_file_is_refused_only_when_it_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "c.json", secret(), 0o644);
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("world-readable") && error.contains("chmod 600") && !error.contains(SECRET), "{error}");
    read(&write(folder.path(), "plain.json", "{ gateway: { port: 1234 } }", 0o644)).unwrap();
    // A reference is no secret: the file shows only the variable's name.
    let reference = write(folder.path(), "reference.json", "{ gateway: { auth: { token: '${TOKEN}' } } }", 0o644);
    let environment = [("TOKEN", SECRET)].into_iter().collect();
    load(&LoadRequest { config_path: Some(reference), environment, ..LoadRequest::default() }).unwrap();
}

#[test]
fn a_configuration_lies_where_it_says_or_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let inside = format!("{{ security: {{ storage: {{ configPath: '{}' }} }} }}", folder.path().display());
    read(&write(folder.path(), "inside.json", inside, 0o600)).unwrap();
    let elsewhere = "{ security: { storage: { configPath: '/srv/elsewhere' } } }";
    let error = read(&write(folder.path(), "other.json", elsewhere, 0o600)).unwrap_err().to_string();
    assert!(error.contains("OPENCLAW_CONFIG_PATH=/srv/elsewhere/other.json"), "{error}");
}

#[test]
fn a_group_readable_secret_loads_with_a_notice() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = read(&write(folder.path(), "c.json", secret(), 0o640)).unwrap();
    assert_eq!(loaded.notices.iter().filter(|notice| notice.kind == NoticeKind::Weak).count(), 1);
    assert_eq!(read(&write(folder.path(), "c.json", secret(), 0o600)).unwrap().notices, []);
}

#[test]
fn a_link_is_followed_when_its_target_passes_the_same_checks() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "good.json", secret(), 0o600);
    let bad = write(folder.path(), "bad.json", secret(), 0o646);
    symlink(&good, folder.path().join("to-good.json")).unwrap();
    symlink(&bad, folder.path().join("to-bad.json")).unwrap();
    read(&folder.path().join("to-good.json")).unwrap();
    let error = read(&folder.path().join("to-bad.json")).unwrap_err();
    assert!(matches!(&error, ConfigError::Permissions { path, .. } if path.ends_with("bad.json")), "{error}");
}

#[test]
fn what_is_no_file_too_large_or_no_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("folder.json")).unwrap();
    assert!(matches!(read(&folder.path().join("folder.json")), Err(ConfigError::NotAFile { .. })));
    let large = write(folder.path(), "large.json", vec![b' '; MAX_BYTES + 1], 0o600);
    assert!(matches!(read(&large), Err(ConfigError::TooLarge)));
    let largest = write(folder.path(), "largest.json", vec![b' '; MAX_BYTES], 0o600);
    read(&largest).unwrap();
    assert!(matches!(read(&write(folder.path(), "latin.json", b"{a: '\xff'}", 0o600)), Err(ConfigError::NotUtf8)));
    assert!(matches!(read(&write(folder.path(), "c.toml", "", 0o600)), Err(ConfigError::UnknownFormat { .. })));
    assert!(matches!(read(&folder.path().join("missing.json")), Err(ConfigError::Missing { .. })));
}

#[test]
fn without_a_file_everything_is_at_its_default() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = load(&LoadRequest { home: Some(folder.path().to_path_buf()), ..LoadRequest::default() }).unwrap();
    assert!(!loaded.exists && loaded.raw.is_none());
    assert_eq!(loaded.path, folder.path().join(".openclaw/openclaw.json"));
    assert_eq!(loaded.hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let config = &loaded.config;
    assert_eq!((config.gateway.port, config.metrics.port, config.gateway.handshake_timeout_ms), (18789, 9090, 15_000));
    let limits = &config.gateway.limits;
    assert_eq!((limits.preauth_per_address, limits.preauth_loopback, limits.preauth_total), (32, 512, 512));
    assert_eq!(
        (limits.preauth_frame_bytes, limits.max_payload, limits.max_buffered_bytes),
        (65_536, 26_214_400, 52_428_800)
    );
    let rate = &config.gateway.auth.rate_limit;
    assert_eq!((rate.max_attempts, rate.window_ms, rate.lockout_ms, rate.exempt_loopback), (10, 60_000, 300_000, true));
    assert!(config.spawn.allow.is_empty() && !config.gateway.auth.local_bypass);
    assert_eq!(loaded.notices, []);
}

#[test]
fn an_invalid_file_keeps_what_config_get_shows_and_debug_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let text = secret().replace("auth:", "prot: 1, auth:");
    let path = write(folder.path(), "c.json", &text, 0o600);
    let error = read(&path).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(SECRET));
    let ConfigError::Invalid(invalid) = error else { panic!() };
    assert_eq!(invalid.raw.as_deref(), Some(text.as_str()));
    assert_eq!(invalid.path, Some(path));
    assert_eq!(invalid.hash.len(), 64);
    let loaded = read(&write(folder.path(), "d.json", secret(), 0o600)).unwrap();
    assert!(!format!("{loaded:?} {:?}", loaded.config).contains(SECRET));
}

#[test]
fn whoever_judges_a_file_reads_it_even_when_others_can_change_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "c.json", secret(), 0o666);
    assert!(matches!(read(&path), Err(ConfigError::Permissions { .. })));
    let request = LoadRequest { config_path: Some(path), ..LoadRequest::default() };
    assert!(crate::load_to_judge(&request).unwrap().exists);
}
