use futures_util::FutureExt;

use super::*;
use crate::{Backoff, Deadline, Delivery, Gap, Protocol, RequestError, State, connect_supervised, supervise};

fn nothing(_: crate::Connection) -> futures_util::future::BoxFuture<'static, Result<(), RequestError>> {
    async { Ok(()) }.boxed()
}

#[tokio::test(start_paused = true)]
async fn attempts_follow_the_backoff_and_begin_anew_after_success() {
    // Down at first for six attempts, then up, then down for good.
    let begun = tokio::time::Instant::now();
    let diary = Diary::default();
    let seen = diary.clone();
    let mut options = gateway(move |mut gateway, number| {
        let seen = seen.clone();
        async move {
            seen.write(begun.elapsed().as_secs());
            if number == 6 {
                gateway.greet().await;
            }
        }
    });
    options.backoff = Backoff { jitter_percent: 0, ..Backoff::default() };
    let supervised = supervise(options, nothing);
    tokio::time::sleep(Duration::from_secs(66)).await;
    assert_eq!(diary.lines(), [0, 1, 3, 7, 15, 31, 61, 62, 64]);
    let State::Reconnecting { attempt, wait, why } = supervised.state().borrow().clone() else { panic!() };
    assert_eq!((attempt, wait), (3, Duration::from_secs(4)));
    assert!(why.contains("broke off"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn it_subscribes_again_and_events_go_on() {
    let options = gateway(move |mut gateway, number| async move {
        gateway.greet().await;
        let subscribe = gateway.request().await.unwrap();
        assert_eq!(subscribe["method"], "sessions.subscribe");
        gateway.answer(&subscribe, json!({})).await;
        gateway.send(json!({"type": "event", "event": "up", "payload": number, "seq": 1})).await;
        if number == 2 {
            gateway.idle().await;
        }
    });
    let supervised = supervise(options, |connection| {
        async move { connection.request("sessions.subscribe", json!({})).await.map(drop) }.boxed()
    });
    let mut events = supervised.events();
    for number in 0..3 {
        assert_eq!(events.named("up").await.unwrap().read::<u32>().unwrap(), number);
    }
    assert!(matches!(*supervised.state().borrow(), State::Connected(_)));
    supervised.close().await;
    assert!(events.named("up").await.is_none());
}

/// A hello with what becomes of the client's place.
fn hello_with(resume: Value) -> Value {
    let mut hello = hello(4);
    hello["resume"] = resume;
    hello
}

#[tokio::test(start_paused = true)]
async fn it_shows_where_it_was_and_says_when_events_do_not_go_on_there() {
    const TICKET: &str = "8d1f4b2e-0000-4000-8000-000000000000";
    let answer = |status: &str, position: u64| json!({ "status": status, "epoch": "b-1", "ticket": TICKET, "position": position });
    let diary = Diary::default();
    let seen = diary.clone();
    let options = gateway(move |mut gateway, number| {
        let seen = seen.clone();
        async move {
            gateway.challenge().await;
            let connect = gateway.request().await.unwrap();
            seen.write(connect["params"]["resume"].clone());
            let hello = match number {
                0 => hello_with(answer("new", 3)),
                // The connection breaks before its hello.
                1 => return,
                2 => hello_with(answer("resumed", 7)),
                3 => {
                    let mut snapshot = answer("snapshot", 20);
                    snapshot["reason"] = json!("too-old");
                    hello_with(snapshot)
                }
                _ => hello(4),
            };
            gateway.answer(&connect, hello).await;
            if number == 0 {
                gateway.send(json!({"type": "event", "event": "a", "payload": {}, "seq": 1, "position": 5})).await;
                let event =
                    json!({"type": "event", "event": "b", "payload": {}, "seq": 2, "position": 7, "behind": [4]});
                gateway.send(event).await;
            } else {
                gateway.send(json!({"type": "event", "event": "up", "payload": number, "seq": 1})).await;
            }
            if number == 4 {
                gateway.idle().await;
            }
        }
    });
    let supervised = supervise(options, nothing);
    let mut events = supervised.events();
    let mut told = Vec::new();
    while told.last().is_none_or(|last| last != "4") {
        told.push(match events.next().await.unwrap() {
            Delivery::Event(event) if event.name == "up" => event.payload.get().to_owned(),
            Delivery::Event(event) => event.name.clone(),
            Delivery::Gap(gap) => gap.to_string(),
            Delivery::Missed(count) => panic!("{count} missed"),
        });
    }
    let too_old = Gap::Snapshot(openclaw_protocol::resume::Reason::TooOld).to_string();
    assert_eq!(told, ["a", "b", "2", &too_old, "3", &Gap::NotOffered.to_string(), "4"]);
    let place = |position: u64| json!({ "from": { "epoch": "b-1", "ticket": TICKET, "position": position } });
    let mut behind = place(7);
    behind["from"]["behind"] = json!([4]);
    assert_eq!(diary.lines(), [json!({}), behind.clone(), behind.clone(), behind, place(20)]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_may_be_repeated_is_answered_by_the_next_connection() {
    let diary = Diary::default();
    let seen = diary.clone();
    let options = gateway(move |mut gateway, number| {
        let seen = seen.clone();
        async move {
            gateway.greet().await;
            let request = gateway.request().await.unwrap();
            seen.write(request["params"].clone());
            gateway.answer(&request, json!({ "status": "accepted" })).await;
            if number == 2 {
                gateway.answer(&request, json!({ "status": "ok" })).await;
                gateway.idle().await;
            }
        }
    });
    let supervised = connect_supervised(options).await.unwrap();
    let accepted = std::cell::Cell::new(0);
    let answer = supervised
        .request_again("agent", json!({ "idempotencyKey": "k" }), Deadline::Usual, |_| accepted.set(accepted.get() + 1))
        .await
        .unwrap();
    assert_eq!((answer.get(), accepted.get()), (r#"{"status":"ok"}"#, 3));
    assert_eq!(diary.lines(), vec![json!({ "idempotencyKey": "k" }); 3]);
    supervised.close().await;

    let unreachable = speaks("HTTP/1.1 404 Not Found\r\n\r\n");
    assert!(connect_supervised(unreachable).await.is_err());
    let silent = gateway_that_says_nothing();
    let supervised = connect_supervised(silent).await.unwrap();
    let late = supervised.request_again("agent", json!({}), Deadline::After(Duration::from_secs(5)), |_| {}).await;
    assert!(matches!(late, Err(RequestError::Timeout { after, .. }) if after == Duration::from_secs(5)), "{late:?}");
}

/// It lets everybody in and answers nothing.
fn gateway_that_says_nothing() -> Options {
    gateway(|mut gateway, _| async move {
        gateway.greet().await;
        gateway.idle().await;
    })
}

#[tokio::test(start_paused = true)]
async fn final_refusals_end_it_and_say_why() {
    let detail = |code: &str| json!({"code": "INVALID_REQUEST", "message": "no", "details": {"code": code}});
    for (error, code) in [
        (detail("DEVICE_IDENTITY_REQUIRED"), 1008),
        (detail("whatever"), 4001),
        (json!({"message": "device signature invalid (device_auth_signature_invalid)"}), 1008),
        (
            json!({"message": "unauthorized: too many failed authentication attempts (auth rate limit, rate limited; retry in 9 s)"}),
            1008,
        ),
        (json!({"message": "origin not allowed (x)"}), 1008),
        (json!({"message": "device identity required (x)"}), 1008),
    ] {
        let diary = Diary::default();
        let seen = diary.clone();
        let options = gateway(move |mut gateway, number| {
            let (seen, error) = (seen.clone(), error.clone());
            async move {
                seen.write(number);
                gateway.challenge().await;
                let connect = gateway.request().await.unwrap();
                gateway.refuse(&connect, error, code, "").await;
                gateway.idle().await;
            }
        });
        let supervised = supervise(options, nothing);
        let why = supervised.connection().await.unwrap_err();
        assert!(why.contains("refused the connection"), "{why}");
        assert!(supervised.request("health", json!({})).await.is_err());
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(diary.lines(), [0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_live_connection_closed_with_4001_is_not_made_again() {
    let options = gateway(|mut gateway, number| async move {
        assert_eq!(number, 0);
        gateway.greet().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        gateway.raw(crate::socket::close(4001, "client invalidated: device-token-rotated")).await;
        gateway.idle().await;
    });
    let supervised = supervise(options, nothing);
    supervised.connection().await.unwrap();
    tokio::time::sleep(Duration::from_secs(600)).await;
    let State::Final { why } = supervised.state().borrow().clone() else { panic!() };
    assert!(why.contains("device-token-rotated"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn wrong_secrets_are_tried_seldom_and_an_asked_wait_is_kept() {
    let waits = |error: Value| async move {
        let options = gateway(move |mut gateway, _| {
            let error = error.clone();
            async move {
                gateway.challenge().await;
                let connect = gateway.request().await.unwrap();
                gateway.refuse(&connect, error, 1008, "").await;
                gateway.idle().await;
            }
        });
        let supervised = supervise(options, nothing);
        let mut state = supervised.state();
        state.wait_for(|state| matches!(state, State::Reconnecting { .. })).await.unwrap();
        let State::Reconnecting { wait, .. } = state.borrow().clone() else { panic!() };
        wait.as_secs()
    };
    assert_eq!(waits(json!({"details": {"code": "AUTH_TOKEN_MISMATCH"}})).await, 30);
    assert_eq!(waits(json!({"code": "UNAVAILABLE", "retryable": true, "retryAfterMs": 45_000})).await, 45);
    assert_eq!(waits(json!({"code": "UNAVAILABLE", "retryAfterMs": u64::MAX})).await, 300);
    assert_eq!(waits(json!({"code": "UNAVAILABLE"})).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_device_token_is_remembered_for_the_next_attempt() {
    let diary = Diary::default();
    let seen = diary.clone();
    let mut options = gateway(move |mut gateway, _| {
        let seen = seen.clone();
        async move {
            gateway.challenge().await;
            let connect = gateway.request().await.unwrap();
            seen.write(connect["params"]["auth"].clone());
            let mut hello = hello(4);
            hello["auth"]["deviceToken"] = json!("given");
            gateway.answer(&connect, hello).await;
        }
    });
    options.protocol = Protocol { fallback: Some(3), ..Protocol::default() };
    let _supervised = supervise(options, nothing);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(diary.lines(), [Value::Null, json!({"deviceToken": "given"})]);
}

#[tokio::test(start_paused = true)]
async fn dropping_it_closes_the_connection() {
    let diary = Diary::default();
    let seen = diary.clone();
    let options = gateway(move |mut gateway, _| {
        let seen = seen.clone();
        async move {
            gateway.greet().await;
            seen.write(gateway.idle().await);
        }
    });
    let supervised = supervise(options, nothing);
    drop(supervised.connection().await.unwrap());
    drop(supervised);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(diary.lines(), [json!(1000)]);
}
