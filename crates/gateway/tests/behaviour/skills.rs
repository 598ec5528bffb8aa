//! Skills that agents have: found, judged, installed and turned off (M12).

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use openclaw_testkit::gateway::{Setup, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{audit, devices::code, talk::Talk};

const SECRET: &str = "sk-of-a-skill-0123456789";

fn write(folder: &Path, head: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("SKILL.md"), format!("---\n{head}\n---\nText.\n")).unwrap();
}

fn skill<'a>(status: &'a Value, name: &str) -> &'a Value {
    let skills = status["skills"].as_array().unwrap();
    skills.iter().find(|skill| skill["name"] == name).unwrap_or_else(|| panic!("no {name}: {status}"))
}

/// A gateway that knows these programs and a folder of further skills.
async fn gateway() -> (TestGateway, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("bin")).unwrap();
    let program = home.path().join("bin/notetool");
    fs::write(&program, "#!/bin/false\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let setup = Setup {
        config: json!({
            "skills": {
                "load": { "extraDirs": [home.path().join("more").display().to_string()] },
                "entries": { "off": { "enabled": false }, "keyed": { "apiKey": SECRET, "env": { "OTHER": SECRET } } },
            },
        }),
        environment: vec![("PATH".into(), home.path().join("bin").display().to_string()), ("SET".into(), "1".into())],
        ..Setup::default()
    };
    (TestGateway::with(setup).await, home)
}

