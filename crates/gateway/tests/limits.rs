//! Bounds: frames, sockets, requests in work, bytes that wait.

use std::time::Duration;

use openclaw_testkit::gateway::{Got, TestGateway, connect_params};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Writes a text frame, masked with zeros.
async fn write_text(stream: &mut TcpStream, text: &str) {
    let mut frame = vec![0x81];
    match text.len() {
        len @ 0..126 => frame.push(0x80 | u8::try_from(len).expect("it is below 126")),
        len @ 126..65536 => {
            frame.push(0xfe);
            frame.extend_from_slice(&u16::try_from(len).expect("it is below 65536").to_be_bytes());
        }
        len => {
            frame.push(0xff);
            frame.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    stream.write_all(&frame).await.expect("the gateway keeps talking");
}

/// Opcode and payload of the next frame; `None` when the stream has ended.
async fn read_frame(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let first = stream.read_u8().await.ok()?;
    let len = match stream.read_u8().await.ok()? {
        126 => usize::from(stream.read_u16().await.ok()?),
        127 => usize::try_from(stream.read_u64().await.ok()?).ok()?,
        len => usize::from(len),
    };
    let mut payload = vec![0; len];
    stream.read_exact(&mut payload).await.ok()?;
    Some((first & 0x0f, payload))
}

/// An authenticated connection that reads only when it is told to.
async fn quiet(gateway: &TestGateway) -> TcpStream {
    let mut stream = gateway.upgraded("/").await;
    let connect =
        json!({ "type": "req", "id": "c", "method": "connect", "params": connect_params(&["operator.admin"]) });
    write_text(&mut stream, &connect.to_string()).await;
    loop {
        let (_, payload) = read_frame(&mut stream).await.expect("the gateway keeps talking");
        let frame: Value = serde_json::from_slice(&payload).expect("the gateway keeps talking");
        if frame["type"] == "res" {
            assert_eq!(frame["ok"], true, "{frame}");
            return stream;
        }
    }
}

#[tokio::test]
async fn frames_before_auth_are_at_most_64_kib() {
    let gateway = TestGateway::start().await;
    for (len, code) in [(64 * 1024, 1007), (64 * 1024 + 1, 1009)] {
        let mut raw = gateway.raw().await;
        raw.challenge().await;
        raw.text("x".repeat(len)).await;
        assert!(matches!(raw.next().await, Got::Closed(closed, _) if closed == code), "{len}");
    }
}

#[tokio::test]
async fn frames_after_auth_are_at_most_25_mib() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.admin"])).await;
    assert_eq!(hello["payload"]["policy"]["maxPayload"], 26_214_400);
    let mut frame = json!({ "type": "req", "id": "big", "method": "ping", "params": { "x": "" } }).to_string();
    let at = frame.find(r#""x":""#).unwrap() + 5;
    let fill = 25 * 1024 * 1024 - frame.len();
    frame.insert_str(at, &"y".repeat(fill));
    raw.text(frame).await;
    assert_eq!(raw.response("big").await["error"]["code"], "INVALID_REQUEST");

    let mut stream = quiet(&gateway).await;
    stream.write_all(&[0x81, 0xff]).await.unwrap();
    stream.write_u64(25 * 1024 * 1024 + 1).await.unwrap();
    stream.write_all(&[0; 4]).await.unwrap();
    loop {
        let (opcode, payload) = read_frame(&mut stream).await.unwrap();
        if opcode == 8 {
            assert_eq!(payload[..2], 1009_u16.to_be_bytes());
            break;
        }
    }
}

#[tokio::test]
async fn configured_limits_are_told_and_kept() {
    let limits = json!({ "maxPayload": 65_536, "maxBufferedBytes": 131_072, "preauthFrameBytes": 1024 });
    let gateway = TestGateway::with_config(json!({ "gateway": { "limits": limits, "tickIntervalMs": 5000 } })).await;
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.admin"])).await;
    let policy = &hello["payload"]["policy"];
    assert_eq!(
        (&policy["maxPayload"], &policy["maxBufferedBytes"], &policy["tickIntervalMs"]),
        (&json!(65_536), &json!(131_072), &json!(5000))
    );
    raw.text("x".repeat(65_537)).await;
    assert!(matches!(raw.end().await, Got::Closed(1009, _)));
    let mut stranger = gateway.raw().await;
    stranger.challenge().await;
    stranger.text("x".repeat(1025)).await;
    assert!(matches!(stranger.next().await, Got::Closed(1009, _)));
}

#[tokio::test]
async fn sockets_that_have_not_authenticated_are_counted_per_address() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "limits": { "preauthLoopback": 2 } } })).await;
    let mut first = gateway.raw().await;
    let _second = gateway.raw().await;
    let mut third = TcpStream::connect(gateway.authority()).await.unwrap();
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), third.read_to_end(&mut rest)).await.unwrap();
    assert!(read.is_err() || rest.is_empty(), "{rest:?}");
    // Whoever has authenticated is a stranger no longer.
    assert_eq!(first.shake(&connect_params(&[])).await["ok"], true);
    gateway.raw().await.challenge().await;
}

