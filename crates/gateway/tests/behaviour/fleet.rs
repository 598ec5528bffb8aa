//! Other gateways that people reach through one (specification 000; F1, F7, T05, T50).

use openclaw_testkit::gateway::{Setup, TestGateway, connect_params};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

use crate::{audit, talk::Talk};

/// What must never be seen anywhere but at the gateway that it belongs to.
const SECRET: &str = "remote-secret-0123456789abcdef0123456789";

fn setup(extra: Value) -> Setup {
    let mut config = json!({ "gateway": { "auth": { "token": SECRET } } });
    if let Value::Object(more) = extra {
        for (name, value) in more {
            config["gateway"][name] = value;
        }
    }
    Setup { config, ..Setup::default() }
}

/// A gateway in the clear, whose token nobody else's is.
async fn plain() -> TestGateway {
    TestGateway::with(setup(json!({}))).await
}

/// A gateway whose certificate an authority signed, and that authority.
async fn signed() -> (TestGateway, String, tempfile::TempDir) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.clone().self_signed(&authority_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path.display().to_string()
    };
    let tls = json!({
        "enabled": true, "autoGenerate": false, "certPath": place("cert.pem", &leaf.pem()), "keyPath": place("key.pem", &key.serialize_pem()),
    });
    (TestGateway::with(setup(json!({ "tls": tls }))).await, pem, folder)
}

/// A gateway that made its certificate itself.
async fn self_signed() -> TestGateway {
    TestGateway::with(setup(json!({ "tls": { "enabled": true, "autoGenerate": true } }))).await
}

fn near(name: &str, gateway: &TestGateway) -> Value {
    json!({ "name": name, "url": gateway.url(), "token": SECRET, "allowPrivateNetwork": true })
}

/// The gateway once it is as it should be.
pub(crate) async fn until(talk: &mut Talk, id: &str, state: &str) -> Value {
    loop {
        let shown = talk.ok("gateways.get", json!({ "id": id })).await;
        if shown["state"] == state {
            return shown;
        }
        talk.event("gateways.changed", |changed| changed["id"] == id).await;
    }
}

pub(crate) async fn through(talk: &mut Talk, id: &str, method: &str, params: Value) -> Value {
    talk.call("gateways.call", json!({ "id": id, "method": method, "params": params })).await
}

#[tokio::test]
async fn three_gateways_are_reached_and_a_self_signed_one_only_when_that_is_said() {
    let home = TestGateway::start().await;
    let (one, (two, authority, _files), three) = (plain().await, signed().await, self_signed().await);
    let mut talk = Talk::admin(&home).await;
    let mut said = Vec::new();

    said.push(talk.ok("gateways.add", near("Plain", &one)).await);
    let mut params = near("Signed", &two);
    params["caCertificate"] = json!(authority);
    said.push(talk.ok("gateways.add", params).await);

    let tested =
        talk.ok("gateways.test", json!({ "url": three.url(), "token": SECRET, "allowPrivateNetwork": true })).await;
    assert_eq!((&tested["ok"], &tested["problem"]["code"]), (&json!(false), &json!("TLS")), "{tested}");
    assert_eq!(tested["problem"]["fingerprint"], json!(three.tls_fingerprint().unwrap()), "{tested}");
    let refused = talk.ok("gateways.add", near("Own", &three)).await;
    assert_eq!(until(&mut talk, "own", "refused").await["problem"]["code"], "TLS");
    said.extend([tested, refused]);
    let allowed = talk.ok("gateways.update", json!({ "id": "own", "allowSelfSigned": true })).await;
    assert!(allowed["warnings"][0].as_str().unwrap().contains("weakens"), "{allowed}");
    said.push(allowed);

    for id in ["plain", "signed", "own"] {
        let shown = until(&mut talk, id, "connected").await;
        assert_eq!((&shown["has_token"], &shown["versionOk"]), (&json!(true), &json!(true)), "{shown}");
        assert!(shown["latencyMs"].is_u64() && shown["history"][0]["ts"].is_i64(), "{shown}");
        said.push(shown);
    }
    let pinned = json!({ "id": "own", "allowSelfSigned": false, "tlsFingerprint": three.tls_fingerprint().unwrap() });
    talk.ok("gateways.update", pinned).await;
    said.push(until(&mut talk, "own", "connected").await);
    said.push(talk.ok("gateways.list", json!({})).await);
    said.push(talk.ok("config.get", json!({})).await);
    said.push(talk.ok("logs.tail", json!({})).await);

    let trail = audit::records(&home).await;
    let added: Vec<_> = trail.iter().filter(|record| record.event.event == "gateway.added").collect();
    assert_eq!(added.len(), 3);
    let told = format!("{said:?}{trail:?}");
    assert!(!told.contains(SECRET), "the token is told");
    for file in ["gateway.sqlite", "gateway.sqlite-wal"] {
        let bytes = std::fs::read(home.dir().join("state").join(file)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "the token stands in {file}");
    }

    // What is kept is reached again after a restart, with a token that opens.
    drop(talk);
    let home = home.restart(Setup::default()).await;
    let mut talk = Talk::admin(&home).await;
    for id in ["plain", "signed", "own"] {
        until(&mut talk, id, "connected").await;
    }
    talk.ok("gateways.remove", json!({ "id": "own" })).await;
    assert_eq!(talk.call("gateways.get", json!({ "id": "own" })).await["error"]["details"]["code"], "NOT_FOUND");
    let left = talk.ok("gateways.list", json!({})).await;
    assert_eq!(left["gateways"].as_array().unwrap().len(), 2, "{left}");
}

