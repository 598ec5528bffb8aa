//! Every check of the catalogue fires on one fixture and is quiet on another.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read is a mistake in the test")]
#![expect(clippy::needless_pass_by_value, reason = "parts of fixtures are written where they are used")]

use std::collections::BTreeSet;

use openclaw_posture::{CATALOGUE, CodeFact, Facts, FileFact, FileKind, Probe, Severity, audit, check};
use serde_json::{Value, json};

/// Checks, with what makes each fire and what keeps it quiet. A fixture is merged over [`good`]; its member `facts` is what
/// was looked up.
#[path = "fixtures/rows.rs"]
mod rows;

/// What nothing but the summary is said about, once a proxy is listed.
fn good() -> Value {
    json!({
        "gateway": {
            "bind": "loopback",
            "auth": { "mode": "token", "token": "0123456789abcdef0123456789abcdef0123456789abcdef" },
            "trustedProxies": ["127.0.0.1"],
        },
        "session": { "dmScope": "per-channel-peer" },
    })
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn file_kind(word: &str) -> FileKind {
    match word {
        "state" => FileKind::State,
        "config" => FileKind::Config,
        "include" => FileKind::Include,
        "credentials" => FileKind::Credentials,
        "auth" => FileKind::AuthProfile,
        "sessions" => FileKind::Sessions,
        "log" => FileKind::Log,
        "key" => FileKind::TlsKey,
        other => panic!("{other}"),
    }
}

fn facts(value: &Value) -> Facts {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let list = |key: &str| -> Vec<String> { serde_json::from_value(value[key].clone()).unwrap_or_default() };
    let files = value["files"].as_array().into_iter().flatten().map(|file| {
        let kind = file_kind(file["kind"].as_str().unwrap());
        FileFact {
            kind,
            path: file["path"].as_str().unwrap_or("/home/somebody/x").to_owned(),
            mode: u32::from_str_radix(file["mode"].as_str().unwrap_or("600"), 8).unwrap(),
            link: file["link"] == json!(true),
            folder: matches!(kind, FileKind::State | FileKind::Credentials),
        }
    });
    let mut facts = Facts {
        token: text("token"),
        home: Some("/home/somebody".to_owned()),
        files: files.collect(),
        command_policy: value.get("policy").cloned(),
        unhonoured: list("unhonoured").into_iter().map(|path| (path, "is not there yet".to_owned())).collect(),
        former_tokens: list("former"),
        broken_chain: text("chain"),
        stale_devices: list("stale"),
        passkeys: value["passkeys"].as_u64().and_then(|count| count.try_into().ok()),
        probe: value["probe"].as_str().map(|word| match word {
            "answered" => Probe::Answered,
            "none" => Probe::NoCredential,
            why => Probe::Failed(why.to_owned()),
        }),
        ..Facts::default()
    };
    facts.skills.escapes = list("escapes");
    facts.skills.truncated = value["truncated"] == json!(true);
    facts.skills.unreadable = list("unreadable");
    facts.skills.code = list("code")
        .into_iter()
        .map(|file| CodeFact {
            rule: "dangerous-exec".into(),
            severity: Severity::Critical,
            file,
            line: 3,
            message: "starts other programs",
        })
        .collect();
    facts
}

fn found(fixture: &Value) -> Vec<(String, Severity)> {
    let mut config = good();
    let mut fixture = fixture.clone();
    let looked_up = fixture.as_object_mut().and_then(|map| map.remove("facts")).unwrap_or(Value::Null);
    merge(&mut config, fixture);
    let report = audit(&config, &config, &facts(&looked_up));
    report.findings.into_iter().map(|finding| (finding.check_id, finding.severity)).collect()
}

#[test]
fn every_check_fires_on_one_fixture_and_is_quiet_on_another() {
    for (id, severity, firing, quiet) in rows::rows() {
        let ids = found(&firing);
        assert!(ids.contains(&(id.to_owned(), severity)), "{id} ({}) does not fire: {ids:?}", severity.word());
        let ids = found(&quiet);
        assert!(!ids.iter().any(|(found, _)| found == id), "{id} is not quiet: {ids:?}");
    }
}

#[test]
fn no_check_is_without_its_fixtures() {
    let covered: BTreeSet<&str> = rows::rows().iter().filter_map(|row| check(row.0)).map(|check| check.id).collect();
    // It is always there.
    let missing: Vec<&str> = CATALOGUE
        .iter()
        .copied()
        .flatten()
        .map(|check| check.id)
        .filter(|id| !covered.contains(id) && *id != "summary.attack_surface")
        .collect();
    assert!(missing.is_empty(), "checks without fixtures: {missing:?}");
}

#[test]
fn every_finding_is_in_the_catalogue_and_holds_no_secret() {
    for (id, _, firing, _) in rows::rows() {
        let mut config = good();
        let mut fixture = firing.clone();
        let looked_up = fixture.as_object_mut().and_then(|map| map.remove("facts")).unwrap_or(Value::Null);
        merge(&mut config, fixture);
        let report = audit(&config, &config, &facts(&looked_up));
        for finding in &report.findings {
            assert!(check(&finding.check_id).is_some(), "{} is in no catalogue", finding.check_id);
            let text = serde_json::to_string(finding).unwrap();
            assert!(!text.contains("0123456789abcdef") && !text.contains("hook-secret"), "{id}: {text}");
            assert!(!finding.title.is_empty() && !finding.detail.is_empty() && !finding.title.ends_with('.'), "{text}");
        }
    }
}

#[test]
fn a_good_configuration_has_nothing_but_its_summary() {
    assert_eq!(found(&json!({})), [("summary.attack_surface".to_owned(), Severity::Info)]);
}

#[test]
fn a_secret_that_is_sealed_or_a_hash_is_not_written_out() {
    let id = "config.secrets.gateway_password_in_config";
    let fires = |text: &str| {
        let fixture = json!({ "gateway": { "auth": { "mode": "password", "token": null, "password": text } } });
        found(&fixture).iter().any(|(found, _)| found == id)
    };
    assert!(fires("correct horse battery staple"));
    assert!(!fires("enc:v1:k1:AAAA") && !fires("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"));
}

#[test]
fn a_suppression_hides_exactly_what_it_names_and_never_itself() {
    let hidden = |rule: Value| {
        let fixture =
            json!({ "gateway": { "trustedProxies": [] }, "security": { "audit": { "suppressions": [rule] } } });
        let ids: Vec<String> = found(&fixture).into_iter().map(|(id, _)| id).collect();
        assert!(ids.contains(&"config.insecure_or_dangerous_flags".to_owned()));
        assert!(ids.contains(&"security.audit.suppressions.active".to_owned()));
        !ids.contains(&"gateway.trusted_proxies_missing".to_owned())
    };
    let id = "gateway.trusted_proxies_missing";
    assert!(hidden(json!({ "checkId": id })));
    assert!(hidden(json!({ "checkId": id, "detailIncludes": "TRUSTEDPROXIES" })));
    assert!(hidden(json!({ "checkId": id, "titleIncludes": "reverse proxy" })));
    assert!(!hidden(json!({ "checkId": id, "titleIncludes": "something else" })));
    assert!(!hidden(json!({ "checkId": "gateway.trusted_proxies" })));
    assert!(!hidden(json!({ "checkId": "config.insecure_or_dangerous_flags" })));
    assert!(!hidden(json!({ "reason": "no id" })));
}

#[test]
fn nonsense_in_a_configuration_is_no_finding_and_no_panic() {
    for nonsense in [
        json!(null),
        json!([1, 2]),
        json!({ "gateway": 1, "channels": [], "agents": { "list": {} }, "hooks": "x", "tools": null }),
        json!({ "channels": { "telegram": 3, "defaults": { "dmPolicy": {} } }, "agents": { "list": [null, 1, {}] } }),
        json!({ "security": { "audit": { "suppressions": [null, 1, "x"] }, "sandboxing": { "docker": [] } } }),
    ] {
        let _ = audit(&nonsense, &nonsense, &Facts::default());
    }
}

#[test]
fn a_list_of_blanks_restricts_no_session() {
    let fires = |prefixes: Value| {
        let hooks = json!({ "enabled": true, "allowRequestSessionKey": true, "allowedSessionKeyPrefixes": prefixes });
        let ids = found(&json!({ "hooks": hooks })).into_iter();
        ids.map(|(id, _)| id).any(|id| id == "hooks.request_session_key_prefixes_missing")
    };
    assert!(fires(json!([])) && fires(json!([" "])) && fires(json!(["", "\t"])));
    assert!(!fires(json!(["hook:"])) && !fires(json!([" ", "hook:"])));
}

#[test]
fn a_range_that_only_begins_at_this_machine_is_not_this_machine() {
    let severity = |proxy: &str| {
        let auth =
            json!({ "mode": "trusted-proxy", "trustedProxy": { "userHeader": "x-user", "allowUsers": ["ann"] } });
        let gateway = json!({ "auth": auth, "trustedProxies": [proxy], "allowRealIpFallback": true });
        let all = found(&json!({ "gateway": gateway }));
        all.into_iter().find(|(id, _)| id == "gateway.real_ip_fallback_enabled").unwrap().1
    };
    for proxy in ["127.0.0.1", "127.0.0.0/8", "127.0.0.1/32", "::1", "::1/128"] {
        assert_eq!(severity(proxy), Severity::Warn, "{proxy}");
    }
    for proxy in ["127.0.0.0/7", "127.0.0.1/0", "::1/64", "10.0.0.1", "nonsense", "127.0.0.1/x"] {
        assert_eq!(severity(proxy), Severity::Critical, "{proxy}");
    }
}
