//! Somebody closes everything in a hurry, and opens it again.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::home::Home;

const OPEN: &str = r#"// Ours.
{
  gateway: { bind: "lan", auth: { mode: "token", token: "the-token-of-this-story-0123456789abcd" }, controlUi: { allowedOrigins: ["https://here.example"] } },
  channels: { telegram: { dmPolicy: "open", allowFrom: ["*", "42"] } },
  metrics: { enabled: false },
}
"#;

fn home() -> Home {
    let home = Home::new();
    home.write_config(OPEN);
    home
}

fn text(home: &Home) -> String {
    std::fs::read_to_string(home.state().join("openclaw.json")).unwrap()
}

fn audited(home: &Home, event: &str) -> usize {
    let found = home.run(&["logs", "filter", "--event", event, "--json"]);
    found.out.lines().filter(|line| line.contains(event)).count()
}

#[test]
fn it_is_shown_before_it_is_done_and_undone_to_the_letter() {
    let home = home();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["security", "lockdown"]).told(), @r#"
    exit 2
    --- err
    error: this would close the gateway, and nobody can be asked here
      help: add --yes, or look first: --dry-run
    "#);
    assert_snapshot!(home.run(&["security", "lockdown", "--dry-run"]).told(), @r#"
    exit 0
    --- out
    gateway.bind
      - "lan"
      + "loopback"
    channels.telegram.dmPolicy
      - "open"
      + "disabled"
    channels.telegram.groupPolicy
      + "disabled"
    channels.telegram.allowFrom
      - ["*","42"]
      + ["42"]
    tools.exec.security
      + "deny"
    tools.exec.ask
      + "always"
      would end no connection, no program, no run; no device token withdrawn
      would let only this machine's owner in, and let jobs rest, until --undo
    "#);
    assert_eq!(text(&home), OPEN);
    assert_snapshot!(home.run(&["security", "lockdown", "--yes", "--reason", "a laptop was stolen"]).told(), @r#"
    exit 0
    --- out
    gateway.bind
      - "lan"
      + "loopback"
    channels.telegram.dmPolicy
      - "open"
      + "disabled"
    channels.telegram.groupPolicy
      + "disabled"
    channels.telegram.allowFrom
      - ["*","42"]
      + ["42"]
    tools.exec.security
      + "deny"
    tools.exec.ask
      + "always"
    locked down since TIME
      ended: no connection, no program, no run; no device token withdrawn
      with the next start of the gateway: gateway.bind
    Next:
      - close what leads here: the proxy's route, the router's port, tailscale serve reset
      - openclaw gateway rotate-token, then the credentials that agents could reach
      - openclaw security export-audit --out audit.json, openclaw config history, openclaw approvals history
      - openclaw security audit --deep
      - openclaw security lockdown --undo, then open again what is needed
    "#);
    assert_snapshot!(home.run(&["health"]).told(), @r#"
    exit 0
    --- out
    Gateway   ok (version VERSION)
    Agents    main (default)
    Sessions  0
    Lockdown  locked down since TIME
    "#);
    let status = home.run(&["security", "status"]);
    assert!(status.out.contains("locked down since"), "{}", status.told());
    let doctor = home.run(&["doctor", "--json"]).json();
    let findings = doctor["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["checkId"] == "security.lockdown"), "{doctor}");
    let again = home.run(&["security", "lockdown", "--yes", "--json"]).json();
    assert_eq!((&again["already"], &again["changes"]), (&json!(true), &json!([])), "{again}");
    assert_snapshot!(home.run(&["security", "lockdown", "--undo", "--yes"]).told(), @r#"
    exit 0
    --- out
    gateway.bind
      - "loopback"
      + "lan"
    channels.telegram.dmPolicy
      - "disabled"
      + "open"
    channels.telegram.groupPolicy
      - "disabled"
    channels.telegram.allowFrom
      - ["42"]
      + ["*","42"]
    tools.exec.security
      - "deny"
    tools.exec.ask
      - "always"
    not locked down any more; it was, since TIME
      tokens of devices stay withdrawn: approve those that are to come back, openclaw devices list
    "#);
    assert_eq!(text(&home), OPEN);
    assert_snapshot!(home.run(&["security", "lockdown", "--undo", "--yes"]).told(), @r#"
    exit 2
    --- err
    error: the gateway is not locked down, so there is nothing to undo
    "#);
    assert_eq!((audited(&home, "security.lockdown"), audited(&home, "security.lockdown.undone")), (2, 1));
}

#[test]
fn a_gateway_that_does_not_run_starts_locked_and_is_opened_without_one() {
    let home = home();
    drop(home.gateway(&[]));
    let done = home.run(&["security", "lockdown", "--yes", "--json"]);
    assert_eq!(done.json()["locked"], true, "{}", done.told());
    assert!(text(&home).contains(r#"bind: "loopback""#), "{}", text(&home));
    let gateway = home.gateway(&[]);
    let health = home.run(&["health", "--json"]).json();
    assert_eq!(health["lockdown"]["by"], "cli", "{health}");
    drop(gateway);
    // Somebody decides otherwise in between.
    let set = home.run(&["config", "set", "channels.telegram.dmPolicy", "pairing"]);
    assert_eq!(set.code, Some(0), "{}", set.told());
    let undone = home.run(&["security", "lockdown", "--undo", "--yes", "--json"]).json();
    let left: Vec<&Value> =
        undone["changes"].as_array().unwrap().iter().filter(|change| change["state"] == "left").collect();
    assert_eq!((left.len(), &left[0]["path"]), (1, &json!("channels.telegram.dmPolicy")), "{undone}");
    assert_eq!(text(&home), OPEN.replace(r#"dmPolicy: "open""#, r#"dmPolicy: "pairing""#));
    let _gateway = home.gateway(&[]);
    assert!(home.run(&["health", "--json"]).json()["lockdown"].is_null());
    assert_eq!((audited(&home, "security.lockdown"), audited(&home, "security.lockdown.undone")), (1, 1));
    let none = home.run(&["security", "lockdown", "--undo", "--yes", "--json"]);
    assert_eq!(none.code, Some(2), "{}", none.told());
}

#[test]
fn a_sealed_gateway_is_locked_and_opened_with_and_without_running_and_stays_sealed() {
    const SECRET: &str = "the-token-of-this-story-0123456789abcd";
    let home = Home::new();
    home.write_config(&OPEN.replace(
        "  metrics:",
        "  security: { encryption: { config: { enabled: true }, database: { enabled: true } } },\n  metrics:",
    ));
    let sealed = |when: &str| {
        let text = text(&home);
        assert!(text.contains("enc:v1:") && !text.contains(SECRET) && text.starts_with("// Ours."), "{when}: {text}");
    };
    let gateway = home.gateway(&[]);
    sealed("at the first start");
    let done = home.run(&["security", "lockdown", "--yes", "--reason", "a laptop was stolen", "--json"]).json();
    assert_eq!((&done["locked"], &done["problems"]), (&json!(true), &json!([])), "{done}");
    sealed("while it is locked");
    assert!(text(&home).contains(r#"dmPolicy: "disabled""#), "{}", text(&home));
    drop(gateway);

    // Locked once more without a gateway, and opened so.
    let again = home.run(&["security", "lockdown", "--yes", "--json"]).json();
    assert_eq!((&again["locked"], &again["already"]), (&json!(true), &json!(true)), "{again}");
    let undone = home.run(&["security", "lockdown", "--undo", "--yes", "--json"]);
    assert_eq!(undone.json()["locked"], false, "{}", undone.told());
    sealed("after its end");
    assert!(text(&home).contains(r#"dmPolicy: "open""#) && text(&home).contains(r#"bind: "lan""#), "{}", text(&home));

    let done = home.run(&["security", "lockdown", "--yes", "--json"]).json();
    assert_eq!((&done["locked"], &done["already"]), (&json!(true), &json!(false)), "{done}");
    let _gateway = home.gateway(&[]);
    let health = home.run(&["health", "--json"]).json();
    assert_eq!(health["lockdown"]["by"], "cli", "{health}");
    let undone = home.run(&["security", "lockdown", "--undo", "--yes", "--json"]);
    assert_eq!(undone.json()["locked"], false, "{}", undone.told());
    sealed("at the end");
    let verified = home.run(&["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.told());
}