#[tokio::test]
async fn skills_are_told_with_what_they_need_and_lack_and_without_secrets() {
    let (gateway, home) = gateway().await;
    let mut talk = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    let empty = talk.ok("skills.status", json!({})).await;
    assert_eq!((&empty["skills"], &empty["agentId"]), (&json!([]), &json!("main")), "{empty}");
    let workspace = gateway.dir().join("state/workspace/skills");
    let managed = gateway.dir().join("state/skills");
    let more = home.path().join("more");
    write(&workspace.join("both"), "name: both\ndescription: The agent's own.");
    write(&managed.join("both"), "name: both\ndescription: Everybody's.");
    write(&managed.join("off"), "name: off\ndescription: Off.");
    write(
        &managed.join("needy"),
        "name: needy\ndescription: Needs.\nmetadata: {\"openclaw\": {\"os\": [\"linux\", \"darwin\"], \"requires\": {\"bins\": [\"notetool\", \"gone\"], \"anyBins\": [\"x\", \"notetool\"], \"env\": [\"SET\", \"UNSET\"], \"config\": [\"gateway.port\", \"skills.entries\"]}, \"install\": [{\"kind\": \"brew\", \"formula\": \"gone\", \"bins\": [\"gone\"]}]}}",
    );
    write(
        &more.join("deep/keyed"),
        "name: keyed\ndescription: Keyed.\nmetadata: {\"openclaw\": {\"primaryEnv\": \"KEYED\", \"requires\": {\"env\": [\"KEYED\", \"OTHER\"]}}}",
    );
    write(
        &more.join("elsewhere"),
        "name: elsewhere\ndescription: d\nmetadata: {\"openclaw\": {\"always\": true, \"os\": [\"win32\"], \"requires\": {\"bins\": [\"gone\"]}}}",
    );
    fs::create_dir_all(managed.join("broken")).unwrap();
    fs::write(managed.join("broken/SKILL.md"), "nothing").unwrap();
    symlink(&more, managed.join("linked")).unwrap();

    let status = talk.ok("skills.status", json!({ "sessionKey": "agent:main:main" })).await;
    let names: Vec<_> =
        status["skills"].as_array().unwrap().iter().map(|skill| skill["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["both", "elsewhere", "keyed", "needy", "off"]);
    let both = skill(&status, "both");
    assert_eq!((&both["source"], &both["eligible"]), (&json!("openclaw-workspace"), &json!(true)), "{both}");
    let off = skill(&status, "off");
    assert_eq!((&off["disabled"], &off["eligible"]), (&json!(true), &json!(false)), "{off}");
    let keyed = skill(&status, "keyed");
    assert_eq!((&keyed["source"], &keyed["eligible"]), (&json!("openclaw-extra"), &json!(true)), "{keyed}");
    assert!(!status.to_string().contains(SECRET));
    let needy = skill(&status, "needy");
    assert_eq!(
        needy["missing"],
        json!({ "bins": ["gone"], "anyBins": [], "env": ["UNSET"], "config": ["gateway.port"], "os": [] }),
        "{needy}"
    );
    assert_eq!(needy["configChecks"][1], json!({ "path": "skills.entries", "satisfied": true }));
    assert_eq!(
        needy["install"][0],
        json!({ "id": "brew-0", "kind": "brew", "label": "Install gone (brew)", "bins": ["gone"] })
    );
    let elsewhere = skill(&status, "elsewhere");
    assert_eq!(
        (&elsewhere["platformIncompatible"], &elsewhere["missing"]["bins"], &elsewhere["eligible"]),
        (&json!(true), &json!([]), &json!(false))
    );
    assert_eq!(status["problems"].as_array().unwrap().len(), 2, "{}", status["problems"]);
    let unknown = talk.call("skills.status", json!({ "agentId": "nobody" })).await;
    assert_eq!(code(&unknown), "UNKNOWN_AGENT_ID", "{unknown}");

    let mut node = connect_params(&[]);
    (node["role"], node["client"]["id"], node["client"]["mode"]) = (json!("node"), json!("node-host"), json!("node"));
    node["minProtocol"] = json!(3);
    node["maxProtocol"] = json!(3);
    let mut node = Talk::with(&gateway, node).await;
    assert_eq!(node.ok("skills.bins", json!({})).await, json!({ "bins": ["gone", "notetool", "x"] }));
}

#[tokio::test]
async fn a_skill_is_turned_off_and_given_its_key_which_nobody_sees_again() {
    let (gateway, _home) = gateway().await;
    write(
        &gateway.dir().join("state/skills/notes"),
        "name: notes\ndescription: d\nmetadata: {\"openclaw\": {\"primaryEnv\": \"NOTES_KEY\", \"requires\": {\"env\": [\"NOTES_KEY\"]}}}",
    );
    let (mut talk, mut other) = (Talk::admin(&gateway).await, Talk::admin(&gateway).await);
    let status = talk.ok("skills.status", json!({})).await;
    assert_eq!(skill(&status, "notes")["missing"]["env"], json!(["NOTES_KEY"]));
    let key = "sk-another-secret-9876543210";
    let updated = talk
        .ok("skills.update", json!({ "skillKey": "notes", "apiKey": format!(" {key} "), "env": { "REGION": key } }))
        .await;
    assert_eq!((&updated["ok"], &updated["skillKey"]), (&json!(true), &json!("notes")), "{updated}");
    assert!(!updated.to_string().contains(key), "{updated}");
    assert!(updated["config"]["env"]["REGION"].is_string() && updated["config"]["apiKey"].is_string(), "{updated}");
    other.event("skills.changed", |event| event["reason"] == "config").await;
    let status = other.ok("skills.status", json!({})).await;
    assert_eq!(skill(&status, "notes")["eligible"], true);
    assert!(!status.to_string().contains(key));
    assert!(fs::read_to_string(gateway.config_path()).unwrap().contains(&format!("\"{key}\"")));
    talk.ok("skills.update", json!({ "skillKey": "notes", "enabled": false, "apiKey": "", "env": { "REGION": "" } }))
        .await;
    assert!(!fs::read_to_string(gateway.config_path()).unwrap().contains(key));
    let status = talk.ok("skills.status", json!({})).await;
    assert_eq!(
        (&skill(&status, "notes")["disabled"], &skill(&status, "notes")["eligible"]),
        (&json!(true), &json!(false))
    );

    for (params, expected) in [
        (json!({}), "INVALID_PARAMS"),
        (json!({ "skillKey": "unheard-of", "enabled": true }), "NOT_FOUND"),
        (json!({ "skillKey": "notes", "env": { "A=B": "x" } }), "INVALID_PARAMS"),
        (json!({ "skillKey": "notes", "env": { "A": "x\ny" } }), "INVALID_PARAMS"),
        (json!({ "skillKey": "notes", "apiKey": 7 }), "INVALID_PARAMS"),
        (json!({ "skillKey": "notes", "more": true }), "INVALID_PARAMS"),
        (json!({ "source": "clawhub", "all": true }), "NOT_IMPLEMENTED"),
    ] {
        let refused = talk.call("skills.update", params.clone()).await;
        assert_eq!((&refused["ok"], code(&refused)), (&json!(false), expected), "{params}: {refused}");
    }
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read", "operator.write"])).await;
    for (method, params) in [
        ("skills.update", json!({ "skillKey": "notes", "enabled": true })),
        ("skills.install", json!({ "source": "path", "path": "/tmp" })),
    ] {
        assert_eq!(code(&reader.call(method, params).await), "MISSING_SCOPE");
    }
}

#[tokio::test]
async fn a_skill_is_installed_whole_and_no_longer_used_once_it_was_changed() {
    let (gateway, home) = gateway().await;
    let source = home.path().join("Note Keeper");
    write(&source, "name: notes\ndescription: Keeps notes.");
    fs::write(source.join("helper.sh"), "#!/bin/sh\n").unwrap();
    let (mut talk, mut other) = (Talk::admin(&gateway).await, Talk::admin(&gateway).await);
    let path = source.display().to_string();
    let done = talk.ok("skills.install", json!({ "source": "path", "path": path })).await;
    assert_eq!(
        (&done["slug"], &done["name"], &done["files"]),
        (&json!("note-keeper"), &json!("notes"), &json!(2)),
        "{done}"
    );
    other.event("skills.changed", |event| event["reason"] == "install").await;
    let status = talk.ok("skills.status", json!({})).await;
    let notes = skill(&status, "notes");
    assert_eq!((&notes["installed"]["sha256"], &notes["eligible"]), (&done["sha256"], &json!(true)), "{notes}");
    let records = audit::records(&gateway).await;
    let kept = records.iter().find(|record| record.event.event == "skill.installed").unwrap();
    assert_eq!(kept.event.detail["sha256"], done["sha256"]);

    let again = talk.call("skills.install", json!({ "source": "path", "path": path })).await;
    assert_eq!((code(&again), &again["error"]["details"]["slug"]), ("CONFLICT", &json!("note-keeper")), "{again}");
    fs::write(gateway.dir().join("state/skills/note-keeper/helper.sh"), "#!/bin/sh\ncurl evil\n").unwrap();
    let status = talk.ok("skills.status", json!({})).await;
    let notes = skill(&status, "notes");
    assert!(
        notes["eligible"] == false && notes["broken"].as_str().unwrap().contains("not what was installed"),
        "{notes}"
    );
    let forced = talk.ok("skills.install", json!({ "source": "path", "path": path, "force": true })).await;
    assert_eq!((&forced["replaced"], &forced["sha256"]), (&json!(true), &done["sha256"]), "{forced}");
    let status = talk.ok("skills.status", json!({})).await;
    assert_eq!(skill(&status, "notes")["eligible"], true);

    symlink("/etc/passwd", source.join("link")).unwrap();
    for (params, expected) in [
        (json!({ "source": "path", "path": path, "force": true }), "FILE_REFUSED"),
        (json!({ "source": "path", "path": path, "force": true, "sha256": "0".repeat(64) }), "FILE_REFUSED"),
        (json!({ "source": "path", "path": "relative" }), "INVALID_PARAMS"),
        (json!({ "source": "path", "path": "/tmp/../etc" }), "INVALID_PARAMS"),
        (json!({ "source": "path", "path": "/nowhere" }), "NOT_FOUND"),
        (json!({ "source": "path", "path": path, "slug": "../up" }), "INVALID_PARAMS"),
        (json!({ "source": "path", "path": path, "sha256": "x" }), "INVALID_PARAMS"),
        (json!({ "source": "clawhub", "slug": "@a/b" }), "NOT_IMPLEMENTED"),
        (json!({ "source": "upload", "uploadId": "u", "slug": "s" }), "NOT_IMPLEMENTED"),
        (json!({ "name": "unheard-of", "installId": "brew" }), "NOT_FOUND"),
        (json!({ "name": "notes", "installId": "brew" }), "NOT_FOUND"),
        (json!({}), "INVALID_PARAMS"),
    ] {
        let refused = talk.call("skills.install", params.clone()).await;
        assert_eq!((&refused["ok"], code(&refused)), (&json!(false), expected), "{params}: {refused}");
    }
    let left: Vec<_> = fs::read_dir(gateway.dir().join("state/skills/.staging")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
