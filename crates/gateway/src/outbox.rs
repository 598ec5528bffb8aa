//! What waits to be written to one connection: bounded, in order, in two classes.
//!
//! Durable entries are never dropped; when they do not fit, the connection is closed. Transient entries give way to newer
//! ones with the same key, are widened by what was not sent, or are dropped oldest first. The connection numbers events
//! when it takes them out, after every such decision, so that a client never sees a gap that is none. They leave in the order
//! in which the hub told them.

mod together;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use openclaw_protocol::event::{Delivery, Event, View};

use together::Part;
pub(crate) use together::Together;

use crate::hub::Published;

/// Transient entries that may wait at the same time.
const TRANSIENT_ENTRIES: usize = 1024;

/// An entry that is no text begins nowhere, and so after every event.
const NO_TEXT: u64 = u64::MAX;

/// One frame that waits.
#[derive(Debug)]
pub(crate) enum Frame {
    /// A whole frame: a response.
    Whole(Bytes),
    /// An event without its closing brace, and its number in the hub; the connection adds `seq`.
    Event(Bytes, u64),
    /// The last thing to send: close with this code and reason.
    Close(u16, String),
}

impl Frame {
    fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) | Self::Event(bytes, _) => bytes.len(),
            Self::Close(_, reason) => reason.len(),
        }
    }
}

#[derive(Debug)]
struct Entry {
    frame: Frame,
    /// For entries that a newer one may replace: the key of both, and the event to be widened. Boxed, because few have it and
    /// a burst makes thousands of entries.
    event: Option<Box<(String, Event)>>,
    durable: bool,
    /// For a text: number of the first part that is in it; [`NO_TEXT`] for everything else. A plain number, because a burst
    /// makes thousands of entries.
    first: u64,
}

impl Entry {
    /// Whether parts of a text moved back to leave with a later one.
    fn is_late(&self) -> bool {
        matches!(&self.frame, Frame::Event(_, number) if self.first < *number)
    }
}

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// Those of answers, which are this connection's own.
    own: Part,
    transient: usize,
    /// Entries that are late.
    late: usize,
    closed: bool,
}

impl Queue {
    /// Bytes of answers when this waits too.
    fn own_with(&self, frame: &Frame) -> usize {
        self.own.bytes() + if matches!(frame, Frame::Whole(_)) { frame.len() } else { 0 }
    }

    fn clear(&mut self, together: &Together) {
        self.entries = VecDeque::new();
        (self.bytes, self.transient, self.late) = (0, 0, 0);
        self.own.set(0, together);
    }
}

/// The queue and the bell that tells the connection about it.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    bell: Bell,
    limit: usize,
    together: Together,
}

/// Wakes the one task that the outbox belongs to. A general notifier keeps a list of those who wait, behind a lock that
/// each look at it takes; here there is nobody else.
#[derive(Debug, Default)]
struct Bell {
    rung: AtomicBool,
    waker: AtomicWaker,
}

