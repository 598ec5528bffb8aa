use super::*;
use crate::{HttpSettings, http_client};

/// Port 9 of loopback has no server.
fn nowhere() -> DiscoverySettings {
    let settings = DiscoverySettings::default();
    DiscoverySettings { ollama: "http://127.0.0.1:9".into(), lm_studio: "http://127.0.0.1:9".into(), ..settings }
}

async fn find(variables: &[(&str, &str)]) -> Discovered {
    let environment: Environment = variables.iter().copied().collect();
    discover(&environment, &nowhere(), &http_client(&HttpSettings::default()).unwrap()).await
}

#[tokio::test]
async fn nothing_found_means_the_demo() {
    let found = find(&[("HOME", "/root"), ("OPENAI_API_KEY", "")]).await;
    assert_eq!((found.default_model.to_string().as_str(), found.providers.len()), ("demo/demo", 0));
}

#[tokio::test]
async fn the_first_key_of_the_documented_order_gives_the_default() {
    let all = [
        ("OPENROUTER_API_KEY", "r"),
        ("GOOGLE_API_KEY", "g2"),
        ("GEMINI_API_KEY", " g1 "),
        ("OPENAI_API_KEY", "o"),
        ("ANTHROPIC_API_KEY", "a"),
    ];
    let found = find(&all).await;
    let ids: Vec<_> = found.providers.iter().map(|settings| settings.id.as_str()).collect();
    assert_eq!(ids, ["anthropic", "openai", "google", "openrouter"]);
    let keys: Vec<_> = found.providers.iter().map(|settings| settings.api_keys[0].expose()).collect();
    assert_eq!(keys, ["a", "o", "g1", "r"]);
    assert_eq!(found.default_model.to_string(), "anthropic/claude-sonnet-5");
    for (settings, (variable, model)) in [
        ("OPENAI_API_KEY", "openai/gpt-5.4"),
        ("GOOGLE_API_KEY", "google/gemini-3.5-flash"),
        ("OPENROUTER_API_KEY", "openrouter/openrouter/auto"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(find(&[(variable, "k")]).await.default_model.to_string(), model, "{settings}");
    }
}

#[tokio::test]
async fn defaults_are_in_the_table() {
    for (id, _, _, _, model) in VENDORS.iter().filter(|vendor| vendor.0 != "openrouter") {
        assert!(ModelInfo::lookup(id, model).cost.is_some(), "{model}");
    }
}

#[tokio::test]
async fn a_server_elsewhere_is_never_asked() {
    let found = find(&[("OLLAMA_HOST", "192.0.2.7")]).await;
    assert_eq!(
        found.notes,
        ["ollama at 192.0.2.7 is not on this machine; add it under models.providers.ollama to use it"]
    );
}

#[test]
fn the_host_variable_is_understood_in_all_its_forms() {
    for (text, address) in [
        ("127.0.0.1", "http://127.0.0.1:11434/"),
        ("127.0.0.1:9999", "http://127.0.0.1:9999/"),
        ("0.0.0.0", "http://127.0.0.1:11434/"),
        ("http://0.0.0.0:5/", "http://127.0.0.1:5/"),
        ("https://models.example/", "https://models.example/"),
        ("localhost", "http://localhost:11434/"),
    ] {
        assert_eq!(ollama_address(text), address, "{text}");
    }
}
