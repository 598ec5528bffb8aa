//! The folder that a process stands in is only a folder (T87). Alone in its process, because it goes there.

use std::{fs, os::unix::fs::PermissionsExt};

use openclaw_config::{LoadRequest, load, paths};
use openclaw_core::Environment;

#[test]
fn t87_nothing_beside_the_process_is_read() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in [".env", ".env.local", ".openclaw.env"] {
        fs::write(folder.path().join(name), "HOSTILE=stranger\nOPENCLAW_STATE_DIR=/tmp/hostile\n").unwrap();
    }
    fs::create_dir(folder.path().join(".openclaw")).unwrap();
    for name in ["openclaw.json", ".openclaw/openclaw.json"] {
        fs::write(folder.path().join(name), "{ gateway: { port: 9 } }").unwrap();
    }
    std::env::set_current_dir(folder.path()).unwrap();

    let environment = Environment::default();
    let found = paths(&environment, Some(home.path())).unwrap();
    assert_eq!(found.state_dir, home.path().join(".openclaw"));
    assert_eq!(found.config_file, home.path().join(".openclaw/openclaw.json"));

    fs::create_dir(&found.state_dir).unwrap();
    fs::write(&found.config_file, "{ agents: { defaults: { model: 'demo/${HOSTILE}' } } }").unwrap();
    fs::set_permissions(&found.config_file, fs::Permissions::from_mode(0o600)).unwrap();
    let request = LoadRequest { environment, home: Some(home.path().to_owned()), ..LoadRequest::default() };
    let refused = load(&request).map(|loaded| loaded.resolved).unwrap_err().to_string();
    assert!(refused.contains("HOSTILE is not set"), "{refused}");
}