impl Bell {
    fn ring(&self) {
        self.rung.store(true, Ordering::Release);
        self.waker.wake();
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        if self.rung.swap(false, Ordering::Acquire) {
            return Poll::Ready(());
        }
        self.waker.register(cx.waker());
        // It may have rung before the waker was there.
        if self.rung.swap(false, Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits, with so many bytes.
    Queued(usize),
    /// It took the place of one that waited; it has so many bytes.
    Replaced(usize),
    /// It was dropped.
    Dropped,
    /// The connection cannot keep up and is being closed.
    Overflow,
}

impl Outbox {
    /// An empty queue that holds at most `limit` bytes, whatever waits for others.
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Self::sharing(limit, Together::default())
    }

    /// An empty queue that holds at most `limit` bytes, and of answers at most what all connections together leave.
    pub(crate) fn sharing(limit: usize, together: Together) -> Arc<Self> {
        Arc::new(Self { queue: Mutex::default(), bell: Bell::default(), limit, together })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A panic while holding the lock leaves whole entries behind.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a response.
    pub(crate) fn push(&self, frame: impl Into<Bytes>) -> Pushed {
        self.push_durable(Frame::Whole(frame.into()))
    }

    /// Queues what may be missing: nothing when more than a quarter of the limit waits already, or when it does not fit. Whether it
    /// did; the connection never ends by it.
    pub(crate) fn offer(&self, frame: impl Into<Bytes>) -> bool {
        let frame = Frame::Whole(frame.into());
        let queue = self.queue();
        let fits = queue.bytes <= self.limit / 4
            && queue.bytes + frame.len() <= self.limit
            && self.together.forbids(queue.own_with(&frame)).is_none();
        if queue.closed || !fits {
            return false;
        }
        self.append(queue, Entry { frame, event: None, durable: true, first: NO_TEXT });
        true
    }

    /// Bytes of answers that may still wait.
    pub(crate) fn room(&self) -> usize {
        let queue = self.queue();
        let own = self.together.share().saturating_sub(queue.own.bytes());
        self.limit.saturating_sub(queue.bytes).min(own)
    }

    /// Asks the connection to end after what is queued.
    pub(crate) fn close(&self, code: u16, reason: impl Into<String>) {
        let mut queue = self.queue();
        if !queue.closed {
            queue.closed = true;
            queue.entries.push_back(Entry {
                frame: Frame::Close(code, reason.into()),
                event: None,
                durable: true,
                first: NO_TEXT,
            });
        }
        drop(queue);
        self.bell.ring();
    }

    /// Most bytes that wait.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Queues an event that was told before, while its client was away.
    pub(crate) fn replay(&self, body: Bytes, number: u64, first: Option<u64>) {
        self.push_entry(Entry {
            frame: Frame::Event(body, number),
            event: None,
            durable: true,
            first: first.unwrap_or(NO_TEXT),
        });
    }

    /// Queues an event in this view, if the view has it. Events leave in the order of their numbers: one that takes the place
    /// of another leaves when it would have anyway, so whoever has read one has read everything before it.
    pub(crate) fn publish(&self, published: &Published, view: View, number: u64) -> Pushed {
        let Some(body) = published.body(view) else { return Pushed::Dropped };
        let (key, merge) = match published.delivery() {
            Delivery::Durable => return self.push_durable(Frame::Event(body, number)),
            Delivery::Droppable => (String::new(), false),
            Delivery::Latest(key) => (key.clone().into_owned(), false),
            Delivery::Merged(key) => (key.clone(), true),
        };
        let mut queue = self.queue();
        if queue.closed {
            return Pushed::Dropped;
        }
        if !key.is_empty() && queue.transient > 0 {
            let waiting = |entry: &Entry| entry.event.as_ref().is_some_and(|event| event.0 == key);
            if let Some(at) = queue.entries.iter().position(waiting)
                && let Some(older) = queue.entries.remove(at)
            {
                let mut newer = published.event().clone();
                let (body, first) = match &older.event {
                    Some(event) if merge => {
                        newer.absorb(&event.1);
                        (newer.body(view).map_or(body, Bytes::from), older.first)
                    }
                    _ => (body, NO_TEXT),
                };
                let len = body.len();
                queue.bytes = queue.bytes - older.frame.len() + len;
                queue.late -= usize::from(older.is_late());
                let frame = Frame::Event(body, number);
                let entry = Entry { frame, event: Some(Box::new((key, newer))), durable: false, first };
                queue.late += usize::from(entry.is_late());
                queue.entries.push_back(entry);
                return Pushed::Replaced(len);
            }
        }
        let droppable = key.is_empty();
        if queue.transient >= TRANSIENT_ENTRIES || queue.bytes + body.len() > self.limit {
            if !droppable || queue.bytes + body.len() > self.limit {
                return Pushed::Dropped;
            }
            if let Some(at) = queue.entries.iter().position(|entry| !entry.durable && entry.event.is_none()) {
                let dropped = queue.entries.remove(at).map_or(0, |entry| entry.frame.len());
                queue.bytes -= dropped;
                queue.transient -= 1;
            }
        }
        let (idle, len) = (queue.entries.is_empty(), body.len());
        queue.bytes += len;
        queue.transient += 1;
        let event = (!droppable).then(|| Box::new((key, published.event().clone())));
        let first = if merge { number } else { NO_TEXT };
        queue.entries.push_back(Entry { frame: Frame::Event(body, number), event, durable: false, first });
        drop(queue);
        self.ring(idle);
        Pushed::Queued(len)
    }

    fn push_durable(&self, frame: Frame) -> Pushed {
        self.push_entry(Entry { frame, event: None, durable: true, first: NO_TEXT })
    }

    fn push_entry(&self, entry: Entry) -> Pushed {
        let mut queue = self.queue();
        if queue.closed {
            return Pushed::Dropped;
        }
        let len = entry.frame.len();
        let reason = if queue.bytes + len > self.limit {
            Some(format!("slow consumer: more than {} bytes waited to be read", self.limit))
        } else {
            self.together.forbids(queue.own_with(&entry.frame)).map(|all| {
                format!("slow consumer: {all} bytes wait for all connections, which is too much for another {len} here")
            })
        };
        if let Some(reason) = reason {
            queue.closed = true;
            queue.clear(&self.together);
            queue.entries.push_back(Entry {
                frame: Frame::Close(openclaw_protocol::close::POLICY, reason),
                event: None,
                durable: true,
                first: NO_TEXT,
            });
            drop(queue);
            self.bell.ring();
            return Pushed::Overflow;
        }
        self.append(queue, entry);
        Pushed::Queued(len)
    }

    fn append(&self, mut queue: MutexGuard<'_, Queue>, entry: Entry) {
        let idle = queue.entries.is_empty();
        queue.bytes += entry.frame.len();
        let own = queue.own_with(&entry.frame);
        queue.own.set(own, &self.together);
        queue.late += usize::from(entry.is_late());
        queue.entries.push_back(entry);
        drop(queue);
        self.ring(idle);
    }

    /// Takes the next frame.
    pub(crate) fn take(&self) -> Option<Frame> {
        let mut queue = self.queue();
        let entry = queue.entries.pop_front()?;
        match &entry.frame {
            Frame::Whole(bytes) => {
                queue.bytes -= bytes.len();
                let own = queue.own.bytes() - bytes.len();
                queue.own.set(own, &self.together);
            }
            Frame::Event(bytes, _) => queue.bytes -= bytes.len(),
            Frame::Close(..) => {}
        }
        if !entry.durable {
            queue.transient -= 1;
        }
        queue.late -= usize::from(entry.is_late());
        if queue.entries.is_empty() && queue.entries.capacity() > 32 {
            queue.entries = VecDeque::new();
        }
        Some(entry.frame)
    }

    /// Where texts begin that a reader of everything up to this number is still owed ([`openclaw_protocol::resume`]).
    pub(crate) fn behind(&self, number: u64) -> Vec<u64> {
        let queue = self.queue();
        if queue.late == 0 {
            return Vec::new();
        }
        queue.entries.iter().map(|entry| entry.first).filter(|first| *first < number).collect()
    }

    /// Takes the request to end, passing over what waits before it.
    pub(crate) fn take_close(&self) -> Option<(u16, String)> {
        let mut queue = self.queue();
        let Some(Entry { frame: Frame::Close(..), .. }) = queue.entries.back() else { return None };
        let Some(Entry { frame: Frame::Close(code, reason), .. }) = queue.entries.pop_back() else { return None };
        queue.clear(&self.together);
        Some((code, reason))
    }

    /// A connection that has not taken everything looks again by itself, so only the first entry wakes it.
    fn ring(&self, idle: bool) {
        if idle {
            self.bell.ring();
        }
    }

    /// Ready when something waits that did not before, or when the connection is asked to end. Wakes the task that asked
    /// last, which is the connection's own.
    pub(crate) fn poll_rung(&self, cx: &Context<'_>) -> Poll<()> {
        self.bell.poll(cx)
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.queue().bytes
    }

    /// Refuses everything from now on.
    pub(crate) fn abandon(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        queue.clear(&self.together);
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.abandon();
    }
}

#[cfg(test)]
mod tests;
