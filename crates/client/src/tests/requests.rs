use super::*;
use crate::{Deadline, Delivery, End, MAX_PENDING, RequestError, connect};

#[tokio::test(start_paused = true)]
async fn answers_find_their_requests_in_any_order() {
    let options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        let first = gateway.request().await.unwrap();
        let second = gateway.request().await.unwrap();
        gateway.answer(&json!({"id": "nobody's"}), json!({})).await;
        gateway.raw(Message::text("{ not json")).await;
        gateway.raw(Message::binary(vec![0xff, 0xfe])).await;
        gateway.send(json!({"type": "status"})).await;
        gateway.answer(&second, second["params"].clone()).await;
        gateway.answer(&first, first["params"].clone()).await;
        gateway.idle().await;
    });
    let connection = connect(&options).await.unwrap();
    let (first, second) = tokio::join!(
        connection.call::<Value>("echo", json!({"n": 1})),
        connection.call::<Value>("echo", json!({"n": 2}))
    );
    assert_eq!((first.unwrap(), second.unwrap()), (json!({"n": 1}), json!({"n": 2})));
}

#[tokio::test(start_paused = true)]
async fn refusals_and_odd_answers_are_typed() {
    let options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        let request = gateway.request().await.unwrap();
        gateway
            .send(json!({"type": "res", "id": request["id"], "ok": false, "payload": {"runId": "r"},
                "error": {"code": "FORBIDDEN", "message": "missing scope: operator.admin", "details": {"code": "MISSING_SCOPE"}}}))
            .await;
        let request = gateway.request().await.unwrap();
        gateway.answer(&request, json!("text")).await;
        gateway.idle().await;
    });
    let connection = connect(&options).await.unwrap();
    let refused = connection.request("config.get", json!({})).await.unwrap_err();
    assert_eq!(refused.to_string(), "config.get: missing scope: operator.admin");
    let refusal = refused.refusal().unwrap();
    assert_eq!((refusal.code.as_str(), refusal.reason()), ("FORBIDDEN", "MISSING_SCOPE"));
    assert_eq!(refusal.payload.as_ref().unwrap().get(), r#"{"runId":"r"}"#);
    assert!(refused.next_step().unwrap().contains("scope"));
    let odd = connection.call::<u32>("count", json!({})).await.unwrap_err();
    assert!(matches!(odd, RequestError::Answer { .. }), "{odd}");
    let unsendable = connection.request("put", json!({"text": "x".repeat(26 * 1024 * 1024)})).await.unwrap_err();
    assert!(unsendable.to_string().contains("at most 26214400"), "{unsendable}");
}

#[tokio::test(start_paused = true)]
async fn a_run_is_accepted_first_and_answered_later() {
    let options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        for last in [json!({"status": "ok"}), Value::Null] {
            let request = gateway.request().await.unwrap();
            gateway.answer(&request, json!({"status": "accepted", "runId": "r"})).await;
            tokio::time::sleep(Duration::from_secs(45)).await;
            if last.is_null() {
                gateway.refuse(&request, json!({"code": "UNAVAILABLE", "message": "model failed"}), 1000, "").await;
            } else {
                gateway.answer(&request, last).await;
            }
        }
    });
    let connection = connect(&options).await.unwrap();
    let mut accepted = None;
    let minute = Deadline::After(Duration::from_secs(60));
    let last = connection.request_with("agent", json!({}), minute, |payload| accepted = Some(payload.get().to_owned()));
    assert_eq!(last.await.unwrap().get(), r#"{"status":"ok"}"#);
    assert_eq!(accepted.unwrap(), r#"{"runId":"r","status":"accepted"}"#);
    let failed = connection.request_with("agent", json!({}), minute, |_| {}).await.unwrap_err();
    assert_eq!(failed.to_string(), "agent: model failed");
}

#[tokio::test(start_paused = true)]
async fn one_answer_is_enough_where_only_one_is_awaited() {
    let options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        for status in ["accepted", "ok", "ok"] {
            let request = gateway.request().await.unwrap();
            gateway.answer(&request, json!({"status": status})).await;
        }
        gateway.idle().await;
    });
    let connection = connect(&options).await.unwrap();
    assert_eq!(connection.request("agent", json!({})).await.unwrap().get(), r#"{"status":"accepted"}"#);
    let unaccepted = connection.request_with("agent", json!({}), Deadline::Usual, |_| panic!("never accepted"));
    assert_eq!(unaccepted.await.unwrap().get(), r#"{"status":"ok"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_dropped_and_the_connection_lives() {
    let options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        let slow = gateway.request().await.unwrap();
        tokio::time::sleep(Duration::from_secs(31)).await;
        gateway.answer(&slow, json!("late")).await;
        let next = gateway.request().await.unwrap();
        gateway.answer(&next, json!("next")).await;
        gateway.idle().await;
    });
    let connection = connect(&options).await.unwrap();
    let late = connection.request("slow", json!({})).await.unwrap_err();
    assert!(matches!(late, RequestError::Timeout { after, .. } if after == Duration::from_secs(30)), "{late}");
    assert_eq!(connection.call::<String>("next", json!({})).await.unwrap(), "next");
}

