//! The newest events, for connections that come back.
//!
//! A client that is away is a reader that takes nothing, and the ring is its queue, shared by all who are away: durable events
//! stay as they were told, of those that replace each other the newest stays, and of a text the whole so far. What a client
//! had of a text follows from where each part began, which is kept for every part.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use openclaw_protocol::{
    Scope, SessionKey,
    event::{Audience, Delivery, Event, View},
    resume::Place,
};
use tokio::time::Instant;

use super::Published;

/// Bytes that a kept event takes beside its bodies and texts, about.
const SLOT_BYTES: usize = 192;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResumeLimits {
    /// Events; with 0 nobody can go on anywhere.
    pub(crate) events: usize,
    /// Bytes.
    pub(crate) bytes: usize,
    /// Age.
    pub(crate) age: Duration,
}

/// Events in the order in which they were told.
#[derive(Debug)]
pub(super) struct Ring {
    slots: VecDeque<Slot>,
    /// By the key of events that replace each other: the newest, with its event when that is a text.
    newest: HashMap<String, Newest>,
    bytes: usize,
    /// Number of the newest event that was let go: whoever is not beyond it cannot go on.
    floor: u64,
}

#[derive(Debug)]
struct Slot {
    number: u64,
    at: Instant,
    scope: Option<Scope>,
    reach: Reach,
    what: What,
}

/// [`Audience`], to keep.
#[derive(Debug)]
enum Reach {
    Everyone,
    Ui,
    SessionSubscribers,
    MessageSubscribers(SessionKey),
    MessageSubscribersAndUi(SessionKey),
    Conversation(SessionKey),
    ToolEvents,
    Reviewers { plugin: bool, but: Option<u64>, devices: Arc<[String]> },
    ApprovalFollowers(SessionKey),
    Managers(Arc<str>),
}

#[derive(Debug)]
enum What {
    /// Goes out as it is, in the shapes that somebody may come back for.
    Whole { key: Option<String>, bodies: [Option<Bytes>; View::SHAPES] },
    /// A part of a text that began at this byte; the text is with the key.
    Part { key: String, from: usize },
}

#[derive(Debug)]
struct Newest {
    number: u64,
    text: Option<Event>,
}

/// An event that somebody missed, as it goes into its queue.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) number: u64,
    /// For a text: number of the first part that is in it.
    pub(super) first: Option<u64>,
    pub(super) body: Bytes,
}

impl Ring {
    pub(super) fn new() -> Self {
        Self { slots: VecDeque::new(), newest: HashMap::new(), bytes: 0, floor: 0 }
    }

    /// Lets everything up to this number go, and the memory with it.
    pub(super) fn clear(&mut self, number: u64) {
        *self = Self { floor: number, ..Self::new() };
    }

    /// Whether whoever read everything up to this number can go on.
    pub(super) fn reaches(&self, number: u64) -> bool {
        number >= self.floor
    }

    /// Bytes that are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps an event in these shapes. Numbers grow.
    pub(super) fn keep(&mut self, number: u64, published: &Published, shapes: Shapes, limits: ResumeLimits) {
        let event = published.event();
        let what = match published.delivery() {
            Delivery::Merged(key) => {
                let (from, len) = event.text_told().unwrap_or_default();
                let newest = Newest { number, text: Some(event.clone()) };
                if let Some(Newest { text: Some(older), .. }) = self.newest.insert(key.clone(), newest) {
                    self.bytes -= text_len(&older);
                }
                self.bytes += len;
                What::Part { key: key.clone(), from }
            }
            delivery => {
                let key = match delivery {
                    Delivery::Latest(key) => Some(key.clone().into_owned()),
                    _ => None,
                };
                if let Some(key) = &key
                    && let Some(older) = self.newest.insert(key.clone(), Newest { number, text: None })
                    && let Ok(at) = self.slots.binary_search_by_key(&older.number, |slot| slot.number)
                    && let Some(slot) = self.slots.remove(at)
                {
                    self.bytes -= slot.weight();
                }
                let bodies = std::array::from_fn(|shape| shapes.view(shape).and_then(|view| published.body(view)));
                What::Whole { key, bodies }
            }
        };
        let slot = Slot { number, at: Instant::now(), scope: event.scope(), reach: Reach::of(event.audience()), what };
        self.bytes += slot.weight();
        self.slots.push_back(slot);
        self.shrink(limits);
    }

    /// Lets go what is beyond the limits, oldest first.
    pub(super) fn shrink(&mut self, limits: ResumeLimits) {
        let now = Instant::now();
        while let Some(oldest) = self.slots.front()
            && (self.slots.len() > limits.events || self.bytes > limits.bytes || oldest.at + limits.age < now)
        {
            self.let_go();
        }
        if self.slots.is_empty() && self.slots.capacity() > 0 {
            (self.slots, self.newest) = (VecDeque::new(), HashMap::new());
        }
    }

