//! Which models there are, and which answer.

use insta::assert_snapshot;
use openclaw_testkit::llm::{FakeLlm, Fault, Script, Wire};
use serde_json::json;

use crate::home::Home;

#[test]
fn the_demonstration_is_told_from_a_model() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["models"]).told(), @r#"
    exit 0
    --- out
    MODEL      NAME                         CONTEXT  TAKES  THINKS
    demo/demo  Built-in demo (not a model)      32k  text   -
    "#);
    assert_snapshot!(home.run(&["models", "list", "--provider", "nobody"]).told(), @r#"
    exit 0
    --- out
    there is no such model; see: openclaw models status
    "#);
    assert!(home.run(&["models", "list", "--json"]).json()["models"].is_array());
    assert_snapshot!(home.run(&["models", "status"]).told(), @r#"
    exit 2
    --- out
    AGENT           MODEL      STATE   FALLBACKS
    main (default)  demo/demo  a demo  -

    Set a provider's key in the gateway's environment, or choose: openclaw config set agents.defaults.model <provider/model>
    "#);
    let json = home.run(&["models", "status", "--json"]);
    assert_eq!((json.code, &json.json()["agents"][0]["state"]), (Some(2), &json!("demo")), "{}", json.told());
}

#[test]
fn a_model_that_nobody_offers_is_found_out() {
    let home = Home::new();
    home.write_config(
        r#"{
            gateway: {auth: {token: "a-token-for-this-story-0123456789"}},
            agents: {defaults: {model: "house/big"}, list: [{id: "main"}, {id: "other", model: "house/gone"}]},
            models: {providers: {house: {
                baseUrl: "http://127.0.0.1:1", api: "openai-completions", apiKey: "sk-story", models: [{id: "big", contextWindow: 128000}],
            }}},
        }"#,
    );
    let _gateway = home.gateway(&[]);
    let status = home.run(&["models", "status"]);
    assert_eq!(status.code, Some(2), "{}", status.told());
    assert_snapshot!(status.told(), @r#"
    exit 2
    --- out
    AGENT           MODEL       STATE      FALLBACKS
    main (default)  house/big   ready      -
    other           house/gone  not there  -
    "#);
    assert!(home.run(&["models"]).out.contains("house/big"));
    let json = home.run(&["models", "status", "--json"]).json();
    assert_eq!(json["providers"], json!([{"provider": "demo", "status": "ok"}, {"provider": "house", "status": "ok"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_refuses_the_key_is_told_with_the_time_of_the_next_try() {
    let model = FakeLlm::start().await;
    model.always(Script::text("").with(Fault::Status(401, None)));
    let home = Home::new();
    let base = model.base_url(Wire::OpenAiCompletions);
    home.write_config(&format!(
        r#"{{
            gateway: {{auth: {{token: "a-token-for-this-story-0123456789"}}}},
            agents: {{defaults: {{model: "house/big"}}}},
            models: {{providers: {{house: {{baseUrl: "{base}", api: "openai-completions", apiKey: "sk-story", models: [{{id: "big"}}]}}}}}},
        }}"#
    ));
    let _gateway = home.gateway(&[]);
    let failed = home.run(&["agent", "-m", "Hello"]);
    assert!(failed.code == Some(1) && failed.err.starts_with("error: "), "{}", failed.told());
    assert!(!failed.told().contains("sk-story"), "{}", failed.told());
    assert_snapshot!(home.run(&["models", "status"]).told(), @r#"
    exit 2
    --- out
    AGENT           MODEL      STATE  FALLBACKS
    main (default)  house/big  away   -
    house is left alone until TIME (auth)
    "#);
}
