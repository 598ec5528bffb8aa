//! The guided setup over the wire (M16).

use std::fs;

use openclaw_testkit::{
    gateway::{TOKEN, TestGateway, connect_params},
    llm::{FakeLlm, Fault, Script, Wire},
};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{Device, closed, code},
    talk::{Talk, gateway_on},
};

const KEY: &str = "sk-given-in-a-setup-0123456789";

/// A setup that is gone through.
struct Going {
    id: String,
    step: Value,
}

impl Going {
    async fn start(talk: &mut Talk, params: Value) -> Self {
        let mut begun = talk.ok("wizard.start", params).await;
        assert_eq!((&begun["done"], &begun["status"]), (&json!(false), &json!("running")), "{begun}");
        Self { id: begun["sessionId"].as_str().unwrap().to_owned(), step: begun["step"].take() }
    }

    fn answer(&self, value: &Value) -> Value {
        json!({ "sessionId": self.id, "answer": { "stepId": self.step["id"], "value": value } })
    }

    /// Answers the step of this name; the whole answer.
    async fn say(&mut self, talk: &mut Talk, word: &str, value: Value) -> Value {
        assert!(self.step["id"].as_str().unwrap().starts_with(word), "{} is not {word}", self.step);
        let answer = talk.ok("wizard.next", self.answer(&value)).await;
        assert!(!answer.to_string().contains(KEY), "{answer}");
        self.step = answer["step"].clone();
        answer
    }
}

#[tokio::test]
async fn a_setup_asks_the_provider_and_writes_everything_at_its_end() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    let before = fs::read_to_string(gateway.config_path()).unwrap();
    let folder = gateway.dir().join("state/workspace-ada").display().to_string();
    let mut going = Going::start(&mut talk, json!({ "mode": "local", "workspace": folder })).await;
    going.say(&mut talk, "intro", Value::Null).await;
    going.say(&mut talk, "bind", json!("loopback")).await;
    going.say(&mut talk, "auth", json!("keep")).await;
    going.say(&mut talk, "provider", json!("fake")).await;
    assert_eq!(going.step["sensitive"], true, "{}", going.step);
    going.say(&mut talk, "key", json!(KEY)).await;
    assert_eq!(going.step["options"][1]["value"], "fake/other-model", "{}", going.step);
    going.say(&mut talk, "model", json!("fake/other-model")).await;
    llm.script(Script::text("").with(Fault::Status(401, None)));
    going.say(&mut talk, "probe", json!(true)).await;
    assert!(going.step["message"].as_str().unwrap().contains("did not answer"), "{}", going.step);
    going.say(&mut talk, "unanswered", json!(false)).await;
    going.say(&mut talk, "key", json!(KEY)).await;
    going.say(&mut talk, "model", json!("fake/other-model")).await;
    llm.script(Script::text("OK"));
    going.say(&mut talk, "probe", json!(true)).await;
    assert_eq!(llm.request_count(), 2);
    going.say(&mut talk, "agent", json!("Ada")).await;
    assert_eq!(going.step["initialValue"], json!(folder));
    let shown = going.say(&mut talk, "workspace", Value::Null).await;
    assert!(shown["step"]["message"].as_str().unwrap().contains("fake/other-model"), "{shown}");
    let status = json!({ "sessionId": going.id });
    assert_eq!(talk.ok("wizard.status", status.clone()).await, json!({ "status": "running" }));
    assert_eq!(fs::read_to_string(gateway.config_path()).unwrap(), before);
    assert!(!std::path::Path::new(&folder).exists());

    let ended = going.say(&mut talk, "confirm", json!(true)).await;
    assert_eq!(ended, json!({ "done": true, "status": "done" }));
    assert_eq!(talk.ok("wizard.status", status.clone()).await, json!({ "status": "done" }));
    assert_eq!(talk.ok("wizard.next", status.clone()).await, ended);
    let agents = talk.ok("agents.list", json!({})).await;
    let main = &agents["agents"][0];
    assert_eq!(
        (&main["id"], &main["name"], &main["workspace"], &main["model"]["primary"]),
        (&json!("main"), &json!("Ada"), &json!(folder), &json!("fake/other-model")),
        "{main}"
    );
    assert!(std::path::Path::new(&folder).is_dir());
    let written = fs::read_to_string(gateway.config_path()).unwrap();
    assert!(written.contains(KEY), "{written}");
    let records = audit::records(&gateway).await;
    let changes = records.iter().filter(|record| record.event.event == "config.changed").count();
    assert_eq!(changes, 1, "{records:?}");
    assert!(!format!("{records:?}").contains(KEY));
    talk.say("main", "r1", "Hello").await;
    talk.ending("r1").await;
}

