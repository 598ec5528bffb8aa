//! What a gateway can be asked, and what it says about parts that are not there.

use insta::assert_snapshot;
use serde_json::json;

use crate::home::Home;

#[test]
fn methods_are_told_by_the_gateway_itself() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let all = home.run(&["methods"]);
    assert!(all.out.contains("sessions.preview") && all.out.contains("ping"), "{}", all.told());
    assert_snapshot!(home.run(&["methods", "update"]).told(), @"");
    assert_snapshot!(home.run(&["methods", "send"]).told(), @"");
    assert_snapshot!(home.run(&["methods", "sessions.preview"]).told(), @"");
    assert_snapshot!(home.run(&["methods", "no.such"]).told(), @"");
    let told = home.run(&["methods", "ping", "--json"]).json();
    assert_eq!((&told["name"], &told["scope"]), (&json!("ping"), &json!(null)), "{told}");
}

#[test]
fn call_is_short_for_gateway_call() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let called = home.run(&["call", "environments.list"]);
    assert_eq!(called.json()["environments"][0]["id"], "gateway", "{}", called.told());
    assert_snapshot!(home.run(&["call", "sesions.list"]).told(), @"");
    assert_snapshot!(home.run(&["call", "sessions.preview", "--params", "{}"]).told(), @"");
}

#[test]
fn channels_and_messages_say_that_no_channel_is_there() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["channels"]).told(), @"");
    assert!(home.run(&["channels", "status", "--json"]).json()["channelAccounts"].is_object());
    assert_snapshot!(home.run(&["channels", "logout", "--channel", "telegram"]).told(), @"");
    assert_snapshot!(
        home.run(&["message", "send", "--channel", "telegram", "-t", "12345", "-m", "Done"]).told(), @""
    );
    assert_snapshot!(home.run(&["message", "send", "-t", "12345", "-m", "Done"]).told(), @"");
    assert_snapshot!(home.run(&["message", "send", "-t", "", "-m", "Done"]).told(), @"");
}
