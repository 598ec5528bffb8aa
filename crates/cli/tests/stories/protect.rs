//! What is kept is kept from others: sealed secrets, a sealed database, backups and the way back, keys that are exchanged.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use insta::assert_snapshot;

use crate::home::{Home, Ran};

const TOKEN: &str = "protect-token-0123456789abcdef0123456789";
const SAID: &str = "Where does the heron stand";

const NOWHERE: [PathBuf; 0] = [];

fn written() -> Home {
    let home = Home::new();
    home.write_config(&format!("{{\n  // The door.\n  gateway: {{ auth: {{ token: \"{TOKEN}\" }} }}, // mine\n}}\n"));
    home
}

fn config(home: &Home) -> String {
    fs::read_to_string(home.state().join("openclaw.json")).unwrap()
}

/// Every file below the folder that holds the word.
fn holding(folder: &Path, word: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, word));
        } else if fs::read(&path).unwrap_or_default().windows(word.len()).any(|window| window == word.as_bytes()) {
            found.push(path);
        }
    }
    found
}

fn ok(ran: Ran) -> Ran {
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    ran
}

fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn set(home: &Home, path: &str, value: &str) {
    ok(home.run(&["config", "set", path, value, "--offline"]));
}

#[test]
fn secrets_are_sealed_in_the_file_and_opened_again() {
    let home = written();
    let plain = config(&home);
    assert_snapshot!(home.run(&["config", "encrypt", "--dry-run"]).told(), @r#"
    exit 0
    --- out
    Could be sealed: gateway.auth.token
    "#);
    assert_snapshot!(home.run(&["config", "encrypt", "--paths", "gateway.port"]).told(), @r#"
    exit 1
    --- err
    error: nothing was changed: the change is not valid
      - gateway.port: holds no secret; sealed is what shown configurations hide, unless it is a ${NAME}
      help: see what may stand there: openclaw config schema <path>
    "#);
    assert_eq!(config(&home), plain);
    assert_snapshot!(home.run(&["config", "encrypt", "--yes"]).told(), @r#"
    exit 0
    --- out
    sealed gateway.auth.token
    Keep what opens them apart from this machine: the passphrase or key file, or the folder keys/.
    "#);
    assert_snapshot!(home.run(&["config", "encrypt", "--yes"]).told(), @r#"
    exit 2
    --- out
    Nothing to seal: no secret stands in the open.
    "#);
    assert!(config(&home).contains("enc:v1:") && config(&home).contains("// mine"), "{}", config(&home));
    assert_eq!(holding(&home.state(), TOKEN), NOWHERE, "the token is in no file");
    let shown = home.run(&["config", "get", "gateway.auth.token"]).told();
    assert!(shown.contains("__OPENCLAW_REDACTED__") && !shown.contains("enc:v1:"), "{shown}");
    // The gateway starts with it, and the command line gets in with it.
    let mut gateway = home.gateway(&[]);
    ok(home.run(&["health"]));
    ok(home.run(&["gateway", "call", "status", "--token", TOKEN, "--url", &format!("ws://127.0.0.1:{}", home.port)]));
    gateway.kill();
    assert_snapshot!(home.run(&["config", "decrypt"]).told(), @r#"
    exit 2
    --- err
    error: secrets would be shown in the open, and nobody can be asked here
      help: add --yes
    "#);
    assert_eq!(ok(home.run(&["config", "decrypt", "--to-stdout", "--yes"])).out, plain);
    assert!(config(&home).contains("enc:v1:"));
    assert_snapshot!(home.run(&["config", "decrypt", "--yes"]).told(), @r#"
    exit 0
    --- out
    in the open again: gateway.auth.token
    "#);
    assert_eq!(config(&home), plain);
}

#[test]
fn with_encryption_on_the_first_start_seals_what_is_there() {
    let home = written();
    home.write_config(
        &config(&home).replace("// mine\n", "// mine\n  security: { encryption: { config: { enabled: true } } },\n"),
    );
    let _gateway = home.gateway(&[]);
    assert!(config(&home).contains("enc:v1:") && config(&home).contains("// mine"), "{}", config(&home));
    assert_eq!(holding(&home.state(), TOKEN), NOWHERE);
    ok(home.run(&["health"]));
    let set = |value: &str| home.run(&["config", "set", "hooks.token", value]);
    ok(set("another-token-0123456789abcdef0123456789"));
    assert_eq!(holding(&home.state(), "another-token-0123456789"), NOWHERE, "each write seals what is new");
    ok(home.run(&["health"]));
    let refused = home.run(&["config", "decrypt", "--yes"]).told();
    assert!(refused.contains("set it to false first"), "{refused}");
}

#[test]
fn a_wrong_passphrase_keeps_the_gateway_from_starting_and_says_so() {
    let mut home = written();
    home.set("OPENCLAW_STATE_PASSPHRASE", "correct horse battery");
    ok(home.run(&["config", "encrypt", "--yes"]));
    assert!(!home.state().join("keys/master.key").exists());
    ok(home.run(&["config", "validate"]));
    home.set("OPENCLAW_STATE_PASSPHRASE", "wrong horse battery");
    let before = config(&home);
    let ran = home.run(&["gateway", "run", "--port", &home.port.to_string()]);
    assert_eq!(ran.code, Some(78), "{}", ran.told());
    assert!(ran.err.contains("OPENCLAW_STATE_PASSPHRASE does not open the data keys"), "{}", ran.told());
    assert_eq!(config(&home), before);
}

#[test]
fn keys_are_wrapped_anew_while_a_gateway_runs() {
    let home = written();
    assert_snapshot!(home.run(&["security", "rotate-keys"]).told(), @r#"
    exit 1
    --- err
    error: there are no data keys yet; nothing is encrypted
    "#);
    ok(home.run(&["config", "encrypt", "--yes"]));
    let master = fs::read(home.state().join("keys/master.key")).unwrap();
    let sealed = config(&home);
    let _gateway = home.gateway(&[]);
    ok(home.run(&["security", "rotate-keys"]));
    assert_ne!(fs::read(home.state().join("keys/master.key")).unwrap(), master);
    assert_eq!(config(&home), sealed, "nothing is sealed anew");
    ok(home.run(&["health"]));
    let own = home.path().join("own.key");
    ok(home.run(&["security", "rotate-keys", "--to", "key-file", "--key-file", own.to_str().unwrap()]));
    assert!(!home.state().join("keys/master.key").exists() && own.exists());
    ok(home.run(&["health"]));
    fs::set_permissions(&own, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = home.run(&["config", "validate"]).told();
    assert!(refused.contains("own.key can be read or written by others"), "{refused}");
}

#[test]
fn a_database_is_sealed_with_what_was_there_and_opened_again() {
    let home = written();
    let mut gateway = home.gateway(&[]);
    ok(home.run(&["agent", "-m", SAID]));
    home.run(&["gateway", "stop"]);
    gateway.wait();
    assert_eq!(holding(&home.state(), SAID).len(), 1, "{:?}", holding(&home.state(), SAID));
    set(&home, "security.encryption.database.enabled", "true");
    let mut gateway = home.gateway(&[]);
    assert_eq!(holding(&home.state(), SAID), NOWHERE);
    let history = ok(home.run(&["sessions", "history", "main"])).out;
    assert!(history.contains(SAID), "{history}");
    ok(home.run(&["agent", "-m", "And the egret?"]));
    assert!(ok(home.run(&["sessions", "search", "heron"])).out.contains("heron"));
    ok(home.run(&["audit", "verify"]));
    gateway.kill();
    assert_eq!(holding(&home.state(), "And the egret?"), NOWHERE, "nor after a kill");
    // Without the key it does not start, and says which is missing.
    fs::rename(home.state().join("keys"), home.path().join("lost")).unwrap();
    set(&home, "security.encryption.database.enabled", "false");
    let ran = home.run(&["gateway", "run", "--port", &home.port.to_string()]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains("put keys/ back from a backup"), "{}", ran.told());
    fs::rename(home.path().join("lost"), home.state().join("keys")).unwrap();
    let _gateway = home.gateway(&[]);
    let history = ok(home.run(&["sessions", "history", "main"])).out;
    assert!(history.contains(SAID) && history.contains("And the egret?"), "{history}");
}

/// A conversation with so many lines, written while no gateway runs.
fn tell(home: &Home, lines: usize) {
    use openclaw_core::{
        Clock,
        record::{Session, SessionSettings, Totals},
    };
    use openclaw_protocol::{AgentId, SessionKey};
    use openclaw_store::{Change, NewMessage, Settings, StateDir, Store, Transaction};
    let key = SessionKey::new("agent:main:told").unwrap();
    let session = Session {
        key: key.clone(),
        session_id: uuid::Uuid::from_u128(7),
        agent_id: AgentId::new("main").unwrap(),
        label: None,
        created_at: 1,
        updated_at: 1,
        revision: 0,
        message_count: 0,
        settings: SessionSettings::default(),
        totals: Totals::default(),
        aborted_last_run: false,
    };
    let audit = openclaw_core::record::AuditEvent {
        event: "session.created".to_owned(),
        severity: "info".to_owned(),
        actor: "gateway".to_owned(),
        ip: None,
        method: None,
        target: None,
        outcome: "ok".to_owned(),
        reason: None,
        detail: serde_json::Value::Null,
    };
    let message = |n: usize| NewMessage {
        id: uuid::Uuid::from_u128(1000 + n as u128),
        run_id: None,
        body: serde_json::json!({ "role": "user", "content": [{ "type": "text", "text": format!("{SAID} {n}") }] }),
    };
    let claim = StateDir::claim(&home.state()).unwrap();
    let store = Store::open(&claim, Clock::system(), Settings::default()).unwrap().store;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let write = |changes| Transaction { changes, audit: audit.clone(), idempotency: None };
    runtime.block_on(async {
        store.write(write(vec![Change::EnsureSession { session }])).await.unwrap();
        for chunk in (0..lines).collect::<Vec<_>>().chunks(100) {
            let messages = chunk.iter().map(|n| message(*n)).collect();
            let append = Change::AppendMessages {
                key: key.clone(),
                messages,
                totals_add: Totals::default(),
                aborted_last_run: None,
            };
            store.write(write(vec![append])).await.unwrap();
        }
        store.close().await.unwrap();
    });
}

#[test]
fn kills_while_a_database_is_sealed_or_opened_lose_nothing() {
    let home = written();
    tell(&home, 12_000);
    let port = home.port.to_string();
    for enabled in ["true", "false"] {
        set(&home, "security.encryption.database.enabled", enabled);
        for round in 0..12 {
            let mut child = home
                .command(&["gateway", "run", "--port", &port])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(40 + 25 * round));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let mut gateway = home.gateway(&[]);
        let left = holding(&home.state(), SAID);
        assert_eq!(left.is_empty(), enabled == "true", "{left:?}");
        let params = r#"{"sessionKey":"agent:main:told","limit":1}"#;
        let newest = ok(home.run(&["call", "chat.history", "--params", params])).out;
        assert!(newest.contains(&format!("{SAID} 11999")), "{newest}");
        let found = ok(home.run(&["sessions", "search", "heron"])).out;
        assert!(found.contains("heron"), "{found}");
        gateway.kill();
        ok(home.run(&["audit", "verify", "--no-file"]));
    }
}

#[test]
fn a_backup_of_a_gateway_at_work_is_restored_elsewhere_and_starts_there() {
    let mut home = written();
    home.set("OPENCLAW_STATE_PASSPHRASE", "correct horse battery");
    let gateway = home.gateway(&[]);
    ok(home.run(&["agent", "-m", SAID]));
    let made = ok(home.run(&["backup", "create", "--encrypt", "--json"])).json();
    drop(gateway);
    let file = PathBuf::from(made["path"].as_str().unwrap().replacen('~', home.path().to_str().unwrap(), 1));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(made["auditRecords"].as_u64().unwrap() > 0, "{made}");
    let file = file.to_str().unwrap();
    let verified = ok(home.run(&["backup", "verify", file, "--json"])).json();
    assert_eq!(verified["sha256"], made["sha256"]);
    let listed = ok(home.run(&["backup", "list", "--json"])).json();
    assert_eq!((listed["backups"].as_array().unwrap().len(), &listed["backups"][0]["encrypted"]), (1, &true.into()));
    let here = home.run(&["backup", "restore", file]).told();
    assert!(here.contains("empty or not there yet"), "{here}");
    let kept = home.path().join("kept.sealed");
    fs::copy(file, &kept).unwrap();
    fs::rename(home.state(), home.path().join("old")).unwrap();
    let restored = ok(home.run(&["backup", "restore", kept.to_str().unwrap()])).told();
    assert!(!restored.contains("no keys"), "{restored}");
    let _gateway = home.gateway(&[]);
    let history = ok(home.run(&["sessions", "history", "main"])).out;
    assert!(history.contains(SAID), "{history}");
    ok(home.run(&["audit", "verify", "--no-file"]));
}

#[test]
fn a_damaged_backup_is_named_and_a_plain_one_says_what_it_lacks() {
    let home = written();
    let nothing = ok(home.run(&["backup", "list"])).told();
    assert!(nothing.contains("No backups in ~/.openclaw/backups"), "{nothing}");
    let gateway = home.gateway(&[]);
    drop(gateway);
    let told = ok(home.run(&["backup", "create"])).told();
    assert!(told.contains("without audit.key: only an encrypted backup holds keys"), "{told}");
    let made = ok(home.run(&["backup", "list", "--json"])).json();
    let file = made["backups"][0]["path"].as_str().unwrap().replacen('~', home.path().to_str().unwrap(), 1);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let bad = home.path().join("bad.tar.gz");
    fs::write(&bad, bytes).unwrap();
    let ran = home.run(&["backup", "verify", bad.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains("bad.tar.gz: "), "{}", ran.told());
    let target = home.path().join("elsewhere");
    let restored = ok(home.run(&["backup", "restore", &file, "--into", target.to_str().unwrap()])).told();
    assert!(restored.contains("no keys are in this backup: put your copy of audit.key"), "{restored}");
    let copied = ok(home.run(&["security", "backup-config"])).told();
    assert!(copied.contains("not in it: audit.key"), "{copied}");
    let out = home.path().join("copy");
    let copied = ok(home.run(&["security", "backup-config", "--json", "--out", out.to_str().unwrap()])).json();
    assert_eq!(copied["notCopied"], serde_json::json!(["audit.key"]));
}

#[test]
fn with_a_path_a_backup_is_made_each_day_by_itself() {
    let home = written();
    home.write_config(&config(&home).replace(
        "// mine\n",
        "// mine\n  security: { storage: { backupPath: \"~/safe\", backupEncryption: true, backupRetention: \"90d\" } },\n",
    ));
    let safe = home.path().join("safe");
    fs::create_dir(&safe).unwrap();
    for old in ["openclaw-backup-20200101T000000Z.tar.gz.sealed", "openclaw-backup-20200102T000000Z.tar.gz"] {
        fs::write(safe.join(old), "old").unwrap();
    }
    let mut gateway = home.gateway(&[]);
    until("the old ones make way for the new one", || {
        let names: Vec<_> = fs::read_dir(&safe).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.len() == 1
            && names[0].to_str().unwrap().ends_with(".tar.gz.sealed")
            && !names[0].to_str().unwrap().contains("-2020")
    });
    until("it is on record", || {
        home.run(&["logs", "filter", "--event", "backup.created", "--json"]).out.contains("\"removed\":2")
    });
    gateway.kill();
    // A start on the same day makes no other.
    let _gateway = home.gateway(&[]);
    ok(home.run(&["health"]));
    assert_eq!(fs::read_dir(&safe).unwrap().count(), 1);
}

#[test]
fn keys_that_grow_old_are_wrapped_anew_or_told_of() {
    let home = written();
    home.write_config(&config(&home).replace(
        "// mine\n",
        "// mine\n  security: { keyRotation: { enabled: true, interval: \"30d\", notifyBefore: \"7d\" } },\n",
    ));
    ok(home.run(&["config", "encrypt", "--yes"]));
    let ages = home.state().join("keys/ages.json");
    let mut gateway = home.gateway(&[]);
    until("ages are kept", || ages.exists());
    gateway.kill();
    assert!(!fs::read_to_string(&ages).unwrap().contains(TOKEN));
    let due = |home: &Home| home.run(&["doctor"]).out.contains("keys.due: gateway.auth.token was due");
    assert!(!due(&home), "they are new");
    // As if all that were years ago.
    let envelope = home.state().join("keys/envelope.json");
    for (file, key) in [(&ages, "since"), (&envelope, "wrappedAt")] {
        let text = fs::read_to_string(file).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        fn old(value: &mut serde_json::Value, key: &str) {
            let Some(object) = value.as_object_mut() else { return };
            for (name, inner) in object {
                if name == key { *inner = 1_600_000_000_000_i64.into() } else { old(inner, key) }
            }
        }
        old(&mut value, key);
        fs::write(file, value.to_string()).unwrap();
    }
    let master = fs::read(home.state().join("keys/master.key")).unwrap();
    let _gateway = home.gateway(&[]);
    let filtered = |event: &str| home.run(&["logs", "filter", "--event", event, "--json"]).out;
    until("the token is told of", || filtered("keys.due").contains("gateway.auth.token"));
    until("the data keys are wrapped anew", || filtered("keys.rewrapped").contains("generated"));
    assert_ne!(fs::read(home.state().join("keys/master.key")).unwrap(), master);
    assert!(due(&home), "{}", home.run(&["doctor"]).told());
    ok(home.run(&["health"]));
}