#[tokio::test]
async fn what_is_given_up_or_answered_wrongly_changes_nothing() {
    let gateway = TestGateway::start().await;
    let before = fs::read_to_string(gateway.config_path()).unwrap();
    let mut talk = Talk::admin(&gateway).await;
    let mut going = Going::start(&mut talk, json!({})).await;
    let second = talk.call("wizard.start", json!({})).await;
    assert_eq!((&second["error"]["code"], code(&second)), (&json!("UNAVAILABLE"), "CONFLICT"), "{second}");
    assert!(second["error"]["message"].as_str().unwrap().contains("wizard already running"));
    assert_eq!(second["error"]["details"]["sessionId"], json!(going.id));
    let stale = going.answer(&Value::Null);
    going.say(&mut talk, "intro", Value::Null).await;
    for (params, expected) in [
        (stale, "CONFLICT"),
        (going.answer(&json!("everywhere")), "INVALID_PARAMS"),
        (going.answer(&json!({ "a": 1 })), "INVALID_PARAMS"),
        (json!({ "sessionId": "unheard-of" }), "WIZARD_NOT_FOUND"),
        (json!({ "sessionId": going.id, "answer": {} }), "INVALID_PARAMS"),
        (json!({ "sessionId": going.id, "answer": { "stepId": going.step["id"], "more": 1 } }), "INVALID_PARAMS"),
        (json!({}), "INVALID_PARAMS"),
    ] {
        let refused = talk.call("wizard.next", params.clone()).await;
        assert_eq!((&refused["ok"], code(&refused)), (&json!(false), expected), "{params}: {refused}");
    }
    // It is shown again to whoever lost it.
    let again = talk.ok("wizard.next", json!({ "sessionId": going.id })).await;
    assert_eq!(again["step"], going.step);
    going.say(&mut talk, "bind", json!("lan")).await;
    going.say(&mut talk, "auth", json!("password")).await;
    let short = talk.call("wizard.next", going.answer(&json!("short"))).await;
    assert_eq!(short["error"]["details"]["path"], "params.answer.value", "{short}");
    going.say(&mut talk, "password", json!(KEY)).await;

    // Another caller neither sees nor ends it.
    let (raw, hello) = Device::new().connect(&gateway, json!({ "token": TOKEN }), &["operator.admin"]).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let mut other = Talk::over(raw);
    for method in ["wizard.next", "wizard.status", "wizard.cancel"] {
        assert_eq!(code(&other.call(method, json!({ "sessionId": going.id })).await), "WIZARD_NOT_FOUND", "{method}");
    }
    other.ok("wizard.start", json!({})).await;
    let cancelled = talk.ok("wizard.cancel", json!({ "sessionId": going.id })).await;
    assert_eq!(cancelled, json!({ "status": "cancelled" }));
    let over = talk.ok("wizard.next", going.answer(&Value::Null)).await;
    assert_eq!(over, json!({ "done": true, "status": "cancelled" }));
    assert_eq!(fs::read_to_string(gateway.config_path()).unwrap(), before);
    let mut writer = Talk::with(&gateway, connect_params(&["operator.write"])).await;
    assert_eq!(code(&writer.call("wizard.start", json!({})).await), "MISSING_SCOPE");
    for params in [
        json!({ "mode": "remote" }),
        json!({ "flow": "channels" }),
        json!({ "channel": "x" }),
        json!({ "installDaemon": true }),
    ] {
        let refused = talk.call("wizard.start", params.clone()).await;
        assert_eq!(code(&refused), "NOT_IMPLEMENTED", "{params}: {refused}");
    }
    assert_eq!(code(&talk.call("wizard.start", json!({ "workspace": "/" })).await), "INVALID_PARAMS");
}

#[tokio::test]
async fn a_configuration_that_was_changed_meanwhile_is_not_written_over() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let mut going = Going::start(&mut talk, json!({})).await;
    for word in ["intro", "bind", "auth", "provider"] {
        going.say(&mut talk, word, Value::Null).await;
    }
    going.say(&mut talk, "agent", json!("Ada")).await;
    going.say(&mut talk, "workspace", Value::Null).await;
    talk.ok("agents.create", json!({ "name": "other" })).await;
    let ended = going.say(&mut talk, "confirm", json!(true)).await;
    assert_eq!((&ended["done"], &ended["status"]), (&json!(true), &json!("error")), "{ended}");
    assert!(ended["error"].as_str().unwrap().contains("was changed since"), "{ended}");
    assert!(!fs::read_to_string(gateway.config_path()).unwrap().contains("Ada"));
    let mut going = Going::start(&mut talk, json!({})).await;
    for word in ["intro", "bind", "auth", "provider", "agent", "workspace"] {
        going.say(&mut talk, word, Value::Null).await;
    }
    assert_eq!(going.step["message"], "Nothing changes.");
    assert_eq!(going.say(&mut talk, "confirm", json!(false)).await["status"], "cancelled");
}

#[tokio::test]
async fn whoever_changes_the_credential_is_answered_and_then_sent_away() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    assert_eq!(raw.shake(&connect_params(&["operator.admin"])).await["ok"], true);
    let begun = raw.call("s", "wizard.start", json!({})).await;
    let id = begun["payload"]["sessionId"].clone();
    let mut step = begun["payload"]["step"]["id"].clone();
    let values = [
        Value::Null,
        Value::Null,
        json!("password"),
        json!("quite a long password"),
        json!("skip"),
        Value::Null,
        Value::Null,
    ];
    for (at, value) in values.into_iter().enumerate() {
        let answer = json!({ "sessionId": id, "answer": { "stepId": step, "value": value } });
        let next = raw.call(&format!("n{at}"), "wizard.next", answer).await;
        step = next["payload"]["step"]["id"].clone();
        assert!(step.is_string(), "{next}");
    }
    let ended =
        raw.call("last", "wizard.next", json!({ "sessionId": id, "answer": { "stepId": step, "value": true } })).await;
    assert_eq!(ended["payload"], json!({ "done": true, "status": "done" }), "{ended}");
    assert_eq!(closed(&mut raw).await, (4001, "gateway auth changed".to_owned()));
    let written = fs::read_to_string(gateway.config_path()).unwrap();
    assert!(written.contains("quite a long password") && !written.contains(TOKEN), "{written}");
}
