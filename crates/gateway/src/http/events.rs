//! `GET /events`: the gateway's events as a stream, for programs without a WebSocket.
//!
//! Each event is one frame as a socket would get it. Its `id` is a place to go on from: a client that comes back with it in
//! `Last-Event-ID` gets what it missed, or a `snapshot` that says why it cannot. What is followed is said in the query.

use std::{collections::VecDeque, future::poll_fn, sync::Arc};

use axum::{
    body::Body,
    extract::{Query, State as Shared},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Request, Response, StatusCode};
use openclaw_protocol::{
    Scope, SessionKey, WireError,
    frame::event_tail,
    resume::{Ask, Place, Ticket},
};
use serde::{Deserialize, Serialize};

use super::{
    answer,
    caller::{Caller, caller_with},
    exchange::VIEW,
    sse,
};
use crate::{
    hub::{ConnNumber, FOLLOWED_SESSIONS, Joining, Leaving, Reviews},
    outbox::{Frame, Outbox},
    state::State,
};

/// Bytes of a place.
const PLACE: usize = 1024;
/// Frames that are put together before they are sent.
const BATCH: usize = 64;

/// What to follow beside what everybody hears.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Follow {
    /// `true`: changes of sessions.
    sessions: bool,
    /// Keys of sessions whose messages to follow, with commas between.
    messages: String,
    /// Named events only, with commas between; all when empty.
    events: String,
}

/// The last event of a stream that the gateway ends.
#[derive(Serialize)]
struct Closed<'a> {
    code: u16,
    reason: &'a str,
}

/// Streams events.
pub(super) async fn follow(
    Shared(state): Shared<Arc<State>>,
    query: Result<Query<Follow>, axum::extract::rejection::QueryRejection>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let caller = match caller_with(&state, &parts, "GET /events", Scope::Read).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    if let Some(agent) = caller.principal.agent_id() {
        let text = format!("events are about every agent; the token of agent \"{agent}\" is good for that agent alone");
        return answer::refused(StatusCode::FORBIDDEN, "forbidden", &text);
    }
    let Ok(Query(follow)) = query else {
        let text = "the query may hold `sessions=true`, `messages=<session key>,…` and `events=<name>,…`";
        return answer::failed(&WireError::params(text));
    };
    let place = match last_event_id(&parts.headers) {
        Ok(place) => place,
        Err(error) => return answer::failed(&error),
    };
    let default = state.default_agent();
    let keys = named(&follow.messages).map(|key| SessionKey::new(key).map(|key| key.canonical(&default)));
    let keys: Vec<SessionKey> = match keys.collect::<Result<_, _>>() {
        Ok(keys) => keys,
        Err(error) => return answer::failed(&WireError::params(error.to_string())),
    };
    let wanted = named(&follow.events).map(str::to_owned).collect();
    let joined = Stream::join(&state, &caller, Some(&Ask { from: place }), wanted, keys);
    match joined {
        Ok(stream) => {
            state.hub.follow_sessions(stream.number, follow.sessions);
            sse::response(stream.events())
        }
        Err(error) => answer::failed(&error),
    }
}

fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// The messages of one session as they come. Whoever may not hear of every agent hears only these.
pub(super) fn messages_of(
    state: &Arc<State>,
    caller: &Caller,
    key: &SessionKey,
) -> Result<impl futures_util::Stream<Item = Bytes> + Send + use<>, WireError> {
    Stream::join(state, caller, None, vec!["session.message".to_owned()], vec![key.clone()]).map(Stream::events)
}

/// A member of the hub that is read over HTTP. Dropping it leaves.
struct Stream {
    state: Arc<State>,
    number: ConnNumber,
    outbox: Arc<Outbox>,
    /// Start of the gateway and ticket, for clients that may come back.
    place: Option<(String, Ticket)>,
    /// Names of the events that are told; all when empty.
    wanted: Vec<String>,
    seq: u64,
    ready: VecDeque<Bytes>,
    closed: bool,
}

impl Stream {
    fn join(
        state: &Arc<State>,
        caller: &Caller,
        ask: Option<&Ask>,
        wanted: Vec<String>,
        keys: Vec<SessionKey>,
    ) -> Result<Self, WireError> {
        let limits = state.limits();
        let outbox = state.outbox();
        let joining = Joining {
            outbox: Arc::clone(&outbox),
            principal: Arc::clone(&caller.principal),
            method: caller.method,
            view: VIEW,
            tool_events: false,
            // Whoever reads a stream answers elsewhere, if at all: nothing waits for it.
            reviews: Reviews::default(),
            resume: ask.map(|ask| (ask, Ticket(state.ids.uuid()))),
        };
        let (number, resume) = state.hub.join(joining, limits.resume);
        let mut stream = Self {
            state: Arc::clone(state),
            number,
            outbox,
            place: resume.as_ref().map(|resume| (resume.epoch.clone(), resume.ticket)),
            wanted,
            seq: 0,
            ready: VecDeque::new(),
            closed: false,
        };
        for key in keys {
            if !state.hub.follow_messages(number, key) {
                return Err(WireError::params(format!("at most {FOLLOWED_SESSIONS} sessions can be followed")));
            }
        }
        if let Some(resume) = &resume {
            let first = stream.with_id(resume.position, &[], &sse::event(Some("ready"), resume));
            stream.ready.push_back(first);
        }
        Ok(stream)
    }

