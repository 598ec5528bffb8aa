use futures_util::FutureExt;

use super::*;
use crate::{Backoff, Protocol, RequestError, State, supervise};

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
