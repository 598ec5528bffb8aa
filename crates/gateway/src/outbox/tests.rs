use std::sync::Arc;

use openclaw_protocol::{
    AgentId, Dialect, RunId, SessionKey,
    event::{ChatDelta, Event, LogEntry},
};

use super::*;

const PLAIN: View = View { dialect: Dialect::V4, ui: false };
const UI: View = View { dialect: Dialect::V4, ui: true };

fn delta(text: &str, from: usize) -> Published {
    Published::new(Event::ChatDelta(ChatDelta {
        run_id: RunId::new("r1").unwrap(),
        session_key: SessionKey::new("agent:main:main").unwrap(),
        agent_id: AgentId::new("main").unwrap(),
        seq: 1,
        text: text.into(),
        from,
        ts: 0,
    }))
}

fn tick(ts: i64) -> Published {
    Published::new(Event::Tick { ts, sessions: Arc::new([]) })
}

fn log(message: &str) -> Published {
    Published::new(Event::Log(LogEntry {
        id: message.to_owned(),
        timestamp: 0,
        level: "info",
        source: "test".to_owned(),
        session: None,
        message: message.to_owned(),
        extra: None,
    }))
}

fn texts(outbox: &Outbox) -> Vec<String> {
    std::iter::from_fn(|| outbox.take())
        .map(|frame| match frame {
            Frame::Whole(bytes) | Frame::Event(bytes, _) => String::from_utf8(bytes.to_vec()).unwrap(),
            Frame::Close(code, reason) => format!("close {code} {reason}"),
        })
        .collect()
}

#[test]
fn frames_leave_in_the_order_they_came() {
    let outbox = Outbox::new(10_000);
    outbox.push(&b"one"[..]);
    outbox.publish(&tick(1), PLAIN, 1);
    outbox.push(&b"two"[..]);
    let left = texts(&outbox);
    assert_eq!((left[0].as_str(), left[2].as_str()), ("one", "two"));
    assert!(left[1].contains("tick") && outbox.bytes() == 0);
}

