use std::path::Path;

use openclaw_config::{Format, LoadRequest, Loaded, Overrides, load};
use openclaw_core::Environment;
use serde_json::{Value, json};

use super::*;

const FRESH: &str = "fresh-token-0123456789abcdef0123";
const KEY: &str = "sk-of-a-provider-0123456789";

fn loaded(folder: &Path, text: &str) -> Loaded {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("openclaw.json");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    load(&LoadRequest {
        config_path: Some(path),
        overrides: Overrides::default(),
        environment: Environment::default(),
        home: Some(folder.to_path_buf()),
    })
    .unwrap()
}

fn setup(folder: &Path, text: &str) -> (Setup, Loaded) {
    let loaded = loaded(folder, text);
    let facts = Facts::of(
        &loaded,
        Around {
            state_dir: &folder.join("state"),
            home: Some(folder),
            fresh: Secret::new(FRESH),
            found: vec!["house".to_owned()],
            default_model: None,
            can_probe: true,
        },
    );
    (Setup::new(facts), loaded)
}

/// Answers what is shown.
fn say(setup: &mut Setup, word: &str, value: &Value) -> Then {
    let step = setup.step();
    assert!(step.id.starts_with(word), "{step:?} is not {word}");
    setup.answer(&step.id, Some(value)).unwrap_or_else(|why| panic!("{word}: {why}"))
}

fn with(loaded: &Loaded, setup: &Setup) -> Value {
    let text = openclaw_config::edit(loaded.raw.as_deref().unwrap(), Format::Json5, &setup.edits(loaded)).unwrap();
    openclaw_config::parse_document(&text, Format::Json5).unwrap()
}

/// A setup that somebody may begin.
pub(crate) fn begun() -> Setup {
    let home = tempfile::tempdir().unwrap();
    setup(home.path(), TOKEN).0
}

const TOKEN: &str = "{ gateway: { auth: { mode: 'token', token: 'an-old-token-0123456789abcdef' } } }";

#[test]
fn answers_become_one_change() {
    let home = tempfile::tempdir().unwrap();
    let (mut setup, loaded) = setup(home.path(), TOKEN);
    let steps = [
        ("intro", json!(null)),
        ("bind", json!("lan")),
        ("auth", json!("password")),
        ("password", json!("a long enough one")),
        ("provider", json!("house")),
        ("key", json!(KEY)),
        ("model", json!("big")),
    ];
    for (word, value) in steps {
        assert_eq!(say(&mut setup, word, &value), Then::Ask, "{word}");
        assert!(!serde_json::to_string(&setup.step()).unwrap().contains(KEY));
    }
    assert_eq!(say(&mut setup, "probe", &json!(true)), Then::Probe);
    assert_eq!(
        setup.to_probe().map(|(provider, key, model)| (provider, key.is_some(), model)),
        Some(("house", true, "house/big"))
    );
    setup.probed(None);
    assert_eq!(say(&mut setup, "agent", &json!("Ada")), Then::Ask);
    let folder = home.path().join("work").display().to_string();
    assert_eq!(say(&mut setup, "workspace", &json!(folder)), Then::Ask);
    let summary = setup.step().message;
    assert!(!summary.contains(KEY) && !summary.contains("long enough"), "{summary}");
    assert_eq!(say(&mut setup, "confirm", &json!(true)), Then::Write);
    assert_eq!(
        with(&loaded, &setup),
        json!({
            "gateway": { "bind": "lan", "auth": { "mode": "password", "password": "a long enough one" } },
            "models": { "providers": { "house": { "apiKey": KEY } } },
            "agents": {
                "defaults": { "model": "house/big" },
                "list": [{ "id": "main", "default": true, "name": "Ada", "workspace": folder }],
            },
        })
    );
    assert!(!format!("{setup:?}").contains(KEY));
}

