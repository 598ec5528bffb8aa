use std::os::unix::fs::{MetadataExt, PermissionsExt};

use openclaw_core::Secret;

use super::*;
use crate::{AuthMode, LoadRequest, load};

const TOKEN: &str = "hT7-example_only-0123456789abcdefghij\"\\";

#[test]
fn the_first_configuration_is_private_and_loads_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a/state/openclaw.json", "b/openclaw.json5", "c/gateway.yml"] {
        let path = folder.path().join(name);
        write_initial(&path, &Secret::new(TOKEN)).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o7777, 0o700);
        let loaded = load(&LoadRequest { config_path: Some(path), ..LoadRequest::default() }).unwrap();
        assert_eq!(loaded.config.gateway.auth.token.as_ref().unwrap().expose(), TOKEN);
        assert_eq!(loaded.config.gateway.auth.mode, Some(AuthMode::Token));
        assert_eq!(loaded.notices, []);
    }
}

#[test]
fn an_existing_file_and_even_a_dangling_link_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openclaw.json");
    fs::write(&path, "mine").unwrap();
    assert!(matches!(write_initial(&path, &Secret::new(TOKEN)), Err(ConfigError::Exists { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");

    let link = folder.path().join("link.json");
    let target = folder.path().join("elsewhere.json");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert!(matches!(write_initial(&link, &Secret::new(TOKEN)), Err(ConfigError::Exists { .. })));
    assert!(!target.exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no draft is left behind");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let error = write_initial(&file.join("openclaw.json"), &Secret::new(TOKEN)).unwrap_err();
    assert!(matches!(&error, ConfigError::Io { .. } | ConfigError::Exists { .. }), "{error}");
    assert!(!error.to_string().contains(TOKEN));
}
