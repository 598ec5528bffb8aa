//! Proxies come from the settings alone.

use openclaw_agents::{Discovered, Error, HttpSettings, ModelRef, Registry, http_client};
use openclaw_core::Secret;
use openclaw_testkit::llm::{FakeLlm, Wire};

use super::support::{ask, patient, reply, settings};

#[tokio::test]
async fn requests_go_through_the_proxy_unless_their_host_is_excepted() {
    let proxy = FakeLlm::start().await;
    for (no_proxy, seen) in [(None, 1), (Some("127.0.0.0/8".to_owned()), 1), (Some("other.example".to_owned()), 2)] {
        let http_proxy = Some(Secret::new(format!("http://{}", proxy.address())));
        let http = http_client(&HttpSettings { http_proxy, no_proxy, ..HttpSettings::default() }).unwrap();
        let mut settings = settings(&proxy, Wire::OpenAiCompletions);
        settings.base_url = Some("http://127.0.0.1:9/v1".into());
        let registry = Registry::build(&http, vec![settings], Discovered::default(), patient());
        let (provider, _) = registry.resolve(&ModelRef::new("fake", "m")).unwrap();
        reply(&*provider, ask(Wire::OpenAiCompletions, "hi")).await.unwrap_err();
        assert_eq!(proxy.request_count(), seen);
    }
    assert_eq!(proxy.requests()[0].target, "http://127.0.0.1:9/v1/chat/completions");
}

#[test]
fn a_proxy_that_is_no_address_is_refused_without_showing_it() {
    let https_proxy = Some(Secret::new("http://user:proxy-password@[bad"));
    let error = http_client(&HttpSettings { https_proxy, ..HttpSettings::default() }).unwrap_err();
    assert!(matches!(error, Error::Settings { .. }));
    assert_eq!(
        error.to_string(),
        "the https proxy: this is no valid address; write it like http://user:password@host:port"
    );
}