#[test]
fn whoever_keeps_everything_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (mut setup, loaded) = setup(home.path(), TOKEN);
    for word in ["intro", "bind", "auth", "provider", "agent", "workspace"] {
        let step = setup.step();
        assert!(step.id.starts_with(word), "{step:?}");
        assert_eq!(setup.answer(&step.id, None), Ok(Then::Ask));
    }
    assert_eq!(setup.step().message, "Nothing changes.");
    assert!(setup.edits(&loaded).is_empty());
    assert_eq!(say(&mut setup, "confirm", &json!(false)), Then::Quit);
}

#[test]
fn bad_answers_leave_the_step_where_it_is() {
    let home = tempfile::tempdir().unwrap();
    let (mut setup, _) = setup(home.path(), "{}");
    let stale = setup.step().id;
    say(&mut setup, "intro", &json!(null));
    assert_eq!(setup.answer(&stale, None), Err(BadAnswer::Step(stale.clone())));
    let refused = |setup: &mut Setup, value: Value| {
        let step = setup.step();
        assert!(matches!(setup.answer(&step.id, Some(&value)), Err(BadAnswer::Value(_))), "{step:?} took {value}");
        assert_eq!(setup.step(), step);
    };
    refused(&mut setup, json!("tailnet"));
    refused(&mut setup, json!(7));
    say(&mut setup, "bind", &json!("lan"));
    // Nothing is set yet, so there is nothing to keep.
    refused(&mut setup, json!("keep"));
    say(&mut setup, "auth", &json!("token"));
    refused(&mut setup, json!("short"));
    refused(&mut setup, json!(["x"]));
    refused(&mut setup, json!("a\nb"));
    assert_eq!(say(&mut setup, "token", &json!("")), Then::Ask);
    assert_eq!(setup.answers.credential.as_ref().map(|(_, secret)| secret.expose()), Some(FRESH));
    say(&mut setup, "provider", &json!("house"));
    refused(&mut setup, json!("two words"));
    say(&mut setup, "key", &json!(""));
    refused(&mut setup, json!(""));
    say(&mut setup, "model", &json!("house/big"));
    assert_eq!(say(&mut setup, "probe", &json!(true)), Then::Probe);
    setup.probed(Some("no\u{1b} key"));
    assert!(setup.step().message.contains("no key"));
    assert_eq!(say(&mut setup, "unanswered", &json!(false)), Then::Ask);
    say(&mut setup, "key", &json!(KEY));
    say(&mut setup, "model", &json!("big"));
    say(&mut setup, "probe", &json!(false));
    refused(&mut setup, json!("x".repeat(200)));
    say(&mut setup, "agent", &json!(""));
    for bad in ["relative", "/", &home.path().join("state").display().to_string()] {
        refused(&mut setup, json!(bad));
    }
}

#[test]
fn an_agent_with_a_model_of_its_own_gets_the_new_one() {
    let home = tempfile::tempdir().unwrap();
    let (mut setup, loaded) = setup(
        home.path(),
        "{ gateway: { auth: { token: 'an-old-token-0123456789abcdef' } }, agents: { list: [{ id: 'a' }, { id: 'b', default: true, model: 'x/y', identity: { name: 'Bee' } }] } }",
    );
    for (word, value) in [
        ("intro", json!(null)),
        ("bind", json!("loopback")),
        ("auth", json!("keep")),
        ("provider", json!("house")),
        ("key", json!("")),
        ("model", json!("big")),
        ("probe", json!(false)),
        ("agent", json!("Bea")),
    ] {
        say(&mut setup, word, &value);
    }
    let step = setup.step();
    setup.answer(&step.id, None).unwrap();
    let written = with(&loaded, &setup);
    assert_eq!(
        written["agents"]["list"][1],
        json!({ "id": "b", "default": true, "model": "house/big", "name": "Bea", "identity": { "name": "Bea" } })
    );
    assert_eq!((&written["agents"]["defaults"], &written["models"]), (&Value::Null, &Value::Null));
}
