//! Every wire times every fault.

use std::time::Duration;

use openclaw_agents::{
    Error, Phase, Timeouts,
    failover::Reason,
    transport::{MAX_TEXT, MAX_TOOL_ARGUMENTS, MAX_TOOL_CALLS},
};
use openclaw_testkit::llm::{FakeLlm, Fault, LineEnd, RetryAfter, Say, Script, Wire};

use super::{
    decode::{assert_everything, everything},
    support::{ask, connect, patient, provider, reply, settings},
};

async fn fail(wire: Wire, fault: Fault, timeouts: Timeouts) -> Error {
    let fake = FakeLlm::start().await;
    fake.script(everything().with(fault.clone()));
    let outcome = reply(&*connect(settings(&fake, wire), timeouts), ask(wire, "hi")).await;
    let (error, _) = outcome.err().unwrap_or_else(|| panic!("{wire:?} took {fault:?} for a whole answer"));
    error
}

#[tokio::test]
async fn unusual_but_valid_streams_are_read_whole() {
    for wire in Wire::ALL {
        for faults in [
            vec![Fault::BytePerChunk],
            vec![Fault::OneChunk],
            vec![Fault::Lines(LineEnd::CrLf)],
            vec![Fault::Lines(LineEnd::SplitCrLf)],
            vec![Fault::Lines(LineEnd::Cr)],
            vec![Fault::Lines(LineEnd::Cr), Fault::BytePerChunk],
            vec![Fault::Lines(LineEnd::CrLf), Fault::BytePerChunk, Fault::ByteOrderMark],
            vec![Fault::ByteOrderMark],
            vec![Fault::ByteOrderMark, Fault::OneChunk],
            vec![Fault::Comments],
            vec![Fault::Comments, Fault::Lines(LineEnd::SplitCrLf)],
            vec![Fault::MultiLineData],
            vec![Fault::MultiLineData, Fault::Lines(LineEnd::CrLf)],
            vec![Fault::Unknown],
            vec![Fault::NoSentinel],
        ] {
            let fake = FakeLlm::start().await;
            fake.script(Script { faults: faults.clone(), ..everything() });
            let reply = reply(&*provider(&fake, wire), ask(wire, "hi")).await;
            let reply = reply.unwrap_or_else(|(error, reply)| panic!("{wire:?} {faults:?}: {error:?} after {reply:?}"));
            assert_everything(wire, &reply, &format!("{faults:?}"));
            assert!(!faults.contains(&Fault::Comments) || reply.keep_alives > 0, "{wire:?} shows keep-alives");
        }
    }
}

#[tokio::test]
async fn a_text_of_four_mebibytes_in_one_event_is_read() {
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        let text = "ü".repeat(2 * 1024 * 1024);
        fake.script(Script::text(text.clone()));
        let reply = reply(&*provider(&fake, wire), ask(wire, "hi")).await.unwrap();
        assert!(reply.text == text, "{wire:?}");
    }
}

#[tokio::test]
async fn each_status_has_its_error() {
    type Check = fn(&Error) -> bool;
    let after = |wait| move |error: &Error| error.retry_after() == wait;
    let (seconds, millis, date) = (
        after(Some(Duration::from_secs(7))),
        after(Some(Duration::from_millis(1_500))),
        after(Some(Duration::from_secs(90))),
    );
    let cases: [(Fault, Check, Reason); 11] = [
        (Fault::Status(401, None), |error| matches!(error, Error::Auth { status: 401, .. }), Reason::Auth),
        (Fault::Status(402, None), |error| matches!(error, Error::Billing { status: 402, .. }), Reason::Billing),
        (Fault::Status(403, None), |error| matches!(error, Error::Forbidden { .. }), Reason::Forbidden),
        (Fault::Status(404, None), |error| matches!(error, Error::NotFound { .. }), Reason::ModelNotFound),
        (Fault::Status(422, None), |error| matches!(error, Error::BadRequest { status: 422, .. }), Reason::Format),
        (
            Fault::Status(429, None),
            |error| matches!(error, Error::RateLimited { retry_after: None, .. }),
            Reason::RateLimit,
        ),
        (Fault::Status(500, None), |error| matches!(error, Error::Upstream { status: 500, .. }), Reason::ServerError),
        (Fault::Status(529, None), |error| matches!(error, Error::Upstream { status: 529, .. }), Reason::Overloaded),
        (
            Fault::Html(502),
            |error| matches!(error, Error::Upstream { status: 502, message, .. } if message == "502 Bad Gateway"),
            Reason::ServerError,
        ),
        (
            Fault::Html(200),
            |error| matches!(error, Error::Protocol { what } if what.contains("text/html")),
            Reason::InvalidAnswer,
        ),
        (Fault::Html(302), |error| matches!(error, Error::BadRequest { status: 302, .. }), Reason::InvalidAnswer),
    ];
    for wire in Wire::ALL {
        for (fault, check, reason) in &cases {
            let error = fail(wire, fault.clone(), patient()).await;
            assert!(check(&error), "{wire:?} {fault:?}: {error:?}");
            assert_eq!(Reason::of(&error), *reason, "{wire:?} {error:?}");
            if let Fault::Status(status, _) = fault {
                assert!(error.to_string().contains(&format!("the fake refuses with {status}")), "{wire:?} {error}");
            }
        }
        for (status, retry) in [(429, RetryAfter::Seconds(7)), (503, RetryAfter::Seconds(7))] {
            assert!(seconds(&fail(wire, Fault::Status(status, Some(retry)), patient()).await), "{wire:?} {status}");
        }
        assert!(millis(&fail(wire, Fault::Status(429, Some(RetryAfter::Millis(1_500))), patient()).await), "{wire:?}");
        assert!(date(&fail(wire, Fault::Status(429, Some(RetryAfter::DateIn(90))), patient()).await), "{wire:?}");
    }
}

