//! From one key to the next and from one model to the next, over real sockets.

use futures_util::StreamExt;
use openclaw_agents::{
    Delta, Discovered, Failover, HttpSettings, KeyNeed, Message, ModelRef, ProviderSettings, Registry, Request, Role,
    Usage,
    failover::{Candidate, Failure, Reason, Step},
    http_client,
};
use openclaw_core::{Clock, Secret};
use openclaw_testkit::llm::{self, FakeLlm, Fault, RetryAfter, Say, Script, Wire};

use super::support::{api, patient};

const KEYS: [&str; 2] = ["key-number-one", "key-number-two"];

fn provider(id: &str, fake: &FakeLlm, wire: Wire, keys: &[&str]) -> ProviderSettings {
    ProviderSettings {
        base_url: Some(fake.base_url(wire)),
        api_keys: keys.iter().map(|key| Secret::new(*key)).collect(),
        ..ProviderSettings::new(id, api(wire))
    }
}

fn registry(providers: Vec<ProviderSettings>) -> Registry {
    let http = http_client(&HttpSettings::default()).expect("plain settings");
    Registry::build(&http, providers, Discovered::default(), patient())
}

/// Every step in a word, the text, and how it ended.
async fn walk(failover: &Failover, registry: &Registry, models: &[&str]) -> (Vec<String>, Result<String, Failure>) {
    let candidates =
        models.iter().map(|model| Candidate::of(registry, model.parse().expect("provider/model"))).collect();
    let compose = |model: &ModelRef, _: &_| Request {
        model: model.model.clone(),
        messages: vec![Message::text(Role::User, "hi")],
        max_tokens: 100,
        ..Request::default()
    };
    let mut steps = failover.ask(candidates, 0, compose);
    let (mut told, mut text, mut failed) = (Vec::new(), String::new(), None);
    while let Some(step) = steps.next().await {
        assert!(failed.is_none(), "{step:?} came after the failure");
        match step {
            Ok(Step::Asking(asking)) => told.push(match &asking.instead {
                None => format!("{}. {}", asking.attempt, asking.model),
                Some(instead) => format!("{}. {} for {}: {}", asking.attempt, asking.model, instead.of, instead.reason),
            }),
            Ok(Step::Failed(attempted)) => told.push(format!("{}", attempted.reason)),
            Ok(Step::Said(Delta::Text(more))) => text.push_str(&more),
            Ok(Step::Said(_)) => {}
            Err(failure) => failed = Some(failure),
        }
    }
    (told, failed.map_or(Ok(text), Err))
}

#[tokio::test]
async fn a_refused_key_gives_way_to_the_next_on_every_wire() {
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        fake.require_key(KEYS[1]);
        fake.always(Script::text("well"));
        let registry = registry(vec![provider("p", &fake, wire, &KEYS)]);
        let failover = Failover::new(Clock::system());
        let (told, text) = walk(&failover, &registry, &["p/m"]).await;
        assert_eq!(
            (told, text),
            (vec!["1. p/m".into(), "auth".into(), "2. p/m".into()], Ok("well".into())),
            "{wire:?}"
        );
        // The next run does not try the bad key again.
        let (told, _) = walk(&failover, &registry, &["p/m"]).await;
        assert_eq!(told, ["1. p/m"], "{wire:?}");
        assert_eq!(fake.request_count(), 3);
    }
}

#[tokio::test]
async fn thoughts_of_an_answer_that_broke_are_void_and_what_they_cost_is_known() {
    let (first, second) = (FakeLlm::start().await, FakeLlm::start().await);
    let thinks = |text: &str| Say::Thinking(text.to_owned());
    first.always(Script {
        deltas: (0..8).map(|_| thinks("hm ")).collect(),
        usage: llm::Usage { input: 70, ..llm::Usage::default() },
        faults: vec![Fault::Cut],
        ..Script::default()
    });
    second.script(Script::text("well"));
    let wire = Wire::AnthropicMessages;
    let registry = registry(vec![provider("p", &first, wire, &KEYS[..1]), provider("q", &second, wire, &KEYS[..1])]);
    let candidates = ["p/m", "q/n"].map(|model| Candidate::of(&registry, model.parse().unwrap())).to_vec();
    let compose = |model: &ModelRef, _: &_| Request {
        model: model.model.clone(),
        messages: vec![Message::text(Role::User, "hi")],
        max_tokens: 100,
        ..Request::default()
    };
    let steps: Vec<_> = Failover::new(Clock::system()).ask(candidates, 0, compose).collect().await;
    let failed: Vec<(Reason, Usage)> = steps
        .iter()
        .filter_map(|step| match step {
            Ok(Step::Failed(attempted)) => Some((attempted.reason, attempted.usage)),
            _ => None,
        })
        .collect();
    let counted = Usage { input: 70, output: 1, ..Usage::default() };
    assert_eq!(failed, [(Reason::Network, counted), (Reason::Network, counted)]);
    assert!(matches!(steps.last(), Some(Ok(Step::Said(Delta::Done(_))))), "{:?}", steps.last());
}

