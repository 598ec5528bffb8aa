//! Model servers on this machine, and what the registry makes of them.

use std::time::Duration;

use openclaw_agents::{
    Api, Discovered, DiscoverySettings, Error, HttpSettings, ProviderSettings, Registry, discover, http_client,
};
use openclaw_core::Environment;
use openclaw_testkit::llm::{FakeLlm, Wire};
use tokio::net::TcpListener;

use super::support::{ask, patient, reply};

const NOWHERE: &str = "http://127.0.0.1:9";

async fn find(ollama: &str, lm_studio: &str, variables: &[(&str, &str)]) -> Discovered {
    // Longer than the default, because busy test machines are slow.
    let wait = Duration::from_secs(5);
    let settings = DiscoverySettings { ollama: ollama.into(), lm_studio: lm_studio.into(), wait };
    let environment: Environment = variables.iter().copied().collect();
    discover(&environment, &settings, &http_client(&HttpSettings::default()).expect("plain settings")).await
}

#[tokio::test]
async fn a_local_server_is_found_and_answers() {
    let fake = FakeLlm::start().await;
    fake.serve_models(&["nomic-embed-text", "qwen3:8b", "llama/3"]);
    let base = format!("http://{}", fake.address());
    for (found, default) in [
        (find(NOWHERE, &base, &[]).await, "lmstudio/qwen3:8b"),
        (find(&base, &base, &[]).await, "ollama/qwen3:8b"),
        (find(NOWHERE, NOWHERE, &[("OLLAMA_HOST", &fake.address().to_string())]).await, "ollama/qwen3:8b"),
    ] {
        assert_eq!(found.default_model.to_string(), default);
        let http = http_client(&HttpSettings::default()).unwrap();
        let mut providers = found.clone();
        for settings in &mut providers.providers {
            settings.api_keys = vec![openclaw_core::Secret::new("unused")];
        }
        let registry = Registry::build(&http, vec![], providers, patient());
        let listed: Vec<String> =
            registry.models().iter().map(|info| format!("{}/{}", info.provider, info.id)).collect();
        assert!(listed.contains(&default.to_owned()) && listed.contains(&"demo/demo".to_owned()), "{listed:?}");
        let (keys, _) = registry.resolve(registry.default_model()).unwrap();
        let reply = reply(&*keys[0].provider, ask(Wire::Ollama, "hello")).await.unwrap();
        assert!(reply.text.starts_with("echo: hello"), "{}", reply.text);
    }
}

#[tokio::test]
async fn keys_come_before_local_servers() {
    let fake = FakeLlm::start().await;
    let found = find(&format!("http://{}", fake.address()), NOWHERE, &[("OPENROUTER_API_KEY", "k")]).await;
    let ids: Vec<_> = found.providers.iter().map(|settings| settings.id.as_str()).collect();
    assert_eq!(
        (ids, found.default_model.to_string().as_str()),
        (vec!["openrouter", "ollama"], "openrouter/openrouter/auto")
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_there() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let settings = DiscoverySettings { ollama: address.clone(), lm_studio: address, ..DiscoverySettings::default() };
    let http = http_client(&HttpSettings::default()).unwrap();
    let environment = Environment::default();
    let looking = discover(&environment, &settings, &http);
    let found = tokio::time::timeout(Duration::from_secs(20), looking).await.expect("discovery hangs");
    assert_eq!((found.providers.len(), found.default_model.to_string().as_str()), (0, "demo/demo"));
}

#[tokio::test]
async fn a_key_that_was_found_never_goes_to_an_address_that_was_configured() {
    let fake = FakeLlm::start().await;
    let found = find(NOWHERE, NOWHERE, &[("ANTHROPIC_API_KEY", "found-key")]).await;
    let mut configured = ProviderSettings::new("anthropic", Api::AnthropicMessages);
    configured.base_url = Some(fake.base_url(Wire::AnthropicMessages));
    let http = http_client(&HttpSettings::default()).unwrap();
    let registry = Registry::build(&http, vec![configured], found, patient());
    let (keys, info) = registry.resolve(registry.default_model()).unwrap();
    assert_eq!(info.name, "Claude Sonnet 5");
    let (error, _) = reply(&*keys[0].provider, ask(Wire::AnthropicMessages, "hi")).await.unwrap_err();
    assert!(matches!(error, Error::Auth { .. }), "{error:?}");
    assert_eq!(fake.requests()[0].header("x-api-key"), None);
}