#[tokio::test]
async fn people_talk_and_decide_through_a_gateway_and_hear_of_it() {
    let (home, far) = (TestGateway::start().await, plain().await);
    let mut talk = Talk::with(&home, page(&["operator.admin"])).await;
    talk.ok("gateways.add", near("Far", &far)).await;
    until(&mut talk, "far", "connected").await;
    let attached = talk.ok("gateways.attach", json!({ "id": "far" })).await;
    assert_eq!(attached["hello"]["auth"]["role"], "operator", "{attached}");
    assert!(attached["hello"]["auth"].get("deviceToken").is_none(), "{attached}");
    assert!(attached["hello"]["features"]["methods"].as_array().unwrap().contains(&json!("chat.send")));

    let sent = through(
        &mut talk,
        "far",
        "chat.send",
        json!({ "sessionKey": "agent:main:far", "message": "hello there", "idempotencyKey": "run-1" }),
    )
    .await;
    assert_eq!(sent["ok"], true, "{sent}");
    let end = talk.event("gateways.event", |told| told["event"] == "chat" && told["payload"]["state"] == "final").await;
    assert_eq!((&end["id"], &end["payload"]["runId"]), (&json!("far"), &json!("run-1")), "{end}");
    // It was said there and not here.
    let history = through(&mut talk, "far", "chat.history", json!({ "sessionKey": "agent:main:far" })).await;
    assert_eq!(history["payload"]["messages"].as_array().unwrap().len(), 2, "{history}");
    let here = talk.ok("sessions.list", json!({})).await;
    assert!(!here.to_string().contains("agent:main:far"), "{here}");

    let mut asker = far.raw().await;
    let mut params = connect_params(&["operator.approvals"]);
    params["auth"]["token"] = json!(SECRET);
    asker.shake(&params).await;
    let asked = json!({
        "id": "one", "command": "ls -la", "cwd": "/tmp", "host": "gateway", "sessionKey": "main", "timeoutMs": 60_000, "twoPhase": true,
    });
    let accepted = asker.call("a1", "exec.approval.request", asked).await;
    assert_eq!(accepted["payload"]["status"], "accepted", "somebody who follows from elsewhere can answer: {accepted}");
    talk.event("gateways.event", |told| told["event"] == "exec.approval.requested").await;
    let decided =
        through(&mut talk, "far", "exec.approval.resolve", json!({ "id": "one", "decision": "allow-once" })).await;
    assert_eq!(decided["ok"], true, "{decided}");
    assert_eq!(asker.response("a1").await["payload"]["decision"], "allow-once");

    // With nobody who follows, that gateway knows that nobody could answer.
    talk.ok("gateways.detach", json!({ "id": "far" })).await;
    talk.event("gateways.line", |line| line["state"] == "lost").await;
    let trail = audit::records(&home).await;
    let called: Vec<_> = trail.iter().filter(|record| record.event.event == "gateway.called").collect();
    let methods: Vec<_> = called.iter().map(|record| record.event.detail["method"].as_str().unwrap()).collect();
    assert_eq!(
        methods,
        ["chat.send", "exec.approval.resolve"],
        "what changes something is recorded, what looks is not"
    );
}

