//! Somebody lets a new device in by a code, and takes one back.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use insta::assert_snapshot;
use openclaw_client::{ClientInfo, ConnectError, Credentials, DeviceIdentity, GatewayUrl, Handles, Options, connect};
use openclaw_core::{Clock, Ids, Secret};
use serde_json::{Value, json};

use crate::home::Home;

/// A new device that has nothing but a code.
fn device(home: &Home, code: &str) -> Options {
    let inside: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(code).unwrap()).unwrap();
    assert_eq!(inside["url"], format!("ws://127.0.0.1:{}", home.port));
    let mut options =
        Options::new(GatewayUrl::local(home.port), ClientInfo::new("gateway-client", "ui"), Handles::system());
    options.identity = Some(Arc::new(DeviceIdentity::generate(&Ids::system(), &Clock::system())));
    let code = inside["bootstrapToken"].as_str().unwrap();
    options.credentials = Credentials { setup_code: Some(Secret::new(code)), ..Credentials::default() };
    options.scopes = vec!["operator.read".to_owned()];
    options
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_comes_in_by_a_code_once() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let made = home.run(&["devices", "setup-code", "--scope", "operator.read", "--label", "Ann's phone", "--json"]);
    assert_eq!(made.code, Some(0), "{}", made.told());
    let made = made.json();
    let options = device(&home, made["setupCode"].as_str().unwrap());
    let connection = connect(&options).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(connection.hello().device_token.is_some());
    match connect(&options).await.unwrap_err() {
        ConnectError::Refused { refusal, .. } => assert_eq!(refusal.reason(), "AUTH_BOOTSTRAP_TOKEN_INVALID"),
        other => panic!("{other}"),
    }
    let list = home.run(&["devices", "list"]);
    assert!(list.out.contains("Ann's phone"), "{}", list.told());
    let codes = home.run(&["devices", "setup-codes"]);
    let secret = made["setupCode"].as_str().unwrap();
    assert!(codes.out.contains("used") && !codes.out.contains(secret), "{}", codes.told());
    let tokens = home.run(&["gateway", "list-tokens", "--json"]).json();
    let kinds: Vec<&Value> = tokens["tokens"].as_array().unwrap().iter().map(|row| &row["kind"]).collect();
    assert!(kinds.contains(&&json!("setup")), "{tokens}");
}

#[test]
fn a_code_is_told_drawn_printed_alone_and_taken_back() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["devices", "setup-codes"]).told(), @r"
    exit 0
    --- out
    no setup code was made within the last hour
    ");
    let drawn = home.run(&["qr"]);
    assert!(drawn.code == Some(0) && drawn.out.contains('█') && drawn.out.contains("access"), "{}", drawn.told());
    let bare = home.run(&["qr", "--limited", "--setup-code-only"]);
    let inside = URL_SAFE_NO_PAD.decode(bare.out.trim()).unwrap_or_else(|error| panic!("{error}: {}", bare.told()));
    let inside: Value = serde_json::from_slice(&inside).unwrap();
    assert_eq!(inside.as_object().unwrap().len(), 2, "{inside}");
    let lan = home.run(&["qr", "--public-url", "ws://192.168.1.20:18789", "--no-ascii"]);
    assert!(lan.out.contains("limited") && lan.out.contains("Without administrator access"), "{}", lan.told());

    let made = home.run(&["devices", "setup-code", "--expires", "2m", "--json"]).json();
    let id = made["setupId"].as_str().unwrap();
    let taken = home.run(&["devices", "setup-revoke", &id[..8]]);
    assert_eq!((taken.code, taken.out), (Some(0), format!("{id} taken back\n")));
    let again = home.run(&["devices", "setup-revoke", &id[..8]]);
    assert_eq!(again.code, Some(1), "{}", again.told());
    for (arguments, words) in [
        (&["devices", "setup-code", "--expires", "2h"][..], "from 1m to 1h"),
        (&["devices", "setup-code", "--role", "owner"], "operator, node"),
        (&["devices", "setup-code", "--scope", "operator.everything"], "operator.everything"),
        (&["devices", "setup-code", "--public-url", "ws://gw.example.com"], "use wss://"),
        (&["qr", "--remote"], "gateway.remote.url"),
        (&["qr", "--limited", "--voice-node"], "--voice-node"),
        (&["node", "run", "--pair", "nonsense"], "no setup code"),
    ] {
        let wrong = home.run(arguments);
        assert!(wrong.code != Some(0) && wrong.err.contains(words), "{arguments:?}: {}", wrong.told());
    }
}
