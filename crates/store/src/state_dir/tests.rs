use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_missing_folder_is_made_private_with_its_parents() {
    let base = folder();
    let path = base.path().join("a/b/state");
    let dir = StateDir::claim(&path).unwrap();
    assert_eq!(dir.path(), path);
    assert_eq!((mode(&base.path().join("a")), mode(&path), mode(&path.join(LOCK))), (0o700, 0o700, 0o600));
}

#[test]
fn a_second_claim_is_refused_until_the_first_ends() {
    let base = folder();
    let first = StateDir::claim(base.path()).unwrap();
    let shared = first.clone();
    drop(first);
    assert!(matches!(StateDir::claim(base.path()), Err(Error::Locked { .. })));
    drop(shared);
    StateDir::claim(base.path()).unwrap();
}

#[test]
fn looking_says_what_claiming_would_and_leaves_no_trace() {
    let base = folder();
    let path = base.path().join("state");
    assert!(matches!(StateDir::look(&path), Ok(None)));
    assert!(!path.exists() && !StateDir::is_claimed(&path).unwrap());
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(StateDir::look(&path).unwrap(), Some(0o755));
    assert_eq!((mode(&path), path.join(LOCK).exists()), (0o755, false));
    let claim = StateDir::claim(&path).unwrap();
    assert_eq!(StateDir::look(&path).unwrap(), Some(0o700));
    assert!(StateDir::is_claimed(&path).unwrap());
    drop(claim);
    assert!(!StateDir::is_claimed(&path).unwrap());
    fs::write(path.join("exec-approvals.json"), "").unwrap();
    assert!(matches!(StateDir::look(&path), Err(Error::ForeignImplementation { .. })));
    assert!(matches!(StateDir::look(&path.join(LOCK)), Err(Error::NotADirectory { .. })));
}

#[test]
fn a_file_is_no_folder() {
    let base = folder();
    let file = base.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = StateDir::claim(&path).unwrap_err();
        assert!(matches!(error, Error::NotADirectory { .. }), "{error:?}");
    }
}

#[test]
fn a_folder_that_others_can_write_is_refused_and_one_that_they_can_read_is_closed() {
    let base = folder();
    for open in [0o770, 0o707, 0o1777, 0o722] {
        fs::set_permissions(base.path(), fs::Permissions::from_mode(open)).unwrap();
        let error = StateDir::claim(base.path()).unwrap_err();
        assert!(error.to_string().ends_with(&format!("`chmod 700 '{}'`", base.path().display())), "{error}");
        assert_eq!(mode(base.path()), open);
        assert!(!base.path().join(LOCK).exists());
    }
    fs::set_permissions(base.path(), fs::Permissions::from_mode(0o755)).unwrap();
    StateDir::claim(base.path()).unwrap();
    assert_eq!(mode(base.path()), 0o700);
}

#[test]
fn what_another_program_wrote_is_not_touched() {
    for theirs in ["agents", "sessions", "credentials", "cron", "exec-approvals.json", "notes.txt"] {
        let base = folder();
        fs::set_permissions(base.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(base.path().join("openclaw.json"), "{}").unwrap();
        fs::create_dir(base.path().join("zzz")).unwrap();
        fs::create_dir(base.path().join(theirs)).unwrap();
        let error = StateDir::claim(base.path()).unwrap_err();
        assert!(matches!(&error, Error::ForeignImplementation { found, .. } if found == theirs), "{error}");
        assert!(error.to_string().contains("openclaw import"));
        assert_eq!((mode(base.path()), fs::read_dir(base.path()).unwrap().count()), (0o755, 3));
        // With our database in it the folder is ours.
        fs::write(base.path().join(schema::FILE), "").unwrap();
        StateDir::claim(base.path()).unwrap();
    }
}

#[test]
fn what_we_and_operators_put_there_first_is_fine() {
    let base = folder();
    for ours in [
        "openclaw.json",
        "openclaw.json.bak",
        ".openclaw.json.tmp1",
        "gateway.yml",
        "gateway.lock",
        ".env",
        "audit.jsonl",
    ] {
        fs::write(base.path().join(ours), "").unwrap();
    }
    for ours in ["identity", "logs", "snapshots", "config-history", "lost+found"] {
        fs::create_dir(base.path().join(ours)).unwrap();
    }
    StateDir::claim(base.path()).unwrap();
}

#[test]
fn a_folder_of_another_user_is_refused_by_name() {
    let base = folder();
    // Only root can give a folder away.
    if std::os::unix::fs::chown(base.path(), Some(12_345), None).is_err() {
        return;
    }
    let error = StateDir::claim(base.path()).unwrap_err();
    assert!(matches!(error, Error::ForeignOwner { owner: 12_345, .. }), "{error}");
}

#[test]
fn a_place_where_nothing_can_be_made_is_named() {
    let error = StateDir::claim(Path::new("/proc/openclaw/state")).unwrap_err();
    assert!(matches!(error, Error::Unwritable { .. }), "{error:?}");
}
