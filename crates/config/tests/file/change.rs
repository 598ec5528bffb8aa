//! Changing the file: what is accepted, what is refused, what stays.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
};

use openclaw_config::{
    Attempt, ChangeError, ConfigError, Edit, Effect, Mode, Outcome, REDACTED, WriteStep, redact, redact_raw,
};
use serde_json::json;

use crate::support::*;

#[test]
fn a_change_keeps_comments_and_tells_what_it_means() {
    let home = Home::new(TEXT);
    let before = home.file().load().unwrap();
    let changed = home.file().change(&[set("gateway.port", 1234), set("logging.level", "debug")], &attempt()).unwrap();
    assert_eq!(changed.outcome, Outcome::Written);
    assert_eq!(
        (changed.before_hash.as_str(), changed.after_hash.clone()),
        (before.hash.as_str(), home.file().hash().unwrap())
    );
    assert_eq!(
        home.text(),
        TEXT.replace("18789", "1234").replace("  },\n}", "  },\n  logging: {\n    level: \"debug\",\n  },\n}")
    );
    let paths: Vec<&str> = changed.differences.iter().map(|difference| difference.path.as_str()).collect();
    assert_eq!(paths, ["gateway.port", "logging"]);
    assert_eq!(changed.plan.with(Effect::Restart).collect::<Vec<_>>(), ["gateway.port"]);
    assert_eq!(changed.plan.with(Effect::Hot).collect::<Vec<_>>(), ["logging.level"]);
    assert_eq!(changed.loaded.config.gateway.port, 1234);
    assert_eq!(mode(&home.config), 0o600);
}

#[test]
fn nothing_is_written_when_nothing_changes() {
    let home = Home::new(TEXT);
    let inode = fs::metadata(&home.config).unwrap().ino();
    let changed = home.file().change(&[set("gateway.port", 18789), unset("logging.level")], &attempt()).unwrap();
    assert_eq!((changed.outcome, changed.id, changed.differences.len()), (Outcome::Unchanged, None, 0));
    assert_eq!(changed.before_hash, changed.after_hash);
    assert_eq!(fs::metadata(&home.config).unwrap().ino(), inode);
    assert!(home.file().history(10).unwrap().is_empty());
}

#[test]
fn a_dry_run_checks_everything_and_leaves_nothing_behind() {
    let home = Home::new(TEXT);
    let dry = Attempt { mode: Mode::DryRun, ..attempt() };
    assert_eq!(home.file().change(&[set("gateway.port", 1)], &dry).unwrap().outcome, Outcome::Checked);
    assert!(home.file().change(&[set("gateway.port", "one")], &dry).is_err());
    assert_eq!(home.text(), TEXT);
    assert_eq!(fs::read_dir(home.folder.path()).unwrap().count(), 1, "no lock, no state");
}

#[test]
fn a_key_goes_where_the_file_has_it() {
    let home = Home::new(TEXT);
    home.file().change(&[set("gateway.auth.token", "new-secret-0123456789abcdefghij")], &attempt()).unwrap();
    assert_eq!(home.text(), TEXT.replace(SECRET, "new-secret-0123456789abcdefghij"));
    home.file().change(&[unset("gateway.auth.token")], &attempt()).unwrap();
    assert!(!home.text().contains("token"));
    // A new one gets its canonical place, whatever name it is given by.
    home.file()
        .change(&[Edit::Merge { path: None, patch: json!({ "gateway": { "token": SECRET } }) }], &attempt())
        .unwrap();
    assert!(home.text().contains(&format!("auth: {{\n      token: \"{SECRET}\"")), "{}", home.text());
    // Written twice with one meaning, both follow.
    let twice = Home::new("{ audit: { enabled: true }, logging: { audit: { enabled: true } } }");
    twice.file().change(&[set("audit.enabled", false)], &attempt()).unwrap();
    assert_eq!(twice.text(), "{ audit: { enabled: false }, logging: { audit: { enabled: false } } }");
}

