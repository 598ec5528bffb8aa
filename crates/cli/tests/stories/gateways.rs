//! Other gateways are reached through one.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use serde_json::json;

use crate::home::Home;

const SECRET: &str = "far-secret-0123456789abcdef0123456789";

/// A gateway with a token of its own.
fn far() -> Home {
    let home = Home::new();
    home.write_config(&format!(
        r#"{{gateway: {{auth: {{mode: "token", token: "{SECRET}"}}}}, metrics: {{enabled: false}}}}"#
    ));
    home
}

#[test]
fn another_gateway_is_tested_added_looked_at_and_forgotten() {
    let (home, far) = (Home::new(), far());
    let _here = home.gateway(&[]);
    let _there = far.gateway(&[]);
    let address = format!("ws://127.0.0.1:{}", far.port);
    let token = home.path().join("token.txt");
    std::fs::write(&token, format!("{SECRET}\n")).unwrap();
    let token = token.to_str().unwrap();
    let plain = |text: String| text.replace(&far.port.to_string(), "FAR");

    assert_snapshot!(home.run(&["gateways"]).told(), @r"
    exit 0
    --- out
    no other gateway is known; add one with: openclaw gateways add <name> <address>
    ");
    let refused = home.run(&["gateways", "add", "Far", &address, "--token-file", token]);
    assert_snapshot!(plain(refused.told()), @r"
    exit 1
    --- out
    it does not work: 127.0.0.1 leads to 127.0.0.1, which is an address of this machine or of a private network (PRIVATE_ADDRESS)
    help: if that is where the gateway is, allow private networks for it
    It was not added; --no-test adds it all the same.
    ");
    let wrong = home.run(&["gateways", "test", &address, "--private"]);
    assert_eq!(wrong.code, Some(1), "without its token: {}", wrong.told());
    let added = home.run(&["gateways", "add", "Far", &address, "--token-file", token, "--private", "--primary"]);
    assert_eq!((added.code, added.out.as_str()), (Some(0), "Far added\n"), "{}", added.told());
    let tested = home.run(&["gateways", "test", "far"]);
    assert!(tested.code == Some(0) && tested.out.starts_with("it works: version VERSION"), "{}", tested.told());

    let began = Instant::now();
    let shown = loop {
        let list = home.run(&["gateways", "list", "--json"]).json();
        if list["gateways"][0]["state"] == "connected" {
            break list;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{list}");
    };
    assert_eq!((&shown["gateways"][0]["has_token"], &shown["gateways"][0]["id"]), (&json!(true), &json!("far")));
    assert!(home.run(&["gateways", "list"]).out.contains("connected"));
    let called = home.run(&["call", "gateways.call", "--params", r#"{"id": "far", "method": "status"}"#]);
    assert_eq!(called.code, Some(0), "{}", called.told());

    for said in [
        home.run(&["gateways", "list", "--json"]),
        home.run(&["logs", "--json"]),
        home.run(&["audit", "list", "--json"]),
        added,
        tested,
    ] {
        assert!(!said.told().contains(SECRET), "the token is told: {}", said.told());
    }
    let removed = home.run(&["gateways", "remove", "fa"]);
    assert_eq!(removed.told(), "exit 0\n--- out\nfar removed\n");
    let unknown = home.run(&["gateways", "remove", "far"]);
    assert_eq!(unknown.code, Some(1), "{}", unknown.told());
}