    /// An event with its place, as a client shows it when it comes back.
    fn with_id(&self, position: u64, behind: &[u64], event: &[u8]) -> Bytes {
        let mut whole = Vec::with_capacity(event.len() + 128);
        if let Some((epoch, ticket)) = &self.place {
            let behind: String = behind.iter().map(|owed| format!("~{owed}")).collect();
            whole.extend_from_slice(format!("id: {epoch}.{}.{position}{behind}\n", ticket.0).as_bytes());
        }
        whole.extend_from_slice(event);
        whole.into()
    }

    /// Takes what waits.
    fn take(&mut self) {
        for _ in 0..BATCH {
            match self.outbox.take() {
                None => return,
                Some(Frame::Whole(_)) => {}
                Some(Frame::Event(body, number)) => {
                    let name = name_of(&body);
                    if !self.wanted.is_empty() && !self.wanted.iter().any(|wanted| wanted == name) {
                        continue;
                    }
                    self.seq += 1;
                    let tail = event_tail(Some(self.seq), Some(number));
                    let mut event = Vec::with_capacity(body.len() + 256);
                    event.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
                    event.extend_from_slice(&body);
                    event.extend_from_slice(tail.as_bytes());
                    event.extend_from_slice(b"\n\n");
                    let whole = self.with_id(number, &self.outbox.behind(number), &event);
                    self.ready.push_back(whole);
                }
                Some(Frame::Close(code, reason)) => {
                    self.ready.push_back(sse::event(Some("close"), &Closed { code, reason: &reason }));
                    self.closed = true;
                    return;
                }
            }
        }
    }

    fn events(self) -> impl futures_util::Stream<Item = Bytes> + Send {
        stream::unfold(self, |mut stream| async move {
            loop {
                if let Some(bytes) = stream.ready.pop_front() {
                    return Some((bytes, stream));
                }
                if stream.closed {
                    return None;
                }
                stream.take();
                if !stream.ready.is_empty() {
                    continue;
                }
                let stopping = stream.state.tasks.stop_token();
                tokio::select! {
                    biased;
                    () = poll_fn(|cx| stream.outbox.poll_rung(cx)) => {}
                    () = stopping.cancelled() => {
                        stream.take();
                        stream.closed = true;
                    }
                    () = tokio::time::sleep(sse::ALIVE) => return Some((Bytes::from_static(sse::KEEP_ALIVE), stream)),
                }
            }
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.state.hub.leave(self.number, Leaving::Lost);
        self.state.fleet.left(self.number);
        self.outbox.abandon();
    }
}

/// The name of an event, from the beginning of its body.
fn name_of(body: &[u8]) -> &str {
    let rest = body.strip_prefix(br#"{"type":"event","event":""#).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b'"').unwrap_or(0);
    std::str::from_utf8(&rest[..end]).unwrap_or_default()
}

/// Where a client was that comes back.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Place>, WireError> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    place(text).map(Some).ok_or_else(|| {
        WireError::params("Last-Event-ID is no id of an event of this gateway; leave it out to begin anew")
    })
}

fn place(text: &str) -> Option<Place> {
    let mut parts = Some(text).filter(|text| text.len() <= PLACE)?.splitn(3, '.');
    let (epoch, ticket, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let mut numbers = rest.split('~').map(str::parse::<u64>);
    let position = numbers.next()?.ok()?;
    let behind = numbers.collect::<Result<_, _>>().ok()?;
    let ticket = Ticket(ticket.parse().ok()?);
    (!epoch.is_empty()).then(|| Place { epoch: epoch.to_owned(), ticket, position, behind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_whole_or_none() {
        let ticket = "00000000-0000-0000-0000-000000000007";
        let whole = place(&format!("epoch.{ticket}.12~3~4")).unwrap();
        assert_eq!((whole.epoch.as_str(), whole.position, whole.behind), ("epoch", 12, vec![3, 4]));
        for bad in
            ["", "epoch", "epoch.x.1", &format!("epoch.{ticket}.x"), &format!(".{ticket}.1"), &format!("e.{ticket}.1~")]
        {
            assert!(place(bad).is_none(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_id_is_a_place_or_none(text in ".*", rest in "[0-9~.]*") {
            let _ = place(&text);
            let _ = place(&["e.00000000-0000-0000-0000-000000000007.", &rest].concat());
        }
    }

    #[test]
    fn the_name_of_an_event_is_read_from_its_body() {
        assert_eq!(name_of(br#"{"type":"event","event":"tick","payload":{}"#), "tick");
        assert_eq!(name_of(b"{}"), "");
        assert_eq!(name_of(b""), "");
    }
}
