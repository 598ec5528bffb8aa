//! A machine connects as a node, is approved, is asked and is forgotten.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_client::{ClientInfo, Connection, Credentials, DeviceIdentity, GatewayUrl, Handles, Options, connect};
use openclaw_core::{Clock, Ids, Secret};
use openclaw_protocol::Role;
use serde_json::{Value, json};

use crate::home::Home;

const TOKEN: &str = "story-token-0123456789abcdef01234567";

/// A home whose gateway has this token.
fn home() -> Arc<Home> {
    let home = Home::new();
    home.write_config(&format!(r#"{{gateway: {{auth: {{mode: "token", token: "{TOKEN}"}}}}}}"#));
    Arc::new(home)
}

/// A node that knows the secret of this machine's gateway.
fn machine(home: &Home, name: &str) -> Options {
    let mut client = ClientInfo::new("node-host", "node");
    client.display_name = Some(name.to_owned());
    let mut options = Options::new(GatewayUrl::local(home.port), client, Handles::system());
    options.identity = Some(Arc::new(DeviceIdentity::generate(&Ids::system(), &Clock::system())));
    options.credentials = Credentials { token: Some(Secret::new(TOKEN)), ..Credentials::default() };
    options.role = Role::Node;
    options.scopes = Vec::new();
    options.caps = vec!["system".to_owned()];
    options.commands = vec!["system.which".to_owned()];
    options.permissions = BTreeMap::from([("screen".to_owned(), true)]);
    options
}

async fn connected(options: &Options) -> Connection {
    connect(options).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Answers one command.
async fn answer(node: &Connection, payload: Value) {
    let event = node.events().named("node.invoke.request").await.expect("a command");
    let asked: Value = event.read().unwrap();
    let result = json!({ "id": asked["id"], "nodeId": asked["nodeId"], "ok": true, "payload": payload });
    node.request("node.invoke.result", result).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_approved_asked_named_and_forgotten() {
    let home = home();
    let _gateway = home.gateway(&[]);
    assert_eq!(home.run(&["nodes"]).out, "no nodes are known; a machine becomes one with: openclaw node run\n");
    assert_eq!(home.run(&["nodes", "pending"]).out, "no node asks for approval\n");
    let options = machine(&home, "Build box");
    let id = options.identity.as_ref().unwrap().device_id().to_owned();
    let node = connected(&options).await;

    let pending = home.run(&["nodes", "pending", "--json"]).json();
    let request = pending["pending"][0]["requestId"].as_str().unwrap().to_owned();
    let list = home.run(&["nodes", "list"]);
    assert!(list.out.contains(&request[..8]) && list.out.contains("no nodes are approved"), "{}", list.told());
    let approved = home.run(&["nodes", "approve", &request[..8]]);
    assert_eq!((approved.code, approved.out), (Some(0), format!("{request} approved\n")));
    let status = home.run(&["nodes", "status", "--connected"]);
    for shown in [&id[..8], "Build box", "connected", "system.which"] {
        assert!(status.out.contains(shown), "{shown}: {}", status.told());
    }
    let rows = home.run(&["nodes", "list", "--json", "--last-connected", "1h"]).json();
    assert_eq!((&rows["paired"][0]["nodeId"], &rows["pending"]), (&json!(id), &json!([])), "{rows}");

    let invoke = ["nodes", "invoke", "build box", "--command", "system.which", "--params", r#"{"bins":["git"]}"#];
    let (asked, ()) = tokio::join!(
        tokio::task::spawn_blocking({
            let home = Arc::clone(&home);
            move || home.run(&invoke)
        }),
        answer(&node, json!({ "bins": { "git": "/usr/bin/git" } }))
    );
    let asked = asked.unwrap();
    assert_eq!(asked.json()["payload"]["bins"]["git"], "/usr/bin/git", "{}", asked.told());

    let renamed = home.run(&["nodes", "rename", &id[..6], "--name", "Forge"]);
    assert_eq!((renamed.code, renamed.out), (Some(0), format!("{id} is called Forge now\n")));
    let described = home.run(&["nodes", "describe", "--node", "forge"]);
    for shown in [&id[..], "Forge", "system.which", "screen"] {
        assert!(described.out.contains(shown), "{shown}: {}", described.told());
    }
    let removed = home.run(&["nodes", "remove", "forge"]);
    assert_eq!((removed.code, removed.out), (Some(0), format!("{id} removed\n")));
    node.ended().await;
    let gone = home.run(&["nodes", "describe", "forge"]);
    assert_eq!((gone.code, gone.err.contains("no node is called")), (Some(1), true), "{}", gone.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_said_no_to_and_wrong_words_are_named() {
    let home = home();
    let _gateway = home.gateway(&[]);
    let node = connected(&machine(&home, "Other")).await;
    let rejected = home.run(&["nodes", "reject", "--latest"]);
    assert!(rejected.code == Some(0) && rejected.out.ends_with(" rejected\n"), "{}", rejected.told());
    let none = home.run(&["nodes", "approve", "--latest"]);
    assert_eq!((none.code, none.err.contains("no node asks for approval")), (Some(1), true), "{}", none.told());
    let barred = home.run(&["nodes", "invoke", "other", "--command", "system.which"]);
    assert!(barred.code == Some(1) && barred.err.contains("node command not allowed"), "{}", barred.told());
    for wrong in [
        &["nodes", "invoke", "other", "--command", "c", "--params", "{"][..],
        &["nodes", "invoke", "other", "--command", "c", "--idempotency-key", ""],
        &["nodes", "status", "--last-connected", "soon"],
        &["nodes", "describe"],
    ] {
        assert_eq!(home.run(wrong).code, Some(2), "{wrong:?}");
    }
    node.close().await;
}

/// `openclaw node run` beside the gateway.
struct Host(std::process::Child);

impl Host {
    fn start(home: &Home) -> Self {
        let mut command = home.command(&["node", "run", "--display-name", "Story"]);
        Self(command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command again until its output has this.
fn until(home: &Home, arguments: &[&str], has: &str) -> String {
    for _ in 0..300 {
        let ran = home.run(arguments);
        if ran.out.contains(has) {
            return ran.out;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{arguments:?} never says {has:?}: {}", home.run(arguments).told());
}

#[test]
fn this_machine_is_a_node_and_runs_what_its_own_policy_lets_run() {
    let home = home();
    let _gateway = home.gateway(&[]);
    let host = Host::start(&home);
    until(&home, &["nodes", "pending"], "system.run");
    let identity = home.run(&["node", "identity"]);
    let approved = home.run(&["nodes", "approve", "--latest"]);
    assert_eq!(approved.code, Some(0), "{}", approved.told());
    let status = until(&home, &["nodes", "status", "--connected"], "Story");
    assert!(status.contains(&identity.out[..8]), "{status}");
    let invoke =
        |command: &str, params: &str| home.run(&["nodes", "invoke", "story", "--command", command, "--params", params]);
    let found = invoke("system.which", r#"{"bins":["sh","no-such-program"]}"#).json();
    assert_eq!(found["payload"]["bins"].as_object().unwrap().len(), 1, "{found}");

    // Without a policy people are asked, and nobody is there.
    let run = r#"{"command":["echo","hello"]}"#;
    let asked = invoke("system.run", run);
    assert!(asked.code == Some(1) && asked.err.contains("nobody has approved it"), "{}", asked.told());
    let policy = home.run(&["gateway", "call", "node.list"]);
    assert_eq!(policy.code, Some(0), "{}", policy.told());
    let folder = home.state().join("node");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |text: &str| std::fs::write(folder.join("exec-approvals.json"), text).unwrap();
    write(r#"{"version":1,"agents":{"*":{"allowlist":[{"pattern":"echo"}]}}}"#);
    let ran = invoke("system.run", run).json();
    assert_eq!(
        (&ran["payload"]["exitCode"], &ran["payload"]["stdout"], &ran["payload"]["success"]),
        (&json!(0), &json!("hello\n"), &json!(true)),
        "{ran}"
    );
    write(r#"{"version":1,"defaults":{"security":"full","ask":"off"}}"#);
    let failed = invoke("system.run", r#"{"command":["sh","-c","echo oops >&2; exit 3"]}"#).json();
    assert_eq!(
        (&failed["payload"]["exitCode"], &failed["payload"]["stderr"]),
        (&json!(3), &json!("oops\n")),
        "{failed}"
    );
    let slow = home.run(&[
        "nodes",
        "invoke",
        "story",
        "--command",
        "system.run",
        "--params",
        r#"{"command":["sleep","60"],"timeoutMs":300}"#,
    ]);
    assert_eq!(slow.json()["payload"]["timedOut"], true, "{}", slow.told());
    let injected = invoke("system.run", r#"{"command":["sh","-c","true"],"env":{"LD_PRELOAD":"x.so"}}"#);
    assert!(injected.err.contains("LD_PRELOAD"), "{}", injected.told());
    write(r#"{"version":1,"defaults":{"security":"deny"}}"#);
    let denied = invoke("system.run", run);
    assert!(denied.err.contains("SYSTEM_RUN_DENIED"), "{}", denied.told());
    write("{ nonsense");
    let unusable = invoke("system.run", run);
    assert!(unusable.err.contains("no program runs here"), "{}", unusable.told());

    // It vanishes and comes back, approved as it was.
    drop(host);
    until(&home, &["nodes", "status"], "away");
    let gone = invoke("system.which", "{}");
    assert!(gone.err.contains("node not connected"), "{}", gone.told());
    let _host = Host::start(&home);
    until(&home, &["nodes", "status", "--connected"], "Story");
    assert_eq!(invoke("system.which", r#"{"bins":["sh"]}"#).code, Some(0));
}
