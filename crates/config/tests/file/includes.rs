//! Parts of the configuration in other files.

use std::{fs, os::unix::fs::symlink};

use openclaw_config::{ChangeError, ConfigError, Effect, plan};
use serde_json::json;

use crate::support::*;

fn refusal(home: &Home) -> String {
    match home.file().load() {
        Err(ConfigError::Invalid(invalid)) => {
            let issues: Vec<String> = invalid.issues.iter().map(ToString::to_string).collect();
            issues.join("\n").replace(&fs::canonicalize(home.folder.path()).unwrap().display().to_string(), "")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_are_merged_in_order_and_what_stands_beside_wins() {
    let home = Home::new(
        "{ $include: ['./a.json5', 'sub/b.yml'], gateway: { port: 3 }, agents: { $include: 'agents.json' } }",
    );
    write(
        &home.folder.path().join("a.json5"),
        "{ gateway: { port: 1, bind: 'loopback' }, spawn: { allow: ['x'] }, logging: { level: 'warn' } }",
    );
    write(
        &home.folder.path().join("sub/b.yml"),
        "gateway: { port: 2 }\nspawn: { allow: [y] }\nlogging: { $include: c.json }\n",
    );
    write(&home.folder.path().join("sub/c.json"), "{ level: 'debug' }");
    write(&home.folder.path().join("agents.json"), "{ list: [{ id: 'a' }] }");
    let loaded = home.file().load().unwrap();
    assert_eq!(
        loaded.parsed,
        json!({ "gateway": { "port": 3, "bind": "loopback" }, "spawn": { "allow": ["x", "y"] }, "logging": { "level": "debug" }, "agents": { "list": [{ "id": "a" }] } })
    );
    assert_eq!(loaded.files().count(), 5);
    // A link to the main file includes from where that is.
    let link = tempfile::tempdir().unwrap();
    symlink(&home.config, link.path().join("openclaw.json")).unwrap();
    assert_eq!(file_at(&link.path().join("openclaw.json"), &home.state()).load().unwrap().hash, loaded.hash);
    // Each file counts for the hash.
    write(&home.folder.path().join("sub/c.json"), "{ level: 'info' }");
    let reloaded = home.file().load().unwrap();
    assert_ne!(loaded.hash, reloaded.hash);
    assert_eq!(plan(&loaded, &reloaded).with(Effect::Hot).collect::<Vec<_>>(), ["logging.level"]);
}

#[test]
fn nothing_outside_the_folder_is_included() {
    let home = Home::named("config/openclaw.json", "{}");
    let outside = home.folder.path().join("outside.json");
    write(&outside, "{ logging: { level: 'hunter2' } }");
    symlink(&outside, home.folder.path().join("config/link.json")).unwrap();
    let long = home.folder.path().join("config/long.json");
    write(&long, &" ".repeat(openclaw_config::MAX_BYTES + 1));
    write(&home.folder.path().join("config/bad.json"), "{ hunter2");
    write(&home.folder.path().join("config/open.json"), "{}");
    fs::set_permissions(
        home.folder.path().join("config/open.json"),
        std::os::unix::fs::PermissionsExt::from_mode(0o666),
    )
    .unwrap();
    let mut report = String::new();
    for name in [
        "/etc/passwd",
        "../outside.json",
        "link.json",
        "missing.json",
        "long.json",
        "bad.json",
        "open.json",
        ".",
        "x\u{7}.json",
    ] {
        write(&home.config, &format!("{{ gateway: {{ $include: {} }} }}", json!(name)));
        report.push_str(&refusal(&home));
        report.push('\n');
    }
    write(&home.config, "{ $include: 5, agents: { $include: ['a', 1] } }");
    report.push_str(&refusal(&home));
    assert!(!report.contains("hunter2"));
    insta::assert_snapshot!(report);
}

#[test]
fn t58_no_spelling_of_a_name_includes_a_file_from_elsewhere() {
    let home = Home::named("config/openclaw.json", "{}");
    let outside = "{ logging: { level: 'hunter2' } }";
    write(&home.folder.path().join("outside.json"), outside);
    write(&home.folder.path().join("passwd"), outside);
    symlink(home.folder.path(), home.folder.path().join("config/up")).unwrap();
    let mut names: Vec<String> = [
        "/etc/passwd",
        "//etc/passwd",
        "file:///etc/passwd",
        "~/outside.json",
        "$HOME/outside.json",
        "${HOME}/outside.json",
        "/proc/self/environ",
        "/dev/stdin",
        "/dev/zero",
        "up/outside.json",
        "up/config/../outside.json",
        "./up/outside.json",
        "C:\\outside.json",
        "\\\\host\\outside.json",
        "outside.json\0",
        "..",
        ".",
        "",
    ]
    .map(str::to_owned)
    .into();
    for up in
        ["../", "..\\", "..//", ".././", "..;/", "....//", "..\0/", "．．/", "..\u{2215}", "up/../../", "a/../../"]
    {
        for before in ["", "/", "./", "up/", "a/", "config/"] {
            for steps in 1..=6 {
                for wanted in ["outside.json", "passwd"] {
                    names.push(format!("{before}{}{wanted}", up.repeat(steps)));
                }
            }
        }
    }
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    assert!(names.len() >= 300, "{} names", names.len());
    for (number, name) in names.iter().enumerate() {
        let encoded = [percent(name), percent(&percent(name))].into_iter().filter(|_| number % 8 == 0);
        for spelling in std::iter::once(name.clone()).chain(encoded) {
            write(&home.config, &json!({ "gateway": { "$include": spelling } }).to_string());
            let told = refusal(&home);
            assert!(!told.contains("hunter2"), "{spelling:?}: {told}");
        }
    }
}

#[test]
fn a_cycle_is_named_and_depth_and_number_are_bounded() {
    let home = Home::new("{ $include: 'a.json' }");
    write(&home.folder.path().join("a.json"), "{ gateway: { $include: 'b.json' } }");
    write(&home.folder.path().join("b.json"), "{ $include: './a.json' }");
    assert_eq!(refusal(&home), "gateway.$include: includes itself: openclaw.json -> a.json -> b.json -> a.json");
    for depth in 0..12 {
        write(&home.folder.path().join(format!("d{depth}.json")), &format!("{{ $include: 'd{}.json' }}", depth + 1));
    }
    write(&home.config, "{ $include: 'd0.json' }");
    assert_eq!(refusal(&home), "$include: `d10.json` is included more than 10 files deep");
    write(&home.folder.path().join("e.json"), "{}");
    write(&home.config, &json!({ "$include": vec!["e.json"; 64] }).to_string());
    assert_eq!(refusal(&home), "$include: more than 64 files are included");
}

#[test]
fn a_change_goes_to_the_file_that_holds_the_key() {
    let main = "{ $include: 'base.json', gateway: { port: 3 } }";
    let base = "{ // base\n  gateway: { port: 1, bind: 'loopback' },\n  logging: { level: 'warn' },\n}\n";
    let home = Home::new(main);
    let included = home.folder.path().join("base.json");
    write(&included, base);
    let text = || fs::read_to_string(&included).unwrap();
    home.file().change(&[set("logging.level", "debug")], &attempt()).unwrap();
    assert_eq!((home.text().as_str(), text()), (main, base.replace("warn", "debug")));
    home.file().change(&[set("gateway.port", 4), set("spawn.allow", json!(["x"]))], &attempt()).unwrap();
    assert!(home.text().contains("port: 4") && home.text().contains("spawn"));
    assert_eq!(home.file().load().unwrap().config.gateway.port, 4);
    // What several files hold, or what belongs to several files, is left to somebody who sees them all.
    for edits in [
        vec![unset("gateway.port")],
        vec![set("gateway.port", 5), set("logging.level", "info")],
        vec![set("gateway", json!({ "port": 9 }))],
    ] {
        let error = home.file().change(&edits, &attempt()).unwrap_err();
        assert!(matches!(&error, ChangeError::Spread { .. }) && error.to_string().contains("base.json"), "{error}");
    }
    // The history goes back over both, one after the other.
    home.file().undo(None, &attempt()).unwrap();
    let first = home.file().history(10).unwrap().pop().unwrap();
    home.file().undo(Some(first.id.as_str()), &attempt()).unwrap();
    assert_eq!((home.text().as_str(), text().as_str()), (main, base));
    home.file().record(&home.file().load().unwrap(), NOW).unwrap();
    write(&included, "{");
    assert_eq!(home.file().last_known_good().unwrap().unwrap().config.gateway.bind, openclaw_config::Bind::Loopback);
}