#[tokio::test]
async fn when_everything_is_down_the_failure_lists_every_attempt_without_a_key() {
    let (first, second) = (FakeLlm::start().await, FakeLlm::start().await);
    first.always(Script::default().with(Fault::EchoKey));
    second.always(Script::default().with(Fault::Status(500, None)));
    let wire = Wire::OpenAiCompletions;
    let registry = registry(vec![provider("p", &first, wire, &KEYS), provider("q", &second, wire, &KEYS[..1])]);
    let failover = Failover::new(Clock::system());
    let (told, outcome) = walk(&failover, &registry, &["nobody/x", "p/m", "q/n"]).await;
    let failure = outcome.unwrap_err();
    assert_eq!(
        told,
        [
            "1. p/m for nobody/x: settings",
            "auth",
            "2. p/m",
            "auth",
            "3. q/n for p/m: auth",
            "server_error",
            "4. q/n",
            "server_error"
        ]
    );
    let text = failure.to_string();
    for part in [
        "no model answered after 5 attempts: 1. nobody/x: ",
        "; 2. p/m (key 1): the provider refused the API key (401)",
        "; 3. p/m (key 2): ",
        "; 4. q/n: the provider failed (500)",
        "; 5. q/n: ",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(KEYS.iter().all(|key| !format!("{text}{failure:?}").contains(key)), "{failure:?}");
    let standing = failover.standing(&registry);
    let of = |id: &str| standing.iter().find(|standing| standing.provider == id).unwrap();
    assert_eq!((of("p").key, of("demo").key), (KeyNeed::Present, KeyNeed::NotNeeded));
    let reasons: Vec<_> = of("p").keys.iter().map(|key| key.blocked.map(|blocked| blocked.reason)).collect();
    assert_eq!(reasons, [Some(Reason::Auth); 2]);
    assert_eq!((of("q").models[0].0.as_str(), of("q").models[0].1.reason), ("n", Reason::ServerError));
    assert_eq!(of("demo").blocked, None);
    assert_eq!(failover.blocked(&registry, &ModelRef::new("q", "other")), None);
    assert_eq!(failover.blocked(&registry, &ModelRef::new("p", "m")).map(|blocked| blocked.reason), Some(Reason::Auth));
}

#[tokio::test]
async fn a_wait_that_was_asked_for_is_kept_and_a_cooldown_outlives_the_registry() {
    let fake = FakeLlm::start().await;
    fake.script(Script::default().with(Fault::Status(429, Some(RetryAfter::Seconds(60)))));
    let wire = Wire::OpenAiCompletions;
    let (clock, time) = Clock::manual(1_000_000);
    let failover = Failover::new(clock);
    let build = |keys: &[&str]| registry(vec![provider("p", &fake, wire, keys)]);
    let (_, outcome) = walk(&failover, &build(&KEYS[..1]), &["p/m"]).await;
    assert!(outcome.unwrap_err().to_string().contains("limits our requests"));
    // The same key in a registry that was built anew.
    let (told, outcome) = walk(&failover, &build(&KEYS[..1]), &["p/m"]).await;
    let text = outcome.unwrap_err().to_string();
    assert!(
        told.is_empty() && text.contains("p/m must not be asked now") && text.contains("for 60 s"),
        "{told:?} {text}"
    );
    assert_eq!(fake.request_count(), 1);
    // Another key knows nothing of it.
    assert_eq!(walk(&failover, &build(&KEYS[1..]), &["p/m"]).await.0, ["1. p/m"]);
    time.advance_ms(60_000);
    let (told, outcome) = walk(&failover, &build(&KEYS[..1]), &["p/m"]).await;
    assert!(outcome.is_ok(), "{told:?} {outcome:?}");
}