#[test]
fn a_newer_tick_takes_the_place_of_an_older_one() {
    let outbox = Outbox::new(10_000);
    assert!(matches!(outbox.publish(&tick(1), PLAIN, 1), Pushed::Queued(_)));
    assert!(matches!(outbox.publish(&tick(2), PLAIN, 1), Pushed::Replaced(_)));
    let left = texts(&outbox);
    assert!(left.len() == 1 && left[0].contains(r#""ts":2"#));
}

#[test]
fn deltas_that_wait_are_merged_so_that_no_text_is_lost() {
    let outbox = Outbox::new(10_000);
    for (text, from) in [("one", 0), ("one two", 3), ("one two three", 7)] {
        outbox.publish(&delta(text, from), PLAIN, 1);
    }
    let left = texts(&outbox);
    assert!(left.len() == 1 && left[0].contains(r#""deltaText":"one two three""#), "{left:?}");
    // What was taken out counts as sent.
    outbox.publish(&delta("one two three four", 13), PLAIN, 1);
    assert!(texts(&outbox)[0].contains(r#""deltaText":" four""#));
}

#[test]
fn events_leave_in_the_order_of_their_numbers_whatever_was_replaced() {
    let outbox = Outbox::new(10_000);
    outbox.publish(&delta("one", 0), PLAIN, 1);
    outbox.publish(&tick(1), PLAIN, 2);
    outbox.publish(&log("line"), UI, 3);
    outbox.publish(&delta("one two", 3), PLAIN, 4);
    outbox.publish(&tick(2), PLAIN, 5);
    let numbers = std::iter::from_fn(|| outbox.take()).map(|frame| match frame {
        Frame::Event(_, number) => number,
        other => panic!("{other:?}"),
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!(outbox.bytes(), 0);
}

#[test]
fn a_reader_is_told_which_texts_it_is_owed() {
    let outbox = Outbox::new(10_000);
    outbox.publish(&delta("one", 0), PLAIN, 1);
    outbox.publish(&log("line"), UI, 2);
    assert!(outbox.behind(2).is_empty(), "it leaves in its own place");
    outbox.publish(&delta("one two", 3), PLAIN, 3);
    outbox.publish(&delta("one two three", 7), PLAIN, 4);
    outbox.replay(Bytes::from_static(b"{"), 9, Some(6));
    assert_eq!((outbox.behind(2), outbox.behind(7)), (vec![1], vec![1, 6]));
    while outbox.take().is_some() {}
    assert!(outbox.behind(9).is_empty());
}

#[test]
fn a_connection_that_takes_nothing_is_closed_with_a_reason() {
    let outbox = Outbox::new(100);
    assert_eq!(outbox.push(vec![b'x'; 90]), Pushed::Queued(90));
    assert_eq!(outbox.push(vec![b'x'; 20]), Pushed::Overflow);
    assert_eq!(outbox.push(&b"late"[..]), Pushed::Dropped);
    assert_eq!(texts(&outbox), ["close 1008 slow consumer: more than 100 bytes waited to be read"]);
}

#[test]
fn transient_events_give_way_before_the_limit() {
    let outbox = Outbox::new(400);
    for number in 0..50 {
        outbox.publish(&log(&format!("line {number}")), UI, 1);
    }
    assert!(outbox.bytes() <= 400);
    let left = texts(&outbox);
    assert!(!left.is_empty() && left.iter().all(|text| text.contains("line ")));
}

#[test]
fn the_number_of_transient_events_is_bounded_and_the_oldest_go_first() {
    let outbox = Outbox::new(usize::MAX);
    for number in 0..TRANSIENT_ENTRIES + 5 {
        outbox.publish(&log(&format!("line-{number}-")), UI, 1);
    }
    let left = texts(&outbox);
    assert_eq!(left.len(), TRANSIENT_ENTRIES);
    assert!(left[0].contains("line-5-"));
}

#[test]
fn nothing_is_queued_after_a_close() {
    let outbox = Outbox::new(1000);
    outbox.close(4001, "client invalidated");
    outbox.close(1008, "again");
    assert_eq!(outbox.push(&b"x"[..]), Pushed::Dropped);
    assert_eq!(texts(&outbox), ["close 4001 client invalidated"]);
}

#[test]
fn whoever_must_leave_does_not_wait_for_what_it_does_not_read() {
    let outbox = Outbox::new(1000);
    outbox.push(&b"unread"[..]);
    assert_eq!(outbox.take_close(), None);
    outbox.close(4001, "client invalidated");
    assert_eq!(outbox.take_close(), Some((4001, "client invalidated".to_owned())));
    assert!(texts(&outbox).is_empty() && outbox.bytes() == 0);
}

#[test]
fn only_the_first_entry_and_a_close_wake_the_connection() {
    let outbox = Outbox::new(1000);
    let rung = || outbox.poll_rung(&Context::from_waker(std::task::Waker::noop())).is_ready();
    assert!(!rung());
    outbox.push(&b"one"[..]);
    assert!(rung());
    outbox.push(&b"two"[..]);
    assert!(!rung());
    outbox.close(1012, "service restart");
    assert!(rung() && !rung());
}

#[tokio::test]
async fn whoever_waits_for_the_bell_is_woken_by_it() {
    let outbox = Outbox::new(1000);
    let waits = std::future::poll_fn(|cx| outbox.poll_rung(cx));
    let rings = async {
        tokio::task::yield_now().await;
        outbox.push(&b"one"[..]);
    };
    tokio::join!(waits, rings);
}

#[test]
fn what_may_be_missing_never_ends_the_connection() {
    let outbox = Outbox::new(1000);
    assert!(!outbox.offer(vec![0; 1001]), "longer than the limit");
    assert!(outbox.offer(vec![0; 900]), "as long as it fits");
    assert_eq!(outbox.room(), 100);
    assert!(!outbox.offer(vec![0; 10]), "more than a quarter waits");
    assert!(matches!(outbox.take(), Some(Frame::Whole(bytes)) if bytes.len() == 900));
    assert!(outbox.take().is_none() && outbox.offer(vec![0; 10]));
}