#[tokio::test]
async fn requests_in_work_are_bounded_and_the_answer_says_to_wait() {
    let limits = json!({ "gateway": { "limits": { "inFlightPerConnection": 2 } } });
    let gateway = TestGateway::with_config(limits).await;
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.admin"])).await;
    for id in ["1", "2", "3"] {
        let params = json!({ "runId": format!("nobody-{id}"), "timeoutMs": 400 });
        raw.send(&json!({ "type": "req", "id": id, "method": "agent.wait", "params": params })).await;
    }
    let refused = raw.response("3").await;
    let error = &refused["error"];
    assert_eq!((&error["code"], &error["retryable"]), (&json!("UNAVAILABLE"), &json!(true)), "{refused}");
    assert!(error["retryAfterMs"].is_u64() && error["message"].as_str().unwrap().contains('2'), "{refused}");
    raw.response("1").await;
    raw.response("2").await;
    assert_eq!(raw.call("4", "agent.wait", json!({ "runId": "nobody", "timeoutMs": 1 })).await["ok"], true);
}

/// Fills the log so that one `logs.tail` answers nearly a megabyte.
fn fill_log() {
    for _ in 0..60 {
        tracing::info!(filler = "x".repeat(16_000).as_str(), "line");
    }
}

fn tail(id: usize) -> String {
    let params = json!({ "limit": 5000, "maxBytes": 900_000 });
    json!({ "type": "req", "id": format!("t{id}"), "method": "logs.tail", "params": params }).to_string()
}