    fn let_go(&mut self) {
        let Some(slot) = self.slots.pop_front() else { return };
        self.floor = slot.number;
        self.bytes -= slot.weight();
        let (What::Whole { key: Some(key), .. } | What::Part { key, .. }) = &slot.what else { return };
        if self.newest.get(key).is_some_and(|newest| newest.number == slot.number)
            && let Some(Newest { text: Some(event), .. }) = self.newest.remove(key)
        {
            self.bytes -= text_len(&event);
        }
    }

    /// What somebody missed who was at `place`, in order. `wants` looks at number, audience and scope.
    pub(super) fn missed(
        &self,
        place: &Place,
        view: View,
        wants: impl Fn(u64, Audience<'_>, Option<Scope>) -> bool,
    ) -> Vec<Missed> {
        let begin = self.slots.partition_point(|slot| slot.number <= place.read_up_to());
        // Of each text, the first part that is owed: its number, and where it began.
        let mut began: HashMap<&str, (u64, usize)> = HashMap::new();
        let mut missed = Vec::new();
        for slot in self.slots.range(begin..).filter(|slot| wants(slot.number, slot.reach.audience(), slot.scope)) {
            let number = slot.number;
            if number <= place.position {
                if let What::Part { key, from } = &slot.what
                    && place.behind.contains(&number)
                {
                    began.entry(key).or_insert((number, *from));
                }
                continue;
            }
            let (first, body) = match &slot.what {
                What::Whole { bodies, .. } => (None, bodies[view.shape()].clone()),
                What::Part { key, from } => {
                    let (first, from) = *began.entry(key).or_insert((number, *from));
                    let newest = self.newest.get(key).filter(|newest| newest.number == number);
                    let text = newest.and_then(|newest| newest.text.clone()).and_then(|mut event| {
                        event.widen(from);
                        event.body(view)
                    });
                    (Some(first), text.map(Bytes::from))
                }
            };
            missed.extend(body.map(|body| Missed { number, first, body }));
        }
        missed
    }
}

impl Slot {
    /// Bytes that go with it. The text of a part goes with the newest of its key.
    fn weight(&self) -> usize {
        let reach = match &self.reach {
            Reach::MessageSubscribers(key) | Reach::MessageSubscribersAndUi(key) | Reach::ApprovalFollowers(key) => {
                key.as_str().len()
            }
            _ => 0,
        };
        SLOT_BYTES
            + reach
            + match &self.what {
                What::Whole { key, bodies } => {
                    let mut seen: [*const u8; View::SHAPES] = [std::ptr::null(); View::SHAPES];
                    let mut bytes = key.as_ref().map_or(0, String::len);
                    for (at, body) in bodies.iter().enumerate() {
                        if let Some(body) = body
                            && !seen.contains(&body.as_ptr())
                        {
                            seen[at] = body.as_ptr();
                            bytes += body.len();
                        }
                    }
                    bytes
                }
                What::Part { key, .. } => key.len(),
            }
    }
}

fn text_len(event: &Event) -> usize {
    event.text_told().map_or(0, |(_, len)| len)
}

impl Reach {
    fn of(audience: Audience<'_>) -> Self {
        match audience {
            Audience::Everyone => Self::Everyone,
            Audience::Ui => Self::Ui,
            Audience::SessionSubscribers => Self::SessionSubscribers,
            Audience::MessageSubscribers(key) => Self::MessageSubscribers(key.clone()),
            Audience::MessageSubscribersAndUi(key) => Self::MessageSubscribersAndUi(key.clone()),
            Audience::Conversation(key) => Self::Conversation(key.clone()),
            Audience::ToolEvents => Self::ToolEvents,
            Audience::Reviewers { plugin, but, devices } => {
                Self::Reviewers { plugin, but, devices: Arc::clone(devices) }
            }
            Audience::ApprovalFollowers(key) => Self::ApprovalFollowers(key.clone()),
            Audience::Managers(device) => Self::Managers(device.into()),
        }
    }

    fn audience(&self) -> Audience<'_> {
        match self {
            Self::Everyone => Audience::Everyone,
            Self::Ui => Audience::Ui,
            Self::SessionSubscribers => Audience::SessionSubscribers,
            Self::MessageSubscribers(key) => Audience::MessageSubscribers(key),
            Self::MessageSubscribersAndUi(key) => Audience::MessageSubscribersAndUi(key),
            Self::Conversation(key) => Audience::Conversation(key),
            Self::ToolEvents => Audience::ToolEvents,
            Self::Reviewers { plugin, but, devices } => Audience::Reviewers { plugin: *plugin, but: *but, devices },
            Self::ApprovalFollowers(key) => Audience::ApprovalFollowers(key),
            Self::Managers(device) => Audience::Managers(device),
        }
    }
}

/// A set of views, by shape.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shapes([Option<View>; View::SHAPES]);

impl Shapes {
    pub(super) fn add(&mut self, view: View) {
        self.0[view.shape()] = Some(view);
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    fn view(self, shape: usize) -> Option<View> {
        self.0[shape]
    }
}
