//! Passkeys: registered in a page, shown by browsers, and worth nothing when anything about them is not right.

use openclaw_testkit::{
    authenticator::Authenticator,
    gateway::{Raw, TOKEN, TestGateway, connect_params},
};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{Device, closed, code, connect},
    talk::Talk,
};

const ORIGIN: &str = "https://mc.example.com";
const ALL: &[&str] = &["operator.admin"];

async fn gateway(mode: &str) -> TestGateway {
    TestGateway::with_config(json!({ "gateway": {
        "trustedProxies": ["127.0.0.1"],
        "controlUi": { "allowedOrigins": [ORIGIN] },
        "auth": { "passkeys": { "mode": mode } },
    } }))
    .await
}

/// Which way somebody comes.
#[derive(Clone, Copy)]
enum From {
    /// A page in a browser on the gateway's host.
    Here,
    /// The same from elsewhere.
    Far,
    /// A program from elsewhere that says nothing about a page.
    Program,
}

async fn come(gateway: &TestGateway, from: From, device: &Device, auth: &Value) -> (Raw, Value) {
    come_from(gateway, from, ORIGIN, device, auth).await
}

async fn come_from(gateway: &TestGateway, from: From, origin: &str, device: &Device, auth: &Value) -> (Raw, Value) {
    let proxied = ("x-forwarded-for", "203.0.113.9");
    let headers = match from {
        From::Here => vec![("origin", origin)],
        From::Far => vec![("origin", origin), proxied],
        From::Program => vec![proxied],
    };
    let mut raw = gateway.raw_with(&headers).await;
    let nonce = raw.challenge().await;
    let params = match from {
        From::Program => device.params(gateway, &nonce, auth, ALL),
        From::Here | From::Far => device.page(gateway, &nonce, auth, ALL),
    };
    let answer = connect(&mut raw, &params).await;
    (raw, answer)
}

fn secret() -> Value {
    json!({ "token": TOKEN })
}

fn with(passkey: &Value) -> Value {
    json!({ "token": TOKEN, "passkey": passkey })
}

/// What a refusal says the page has to ask its authenticator.
fn options(refusal: &Value) -> &Value {
    let options = &refusal["error"]["details"]["passkey"]["publicKey"];
    assert!(options.is_object(), "{refusal}");
    options
}