#[test]
fn a_placeholder_keeps_the_secret_and_never_becomes_one() {
    let home = Home::new(TEXT);
    let loaded = home.file().load().unwrap();
    // As somebody edits it who was shown it: the whole text, the whole document, and one under canonical names.
    let raw = redact_raw(TEXT, &loaded.parsed).unwrap().replace("18789", "1");
    assert!(raw.contains(REDACTED));
    home.file().change(&[Edit::Replace { text: raw }], &attempt()).unwrap();
    assert_eq!(home.text(), TEXT.replace("18789", "1"));
    let patch = redact(&home.file().load().unwrap().resolved);
    home.file().change(&[Edit::Merge { path: None, patch }], &attempt()).unwrap();
    assert_eq!(home.text(), TEXT.replace("18789", "1"));
    for (path, value) in [
        ("gateway.auth.password", REDACTED.to_owned()),
        ("gateway.token", format!("{REDACTED}x")),
        ("agents.list[0].id", REDACTED.to_owned()),
    ] {
        let error = home.file().change(&[set(path, value)], &attempt()).unwrap_err();
        assert!(!error.issues().is_empty(), "{path}: {error}");
    }
    let error = home
        .file()
        .change(&[Edit::Replace { text: format!("{{ gateway: {{ password: '{REDACTED}' }} }}") }], &attempt());
    assert!(matches!(error, Err(ChangeError::Invalid(_))));
    assert_eq!(home.text(), TEXT.replace("18789", "1"));
}

