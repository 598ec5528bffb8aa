//! A command waits for people, somebody decides, and says what may run without asking.

use std::process::{Child, Stdio};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::home::Home;

/// A program that asks and waits.
fn asks(home: &Home, params: &Value) -> Child {
    let params = params.to_string();
    let call =
        ["gateway", "call", "exec.approval.request", "--params", &params, "--expect-final", "--timeout", "60000"];
    let mut child = home.command(&call).stdout(Stdio::piped()).spawn().unwrap();
    let id = params_id(&params);
    let waits = (0..200).any(|_| {
        let pending = home.run(&["approvals", "pending", "--json"]).json();
        pending["approvals"].as_array().unwrap().iter().any(|entry| entry["id"] == id)
    });
    if !waits {
        let _ = child.kill();
        let _ = child.wait();
        panic!("nothing is asked: {params}");
    }
    child
}

fn params_id(params: &str) -> Value {
    serde_json::from_str::<Value>(params).unwrap()["id"].clone()
}

fn answered(child: Child) -> Value {
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn deploy() -> Value {
    json!({
        "id": "5f3a91c0-deploy", "command": "rm -rf build\n# \u{202e}ssel", "cwd": "/srv", "host": "gateway", "sessionKey": "main",
        "twoPhase": true, "requireDeliveryRoute": false,
    })
}

#[test]
fn a_command_is_shown_whole_and_decided() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["approvals"]).told(), @r#"
    exit 0
    --- out
    nothing waits for people
    "#);
    let asking = asks(&home, &deploy());
    let pending = home.run(&["approvals", "pending"]).told();
    // Twenty-nine minutes and some seconds, or half an hour.
    let pending =
        pending.replace("29m 59s left", "LEFT").replace("29m 58s left", "LEFT").replace("30m 0s left", "LEFT");
    assert_snapshot!(pending, @r#"
    exit 0
    --- out
    5f3a91c0  exec  agent:main:main  AGO, LEFT
      rm -rf build
      # \u{202E}ssel
      at gateway:/srv
      It holds characters that cannot be seen; they are shown as \u{…}.
      It uses the shell in a way that is not looked into.
      openclaw approvals resolve 5f3a91c0 allow-once|allow-always|deny
    "#);
    let entry = &home.run(&["exec-approvals", "pending", "--json"]).json()["approvals"][0];
    assert_eq!((&entry["kind"], &entry["agentId"]), (&json!("exec"), &json!("main")), "{entry}");
    assert_snapshot!(home.run(&["approvals", "resolve", "5f3a", "perhaps"]).told(), @r#"
    exit 2
    --- err
    error: invalid value 'perhaps' for '<DECISION>'
      [possible values: allow-once, allow-always, deny]
      help: openclaw --help, or --help after a command
    "#);
    assert_snapshot!(home.run(&["approvals", "resolve", "5f3a", "deny", "--reason", "not today"]).told(), @r#"
    exit 0
    --- out
    5f3a91c0-deploy deny (not today)
    "#);
    assert_eq!(answered(asking)["decision"], "deny");
    assert_snapshot!(home.run(&["approvals", "resolve", "5f3a91c0-deploy", "deny"]).told(), @r#"
    exit 0
    --- out
    already resolved (same decision): 5f3a91c0-deploy deny
    "#);
    assert_snapshot!(home.run(&["approvals", "resolve", "5f3a91c0-deploy", "allow-once"]).told(), @r#"
    exit 1
    --- err
    error: 5f3a91c0-deploy is over already: deny
      help: openclaw approvals history
    "#);
    assert_snapshot!(home.run(&["approvals", "resolve", "nope", "deny"]).told(), @r#"
    exit 1
    --- err
    error: approval.get: unknown or expired approval id
      help: openclaw approvals pending
    "#);
    assert_snapshot!(home.run(&["approvals", "history"]).told(), @r#"
    exit 0
    --- out
    APPROVAL  ENDED                 HOW   BY   AGENT  WHAT
    5f3a91c0  TIME  deny  cli  main   rm -rf build # \u{202E}ssel
    "#);
}

#[test]
fn what_was_allowed_for_good_is_listed_and_taken_back() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["approvals", "grants"]).told(), @r#"
    exit 0
    --- out
    nothing was allowed for good
    "#);
    let asking = asks(&home, &deploy());
    let resolved = home.run(&["approvals", "resolve", "5f3a", "allow-always", "--expires-in-days", "30"]);
    assert_eq!(resolved.code, Some(0), "{}", resolved.told());
    assert_eq!(answered(asking)["decision"], "allow-always");
    let list = home.run(&["approvals", "grants", "list", "--json"]).json();
    let id = list["grants"][0]["grantId"].as_str().unwrap().to_owned();
    let shown = home.run(&["approvals", "grants", "list"]).told().replace(&id[..8], "GRANT");
    assert_snapshot!(shown.replace("expires in 29d 23h", "expires in DAYS").replace("expires in 30d 0h", "expires in DAYS"), @r#"
    exit 0
    --- out
    GRANT     AGENT  STATE               USED  LAST  JOB  FOLDER  COMMAND
    GRANT  main   expires in DAYS     0  -     -    /srv    rm -rf build # \u{202E}ssel
    "#);
    let revoked = home.run(&["approvals", "grants", "revoke", &id[..8]]);
    assert_eq!((revoked.code, revoked.out), (Some(0), format!("{id} revoked\n")));
    let again = home.run(&["approvals", "grants", "revoke", &id]);
    assert_eq!((again.code, again.out), (Some(0), format!("{id} already-revoked\n")));
}

#[test]
fn the_policy_is_looked_at_and_changed() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let get = |arguments: &[&str]| {
        let hash = home.run(&["approvals", "get", "--json"]).json()["hash"].as_str().unwrap().to_owned();
        home.run(arguments).told().replace(&hash, "HASH")
    };
    assert_snapshot!(get(&["approvals", "get"]), @r#"
    exit 0
    --- out
    policy      ~/.openclaw/exec-approvals.json (none yet)
    hash        HASH
    default     security allowlist, ask on-miss, without people deny
    tools.exec  nothing (where both say something, the stricter holds)

    no program is listed: people are asked about every command
    "#);
    for (verb, said) in [("add", "/usr/bin/rg is listed for main"), ("add", "/usr/bin/rg is listed already for main")] {
        let ran = home.run(&["approvals", "allowlist", verb, "--agent", "main", "/usr/bin/rg"]);
        assert_eq!((ran.code, ran.out.trim_end()), (Some(0), said));
    }
    assert_eq!(home.run(&["approvals", "allowlist", "add", "wc"]).code, Some(0));
    assert_snapshot!(get(&["approvals", "get"]), @r#"
    exit 0
    --- out
    policy      ~/.openclaw/exec-approvals.json
    hash        HASH
    default     security allowlist, ask on-miss, without people deny
    tools.exec  nothing (where both say something, the stricter holds)

    AGENT  POLICY  PROGRAM      ARGUMENTS
    *      -       wc           -
    main   -       /usr/bin/rg  -
    "#);
    for said in ["/usr/bin/rg is not listed for main", "/usr/bin/rg is not listed already for main"] {
        let ran = home.run(&["approvals", "allowlist", "remove", "--agent", "main", "/usr/bin/rg"]);
        assert_eq!((ran.code, ran.out.trim_end()), (Some(0), said));
    }
    let policy = home.path().join("policy.json5");
    std::fs::write(&policy, "{ version: 1, defaults: { security: 'full', ask: 'of' } }").unwrap();
    let path = policy.to_str().unwrap();
    assert_snapshot!(home.run(&["approvals", "set", "--file", path]).told(), @r#"
    exit 1
    --- err
    error: exec.approvals.set: invalid exec.approvals.set params: at /file/defaults/ask: unknown variant `of`, expected one of `off`, `on-miss`, `always`
    "#);
    std::fs::write(&policy, "{ version: 1, defaults: { security: 'full', ask: 'off' } }").unwrap();
    assert_snapshot!(home.run(&["approvals", "set", "--file", path]).told(), @r#"
    exit 0
    --- out
    ~/.openclaw/exec-approvals.json is in force
    "#);
    assert_snapshot!(get(&["approvals", "get"]), @r#"
    exit 0
    --- out
    policy      ~/.openclaw/exec-approvals.json
    hash        HASH
    default     security full, ask off, without people deny
    tools.exec  nothing (where both say something, the stricter holds)

    no program is listed: people are asked about every command
    "#);
    // A file that cannot be used is replaced all the same.
    std::fs::write(home.state().join("exec-approvals.json"), "nonsense").unwrap();
    assert_snapshot!(home.run(&["approvals", "get"]).told(), @r#"
    exit 1
    --- err
    error: exec.approvals.get: ~/.openclaw/exec-approvals.json cannot be used: it does not read: expected ident at line 1 column 2; until it is mended no command may run
    "#);
    assert_eq!(home.run(&["approvals", "set", "--file", path]).code, Some(0));
}
