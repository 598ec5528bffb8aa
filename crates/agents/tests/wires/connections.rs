//! Connections are used again when an answer ends, and closed at once when nobody wants it any more.

use std::time::Duration;

use futures_util::StreamExt;
use openclaw_agents::Delta;
use openclaw_testkit::llm::{FakeLlm, Fault, Script, Wire};

use super::{
    decode::everything,
    support::{ask, provider, reply},
};

#[tokio::test]
async fn twenty_requests_in_a_row_use_one_connection() {
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        let provider = provider(&fake, wire);
        for turn in 0..20 {
            if turn % 5 == 4 {
                // Refusals give their connection back, too.
                fake.script(Script::default().with(Fault::Status(429, None)));
                reply(&*provider, ask(wire, "hi")).await.unwrap_err();
            } else {
                fake.script(everything());
                reply(&*provider, ask(wire, "hi")).await.unwrap();
            }
        }
        assert_eq!((fake.request_count(), fake.connections().accepted), (20, 1), "{wire:?}");
    }
}

#[tokio::test]
async fn dropping_an_answer_closes_its_connection() {
    for wire in Wire::ALL {
        for fault in [Fault::StallBeforeFirstByte, Fault::StallMidStream, Fault::KeepAlives(Duration::from_millis(5))] {
            let fake = FakeLlm::start().await;
            fake.script(everything().with(fault.clone()));
            let mut stream = provider(&fake, wire).stream(ask(wire, "hi")).await.unwrap();
            assert!(matches!(stream.next().await, Some(Ok(Delta::Started { .. }))));
            if fault != Fault::StallBeforeFirstByte {
                assert!(matches!(stream.next().await, Some(Ok(_))));
            }
            assert_eq!(fake.connections().open, 1);
            drop(stream);
            fake.until(|connections| connections.open == 0 && connections.abandoned == 1).await;
        }
    }
}

#[tokio::test]
async fn dropping_a_request_that_has_no_answer_yet_closes_its_connection() {
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        fake.script(Script::default().with(Fault::StallBeforeHeaders));
        let provider = provider(&fake, wire);
        let asking = provider.stream(ask(wire, "hi"));
        tokio::select! {
            _ = asking => panic!("{wire:?}: there was an answer"),
            () = fake.until(|connections| connections.open == 1) => {}
        }
        drop(provider);
        fake.until(|connections| connections.open == 0).await;
    }
}

#[tokio::test]
async fn an_answer_is_over_at_its_last_event_even_if_the_body_goes_on() {
    // One wire ends with the body itself.
    for wire in Wire::ALL.into_iter().filter(|wire| *wire != Wire::GoogleGenerativeAi) {
        let fake = FakeLlm::start().await;
        fake.always(everything().with(Fault::LateEnd(Duration::from_secs(3_600))));
        let provider = provider(&fake, wire);
        for _ in 0..2 {
            reply(&*provider, ask(wire, "hi")).await.unwrap();
        }
        assert_eq!(fake.connections().accepted, 2, "{wire:?}: a connection that is not at its end is not used again");
    }
}
