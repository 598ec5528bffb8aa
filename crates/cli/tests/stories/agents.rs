//! Agents are added, changed, given files, and ended.

use insta::assert_snapshot;
use serde_json::json;

use crate::home::Home;

#[test]
fn an_agent_comes_and_goes_without_a_restart() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let workspace = home.path().join("work").display().to_string();
    let added = home.run(&["agents", "add", "work", "--workspace", &workspace, "--non-interactive"]);
    assert_eq!((added.code, added.out.as_str()), (Some(0), "work added, working in ~/work\n"));
    let again = home.run(&["agents", "add", "work", "--workspace", &workspace, "--non-interactive"]);
    assert!(again.code == Some(1) && again.err.contains("already exists"), "{}", again.told());
    let list = home.run(&["agents"]);
    assert!(
        list.code == Some(0) && list.out.contains("main (default)") && list.out.contains("~/work"),
        "{}",
        list.told()
    );
    assert_eq!(home.run(&["agents", "list", "--json"]).json()["agents"][1]["id"], json!("work"));
    let ran = home.run(&["agent", "--agent", "work", "-m", "Hello"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());

    assert_snapshot!(home.run(&["agents", "update", "work", "--name", "Ada", "--model", "demo/demo"]).told(), @r#"
    exit 0
    --- out
    work changed
    "#);
    assert_snapshot!(home.run(&["agents", "update", "work"]).told(), @r#"
    exit 2
    --- err
    error: nothing is to be changed
      help: openclaw agents update --help
    "#);
    std::fs::write(home.path().join("who.md"), "# Who\n\n- **Name:** Ada L.\n- **Emoji:** 🦀\n").unwrap();
    let who = home.path().join("who.md").display().to_string();
    assert_eq!(home.run(&["agents", "files", "set", "work", "IDENTITY.md", "--file", &who]).code, Some(0));
    assert_eq!(home.run(&["agents", "set-identity", "--agent", "work", "--from-identity"]).code, Some(0));
    let listed = home.run(&["agents", "list", "--json"]).json();
    assert_eq!(
        (&listed["agents"][1]["name"], &listed["agents"][1]["identity"]["emoji"]),
        (&json!("Ada L."), &json!("🦀"))
    );

    assert_snapshot!(home.run(&["agents", "files", "get", "work", "IDENTITY.md"]).told(), @r#"
    exit 0
    --- out
    # Who

    - **Name:** Ada L.
    - **Emoji:** 🦀
    "#);
    let files = home.run(&["agents", "files", "list", "work"]);
    assert!(files.out.contains("IDENTITY.md") && files.out.contains("not there"), "{}", files.told());
    assert_snapshot!(home.run(&["agents", "files", "get", "work", "SOUL.md"]).told(), @r#"
    exit 1
    --- err
    error: SOUL.md of work is not there
      help: openclaw agents files set work SOUL.md --file FILE
    "#);
    let bad = home.run(&["agents", "files", "set", "work", "../../openclaw.json", "--content", "x"]);
    assert!(bad.code == Some(1) && bad.err.contains("unsupported file"), "{}", bad.told());
    assert_eq!(home.run(&["agents", "files", "delete", "work", "IDENTITY.md"]).code, Some(0));

    assert_snapshot!(home.run(&["agents", "delete", "work"]).told(), @r#"
    exit 2
    --- err
    error: this ends agent work with all of its conversations
      help: openclaw agents delete work --force
    "#);
    let deleted = home.run(&["agents", "delete", "work", "--force"]);
    let expected = "work deleted, with its conversations\n~/work is in the trash\n";
    assert_eq!((deleted.code, deleted.out.as_str()), (Some(0), expected));
    let gone = home.run(&["agents", "delete", "work", "--force"]);
    assert!(gone.code == Some(1) && gone.err.contains("agent \"work\" not found"), "{}", gone.told());
}

#[test]
fn what_conversations_used_and_said_is_told() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["sessions", "usage", "--from", "2020-01-01", "--to", "2020-01-31"]).told(), @r#"
    exit 0
    --- out
    nothing was used from 2020-01-01 to 2020-01-31
    "#);
    for key in ["main", "trip-north"] {
        assert_eq!(home.run(&["agent", "-m", "Where is the northern way", "--session-key", key]).code, Some(0));
    }
    let usage = home.run(&["sessions", "usage"]);
    assert!(
        usage.code == Some(0) && usage.out.contains("agent:main:trip-north") && usage.out.contains("all"),
        "{}",
        usage.told()
    );
    let cost = home.run(&["gateway", "usage-cost", "--days", "2"]);
    assert!(cost.code == Some(0) && cost.out.starts_with("DAY"), "{}", cost.told());
    assert_eq!(home.run(&["gateway", "usage-cost", "--json"]).json()["daily"].as_array().unwrap().len(), 30);
    let found = home.run(&["sessions", "search", "northern", "way", "-n", "1"]);
    assert!(
        found.out.contains("agent:main:trip-north") && found.out.contains("there may be older ones"),
        "{}",
        found.told()
    );
    assert_snapshot!(home.run(&["sessions", "search", "southern"]).told(), @r#"
    exit 0
    --- out
    nobody said that
    "#);
    assert_snapshot!(home.run(&["sessions", "archive", "trip"]).told(), @r#"
    exit 0
    --- out
    agent:main:trip-north set aside
    "#);
    assert!(!home.run(&["sessions"]).out.contains("trip-north"));
    assert_eq!(home.run(&["sessions", "unarchive", "trip"]).code, Some(0));
    assert_snapshot!(home.run(&["sessions", "cleanup", "--dry-run"]).told(), @r#"
    exit 0
    --- out
    nothing to remove among 2 conversations
    "#);
    assert_eq!(home.run(&["sessions", "cleanup", "--enforce", "--all-agents", "--json"]).json()["applied"], true);
    let probe = home.run(&["models", "probe", "demo"]);
    assert!(probe.code == Some(0) && probe.out.contains("demo/demo with key-1"), "{}", probe.told());
    let nobody = home.run(&["models", "probe", "nobody"]);
    assert!(nobody.code == Some(1) && nobody.err.contains("must be one of demo"), "{}", nobody.told());
}
