//! What people see at a terminal.

use insta::assert_snapshot;

use crate::home::Home;

#[test]
fn forty_columns_are_enough_for_everything() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    home.run(&["agent", "-m", "Hello", "--session-key", "a-rather-long-name-of-a-conversation"]);
    home.run(&["sessions", "patch", "a-rather", "--label", "日本 and a name that goes on for quite some columns"]);
    let list = home.run_at_terminal(40, &["sessions", "--color", "never"]);
    assert_snapshot!(list.told(), @r#"
    exit 0
    --- out
    agent:main:a-rather-long-name-of-a-conversation
      name     日本 and a name that goes on
               for quite some columns
      model    demo/demo
      tokens   128
      updated  AGO
    "#);
    for command in [
        &["sessions"][..],
        &["sessions", "show", "a-rather"],
        &["status"],
        &["health"],
        &["gateway", "status"],
        &["gateway", "probe"],
        &["models"],
        &["models", "status"],
        &["devices"],
        &["doctor"],
    ] {
        let ran = home.run_at_terminal(40, command);
        assert!(matches!(ran.code, Some(0 | 2)), "{command:?}: {}", ran.told());
        for line in ran.out.lines() {
            let shown = unstyled(line);
            // What must be copied whole may be longer.
            let whole = shown.split(' ').any(|word| word.len() > 20);
            assert!(shown.chars().count() <= 40 || whole, "{command:?}: {shown:?}");
        }
    }
}

#[test]
fn colours_are_for_terminals_and_can_be_refused() {
    let mut home = Home::new();
    let _gateway = home.gateway(&[]);
    assert!(home.run_at_terminal(80, &["health"]).out.contains("\u{1b}[32mok\u{1b}[0m"));
    assert!(!home.run_at_terminal(80, &["health", "--color", "never"]).out.contains('\u{1b}'));
    assert!(!home.run_at_terminal(80, &["health", "--no-color"]).out.contains('\u{1b}'));
    assert!(!home.run(&["health"]).out.contains('\u{1b}'));
    assert!(home.run(&["health", "--color", "always"]).out.contains('\u{1b}'));
    home.set("NO_COLOR", "1");
    assert!(!home.run_at_terminal(80, &["health"]).out.contains('\u{1b}'));
}

#[test]
fn nothing_that_others_wrote_steers_the_terminal() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    home.run(&["agent", "-m", "\u{1b}]0;pwned\u{7}\u{202e}evil\u{9b}2J", "--session-key", "x"]);
    home.run(&["sessions", "patch", "x", "--label", "\u{1b}[2J\u{202e}evil\u{9b}2J"]);
    for command in
        [&["sessions"][..], &["sessions", "history", "x"], &["sessions", "show", "x"], &["sessions", "--json"]]
    {
        for ran in [home.run_at_terminal(80, &[command, &["--no-color"]].concat()), home.run(command)] {
            assert_eq!(ran.code, Some(0), "{}", ran.told());
            assert!(ran.out.contains("evil"), "{}", ran.told());
            assert!(!ran.out.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{7}']), "{command:?}: {:?}", ran.out);
        }
    }
}

#[test]
fn json_is_indented_for_people_and_on_one_line_for_programs() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert!(home.run_at_terminal(80, &["health", "--json"]).out.lines().count() > 5);
    assert_eq!(home.run(&["health", "--json"]).out.lines().count(), 1);
}

/// A line without its colours.
fn unstyled(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or("", |(_, rest)| rest))
}
