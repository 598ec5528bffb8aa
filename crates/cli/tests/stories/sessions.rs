//! Conversations are shown, named, changed and removed.

use insta::assert_snapshot;
use serde_json::json;

use crate::home::{Gateway, Home};

/// Three conversations: the main one, and two with nearly the same name.
fn told() -> (Home, Gateway) {
    let home = Home::new();
    let gateway = home.gateway(&[]);
    for key in ["main", "trip-north", "trip-south"] {
        let ran = home.run(&["agent", "-m", "Hello", "--session-key", key]);
        assert_eq!(ran.code, Some(0), "{}", ran.told());
    }
    (home, gateway)
}

#[test]
fn conversations_are_listed_and_named_by_their_beginnings() {
    let (home, _gateway) = told();
    let labelled = home.run(&["sessions", "patch", "trip-n", "--label", "The northern\u{202e} way\u{1b}[31m"]);
    assert_snapshot!(labelled.told(), @r#"
    exit 0
    --- out
    agent:main:trip-north changed
    "#);
    let list = home.run(&["sessions", "list", "--search", "trip"]);
    assert_snapshot!(list.told(), @r#"
    exit 0
    --- out
    KEY                    NAME                                MODEL      TOKENS  COST  STATE  UPDATED
    agent:main:trip-north  The northern\u{202e} way\u{1b}[31m  demo/demo     128     -  -      AGO
    agent:main:trip-south  Hello                               demo/demo     128     -  -      AGO
    "#);
    assert_snapshot!(home.run(&["sessions", "show", "trip"]).told(), @r#"
    exit 2
    --- err
    error: "trip" begins the name of more than one conversation:
      agent:main:trip-north  The northern\u{202e} way\u{1b}[31m
      agent:main:trip-south
      help: give more of its first characters
    "#);
    let json = home.run(&["sessions", "show", "trip", "--json"]);
    assert_eq!((json.code, &json.json()["error"]["candidates"].as_array().unwrap().len()), (Some(2), &2));
    assert_snapshot!(home.run(&["sessions", "show", "nowhere"]).told(), @r#"
    exit 1
    --- err
    error: no conversation begins with "nowhere"
      help: see them with: openclaw sessions list
    "#);
    let shown = home.run(&["sessions", "show", "agent:main:trip-n"]);
    assert_snapshot!(shown.told(), @r#"
    exit 0
    --- out
    Conversation  agent:main:trip-north
    Name          The northern\u{202e} way\u{1b}[31m
    Identifier    UUID
    Agent         main
    Model         demo/demo
    Thinking      -
    State         -
    Run           -
    Pinned        no
    Messages      2
    Context       128 of 32k tokens (0 %)
    Used          2 tokens in, 126 out
    Cost          -
    Begun         TIME (AGO)
    Updated       TIME (AGO)
    "#);
    // By the beginning of its identifier, too.
    let id =
        home.run(&["sessions", "show", "main", "--json"]).json()["session"]["sessionId"].as_str().unwrap().to_owned();
    let by_id = home.run(&["sessions", "show", &id[..13], "--json"]).json();
    assert_eq!(by_id["session"]["key"], json!("agent:main:main"));
    assert_snapshot!(home.run(&["sessions", "list", "--agent", "main", "--active", "1", "--search", "zzz"]).told(), @r#"
    exit 0
    --- out
    no conversation is like that
    "#);
}

#[test]
fn what_was_said_is_printed() {
    let (home, _gateway) = told();
    let history = home.run(&["sessions", "history", "main"]);
    assert!(
        history.told().starts_with("exit 0\n--- out\nuser  TIME\nHello\n\nassistant  TIME\n"),
        "{}",
        history.told()
    );
    let newest = home.run(&["sessions", "history", "main", "-n", "1"]);
    assert!(newest.out.starts_with("the newest 1 of 2; see more with --limit\n"), "{}", newest.told());
    let json = home.run(&["sessions", "history", "main", "--json"]).json();
    assert_eq!(json["messages"].as_array().unwrap().len(), 2, "{json}");
}

#[test]
fn conversations_are_changed_and_removed() {
    let (home, _gateway) = told();
    let run = |arguments: &[&str]| home.run(&[&["sessions"], arguments].concat());
    assert_snapshot!(run(&["patch", "trip-n"]).told(), @r#"
    exit 2
    --- err
    error: nothing is to be changed
      help: openclaw sessions patch --help
    "#);
    assert_eq!(run(&["patch", "trip-n", "--thinking", "high", "--pinned"]).code, Some(0));
    let session = run(&["show", "trip-n", "--json"]).json();
    assert_eq!(
        (&session["session"]["thinkingLevel"], &session["session"]["pinned"]),
        (&json!("high"), &json!(true)),
        "{session}"
    );
    assert_eq!(run(&["patch", "trip-n", "--thinking", "", "--pinned", "false"]).code, Some(0));
    assert_eq!(run(&["show", "trip-n", "--json"]).json()["session"].get("thinkingLevel"), None);
    assert_eq!(run(&["patch", "trip-n", "--label", "The way"]).code, Some(0));
    assert_snapshot!(run(&["patch", "trip-s", "--label", "The way"]).told(), @r#"
    exit 1
    --- err
    error: sessions.patch: label already in use: The way
    "#);

    assert_snapshot!(run(&["compact", "main", "--keep", "1"]).told(), @r#"
    exit 0
    --- out
    agent:main:main keeps its newest 1 lines
    "#);
    assert_snapshot!(run(&["compact", "main", "--keep", "1"]).told(), @r#"
    exit 0
    --- out
    agent:main:main is short enough: nothing was set aside
    "#);
    assert_snapshot!(run(&["reset", "main"]).told(), @r#"
    exit 0
    --- out
    agent:main:main begins anew
    "#);
    assert_snapshot!(run(&["history", "main"]).told(), @r#"
    exit 0
    --- out
    nothing was said yet
    "#);
    assert_snapshot!(run(&["abort", "main"]).told(), @r#"
    exit 0
    --- out
    nothing is at work in agent:main:main
    "#);
    assert_snapshot!(run(&["abort", "main", "--run", "3f"]).told(), @r#"
    exit 1
    --- err
    error: no run at work begins with "3f"
      help: see them with: openclaw sessions show agent:main:main
    "#);
    assert_snapshot!(run(&["delete", "trip-s"]).told(), @r#"
    exit 0
    --- out
    agent:main:trip-south removed
    "#);
    assert_snapshot!(run(&["delete", "main"]).told(), @r#"
    exit 1
    --- err
    error: sessions.delete: Cannot delete the main session (agent:main:main).
    "#);
    assert_eq!(run(&["show", "trip-s"]).code, Some(1));
}