#[tokio::test]
async fn a_reader_that_pauses_gets_everything_without_having_to_speak() {
    let gateway = TestGateway::start().await;
    let _logged = openclaw_testkit::log::kept(gateway.log(), tracing::level_filters::LevelFilter::INFO);
    let mut stream = quiet(&gateway).await;
    fill_log();
    const ASKED: usize = 24;
    for id in 0..ASKED {
        write_text(&mut stream, &tail(id)).await;
    }
    // Long enough for the kernel's buffers to fill; nothing depends on its length.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut answered = Vec::new();
    while answered.len() < ASKED {
        let read = tokio::time::timeout(Duration::from_secs(20), read_frame(&mut stream)).await;
        let (opcode, payload) = read.expect("the rest comes by itself").expect("the connection stays");
        if opcode == 1 {
            let frame: Value = serde_json::from_slice(&payload).unwrap();
            if frame["type"] == "res" {
                assert!(payload.len() > 800_000, "{}", payload.len());
                answered.push(frame["id"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(answered, (0..ASKED).map(|id| format!("t{id}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_closed_and_nobody_else_notices() {
    let limits = json!({ "maxPayload": 65_536, "maxBufferedBytes": 4_194_304 });
    let gateway = TestGateway::with_config(json!({ "gateway": { "limits": limits } })).await;
    let _logged = openclaw_testkit::log::kept(gateway.log(), tracing::level_filters::LevelFilter::INFO);
    let mut stream = quiet(&gateway).await;
    let mut other = gateway.raw().await;
    other.shake(&connect_params(&["operator.admin"])).await;
    fill_log();
    for id in 0..40 {
        write_text(&mut stream, &tail(id)).await;
    }
    for id in 0..20 {
        assert_eq!(other.call(&format!("p{id}"), "ping", json!({})).await["ok"], true);
    }
    // 36 MB were asked for; what the kernel and the queue do not hold was never kept.
    let (mut bytes, mut closed) = (0, None);
    while let Some((opcode, payload)) = read_frame(&mut stream).await {
        bytes += payload.len();
        if opcode == 8 {
            closed = Some((
                u16::from_be_bytes([payload[0], payload[1]]),
                String::from_utf8_lossy(&payload[2..]).into_owned(),
            ));
        }
    }
    assert!(bytes < 30_000_000, "{bytes}");
    if let Some((code, reason)) = closed {
        assert!(code == 1008 && reason.starts_with("slow consumer"), "{code} {reason}");
    }
}

#[tokio::test]
async fn t37_many_that_take_nothing_hold_no_more_together_than_they_may() {
    let limits = json!({ "maxPayload": 65_536, "maxBufferedBytes": 8_388_608, "maxBufferedBytesTotal": 16_777_216 });
    let gateway = TestGateway::with_config(json!({ "gateway": { "limits": limits } })).await;
    let _logged = openclaw_testkit::log::kept(gateway.log(), tracing::level_filters::LevelFilter::INFO);
    let mut streams = Vec::new();
    for _ in 0..12 {
        streams.push(quiet(&gateway).await);
    }
    let mut other = gateway.raw().await;
    other.shake(&connect_params(&["operator.admin"])).await;
    fill_log();
    // Fewer than one of them alone may have wait, beside what the system keeps.
    for stream in &mut streams {
        for id in 0..9 {
            write_text(stream, &tail(id)).await;
        }
    }
    for id in 0..20 {
        assert_eq!(other.call(&format!("p{id}"), "ping", json!({})).await["ok"], true);
    }
    let mut reasons = Vec::new();
    for stream in &mut streams {
        while let Ok(Some((opcode, payload))) = tokio::time::timeout(Duration::from_secs(2), read_frame(stream)).await {
            if opcode == 8 {
                reasons.push(String::from_utf8_lossy(&payload[2..]).into_owned());
            }
        }
    }
    assert!(reasons.iter().any(|reason| reason.contains("wait for all connections")), "{reasons:?}");
}

#[tokio::test]
async fn a_burst_of_durable_events_reaches_a_reader_that_slept() {
    const BURST: usize = 500;
    let gateway = TestGateway::start().await;
    let mut sleeper = gateway.raw().await;
    sleeper.shake(&connect_params(&["operator.admin"])).await;
    let mut writer = gateway.raw().await;
    writer.shake(&connect_params(&["operator.admin"])).await;
    let made = writer.call("m", "chat.inject", json!({ "sessionKey": "main", "message": "first" })).await;
    assert_eq!(made["ok"], true, "{made}");
    let followed = sleeper.call("s", "sessions.messages.subscribe", json!({ "key": "main" })).await;
    assert_eq!(followed["ok"], true, "{followed}");
    for number in 0..BURST {
        let params = json!({ "sessionKey": "main", "message": format!("message {number}.") });
        writer.call(&format!("i{number}"), "chat.inject", params).await;
    }
    let (mut next, mut last_seq) = (0, None);
    while next < BURST {
        let frame = sleeper.next().await.frame();
        if let Some(seq) = frame["seq"].as_u64() {
            assert!(last_seq.is_none_or(|last| seq == last + 1), "{last_seq:?} then {seq}");
            last_seq = Some(seq);
        }
        if frame["event"] == "session.message" {
            assert!(frame.to_string().contains(&format!("message {next}.")), "{frame}");
            next += 1;
        }
    }
}
