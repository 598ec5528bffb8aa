//! No key in any error, in any form.

use std::{io::Write, net::TcpListener, time::Duration};

use openclaw_agents::Error;
use openclaw_core::Secret;
use openclaw_testkit::llm::{FakeLlm, Fault, Script, Wire};

use super::support::{KEY, ask, connect, patient, reply, settings};

const HEADER: &str = "header-secret-4711";
const PASSWORD: &str = "url-password-4711";
const QUERY: &str = "query-secret-4711";

fn assert_clean(error: &Error, what: &str) {
    let shown = format!("{error} {error:?} {error:#?}");
    for secret in [KEY, HEADER, PASSWORD, QUERY] {
        assert!(!shown.contains(secret), "{what} shows {secret}: {shown}");
    }
}

#[tokio::test]
async fn keys_travel_in_their_header_and_never_show_in_an_error() {
    for wire in Wire::ALL {
        for fault in [
            Fault::EchoKey,
            Fault::Status(401, None),
            Fault::Status(500, None),
            Fault::InvalidJson,
            Fault::Cut,
            Fault::CleanEof,
            Fault::Html(200),
            Fault::StallBeforeHeaders,
        ] {
            let fake = FakeLlm::start().await;
            fake.always(Script::text("x").with(fault.clone()));
            let mut settings = settings(&fake, wire);
            settings.headers.insert("x-extra".into(), Secret::new(HEADER));
            let mut timeouts = patient();
            if fault == Fault::StallBeforeHeaders {
                timeouts.headers = Duration::from_millis(500);
            }
            let (error, _) = reply(&*connect(settings, timeouts), ask(wire, "hi")).await.unwrap_err();
            assert_clean(&error, &format!("{wire:?} {fault:?}"));
            if fault == Fault::EchoKey {
                assert!(error.to_string().contains("[redacted]"), "{wire:?}: {error}");
            }
            let request = fake.requests().remove(0);
            let header = match wire {
                Wire::AnthropicMessages => "x-api-key",
                Wire::GoogleGenerativeAi => "x-goog-api-key",
                _ => "authorization",
            };
            assert!(request.header(header).unwrap().ends_with(KEY), "{wire:?}");
            assert_eq!(request.header("x-extra"), Some(HEADER));
            assert!(!request.target.contains(KEY), "{wire:?}: {}", request.target);
        }
    }
}

#[tokio::test]
async fn secrets_in_the_address_never_show_either() {
    let no_tls = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = no_tls.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in no_tls.incoming() {
            let _ = stream.unwrap().write_all(b"HTTP/1.1 400 this is no TLS\r\n\r\n");
        }
    });
    let fake = FakeLlm::start().await;
    for wire in Wire::ALL {
        for base in [
            format!("http://user:{PASSWORD}@127.0.0.1:9/v1?key={QUERY}"),
            format!("https://user:{PASSWORD}@{address}/v1?key={QUERY}"),
        ] {
            let mut settings = settings(&fake, wire);
            settings.base_url = Some(base);
            let (error, _) = reply(&*connect(settings, patient()), ask(wire, "hi")).await.unwrap_err();
            assert!(matches!(error, Error::Connect { .. }), "{error:?}");
            assert_clean(&error, &format!("{wire:?}"));
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_because_it_would_carry_the_key_along() {
    for wire in Wire::ALL {
        for status in [302, 307, 308] {
            let fake = FakeLlm::start().await;
            fake.script(Script::default().with(Fault::Html(status)));
            let (error, _) = reply(&*connect(settings(&fake, wire), patient()), ask(wire, "hi")).await.unwrap_err();
            assert!(matches!(error, Error::BadRequest { status: found, .. } if found == status), "{error:?}");
            assert_eq!(fake.request_count(), 1, "{wire:?}");
        }
    }
}
