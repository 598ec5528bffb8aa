mod audience;
mod continuity;
mod samples;

use std::time::Duration;

use openclaw_protocol::{
    AgentId, RunId, Scopes,
    event::{ChatDelta, ChatEnd, ChatState, SessionMessage},
    frame::StateVersion,
};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::outbox::Frame;

const PLAIN: View = View { dialect: Dialect::V4, ui: false };
const UI: View = View { dialect: Dialect::V4, ui: true };
const AMPLE: ResumeLimits = ResumeLimits { events: 1000, bytes: 1 << 20, age: Duration::from_secs(300) };

fn hub(limits: ResumeLimits) -> Hub {
    Hub::new("boot-1", limits, Metrics::new())
}

fn principal(name: &'static str, scopes: &[&str]) -> Arc<Principal> {
    Arc::new(Principal::internal(name, Scopes::parse(scopes.iter().copied())))
}

/// A client and its present connection.
struct Client {
    outbox: Arc<Outbox>,
    number: ConnNumber,
    answer: Answer,
}

fn join(hub: &Hub, principal: &Arc<Principal>, view: View, from: Option<Place>, limits: ResumeLimits) -> Client {
    let outbox = Outbox::new(1 << 20);
    let ask = Ask { from };
    let joining = Joining {
        outbox: Arc::clone(&outbox),
        principal: Arc::clone(principal),
        method: AuthMethod::Token,
        view,
        tool_events: false,
        reviews: Reviews::default(),
        resume: Some((&ask, Ticket(openclaw_core::Ids::system().uuid()))),
    };
    let (number, answer) = hub.join(joining, limits);
    Client { outbox, number, answer: answer.expect("it asked") }
}

fn message(session: &str, text: &str) -> Event {
    Event::SessionMessage(SessionMessage {
        session_key: SessionKey::new(session).unwrap(),
        agent_id: AgentId::new("main").unwrap(),
        message: Arc::new(json!({ "text": text })),
        message_seq: 1,
    })
}

fn end(run: &str) -> Event {
    Event::ChatEnd(ChatEnd {
        run_id: RunId::new(run).unwrap(),
        session_key: SessionKey::new("agent:main:main").unwrap(),
        agent_id: AgentId::new("main").unwrap(),
        seq: 1,
        state: ChatState::Final,
        message: None,
        stop_reason: None,
        error_message: None,
        error_kind: None,
        error_detail: None,
        usage: None,
    })
}

fn delta(run: &str, text: &str, from: usize) -> Event {
    Event::ChatDelta(ChatDelta {
        run_id: RunId::new(run).unwrap(),
        session_key: SessionKey::new("agent:main:main").unwrap(),
        agent_id: AgentId::new("main").unwrap(),
        seq: 1,
        text: text.into(),
        from,
        ts: 1,
    })
}

