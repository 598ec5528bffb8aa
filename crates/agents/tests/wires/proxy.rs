//! Proxies come from the settings alone.

use std::time::Duration;

use openclaw_agents::{Discovered, Error, HttpSettings, ModelRef, Registry, http_client};
use openclaw_core::Secret;
use openclaw_testkit::llm::{FakeLlm, Wire};

use super::support::{ask, patient, reply};

#[tokio::test]
async fn requests_go_through_the_proxy_unless_their_host_is_excepted() {
    let proxy = FakeLlm::start().await;
    for (base_url, no_proxy, seen) in [
        ("http://model.invalid/v1", None, 1),
        ("http://model.invalid/v1", Some("other.invalid"), 2),
        ("http://model.invalid/v1", Some("model.invalid"), 2),
        ("http://127.0.0.1:9/v1", None, 2),
        ("http://localhost:9/v1", Some("other.invalid"), 2),
        ("http://[::1]:9/v1", Some("other.invalid"), 2),
    ] {
        let settings = HttpSettings {
            http_proxy: Some(Secret::new(format!("http://{}", proxy.address()))),
            no_proxy: no_proxy.map(str::to_owned),
            // Looking up a name that does not exist can take long.
            connect_timeout: Duration::from_secs(1),
            ..HttpSettings::default()
        };
        let http = http_client(&settings).unwrap();
        let mut settings = super::support::settings(&proxy, Wire::OpenAiCompletions);
        settings.base_url = Some(base_url.into());
        let registry = Registry::build(&http, vec![settings], Discovered::default(), patient());
        let (keys, _) = registry.resolve(&ModelRef::new("fake", "m")).unwrap();
        reply(&*keys[0].provider, ask(Wire::OpenAiCompletions, "hi")).await.unwrap_err();
        assert_eq!(proxy.request_count(), seen, "{base_url} {no_proxy:?}");
    }
    assert_eq!(proxy.requests()[0].target, "http://model.invalid/v1/chat/completions");
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
