use openclaw_core::Environment;
use serde_json::json;

use super::*;
use crate::{Format, parse_str};

fn full() -> Value {
    json!({
        "gateway": { "port": 1, "auth": { "mode": "token", "token": "S1", "password": "S2", "deviceAuth": { "tokenTTL": 5 } }, "token": "S3", "remote": { "token": "S4", "url": "wss://u:S5@far.example" } },
        "models": { "providers": { "y": { "baseUrl": "https://y.example/v1?version=2&sig=S6c" }, "z": { "baseUrl": "https://z.example/v1?api-version=2#key=1" }, "x": { "baseUrl": "https://x.example", "apiKey": "S6", "apiKeys": ["S6b"], "headers": { "X-Any": "S7" }, "models": [{ "id": "m", "maxTokens": 9 }] } } },
        "security": { "apiKeys": { "openai": "S8" } },
        "channels": { "c": { "botToken": "S9", "accounts": { "a": { "token": "S10", "name": "shown" } }, "allowFrom": ["shown"] } },
        "hooks": { "token": "S11", "path": "/shown" },
        "env": { "vars": { "ANY": "S12" } },
        "plugins": { "entries": { "p": { "config": { "pinSecret": ["S13", 14], "totalTokens": 3, "reference": "${SHOWN}", "apiKey": "${SHOWN}" } } } }
    })
}

#[test]
fn every_secret_is_hidden_and_nothing_else() {
    let shown = redact(&full());
    insta::assert_json_snapshot!(shown);
    let text = shown.to_string();
    assert!(!text.contains("\"S") && !text.contains("S5@"), "{text}");
}

#[test]
fn what_was_hidden_comes_back() {
    let stored = full();
    let mut new = redact(&stored);
    restore(&mut new, &stored).unwrap();
    assert_eq!(new, stored);
}

#[test]
fn items_with_ids_keep_their_secrets_when_they_move() {
    let stored = json!({ "list": [{ "id": "a", "token": "A" }, { "id": "b", "token": "B" }] });
    let mut new = json!({ "list": [{ "id": "b", "token": REDACTED }] });
    restore(&mut new, &stored).unwrap();
    assert_eq!(new, json!({ "list": [{ "id": "b", "token": "B" }] }));
}

#[test]
fn a_placeholder_never_becomes_a_secret() {
    let stored = json!({ "gateway": { "auth": { "token": "S1" } } });
    let mut new = json!({ "gateway": { "auth": { "token": format!("{REDACTED}x"), "password": REDACTED } } });
    let issues = restore(&mut new, &stored).unwrap_err();
    assert_eq!(
        issues.iter().map(|issue| issue.path.as_str()).collect::<Vec<_>>(),
        ["gateway.auth.password", "gateway.auth.token"]
    );
    let text = format!("{{ gateway: {{ auth: {{ token: 'x{REDACTED}-and-more-text' }} }} }}");
    let error = parse_str(&text, Format::Json5, &Environment::default()).unwrap_err();
    assert_eq!(error.issues()[0].path, "gateway.auth.token");
}

#[test]
fn the_text_is_shown_without_secrets_or_not_at_all() {
    let document = json!({ "gateway": { "auth": { "token": "long-secret-1", "password": "long-secret-1-longer" } } });
    let raw = "{ gateway: { auth: { token: 'long-secret-1', password: 'long-secret-1-longer' } } } // mine";
    let shown = redact_raw(raw, &document).unwrap();
    assert_eq!(shown, format!("{{ gateway: {{ auth: {{ token: '{REDACTED}', password: '{REDACTED}' }} }} }} // mine"));
    assert_eq!(
        redact_raw(
            "{ gateway: { auth: { token: 'long\\u002dsecret-1' } } }",
            &json!({ "gateway": { "auth": { "token": "long-secret-1" } } })
        ),
        None
    );
    assert_eq!(redact_raw("{ token: 'a' }", &json!({ "token": "a" })), None);
}

/// Found beside the reference, which hides these.
#[test]
fn addresses_in_every_spelling_and_keys_of_services_are_hidden() {
    for text in [
        "https:u:p@example.com",
        "HTTPS:\\\\u:p@example.com",
        "//u:p@example.com",
        " https://u:p@example.com",
        "https://example.com/#access_token=abc",
        "https://example.com/bot1234567:AAAAAAAAAAAAAAAAAAAAAAAA/send",
    ] {
        let document = serde_json::json!({ "browser": { "cdpUrl": text } });
        assert_eq!(redact(&document)["browser"]["cdpUrl"], REDACTED, "{text}");
    }
    for text in [
        "https:example.com",
        "//example.com/a@b",
        "https://example.com/bot1:x",
        "https://example.com/bot1:AAAAAAAAAAAAAAAAAAAAAAAA",
        "https://example.com/bot1234567:short",
        "https://example.com/botabcdefg:AAAAAAAAAAAAAAAAAAAAAAAA",
        "https://example.com/#part=2",
    ] {
        let document = serde_json::json!({ "browser": { "cdpUrl": text } });
        assert_eq!(redact(&document), document, "{text}");
    }
    for key in ["encryptKey", "encrypt_key", "serviceAccount", "serviceAccountRef"] {
        let document =
            serde_json::json!({ "plugins": { "entries": { "x": { "config": { key: "hunter2hunter2" } } } } });
        assert_eq!(redact(&document)["plugins"]["entries"]["x"]["config"][key], REDACTED, "{key}");
    }
}