/// An administrator in a page of the host, a passkey that they registered, and its id.
async fn registered(gateway: &TestGateway) -> (Talk, Authenticator, String) {
    let (raw, hello) = come(gateway, From::Here, &Device::new(), &secret()).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let mut owner = Talk::over(raw);
    let mut authenticator = Authenticator::at(ORIGIN);
    let begun = owner.ok("passkeys.register.begin", json!({})).await;
    let credential = authenticator.create(&begun["publicKey"]);
    let kept = owner.ok("passkeys.register.finish", json!({ "name": "Ann's key", "credential": credential })).await;
    (owner, authenticator, kept["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_passkey_is_registered_in_a_page_listed_renamed_and_kept_over_a_restart() {
    let gateway = gateway("optional").await;
    let mut other = Talk::with(&gateway, connect_params(&["operator.pairing"])).await;
    let (mut owner, mut authenticator, id) = registered(&gateway).await;
    other.event("passkeys.changed", |_| true).await;
    let begun = owner.ok("passkeys.register.begin", json!({})).await;
    let asked = &begun["publicKey"];
    assert_eq!(
        (&asked["rp"]["id"], &asked["attestation"], &asked["authenticatorSelection"]["userVerification"]),
        (&json!("mc.example.com"), &json!("none"), &json!("required"))
    );
    assert_eq!(asked["excludeCredentials"].as_array().unwrap().len(), 1);
    // The same authenticator twice, what somebody else began, and what was begun once.
    let credential = authenticator.create(asked);
    let finish = json!({ "name": "again", "credential": credential });
    let twice = owner.call("passkeys.register.finish", finish.clone()).await;
    assert_eq!(code(&twice), "CONFLICT", "{twice}");
    let replayed = owner.call("passkeys.register.finish", finish).await;
    assert!(replayed["error"]["message"].as_str().unwrap().contains("begin again"), "{replayed}");
    // Whoever may look at devices sees it; only administrators change it, and only a page registers one.
    let list = other.ok("passkeys.list", json!({})).await;
    assert_eq!((&list["passkeys"][0]["name"], &list["mode"]), (&json!("Ann's key"), &json!("optional")));
    assert!(list.get("rpId").is_none() && !list.to_string().contains("credential"), "{list}");
    for (method, params) in [("passkeys.remove", json!({ "id": id })), ("passkeys.register.begin", json!({}))] {
        let refused = other.call(method, params).await;
        assert_eq!(refused["error"]["message"], "missing scope: operator.admin", "{refused}");
    }
    let mut program = Talk::with(&gateway, connect_params(ALL)).await;
    let refused = program.call("passkeys.register.begin", json!({})).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("from a page"), "{refused}");
    owner.ok("passkeys.rename", json!({ "id": id, "name": "blue key" })).await;
    for name in ["", "two\nlines", &"x".repeat(65)] {
        let refused = owner.call("passkeys.rename", json!({ "id": id, "name": name })).await;
        assert_eq!(refused["error"]["details"]["path"], "params.name", "{refused}");
    }
    let gateway = gateway.restart(openclaw_testkit::gateway::Setup::default()).await;
    let mut program = Talk::with(&gateway, connect_params(ALL)).await;
    let list = program.ok("passkeys.list", json!({})).await;
    assert_eq!(list["passkeys"][0]["name"], "blue key");
    let records = audit::records(&gateway).await;
    for event in ["passkey.registered", "passkey.renamed"] {
        let record = records.iter().find(|record| record.event.event == event).unwrap();
        assert_eq!(record.event.target, Some(format!("passkey:{id}")));
    }
}

#[tokio::test]
async fn a_passkey_admits_a_new_browser_from_elsewhere_at_once() {
    let gateway = gateway("optional").await;
    let (mut owner, mut authenticator, id) = registered(&gateway).await;
    let device = Device::new();
    let (_, waits) = come(&gateway, From::Far, &device, &secret()).await;
    assert_eq!(code(&waits), "PAIRING_REQUIRED", "{waits}");
    let offered = options(&waits);
    assert_eq!(offered["allowCredentials"].as_array().unwrap().len(), 1, "{offered}");
    let shown = authenticator.get(offered);
    let (_raw, hello) = come(&gateway, From::Far, &device, &with(&shown)).await;
    assert_eq!((&hello["ok"], &hello["payload"]["auth"]["scopes"]), (&json!(true), &json!(ALL)), "{hello}");
    let token = hello["payload"]["auth"]["deviceToken"].as_str().unwrap().to_owned();
    // What it signed is used up, on this device and on another.
    for again in [&device, &Device::new()] {
        let (_, refused) = come(&gateway, From::Far, again, &with(&shown)).await;
        let details = &refused["error"]["details"];
        assert_eq!((code(&refused), &details["authReason"]), ("PASSKEY_INVALID", &json!("passkey_challenge")));
        assert!(refused["error"]["retryable"] != true);
    }
    // From then on the device's token is enough, and the record says who had approved it.
    let (_raw, hello) = come(&gateway, From::Far, &device, &json!({ "deviceToken": token })).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let list = owner.ok("device.pair.list", json!({})).await;
    let via = format!("passkey:{id}");
    let paired = list["paired"].as_array().unwrap();
    assert!(paired.iter().any(|paired| paired["approvedVia"] == via.as_str()), "{list}");
    let list = owner.ok("passkeys.list", json!({})).await;
    assert!(list["passkeys"][0]["lastUsedAtMs"].is_i64(), "{list}");
    assert_eq!(list["passkeys"][0]["devices"], json!([device.id()]));
    let records = audit::records(&gateway).await;
    let approved = records.iter().filter(|record| record.event.event == "device.approved");
    assert!(approved.filter_map(|record| record.event.detail["passkey"].as_str()).eq([id.as_str()]));
    assert!(records.iter().any(|record| record.event.event == "passkey.used"));
    let text = format!("{records:?}");
    assert!(!text.contains(shown["response"]["signature"].as_str().unwrap()) && !text.contains(&token));
    // A passkey without the secret admits nobody.
    let (_, waits) = come(&gateway, From::Far, &Device::new(), &json!({})).await;
    assert!(waits["error"]["details"].get("passkey").is_none(), "{waits}");
}

#[tokio::test]
async fn what_is_not_right_about_a_passkey_is_refused_and_counted() {
    let gateway = gateway("required").await;
    let (_owner, mut authenticator, id) = registered(&gateway).await;
    let device = Device::new();
    let mut tried = 0;
    let mut refused_with = async |spoil: &dyn Fn(&mut Authenticator), reason: &str| {
        let (_, asked) = come(&gateway, From::Far, &device, &secret()).await;
        assert_eq!(code(&asked), "PASSKEY_REQUIRED", "{asked}");
        let count = authenticator.count;
        spoil(&mut authenticator);
        let shown = authenticator.get(options(&asked));
        let (_, refused) = come(&gateway, From::Far, &device, &with(&shown)).await;
        assert_eq!(
            (code(&refused), refused["error"]["details"]["authReason"].as_str()),
            ("PASSKEY_INVALID", Some(reason))
        );
        tried += 1;
        let fresh = Authenticator::at(ORIGIN);
        authenticator.origin = fresh.origin;
        authenticator.rp_id = None;
        authenticator.flags = fresh.flags;
        authenticator.count = count.max(authenticator.count);
    };
    refused_with(&|it| "https://evil.example".clone_into(&mut it.origin), "passkey_origin").await;
    refused_with(&|it| it.rp_id = Some("example.com".to_owned()), "passkey_rp_id").await;
    refused_with(&|it| it.flags = 0b001, "passkey_user_verification").await;
    refused_with(&|it| *it = Authenticator::at(ORIGIN), "passkey_signature").await;
    assert_eq!(tried, 4);
    // A page that may not speak to the gateway gets no further than its origin.
    let (_, foreign) = come_from(&gateway, From::Far, "https://evil.example", &device, &secret()).await;
    assert_eq!(code(&foreign), "CONTROL_UI_ORIGIN_NOT_ALLOWED", "{foreign}");
    for _ in 0..6 {
        let (_, refused) = come(
            &gateway,
            From::Far,
            &device,
            &with(&json!({ "id": "", "response": {
            "clientDataJSON": "", "authenticatorData": "", "signature": "" } })),
        )
        .await;
        assert_eq!(code(&refused), "PASSKEY_INVALID", "{refused}");
    }
    let (_, locked) = come(
        &gateway,
        From::Far,
        &device,
        &with(&json!({ "id": "", "response": {
        "clientDataJSON": "", "authenticatorData": "", "signature": "" } })),
    )
    .await;
    assert_eq!(code(&locked), "AUTH_RATE_LIMITED", "{locked}");
    assert!(!id.is_empty());
}

#[tokio::test]
async fn a_count_that_goes_back_is_refused_and_audited() {
    let gateway = gateway("required").await;
    let (_owner, mut authenticator, _) = registered(&gateway).await;
    let show = async |authenticator: &mut Authenticator| {
        let device = Device::new();
        let (_, asked) = come(&gateway, From::Here, &device, &secret()).await;
        let shown = authenticator.get(options(&asked));
        come(&gateway, From::Here, &device, &with(&shown)).await.1
    };
    authenticator.count = 10;
    assert_eq!(show(&mut authenticator).await["ok"], true);
    authenticator.count = 5;
    let refused = show(&mut authenticator).await;
    assert_eq!(refused["error"]["details"]["authReason"], "passkey_cloned", "{refused}");
    let mut seen = false;
    for _ in 0..100 {
        seen = audit::records(&gateway).await.iter().any(|record| record.event.event == "passkey.cloned");
        if seen {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(seen, "the audit tells of two authenticators with one key");
}

#[tokio::test]
async fn a_passkey_that_is_removed_ends_what_it_opened() {
    let gateway = gateway("required").await;
    let (mut owner, mut authenticator, id) = registered(&gateway).await;
    let device = Device::new();
    let sign_in = async |authenticator: &mut Authenticator| {
        let (_, asked) = come(&gateway, From::Far, &device, &secret()).await;
        let shown = authenticator.get(options(&asked));
        come(&gateway, From::Far, &device, &with(&shown)).await
    };
    let (mut raw, hello) = sign_in(&mut authenticator).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let (_, asked) = come(&gateway, From::Far, &device, &secret()).await;
    let late = authenticator.get(options(&asked));
    owner.ok("passkeys.remove", json!({ "id": id })).await;
    let (close, reason) = closed(&mut raw).await;
    assert!(close == 1008 && reason.contains("passkey"), "{close} {reason}");
    // Nothing is demanded any more, and what was signed by it counts for nothing.
    let (_, refused) = come(&gateway, From::Far, &Device::new(), &with(&late)).await;
    assert_eq!(refused["error"]["details"]["authReason"], "passkey_unknown", "{refused}");
    let again = owner.call("passkeys.remove", json!({ "id": id })).await;
    assert_eq!(code(&again), "NOT_FOUND");

    // One that was lost takes the devices with it that it admitted.
    let begun = owner.ok("passkeys.register.begin", json!({})).await;
    let credential = authenticator.create(&begun["publicKey"]);
    let kept = owner.ok("passkeys.register.finish", json!({ "name": "lost", "credential": credential })).await;
    let other = Device::new();
    let (_, asked) = come(&gateway, From::Far, &other, &secret()).await;
    let shown = authenticator.get(options(&asked));
    let (mut raw, hello) = come(&gateway, From::Far, &other, &with(&shown)).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let gone = owner.ok("passkeys.remove", json!({ "id": kept["id"], "andDevices": true })).await;
    assert_eq!(gone["devices"], json!([other.id()]));
    assert_eq!(closed(&mut raw).await.0, 4001);
    let (_, waits) = come(&gateway, From::Far, &other, &secret()).await;
    assert_eq!(code(&waits), "PAIRING_REQUIRED", "{waits}");
}

#[tokio::test]
async fn where_passkeys_are_required_the_secret_alone_lets_no_browser_in() {
    let gateway = gateway("required").await;
    // Until one is registered nobody is locked out, and the audit says so.
    let mut program = Talk::with(&gateway, connect_params(ALL)).await;
    let finds = async |program: &mut Talk| {
        let report = program.ok("security.audit", json!({})).await;
        let findings = report["findings"].as_array().unwrap().clone();
        findings.iter().any(|finding| finding["checkId"] == "gateway.passkeys_required_none")
    };
    assert!(finds(&mut program).await);
    let device = Device::new();
    let (_raw, hello) = come(&gateway, From::Here, &device, &secret()).await;
    let token = hello["payload"]["auth"]["deviceToken"].as_str().unwrap().to_owned();
    let (_owner, mut authenticator, _) = registered(&gateway).await;
    assert!(!finds(&mut program).await);

    for from in [From::Here, From::Far] {
        let newcomer = Device::new();
        let (mut raw, asked) = come(&gateway, from, &newcomer, &secret()).await;
        assert_eq!(code(&asked), "PASSKEY_REQUIRED", "{asked}");
        assert_eq!(closed(&mut raw).await.0, 1008);
        let shown = authenticator.get(options(&asked));
        let (_raw, hello) = come(&gateway, from, &newcomer, &with(&shown)).await;
        assert_eq!(hello["ok"], true, "{hello}");
    }
    // A device that was admitted before shows its token; without it even that one is asked.
    let (_raw, hello) = come(&gateway, From::Here, &device, &json!({ "deviceToken": token })).await;
    assert_eq!(hello["ok"], true, "{hello}");
    for auth in [secret(), json!({})] {
        let (_, asked) = come(&gateway, From::Here, &device, &auth).await;
        assert_eq!(code(&asked), "PASSKEY_REQUIRED", "{asked}");
    }
    // Another name is no way around it: a program from elsewhere waits, and over HTTP the secret is not enough.
    let (_, waits) = come(&gateway, From::Program, &Device::new(), &secret()).await;
    assert_eq!(code(&waits), "PAIRING_REQUIRED", "{waits}");
    let far = format!("authorization: Bearer {TOKEN}\r\nx-forwarded-for: 203.0.113.9\r\n");
    let answer = gateway.get("/api/config/schema", &far).await;
    let here = gateway.get("/api/config/schema", &format!("authorization: Bearer {TOKEN}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("passkey_required"), "{answer}");
    assert!(here.starts_with("HTTP/1.1 200"), "{here}");
    // The host's own command line goes on.
    assert!(program.call("health", json!({})).await["ok"] == true);
    Talk::with(&gateway, connect_params(ALL)).await;
    // A host for which there is none is told where there is one, and gets in by nothing.
    let (_, asked) = come_from(&gateway, From::Here, &gateway.http(), &Device::new(), &secret()).await;
    let details = &asked["error"]["details"];
    assert_eq!((code(&asked), &details["passkeyHosts"]), ("PASSKEY_REQUIRED", &json!(["mc.example.com"])));
    assert!(details.get("passkey").is_none(), "{asked}");
}

#[tokio::test]
async fn turned_off_a_passkey_is_neither_registered_nor_looked_at() {
    let gateway = gateway("off").await;
    let (raw, _) = come(&gateway, From::Here, &Device::new(), &secret()).await;
    let refused = Talk::over(raw).call("passkeys.register.begin", json!({})).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("passkeys are off"), "{refused}");
    let nonsense = json!({ "id": "", "response": { "clientDataJSON": "", "authenticatorData": "", "signature": "" } });
    let (_, waits) = come(&gateway, From::Far, &Device::new(), &with(&nonsense)).await;
    assert_eq!(code(&waits), "PAIRING_REQUIRED", "{waits}");
}