#[tokio::test]
async fn whoever_follows_a_gateway_for_some_events_hears_no_others() {
    let (home, far) = (TestGateway::start().await, plain().await);
    let mut talk = Talk::with(&home, page(&["operator.admin"])).await;
    talk.ok("gateways.add", near("Far", &far)).await;
    until(&mut talk, "far", "connected").await;
    let many = vec!["chat"; 65];
    let refused = talk.call("gateways.attach", json!({ "id": "far", "events": many })).await;
    assert_eq!(refused["error"]["details"]["path"], "params.events", "{refused}");
    talk.ok("gateways.attach", json!({ "id": "far", "events": ["exec.approval.requested"] })).await;

    // A run there says much, and its end is in the history before anything is asked about.
    let sent = json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": "few-1" });
    let ended = json!({ "runId": "few-1", "timeoutMs": 30_000 });
    assert_eq!(through(&mut talk, "far", "chat.send", sent).await["ok"], true);
    assert_eq!(through(&mut talk, "far", "agent.wait", ended).await["ok"], true);
    let mut asker = far.raw().await;
    let mut params = connect_params(&["operator.approvals"]);
    params["auth"]["token"] = json!(SECRET);
    asker.shake(&params).await;
    let wish = json!({ "id": "two", "command": "ls", "host": "gateway", "sessionKey": "main", "timeoutMs": 60_000, "twoPhase": true });
    let accepted = asker.call("a1", "exec.approval.request", wish).await;
    assert_eq!(accepted["payload"]["status"], "accepted", "whoever follows for this can answer: {accepted}");
    let first = talk.event("gateways.event", |_| true).await;
    assert_eq!((&first["event"], &first["payload"]["id"]), (&json!("exec.approval.requested"), &json!("two")));

    // What is said last holds.
    talk.ok("gateways.attach", json!({ "id": "far" })).await;
    let sent = json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": "few-2" });
    assert_eq!(through(&mut talk, "far", "chat.send", sent).await["ok"], true);
    talk.event("gateways.event", |told| told["event"] == "chat" && told["payload"]["state"] == "final").await;
}

/// `connect` of a page.
pub(crate) fn page(scopes: &[&str]) -> Value {
    json!({
        "minProtocol": 1, "maxProtocol": 1, "role": "operator", "scopes": scopes,
        "client": { "id": "control-ui", "mode": "ui", "version": "1", "platform": "web" },
        "auth": { "token": openclaw_testkit::gateway::TOKEN },
    })
}

#[tokio::test]
async fn nobody_may_more_there_than_here() {
    let (home, far) = (TestGateway::start().await, plain().await);
    let mut admin = Talk::admin(&home).await;
    let mut params = near("Far", &far);
    params["workspaceRoot"] = json!("~/fleet");
    admin.ok("gateways.add", params).await;
    until(&mut admin, "far", "connected").await;

    let mut reader = Talk::with(&home, connect_params(&["operator.read"])).await;
    assert_eq!(through(&mut reader, "far", "sessions.list", json!({})).await["ok"], true);
    for (method, scope) in [
        ("chat.send", "operator.write"),
        ("device.pair.list", "operator.pairing"),
        ("exec.approval.resolve", "operator.approvals"),
        ("gateways.remove", "operator.admin"),
        ("no.such.method", "operator.admin"),
    ] {
        let refused = through(&mut reader, "far", method, json!({})).await;
        let details = &refused["error"]["details"];
        assert_eq!(
            (&details["code"], &details["missingScope"]),
            (&json!("MISSING_SCOPE"), &json!(scope)),
            "{method}: {refused}"
        );
    }
    for method in ["gateways.add", "gateways.test", "gateways.update", "gateways.remove"] {
        let refused = reader.call(method, json!({ "id": "far", "name": "x", "url": "ws://h" })).await;
        assert_eq!(refused["error"]["details"]["code"], "MISSING_SCOPE", "{method}: {refused}");
    }

    for method in ["gateways.list", "connect", "", "a b", "node.invoke.result"] {
        let refused = through(&mut admin, "far", method, json!({})).await;
        assert_eq!(refused["ok"], false, "{method:?} is not called through a gateway: {refused}");
    }
    let unknown = through(&mut admin, "far", "no.such.method", json!({})).await;
    assert_eq!(unknown["error"]["details"]["gateway"], "far", "the other gateway's own refusal: {unknown}");
    let wrong = through(&mut admin, "far", "chat.history", json!({ "nonsense": 1 })).await;
    assert_eq!(wrong["error"]["details"]["code"], "INVALID_PARAMS", "{wrong}");

    // Agents that are made through it work below its workspace root.
    let outside = through(&mut admin, "far", "agents.create", json!({ "name": "Eve", "workspace": "/etc" })).await;
    assert!(outside["error"]["message"].as_str().unwrap().contains("below ~/fleet"), "{outside}");
    let made = through(&mut admin, "far", "agents.create", json!({ "name": "Ada" })).await;
    assert!(made["payload"]["workspace"].as_str().unwrap().ends_with("fleet/ada"), "{made}");
}

