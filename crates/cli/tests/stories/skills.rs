//! Skills are installed, judged, turned off and given their keys.

use std::{fs, path::Path};

use insta::assert_snapshot;

use crate::home::Home;

fn skill(folder: &Path, head: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("SKILL.md"), format!("---\n{head}\n---\nText.\n")).unwrap();
}

#[test]
fn a_skill_is_installed_turned_off_and_found_changed() {
    let mut home = Home::new();
    home.set("NOTES_SECRET", "sk-notes-0123456789");
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["skills"]).told(), @r#"
    exit 0
    --- out
    there are no skills
    They belong into ~/.openclaw/skills or ~/.openclaw/workspace/skills.
    "#);
    let source = home.path().join("Note Keeper");
    skill(
        &source,
        "name: notes\ndescription: Keeps notes.\nmetadata: {\"openclaw\": {\"primaryEnv\": \"NOTES_KEY\", \"requires\": {\"bins\": [\"sh\"], \"env\": [\"NOTES_KEY\"]}}}",
    );
    let path = source.display().to_string();
    assert_snapshot!(home.run(&["skills", "install", &path]).told(), @r#"
    exit 0
    --- out
    notes installed as note-keeper in ~/.openclaw/skills/note-keeper
    "#);
    assert_snapshot!(home.run(&["skills", "install", &path]).told(), @r#"
    exit 1
    --- err
    error: skills.install: ~/Note Keeper is not installed: a skill "note-keeper" is installed already; replace it with force
    "#);
    skill(&home.state().join("skills/bare"), "description: By hand.");
    assert_snapshot!(home.run(&["skills", "check"]).told(), @r#"
    exit 0
    --- out
    1 of 2 skills are ready
    SKILL  STATE    WHY
    notes  missing  variable NOTES_KEY
    "#);
    assert_snapshot!(home.run(&["skills", "update", "notes", "--api-key-env", "NOTES_SECRET"]).told(), @r#"
    exit 0
    --- out
    notes changed
    "#);
    assert_snapshot!(home.run(&["skills", "list"]).told(), @r#"
    exit 0
    --- out
    SKILL  STATE  FROM     WHAT FOR
    bare   ready  managed  By hand.
    notes  ready  managed  Keeps notes.
    "#);
    let info = home.run(&["skills", "info", "notes"]);
    for word in ["ready", "NOTES_KEY", "program sh", "SHA-256", "Note Keeper"] {
        assert!(info.code == Some(0) && info.out.contains(word), "{word}: {}", info.told());
    }
    let json = home.run(&["skills", "info", "Notes", "--json"]).json();
    assert_eq!((&json["skillKey"], &json["eligible"]), (&"notes".into(), &true.into()));
    for command in [&["skills", "--json"][..], &["skills", "info", "notes"], &["skills", "check", "--json"]] {
        assert!(!home.run(command).out.contains("sk-notes"), "{command:?}");
    }
    assert_snapshot!(home.run(&["skills", "disable", "notes"]).told(), @r#"
    exit 0
    --- out
    notes is off
    "#);
    assert_snapshot!(home.run(&["skills", "list", "--eligible"]).told(), @r#"
    exit 0
    --- out
    SKILL  STATE  FROM     WHAT FOR
    bare   ready  managed  By hand.
    "#);
    assert_eq!(home.run(&["skills", "enable", "notes"]).out, "notes is on\n");
    fs::write(home.state().join("skills/note-keeper/SKILL.md"), "---\nname: notes\ndescription: Other.\n---\n")
        .unwrap();
    assert_snapshot!(home.run(&["skills", "check"]).told(), @r#"
    exit 2
    --- out
    1 of 2 skills are ready
    SKILL  STATE    WHY
    notes  changed  it is not what was installed; install it again with force to accept it
    "#);
    let again = home.run(&["skills", "install", &path, "--as", "note-keeper", "--force"]);
    assert!(again.code == Some(0) && again.out.contains("replaced"), "{}", again.told());
    assert_snapshot!(home.run(&["skills", "info", "nothing"]).told(), @r#"
    exit 1
    --- err
    error: there is no skill "nothing"
      help: openclaw skills list
    "#);
    assert_snapshot!(home.run(&["skills", "install", "@somebody/notes"]).told(), @r#"
    exit 2
    --- err
    error: skills come from a folder or an archive on the gateway's machine
      help: download it first, then: openclaw skills install ./FOLDER
    "#);
    home.set("NOTES_REGION", "north");
    assert_eq!(home.run(&["skills", "update", "notes", "--env-from", "NOTES_REGION"]).out, "notes changed\n");
    let entry = home.run(&["config", "get", "skills.entries", "--json"]);
    assert!(entry.out.contains("NOTES_REGION"), "{}", entry.told());
    assert_snapshot!(home.run(&["skills", "update", "notes", "--env-from", "NOT_SET"]).told(), @r#"
    exit 2
    --- err
    error: the variable NOT_SET is not set
      help: export NOT_SET=…
    "#);
    assert_eq!(home.run(&["skills", "update", "notes", "--unset-env", "NOTES_REGION"]).out, "notes changed\n");
    let entry = home.run(&["config", "get", "skills.entries", "--json"]);
    assert!(!entry.out.contains("NOTES_REGION"), "{}", entry.told());
    assert_snapshot!(home.run(&["skills", "update", "notes"]).told(), @r#"
    exit 2
    --- err
    error: nothing is to be changed
      help: openclaw skills update --help
    "#);
}