#[tokio::test(start_paused = true)]
async fn an_end_fails_every_waiting_request_with_its_reason() {
    for (close, expected) in [
        (true, End::Closed { code: 4001, reason: "gateway auth changed".to_owned() }),
        (false, End::Broken { what: "the connection broke off".to_owned() }),
    ] {
        let options = gateway(move |mut gateway, _| async move {
            gateway.greet().await;
            gateway.request().await;
            gateway.request().await;
            if close {
                gateway.raw(crate::socket::close(4001, "gateway auth changed")).await;
                gateway.idle().await;
            }
        });
        let connection = connect(&options).await.unwrap();
        let (first, second) = tokio::join!(connection.request("a", json!({})), connection.request("b", json!({})));
        for failed in [first, second, connection.request("c", json!({})).await] {
            match failed.unwrap_err() {
                RequestError::Ended { end, .. } => assert_eq!(end, expected),
                other => panic!("{other}"),
            }
        }
        assert_eq!(connection.ended().await, expected);
        assert!(connection.events().next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn silence_of_two_ticks_ends_with_4000_and_any_frame_counts() {
    let diary = Diary::default();
    let seen = diary.clone();
    let options = gateway(move |mut gateway, _| {
        let seen = seen.clone();
        async move {
            gateway.greet().await;
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(50)).await;
                gateway.raw(Message::Ping(vec![1].into())).await;
            }
            let mut pongs = 0;
            while let Some(Ok(message)) = gateway.socket.next().await {
                match message {
                    Message::Pong(_) => pongs += 1,
                    Message::Close(frame) => seen.write(json!([pongs, u16::from(frame.unwrap().code)])),
                    _ => {}
                }
            }
        }
    });
    let begun = tokio::time::Instant::now();
    let connection = connect(&options).await.unwrap();
    assert_eq!(connection.ended().await, End::Silent { after: Duration::from_secs(60) });
    assert_eq!(begun.elapsed().as_secs(), 150 + 60);
    options.handles.tasks.shutdown(Duration::from_secs(5)).await;
    assert_eq!(diary.lines(), [json!([3, 4000])]);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_says_goodbye() {
    let diary = Diary::default();
    let seen = diary.clone();
    let options = gateway(move |mut gateway, _| {
        let seen = seen.clone();
        async move {
            gateway.greet().await;
            seen.write(gateway.idle().await);
        }
    });
    let connection = connect(&options).await.unwrap();
    drop(connection.clone());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(diary.lines(), [] as [Value; 0]);
    drop(connection);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(diary.lines(), [json!(1000)]);
    // The program's stop does the same.
    let _connection = connect(&options).await.unwrap();
    assert_eq!(options.handles.tasks.shutdown(Duration::from_secs(5)).await, 0);
    assert_eq!(diary.lines(), [json!(1000), json!(1000)]);
}

#[tokio::test(start_paused = true)]
async fn readers_of_events_are_told_what_they_missed() {
    let mut options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        for seq in [1, 2, 5, 6, 7, 8, 9] {
            let request = gateway.request().await.unwrap();
            gateway.send(json!({"type": "event", "event": "tick", "payload": {"ts": seq}, "seq": seq})).await;
            gateway.answer(&request, json!({})).await;
        }
        gateway.idle().await;
    });
    options.event_buffer = 4;
    let connection = connect(&options).await.unwrap();
    let (mut quick, mut slow) = (connection.events(), connection.events());
    let mut told = Vec::new();
    let number = |delivery: Option<Delivery>| match delivery.unwrap() {
        Delivery::Event(event) => i64::try_from(event.seq.unwrap()).unwrap(),
        Delivery::Missed(count) => -i64::try_from(count).unwrap(),
        Delivery::Gap(gap) => panic!("{gap}"),
    };
    for _ in 0..7 {
        connection.request("next", json!({})).await.unwrap();
        told.push(number(quick.next().await));
    }
    told.push(number(quick.next().await));
    assert_eq!(told, [1, 2, -2, 5, 6, 7, 8, 9]);
    assert!(matches!(slow.next().await.unwrap(), Delivery::Missed(4)));
    assert_eq!(slow.named("tick").await.unwrap().read::<Value>().unwrap(), json!({"ts": 6}));
}

#[tokio::test(start_paused = true)]
async fn the_table_of_waiting_requests_is_bounded_and_those_who_gave_up_make_room() {
    let options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        while let Some(request) = gateway.request().await {
            if request["method"] == "last" {
                gateway.answer(&request, json!({})).await;
            }
        }
    });
    let connection = connect(&options).await.unwrap();
    let waiting: Vec<_> = (0..MAX_PENDING)
        .map(|_| {
            let connection = connection.clone();
            tokio::spawn(async move { connection.request_within("wait", json!({}), Deadline::Never).await.map(drop) })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    let refused = connection.request("last", json!({})).await.unwrap_err();
    assert!(matches!(refused, RequestError::TooManyPending { .. }), "{refused}");
    waiting[0].abort();
    tokio::time::sleep(Duration::from_millis(1)).await;
    connection.request("last", json!({})).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_frame_over_the_limit_ends_the_connection() {
    let options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        gateway.raw(Message::text("x".repeat(crate::MAX_FRAME_BYTES + 1))).await;
        gateway.idle().await;
    });
    let end = connect(&options).await.unwrap().ended().await;
    assert_eq!(end.to_string(), "the gateway sent a frame of more than 26 MiB");
}

#[tokio::test(start_paused = true)]
async fn many_requests_at_once_are_all_answered() {
    let options = gateway(|mut gateway, _| async move {
        gateway.greet().await;
        while let Some(request) = gateway.request().await {
            gateway.answer(&request, request["params"].clone()).await;
        }
    });
    let connection = connect(&options).await.unwrap();
    // Their sum is far more than the pipe holds, so that both ends have to wait for each other.
    let text = "x".repeat(2_000);
    let answers = futures_util::future::join_all((0..500).map(|n| connection.call::<Value>("echo", json!([n, text]))));
    for (n, answer) in answers.await.into_iter().enumerate() {
        assert_eq!(answer.unwrap()[0], json!(n));
    }
}