#[tokio::test]
async fn a_broken_stream_is_never_a_whole_answer() {
    for wire in Wire::ALL {
        let error = fail(wire, Fault::InvalidJson, patient()).await;
        assert!(matches!(&error, Error::Protocol { what } if what.contains("not JSON")), "{wire:?} {error:?}");
        assert_eq!(Reason::of(&error), Reason::InvalidAnswer);

        let error = fail(wire, Fault::ErrorEvent, patient()).await;
        let kind = match wire {
            Wire::GoogleGenerativeAi => "UNAVAILABLE",
            Wire::Ollama => "error",
            _ => "overloaded_error",
        };
        assert_eq!(error, Error::InBand { kind: kind.into(), message: "Overloaded".into() }, "{wire:?}");
        let reason = if wire == Wire::Ollama { Reason::Unknown } else { Reason::Overloaded };
        assert_eq!(Reason::of(&error), reason);

        let error = fail(wire, Fault::Cut, patient()).await;
        assert!(matches!(error, Error::Cut { cause: Some(_) }), "{wire:?} {error:?}");
        assert_eq!(fail(wire, Fault::CleanEof, patient()).await, Error::Cut { cause: None }, "{wire:?}");
    }
}

#[tokio::test]
async fn plain_json_is_no_stream() {
    for wire in Wire::ALL {
        let error = fail(wire, Fault::PlainError, patient()).await;
        assert!(matches!(&error, Error::InBand { message, .. } if message == "no credit"), "{wire:?} {error:?}");
        let error = fail(wire, Fault::PlainAnswer, patient()).await;
        match wire {
            Wire::Ollama => assert_eq!(error, Error::Cut { cause: None }),
            _ => assert!(
                matches!(&error, Error::Protocol { what } if what.contains("plain JSON answer")),
                "{wire:?} {error:?}"
            ),
        }
    }
}

#[tokio::test]
async fn what_came_before_the_break_is_delivered() {
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        fake.script(everything().with(Fault::CleanEof));
        let (_, reply) = reply(&*provider(&fake, wire), ask(wire, "hi")).await.unwrap_err();
        assert!(reply.thinking.starts_with("Let me "), "{wire:?} {reply:?}");
    }
}

#[tokio::test]
async fn each_deadline_names_its_phase() {
    let short = Duration::from_millis(150);
    for wire in Wire::ALL {
        for (fault, timeouts, phase) in [
            (Fault::StallBeforeHeaders, Timeouts { headers: short, ..patient() }, Phase::Headers),
            (Fault::StallBeforeFirstByte, Timeouts { first_byte: short, ..patient() }, Phase::FirstByte),
            (Fault::StallMidStream, Timeouts { idle: short, ..patient() }, Phase::Idle),
            (Fault::StallMidStream, Timeouts { progress: short, ..patient() }, Phase::Progress),
            (
                Fault::KeepAlives(Duration::from_millis(10)),
                Timeouts { progress: short * 3, ..patient() },
                Phase::Progress,
            ),
        ] {
            let error = fail(wire, fault.clone(), timeouts).await;
            assert_eq!(error, Error::Timeout { phase }, "{wire:?} {fault:?}");
            assert_eq!(Reason::of(&error), Reason::Timeout);
        }
    }
}

#[tokio::test]
async fn nobody_listening_is_a_connect_error_that_names_the_host() {
    let fake = FakeLlm::start().await;
    for wire in Wire::ALL {
        let mut settings = settings(&fake, wire);
        settings.base_url = Some("http://127.0.0.1:9/base".into());
        let (error, _) = reply(&*connect(settings, patient()), ask(wire, "hi")).await.unwrap_err();
        assert!(matches!(&error, Error::Connect { host, .. } if host == "127.0.0.1:9"), "{error:?}");
    }
}

#[tokio::test]
async fn text_arguments_calls_and_frames_are_bounded() {
    let piece = "x".repeat(4 * 1024 * 1024);
    let call = || Say::Call { id: "c".into(), name: "n".into() };
    let texts = vec![Say::Text(piece.clone()); MAX_TEXT / piece.len() + 1];
    let mut arguments = vec![call()];
    arguments.extend(vec![Say::Arguments { call: 0, json: piece.clone() }; MAX_TOOL_ARGUMENTS / piece.len() + 1]);
    let calls: Vec<Say> = (0..=MAX_TOOL_CALLS).map(|_| call()).collect();
    let frame = vec![Say::Text("x".repeat(17 * 1024 * 1024))];
    for (deltas, what) in [
        (texts, "more than 16 MiB of text in one answer"),
        (arguments, "more than 16 MiB of tool arguments in one answer"),
        (calls, "more than 512 tool calls in one answer"),
        (frame, "one event is over 16777216 bytes"),
    ] {
        let fake = FakeLlm::start().await;
        fake.script(Script { deltas, ..Script::default() });
        let wire = Wire::OpenAiCompletions;
        let (error, _) = reply(&*provider(&fake, wire), ask(wire, "hi")).await.unwrap_err();
        assert_eq!(error, Error::Protocol { what: what.into() });
    }
}