#[test]
fn bad_edits_are_refused_with_their_place_and_nothing_is_written() {
    let home = Home::new(TEXT);
    let refusal = |edits: &[Edit]| {
        home.file()
            .change(edits, &attempt())
            .unwrap_err()
            .to_string()
            .replace(&home.folder.path().display().to_string(), "")
    };
    insta::assert_snapshot!(refusal(&[set("gateway.prot", 1)]), @r"
    config /openclaw.json is not valid
      - gateway.prot: unknown key; did you mean `port`?
    ");
    insta::assert_snapshot!(refusal(&[set("gateway.port", "high")]), @r"
    config /openclaw.json is not valid
      - gateway.port: expected a whole number from 0 to 65535, found text
    ");
    insta::assert_snapshot!(refusal(&[set("gateway.auth.mode", "tokn"), set("gateway.port", 70_000)]), @r#"
    config /openclaw.json is not valid
      - gateway.auth.mode: expected one of the allowed words, found "tokn" (allowed: token, password, none, trusted-proxy); did you mean `token`?
      - gateway.port: expected a whole number from 0 to 65535, found 70000
    "#);
    insta::assert_snapshot!(refusal(&[unset("gateway.prot")]), @r"
    the change is not valid
      - gateway.prot: unknown key; did you mean `port`?
    ");
    insta::assert_snapshot!(refusal(&[set("gateway.port.number", 1)]), @"gateway.port.number: cannot be set, because `gateway.port` is a number; set `gateway.port` itself, or unset it first");
    insta::assert_snapshot!(refusal(&[Edit::Replace { text: "{ gateway: ".into() }]), @"config syntax error at 1:1: EOF parsing value");
    insta::assert_snapshot!(refusal(&[Edit::Replace { text: "{}".into() }, unset("a")]), @"replacing the whole text stands alone; make the other edits in that text, or as a change of their own");
    assert_eq!(home.text(), TEXT);
    assert!(home.file().history(10).unwrap().is_empty());
}

#[test]
fn a_stale_hash_is_refused_with_the_one_in_force() {
    let home = Home::new(TEXT);
    let stale = home.file().hash().unwrap();
    let based = |hash| Attempt { base_hash: Some(hash), ..attempt() };
    let first = home.file().change(&[set("gateway.port", 1)], &based(&stale)).unwrap();
    let error = home.file().change(&[set("gateway.port", 2)], &based(&stale)).unwrap_err();
    assert_eq!(error.to_string(), "config changed since last load; re-run config.get and retry");
    let ChangeError::Conflict { current } = error else { panic!("{error}") };
    assert_eq!(current, first.after_hash);
    home.file().change(&[set("gateway.port", 2)], &based(&current)).unwrap();
}

#[test]
fn a_file_that_is_not_there_is_made_for_its_owner_alone() {
    for (name, text) in
        [("openclaw.json", "{\n  gateway: {\n    port: 1,\n  },\n}\n"), ("gateway.yml", "gateway:\n  port: 1\n")]
    {
        let home = Home::named(name, "");
        fs::remove_file(&home.config).unwrap();
        let changed = home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap();
        assert_eq!((home.text().as_str(), changed.outcome), (text, Outcome::Written));
        assert_eq!(mode(&home.config), 0o600);
    }
}

#[test]
fn a_file_that_is_nonsense_is_replaced_but_not_edited() {
    let home = Home::new("{ gateway: port }");
    let error = home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap_err();
    assert!(matches!(error, ChangeError::Config(ConfigError::Syntax { .. })), "{error}");
    home.file().change(&[Edit::Replace { text: "{}".into() }], &attempt()).unwrap();
    assert_eq!(home.text(), "{}");
    // And what was there is not lost.
    let kept = home.file().history(10).unwrap();
    assert_eq!(kept.len(), 2);
    assert!(home.everything().contains("{ gateway: port }"));
}

#[test]
fn a_stricter_mode_and_a_link_stay() {
    let home = Home::new(TEXT);
    fs::set_permissions(&home.config, fs::Permissions::from_mode(0o400)).unwrap();
    home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap();
    assert_eq!(mode(&home.config), 0o400);
    let link = home.folder.path().join("link.json");
    symlink(&home.config, &link).unwrap();
    file_at(&link, &home.state()).change(&[set("gateway.port", 2)], &attempt()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(home.text().contains("port: 2"));
    // A looser one does not.
    fs::set_permissions(&home.config, fs::Permissions::from_mode(0o640)).unwrap();
    home.file().change(&[set("gateway.port", 3)], &attempt()).unwrap();
    assert_eq!(mode(&home.config), 0o600);
}

#[test]
fn what_others_can_write_is_refused() {
    let home = Home::new(TEXT);
    fs::set_permissions(&home.config, fs::Permissions::from_mode(0o666)).unwrap();
    let error = home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap_err();
    assert!(matches!(error, ChangeError::Config(ConfigError::Permissions { .. })), "{error}");
    fs::set_permissions(&home.config, fs::Permissions::from_mode(0o600)).unwrap();
    for bits in [0o720, 0o702, 0o777] {
        fs::set_permissions(home.folder.path(), fs::Permissions::from_mode(bits)).unwrap();
        let error = home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap_err();
        assert!(matches!(error, ChangeError::Folder { .. }) && error.to_string().contains("chmod go-w "), "{error}");
    }
    assert_eq!(home.text(), TEXT);
}

#[test]
fn whatever_fails_in_a_write_leaves_the_old_file_and_says_what_to_do() {
    for step in [WriteStep::KeepPending, WriteStep::Draft, WriteStep::Publish] {
        for (kind, words) in [
            (io::ErrorKind::StorageFull, "make room and try again, nothing was changed"),
            (io::ErrorKind::ReadOnlyFilesystem, "the file and its folder must be writable"),
            (io::ErrorKind::ResourceBusy, "mount the folder of the file"),
        ] {
            let home = Home::new(TEXT);
            let failing = home.file().probed(move |reached| if reached == step { Err(kind.into()) } else { Ok(()) });
            let error = failing.change(&[set("gateway.port", 1)], &attempt()).unwrap_err();
            assert!(matches!(error, ChangeError::Write { .. }) && error.to_string().contains(words), "{error}");
            assert_eq!(home.text(), TEXT);
            let names: Vec<_> =
                fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert!(!names.iter().any(|name| name.to_string_lossy().ends_with(".new")), "{names:?}");
            // The history knows the old file only, and the next change works.
            assert!(home.file().history(10).unwrap().iter().all(|entry| entry.who == "file"));
            home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap();
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let home = Home::new(TEXT);
    // Whoever may write everywhere cannot see this refusal.
    if fs::metadata(&home.config).unwrap().uid() == 0 {
        return;
    }
    fs::set_permissions(home.folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let error = home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap_err();
    fs::set_permissions(home.folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(matches!(error, ChangeError::Write { .. }) && error.to_string().contains("must be writable"), "{error}");
    assert_eq!(home.text(), TEXT);
}

#[test]
fn what_an_editor_saves_in_the_middle_of_a_change_is_not_overwritten() {
    let home = Home::new(TEXT);
    let (config, by_hand) = (home.config.clone(), TEXT.replace("18789", "7"));
    let saved = by_hand.clone();
    let meddling = home.file().probed(move |step| {
        if step == WriteStep::Publish {
            write(&config, &saved);
        }
        Ok(())
    });
    let error = meddling.change(&[set("gateway.port", 1)], &attempt()).unwrap_err();
    assert!(matches!(error, ChangeError::Conflict { current } if current == home.file().hash().unwrap()));
    assert_eq!(home.text(), by_hand);
}

#[test]
fn the_mode_is_the_one_that_the_configuration_asks_for() {
    let home = Home::new("{ security: { storage: { configPermissions: '400' } } }");
    home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap();
    assert_eq!(mode(&home.config), 0o400);
}
