//! Work is scheduled, looked at, run and taken away.

use insta::assert_snapshot;
use serde_json::json;

use crate::home::Home;

#[test]
fn a_job_is_scheduled_run_and_taken_away() {
    let mut home = Home::new();
    home.set("TZ", "Europe/Berlin");
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["cron"]).told(), @r#"
    exit 0
    --- out
    nothing is scheduled; begin with: openclaw cron add "0 7 * * *" "What is new?"
    "#);
    let added = home.run(&["cron", "add", "0 7 * * *", "What is new?", "--name", "Morning"]);
    assert_eq!(added.code, Some(0), "{}", added.told());
    assert!(added.out.contains("every day at 07:00 Europe/Berlin; next in "), "{}", added.told());
    let once = home.run(&["cron", "add", "--at", "20m", "--system-event", "Look at the oven", "--json"]).json();
    assert_eq!(
        (&once["name"], &once["deleteAfterRun"], &once["sessionTarget"]),
        (&json!("Look at the oven"), &json!(true), &json!("main"))
    );

    let list = home.run(&["cron", "list"]);
    assert!(list.out.contains("Morning") && list.out.contains("every day at 07:00 Europe/Berlin"), "{}", list.told());
    for columns in [80, 40] {
        let shown = home.run_at_terminal(columns, &["cron", "list", "--no-color"]);
        assert!(shown.out.lines().all(|line| line.chars().count() <= usize::from(columns)), "{}", shown.told());
    }
    assert_snapshot!(home.run(&["cron", "run", "Morning", "--due"]).told(), @r#"
    exit 0
    --- out
    it is not due
    "#);
    let ran = home.run(&["cron", "run", "morning", "--wait", "--poll-interval", "50ms"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    assert!(ran.out.contains("ended: ok"), "{}", ran.told());
    let runs = home.run(&["cron", "runs", "Morning"]);
    assert!(runs.out.contains("Morning") && runs.out.contains("ok"), "{}", runs.told());
    assert_snapshot!(home.run(&["cron", "disable", "Morning"]).out.lines().nth(1).unwrap(), @"every day at 07:00 Europe/Berlin; does not run by itself");
    assert_snapshot!(home.run(&["cron", "edit", "Morning", "--every", "90m", "--description", "Each morning"]).out.lines().nth(1).unwrap(), @"every 1 h 30 m; does not run by itself");
    let shown = home.run(&["cron", "show", "Morning"]);
    assert!(shown.out.contains("every 1 h 30 m; does not run by itself"), "{}", shown.told());
    assert_snapshot!(home.run(&["cron", "rm", "Morning"]).told(), @r#"
    exit 0
    --- out
    UUID  Morning removed
    "#);
    assert_snapshot!(home.run(&["cron", "show", "Morning"]).told(), @r#"
    exit 1
    --- err
    error: no job begins with "Morning"
      help: see them with: openclaw cron list --all
    "#);
}

#[test]
fn what_cannot_be_scheduled_is_refused_with_the_reason() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["cron", "add", "0 0 30 2 *", "Never"]).told(), @r#"
    exit 1
    --- err
    error: cron.add: invalid cron.add params: at /schedule/expr: never comes: no month has such a day
    "#);
    assert_snapshot!(home.run(&["cron", "add", "0 7 * * *", "Hi", "--tz", "Europe/Berln"]).told(), @r#"
    exit 1
    --- err
    error: cron.add: invalid cron.add params: at /schedule/tz: there is no time zone "Europe/Berln", did you mean "Europe/Berlin"?; use an IANA name such as "Europe/Berlin" or "UTC"
    "#);
    assert_snapshot!(home.run(&["cron", "add", "--every", "10", "--message", "Hi"]).told(), @r#"
    exit 2
    --- err
    error: --every 10 is no length of time
      help: for example --every 10m
    "#);
    assert_snapshot!(home.run(&["cron", "add", "--message", "Hi"]).told(), @r#"
    exit 2
    --- err
    error: when should it run?
      help: --at, --every or --cron; see openclaw cron add --help
    "#);
    assert_snapshot!(home.run(&["cron", "add", "every 1h", "Hi", "--channel", "telegram"]).told(), @r#"
    exit 1
    --- err
    error: cron.add: delivering results to channel "telegram" is not part of this gateway yet
    "#);
    assert_snapshot!(home.run(&["cron", "rm", "nothing"]).told(), @r#"
    exit 1
    --- err
    error: no job begins with "nothing"
      help: see them with: openclaw cron list --all
    "#);
}

#[test]
fn an_agent_is_told_something_and_woken() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["system", "heartbeat", "last"]).told(), @r#"
    exit 0
    --- out
    no agent has looked since the gateway started
    "#);
    assert_snapshot!(home.run(&["system", "event", "--text", "Look at the queue"]).told(), @r#"
    exit 0
    --- out
    ok
    "#);
    assert_snapshot!(home.run(&["wake", "The build is red"]).told(), @r#"
    exit 0
    --- out
    ok
    "#);
    for _ in 0..200 {
        if home.run(&["system", "heartbeat", "last", "--json"]).json() != json!(null) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let last = home.run(&["system", "heartbeat", "last"]);
    assert!(last.out.contains("agent:main:main"), "{}", last.told());
    assert_snapshot!(home.run(&["system", "heartbeat", "disable"]).told(), @r#"
    exit 0
    --- out
    no agent looks any more
    "#);
    let presence = home.run(&["system", "presence"]);
    assert!(presence.out.contains("gateway"), "{}", presence.told());
}