#[tokio::test]
async fn t50_a_gateway_connects_where_it_may_and_nowhere_else() {
    let (home, far) = (TestGateway::start().await, plain().await);
    let mut talk = Talk::admin(&home).await;
    let refused = talk.ok("gateways.test", json!({ "url": far.url(), "token": SECRET })).await;
    assert_eq!(refused["problem"]["code"], "PRIVATE_ADDRESS", "{refused}");
    for url in ["ws://169.254.169.254", "ws://[::ffff:169.254.169.254]:80", "ws://0.0.0.0:1", "ws://[fe80::1]:1"] {
        let refused = talk.ok("gateways.test", json!({ "url": url, "allowPrivateNetwork": true })).await;
        assert_eq!(refused["problem"]["code"], "FORBIDDEN_ADDRESS", "{url}: {refused}");
    }
    let itself = json!({ "url": home.url(), "token": openclaw_testkit::gateway::TOKEN, "allowPrivateNetwork": true });
    assert_eq!(talk.ok("gateways.test", itself).await["problem"]["code"], "THIS_GATEWAY");
    let wrong = json!({ "url": far.url(), "token": "wrong-0123456789", "allowPrivateNetwork": true });
    let wrong = talk.ok("gateways.test", wrong).await;
    assert_eq!((&wrong["ok"], &wrong["problem"]["code"]), (&json!(false), &json!("AUTH_TOKEN_MISMATCH")), "{wrong}");
    let right = json!({ "url": far.url(), "token": SECRET, "allowPrivateNetwork": true });
    let right = talk.ok("gateways.test", right).await;
    assert_eq!((&right["ok"], &right["versionOk"]), (&json!(true), &json!(true)), "{right}");
}

#[tokio::test]
async fn t05_a_token_goes_to_the_address_that_it_was_given_for() {
    let (home, far, trap) = (TestGateway::start().await, plain().await, plain().await);
    let mut talk = Talk::admin(&home).await;
    talk.ok("gateways.add", near("Far", &far)).await;
    for method in ["gateways.update", "gateways.test"] {
        let refused = talk.call(method, json!({ "id": "far", "url": trap.url() })).await;
        assert!(
            refused["error"]["message"].as_str().unwrap().contains("token belongs to the former address"),
            "{refused}"
        );
    }
    let tested = talk.ok("gateways.test", json!({ "id": "far", "url": trap.url(), "token": null })).await;
    assert_eq!(tested["ok"], false, "no token went along: {tested}");
    let moved = talk.ok("gateways.update", json!({ "id": "far", "url": trap.url(), "token": SECRET })).await;
    assert_eq!(moved["has_token"], true);
    until(&mut talk, "far", "connected").await;
    let same = talk.call("gateways.add", near("FAR", &trap)).await;
    assert_eq!(same["error"]["details"]["code"], "CONFLICT", "{same}");
    let forgotten = talk.ok("gateways.update", json!({ "id": "far", "token": null })).await;
    assert_eq!(forgotten["has_token"], false);
}
