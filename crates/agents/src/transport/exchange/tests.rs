use async_stream::stream;
use tokio::time::sleep;

use super::*;
use crate::Timeouts;

/// Reads `{"text":…}` and `{"done":true}`.
struct Plain;

impl Decode for Plain {
    fn event(&mut self, event: &Value, out: &mut Vec<Delta>) -> Result<(), Error> {
        out.extend(event["text"].as_str().map(|text| Delta::Text(text.into())));
        out.extend(event["done"].as_bool().map(|_| Delta::Done(Stop::EndTurn)));
        Ok(())
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// A body of chunks, each after a pause in seconds, that then stays open.
fn exchange(chunks: Vec<(u32, &'static str)>) -> Exchange {
    let body = stream! {
        for (pause, chunk) in chunks {
            sleep(SECOND * pause).await;
            yield Ok(Bytes::from_static(chunk.as_bytes()));
        }
        std::future::pending::<()>().await;
    };
    let timeouts = Timeouts { headers: SECOND, first_byte: 20 * SECOND, idle: 30 * SECOND, progress: 100 * SECOND };
    let endpoint = Endpoint::new("test", "http://host", timeouts).unwrap();
    Exchange::new(body.boxed(), None, Framing::Events, Box::new(Plain), endpoint)
}

async fn last(exchange: &mut Exchange) -> Result<Delta, Error> {
    let mut last = Ok(Delta::KeepAlive);
    while let Some(delta) = exchange.next().await {
        assert!(last.is_ok(), "{delta:?} came after {last:?}");
        last = delta;
    }
    last
}

#[tokio::test(start_paused = true)]
async fn each_deadline_strikes_at_its_time() {
    let text = "data: {\"text\":\"x\"}\n\n";
    for (chunks, seconds, phase) in [
        (vec![], 20, Phase::FirstByte),
        (vec![(19, text)], 19 + 30, Phase::Idle),
        (vec![(1, text), (29, text)], 30 + 30, Phase::Idle),
        // Signs of life reset the idle deadline, not the one of progress.
        (vec![(1, text), (25, ":\n\n"), (25, ":\n\n"), (25, ":\n\n"), (24, ":\n\n")], 1 + 100, Phase::Progress),
        // Events that say nothing are no progress either.
        (
            vec![(1, text), (25, "data: {}\n\n"), (25, "data: {}\n\n"), (25, ":\n\n"), (24, ":\n\n")],
            101,
            Phase::Progress,
        ),
    ] {
        let start = Instant::now();
        assert_eq!(last(&mut exchange(chunks)).await, Err(Error::Timeout { phase }));
        assert_eq!(start.elapsed().as_secs(), seconds, "{phase:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_not_taken_for_a_slow_provider() {
    let text = "data: {\"text\":\"x\"}\n\n";
    let mut exchange = exchange(vec![(1, text), (1, text), (1, "data: {\"done\":true}\n\n")]);
    let mut deltas = 0;
    while let Some(delta) = exchange.next().await {
        delta.unwrap();
        deltas += 1;
        sleep(3_600 * SECOND).await;
    }
    assert_eq!(deltas, 4);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_body_is_waited_for_only_shortly() {
    let mut exchange = exchange(vec![(0, "data: {\"done\":true}\n\ndata: {\"text\":\"late\"}\n\n")]);
    let start = Instant::now();
    assert_eq!(last(&mut exchange).await, Ok(Delta::Done(Stop::EndTurn)));
    assert_eq!(start.elapsed(), DRAIN);
}

#[tokio::test(start_paused = true)]
async fn what_was_decoded_before_an_error_comes_first() {
    let mut exchange = exchange(vec![(0, "data: {\"text\":\"x\"}\n\ndata: {\n\ndata: {\"text\":\"y\"}\n\n")]);
    assert!(matches!(exchange.next().await, Some(Ok(Delta::Started { .. }))));
    assert_eq!(exchange.next().await, Some(Ok(Delta::Text("x".into()))));
    assert!(matches!(exchange.next().await, Some(Err(Error::Protocol { .. }))));
    assert_eq!(exchange.next().await, None);
}

#[test]
fn errors_in_events_are_found_in_every_shape() {
    for (event, kind, message) in [
        (r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#, "overloaded_error", "m"),
        (r#"{"type":"error","code":"rate_limit_exceeded","message":"m"}"#, "rate_limit_exceeded", "m"),
        (
            r#"{"type":"response.failed","response":{"error":{"code":"server_error","message":"m"}}}"#,
            "server_error",
            "m",
        ),
        (r#"{"type":"response.failed","response":{}}"#, "error", "no reason given"),
        (r#"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#, "UNAVAILABLE", "m"),
        (r#"{"error":{"code":429,"message":"m"}}"#, "429", "m"),
        (r#"{"error":"m"}"#, "error", "m"),
    ] {
        let event: Value = serde_json::from_str(event).unwrap();
        assert_eq!(reported(&event), Err(Error::InBand { kind: kind.into(), message: message.into() }), "{event}");
    }
    for event in [r#"{"error":null,"type":"x"}"#, "{}", "[]", "3"] {
        assert_eq!(reported(&serde_json::from_str(event).unwrap()), Ok(()), "{event}");
    }
}
