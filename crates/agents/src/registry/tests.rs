use super::*;
use crate::{HttpSettings, http_client};

fn build(configured: Vec<ProviderSettings>, discovered: Discovered) -> Registry {
    Registry::build(&http_client(&HttpSettings::default()).unwrap(), configured, discovered, Timeouts::default())
}

fn found(id: &str, api: Api) -> Discovered {
    let api_keys = vec![Secret::new("found-key")];
    let providers = vec![ProviderSettings { api_keys, ..ProviderSettings::new(id, api) }];
    Discovered { providers, ..Discovered::default() }
}

#[tokio::test]
async fn without_anything_there_is_the_demo() {
    let registry = build(vec![], Discovered::default());
    assert_eq!(registry.default_model().to_string(), "demo/demo");
    let (keys, info) = registry.resolve(registry.default_model()).unwrap();
    assert_eq!((keys[0].provider.name(), info.name.as_str()), ("demo", "Built-in demo (not a model)"));
    assert_eq!(registry.models(), [info]);
    let error = registry.resolve(&ModelRef::new("demo", "big")).err().unwrap();
    assert_eq!(error.to_string(), "unknown model demo/big: the demo has one model, demo/demo");
}

#[tokio::test]
async fn an_unknown_provider_is_refused_with_what_is_known() {
    let registry = build(vec![ProviderSettings::new("mine", Api::OpenAiCompletions)], found("other", Api::Ollama));
    let error = registry.resolve(&ModelRef::new("their", "x")).err().unwrap().to_string();
    assert!(error.contains(r#"no provider "their", only demo, mine, other; add it under models.providers"#), "{error}");
}

#[tokio::test]
async fn a_broken_provider_takes_only_itself_away_and_says_why() {
    let mut broken = ProviderSettings::new("broken", Api::OpenAiCompletions);
    broken.base_url = Some("ftp://x".into());
    let mut bad_header = ProviderSettings::new("header", Api::Ollama);
    bad_header.headers.insert("x y".into(), Secret::new("secret-value"));
    let registry = build(vec![broken, bad_header], Discovered::default());
    assert_eq!(registry.providers().collect::<Vec<_>>(), ["demo"]);
    let error = registry.resolve(&ModelRef::new("broken", "x")).err().unwrap().to_string();
    assert!(error.contains("models.providers.broken: baseUrl must begin with http:// or https://"), "{error}");
    assert!(!format!("{:?}{error}", registry.problems()).contains("secret-value"));
}

#[tokio::test]
async fn models_of_a_known_provider_may_be_unknown() {
    let mut mine = ProviderSettings::new("mine", Api::OpenAiCompletions);
    mine.models = vec![ModelInfo { context_window: 99, ..ModelInfo::unknown("", "listed") }];
    let registry = build(vec![mine], Discovered::default());
    let info = |model| registry.resolve(&ModelRef::new("mine", model)).unwrap().1;
    assert_eq!((info("listed").context_window, info("listed").provider.as_str()), (99, "mine"));
    assert_eq!(info("a/b"), ModelInfo::unknown("mine", "a/b"));
}

#[tokio::test]
async fn each_key_asks_for_itself_and_a_vendor_that_lacks_its_key_is_known() {
    let mut keyed = ProviderSettings::new("keyed", Api::OpenAiCompletions);
    keyed.api_keys = vec![Secret::new("one"), Secret::new("two")];
    let lacking = ProviderSettings::new("lacking", Api::OpenAiCompletions);
    let mut otherwise = lacking.clone();
    otherwise.id = "otherwise".into();
    otherwise.headers.insert("x-other".into(), Secret::new("secret-value"));
    let mut elsewhere = ProviderSettings::new("elsewhere", Api::OpenAiCompletions);
    elsewhere.base_url = Some("http://127.0.0.1:9/v1".into());
    let registry = build(vec![keyed, lacking, otherwise, elsewhere], Discovered::default());
    let found: Vec<_> = registry.entries().map(|(id, entry)| (id, entry.key, entry.keys.len())).collect();
    assert_eq!(
        found,
        [
            ("demo", KeyNeed::NotNeeded, 1),
            ("elsewhere", KeyNeed::NotNeeded, 1),
            ("keyed", KeyNeed::Present, 2),
            ("lacking", KeyNeed::Missing, 1),
            ("otherwise", KeyNeed::NotNeeded, 1),
        ]
    );
    let (keys, _) = registry.resolve(&ModelRef::new("keyed", "m")).unwrap();
    assert_ne!(keys[0].place, keys[1].place);
}

#[test]
fn api_words_round_trip() {
    for api in Api::ALL {
        assert_eq!(api.word().parse(), Ok(api));
        assert_eq!(serde_json::to_string(&api).unwrap(), format!("{:?}", api.word()));
    }
    let error = "openai".parse::<Api>().unwrap_err().to_string();
    assert!(error.contains("use one of anthropic-messages, openai-completions"), "{error}");
}