fn health() -> Event {
    let health = serde_json::value::RawValue::from_string(r#"{"ok":true}"#.to_owned()).unwrap();
    Event::Health { health: health.into(), version: StateVersion::default() }
}

/// Bytes of events that are kept.
fn kept(hub: &Hub) -> usize {
    hub.roll().resume.bytes()
}

/// What waits for a client.
fn read(client: &Client) -> Vec<String> {
    std::iter::from_fn(|| client.outbox.take())
        .map(|frame| match frame {
            Frame::Event(bytes, _) | Frame::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            Frame::Close(code, reason) => format!("close {code} {reason}"),
        })
        .collect()
}

#[test]
fn nothing_is_kept_while_nobody_asked_and_nothing_afterwards() {
    let hub = hub(AMPLE);
    let outbox = Outbox::new(1 << 20);
    let reader = principal("reader", &["operator.read"]);
    let joining = Joining {
        outbox,
        principal: Arc::clone(&reader),
        method: AuthMethod::Token,
        view: PLAIN,
        tool_events: false,
        reviews: Reviews::default(),
        resume: None,
    };
    assert!(hub.join(joining, AMPLE).1.is_none());
    hub.publish(end("r1"));
    assert_eq!(kept(&hub), 0);
    let client = join(&hub, &reader, PLAIN, None, AMPLE);
    assert_eq!((client.answer.status, client.answer.position), (Status::New, 1));
    hub.publish(end("r2"));
    assert!(kept(&hub) > 0);
    hub.leave(client.number, Leaving::Done);
    assert_eq!(kept(&hub), 0);
    let back = join(&hub, &reader, PLAIN, Some(client.answer.place()), AMPLE);
    assert_eq!(back.answer.reason, Some(Reason::Expired));
}

#[test]
fn only_what_somebody_may_come_back_for_is_kept() {
    let hub = hub(AMPLE);
    let reader = principal("reader", &["operator.read"]);
    let client = join(&hub, &reader, PLAIN, None, AMPLE);
    hub.publish(message("agent:main:main", "followed by nobody"));
    hub.publish(Event::Tick { ts: 1, sessions: Arc::new([]) });
    assert_eq!(kept(&hub), 0);
    hub.follow_messages(client.number, SessionKey::new("agent:main:main").unwrap());
    hub.leave(client.number, Leaving::Lost);
    hub.publish(message("agent:main:main", "missed"));
    hub.publish(message("agent:main:other", "not followed"));
    let back = join(&hub, &reader, PLAIN, Some(client.answer.place()), AMPLE);
    assert_eq!(back.answer.status, Status::Resumed);
    let got = read(&back);
    assert!(got.len() == 1 && got[0].contains("missed"), "{got:?}");
    // What it had subscribed to is subscribed still.
    hub.publish(message("agent:main:main", "now"));
    assert!(read(&back)[0].contains("now"));
}

#[test]
fn whoever_comes_back_ends_the_connection_that_the_gateway_had_not_missed() {
    let hub = hub(AMPLE);
    let reader = principal("reader", &["operator.read"]);
    let first = join(&hub, &reader, PLAIN, None, AMPLE);
    hub.publish(end("r1"));
    let second = join(&hub, &reader, PLAIN, Some(first.answer.place()), AMPLE);
    assert_eq!((second.answer.status, hub.len()), (Status::Resumed, 1));
    assert!(read(&first).last().unwrap().starts_with("close 1008 "));
    hub.leave(first.number, Leaving::Lost);
    assert!(read(&second)[0].contains("r1"));
    // A hello that never arrived changes nothing: the same place is good again.
    let third = join(&hub, &reader, PLAIN, Some(first.answer.place()), AMPLE);
    assert!(third.answer.status == Status::Resumed && read(&third)[0].contains("r1"));
}

#[test]
fn a_place_of_somebody_else_or_of_another_start_is_no_place() {
    let hub = hub(AMPLE);
    let reader = principal("reader", &["operator.read"]);
    let client = join(&hub, &reader, PLAIN, None, AMPLE);
    hub.publish(end("r1"));
    hub.leave(client.number, Leaving::Lost);
    let place = client.answer.place();
    let cases = [
        (principal("other", &["operator.read"]), PLAIN, place.clone(), Reason::OtherCaller),
        (Arc::clone(&reader), UI, place.clone(), Reason::OtherCaller),
        (Arc::clone(&reader), PLAIN, Place { epoch: "boot-0".to_owned(), ..place.clone() }, Reason::Restarted),
        (Arc::clone(&reader), PLAIN, Place { ticket: Ticket(Uuid::from_u128(9)), ..place.clone() }, Reason::Expired),
    ];
    for (principal, view, place, reason) in cases {
        let back = join(&hub, &principal, view, Some(place.clone()), AMPLE);
        assert_eq!((back.answer.status, back.answer.reason), (Status::Snapshot, Some(reason)), "{place:?}");
        assert_eq!(back.answer.position, 1);
        assert!(read(&back).is_empty() && back.answer.ticket != place.ticket);
    }
    // None of them took it away from its owner.
    let back = join(&hub, &reader, PLAIN, Some(place.clone()), AMPLE);
    assert_eq!(back.answer.status, Status::Resumed);
    // A place that does not exist yet is none, nor is one whose texts began before its owner came.
    for bad in [Place { position: u64::MAX, ..place.clone() }, Place { position: 1, behind: vec![0], ..place }] {
        let client = join(&hub, &reader, PLAIN, None, AMPLE);
        let place = Place { ticket: client.answer.ticket, ..bad };
        assert_eq!(join(&hub, &reader, PLAIN, Some(place), AMPLE).answer.reason, Some(Reason::TooOld));
    }
}

#[test]
fn nobody_sees_by_coming_back_what_it_could_not_have_seen() {
    let hub = hub(AMPLE);
    let (reader, pairing) =
        (principal("device", &["operator.read"]), principal("device", &["operator.read", "operator.pairing"]));
    let asks = || Event::DevicePairRequested(Arc::new(json!({ "requestId": "q" })));
    for (before, after, chat, pair) in [
        (&reader, &pairing, true, false),
        (&pairing, &reader, true, false),
        (&pairing, &pairing, true, true),
        (&pairing, &principal("device", &["operator.pairing"]), false, true),
    ] {
        hub.publish(end("before"));
        let client = join(&hub, before, PLAIN, None, AMPLE);
        hub.leave(client.number, Leaving::Lost);
        let keeper = join(&hub, &pairing, PLAIN, None, AMPLE);
        hub.publish(end("during"));
        hub.publish(asks());
        let back = join(&hub, after, PLAIN, Some(client.answer.place()), AMPLE);
        let got = read(&back).concat();
        assert_eq!((got.contains("during"), got.contains("requested")), (chat, pair), "{got}");
        hub.leave(back.number, Leaving::Lost);
        // Nor what was told before it first came.
        let place = Place { position: 0, ..client.answer.place() };
        assert_eq!(join(&hub, before, PLAIN, Some(place), AMPLE).answer.reason, Some(Reason::TooOld));
        hub.leave(keeper.number, Leaving::Done);
    }
}

#[test]
fn whoever_is_sent_away_does_not_go_on_where_it_was() {
    let hub = hub(AMPLE);
    let reader = principal("reader", &["operator.read"]);
    for is_connected in [true, false] {
        let client = join(&hub, &reader, PLAIN, None, AMPLE);
        if !is_connected {
            hub.leave(client.number, Leaving::Lost);
        }
        assert_eq!(hub.close_where(close::FINAL, "client invalidated", |_| true), usize::from(is_connected));
        hub.leave(client.number, Leaving::Lost);
        assert_eq!(kept(&hub), 0);
        let back = join(&hub, &reader, PLAIN, Some(client.answer.place()), AMPLE);
        assert_eq!(back.answer.reason, Some(Reason::Expired));
        hub.leave(back.number, Leaving::Done);
    }
}

#[test]
fn a_text_goes_on_exactly_where_each_client_lost_it() {
    let hub = hub(AMPLE);
    let reader = principal("reader", &["operator.read"]);
    let client = join(&hub, &reader, PLAIN, None, AMPLE);
    hub.leave(client.number, Leaving::Lost);
    let mut places = vec![client.answer.place()];
    let text = "one two three";
    for (from, to) in [(0, 3), (3, 7), (7, 13)] {
        hub.publish(delta("r1", &text[..to], from));
        places.push(Place { position: hub.roll().told, ..client.answer.place() });
    }
    hub.publish(end("r1"));
    for (place, rest) in places.into_iter().zip(["one two three", " two three", " three", ""]) {
        let back = join(&hub, &reader, PLAIN, Some(place), AMPLE);
        let got = read(&back);
        if rest.is_empty() {
            assert_eq!(got.len(), 1, "{got:?}");
        } else {
            assert!(got.len() == 2 && got[0].contains(&format!(r#""deltaText":"{rest}""#)), "{rest}: {got:?}");
        }
        assert!(got.last().unwrap().contains(r#""state":"final""#));
        hub.leave(back.number, Leaving::Lost);
    }
}

#[test]
fn the_ring_is_bounded_in_events_and_bytes() {
    for limits in [ResumeLimits { events: 8, ..AMPLE }, ResumeLimits { bytes: 4096, ..AMPLE }] {
        let hub = hub(limits);
        let reader = principal("reader", &["operator.read"]);
        let mut lost: Vec<Place> = (0..3)
            .map(|_| {
                let client = join(&hub, &reader, PLAIN, None, limits);
                hub.leave(client.number, Leaving::Lost);
                client.answer.place()
            })
            .collect();
        let mut back = |position: u64| {
            let place = Place { position, ..lost.pop().unwrap() };
            join(&hub, &reader, PLAIN, Some(place), limits).answer.reason
        };
        let mut text = String::new();
        for turn in 0..200 {
            let from = text.len();
            text.push_str("word ");
            hub.publish(delta("r1", &text, from));
            hub.publish(end(&format!("r-{turn}")));
            hub.publish(health());
            assert!(kept(&hub) <= limits.bytes.min(8 * 4096), "{}", kept(&hub));
        }
        let told = hub.roll().told;
        assert_eq!(back(0), Some(Reason::TooOld));
        assert_eq!(back(told - 3), None);
        // An event that is larger than everything takes everything with it.
        hub.publish(delta("r2", &"x".repeat(1 << 20), 0));
        if limits.bytes == 4096 {
            assert_eq!(kept(&hub), 0);
            assert_eq!(back(told), Some(Reason::TooOld));
        }
    }
    let off = ResumeLimits { events: 0, ..AMPLE };
    let hub = hub(off);
    let reader = principal("reader", &["operator.read"]);
    let client = join(&hub, &reader, PLAIN, None, off);
    assert_eq!(join(&hub, &reader, PLAIN, Some(client.answer.place()), off).answer.reason, Some(Reason::TooOld));
}

#[tokio::test(start_paused = true)]
async fn events_and_lost_clients_are_forgotten_with_age() {
    let limits = ResumeLimits { age: Duration::from_secs(60), ..AMPLE };
    let hub = hub(limits);
    let reader = principal("reader", &["operator.read"]);
    let client = join(&hub, &reader, PLAIN, None, limits);
    hub.publish(end("r1"));
    tokio::time::advance(Duration::from_secs(50)).await;
    hub.publish(end("r2"));
    hub.leave(client.number, Leaving::Lost);
    tokio::time::advance(Duration::from_secs(11)).await;
    let older = join(&hub, &reader, PLAIN, Some(client.answer.place()), limits);
    assert_eq!(older.answer.reason, Some(Reason::TooOld));
    hub.leave(older.number, Leaving::Done);
    tokio::time::advance(Duration::from_secs(50)).await;
    hub.publish(Event::Tick { ts: 1, sessions: Arc::new([]) });
    assert_eq!(kept(&hub), 0);
    let place = Place { position: 2, ..client.answer.place() };
    assert_eq!(join(&hub, &reader, PLAIN, Some(place), limits).answer.reason, Some(Reason::Expired));
}

#[test]
fn the_number_of_lost_clients_and_of_what_they_followed_is_bounded() {
    let hub = hub(AMPLE);
    let reader = principal("reader", &["operator.read"]);
    let mut first = None;
    for client in 0..resume::LOST + 1 {
        let client_ = join(&hub, &reader, PLAIN, None, AMPLE);
        if client < 32 {
            for key in 0..FOLLOWED_SESSIONS {
                assert!(hub.follow_messages(client_.number, SessionKey::new(format!("agent:main:{key}")).unwrap()));
            }
            assert!(!hub.follow_messages(client_.number, SessionKey::new("agent:main:more").unwrap()));
        }
        hub.leave(client_.number, Leaving::Lost);
        first.get_or_insert(client_.answer.place());
    }
    let roll = hub.roll();
    assert!(roll.resume.lost_count() <= resume::LOST);
    assert!(roll.resume.lost_followed() <= resume::LOST_FOLLOWED);
    drop(roll);
    assert_eq!(join(&hub, &reader, PLAIN, first, AMPLE).answer.reason, Some(Reason::Expired));
}
