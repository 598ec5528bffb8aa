//! What waits to be written to one connection: bounded, in order, in two classes.
//!
//! Durable entries are never dropped; when they do not fit, the connection is closed. Transient entries give way to newer
//! ones with the same key, are widened by what was not sent, or are dropped oldest first. The connection numbers events
//! when it takes them out, after every such decision, so that a client never sees a gap that is none.

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

use crate::hub::Published;

/// Transient entries that may wait at the same time.
const TRANSIENT_ENTRIES: usize = 1024;

/// One frame that waits.
#[derive(Debug)]
pub(crate) enum Frame {
    /// A whole frame: a response.
    Whole(Bytes),
    /// An event without its closing brace; the connection adds `seq`.
    Event(Bytes),
    /// The last thing to send: close with this code and reason.
    Close(u16, String),
}

impl Frame {
    fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) | Self::Event(bytes) => bytes.len(),
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
}

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Entry>,
    bytes: usize,
    transient: usize,
    closed: bool,
}

/// The queue and the bell that tells the connection about it.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    bell: Bell,
    limit: usize,
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
    /// It waits.
    Queued,
    /// It took the place of one that waited.
    Replaced,
    /// It was dropped.
    Dropped,
    /// The connection cannot keep up and is being closed.
    Overflow,
}

impl Outbox {
    /// An empty queue that holds at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { queue: Mutex::default(), bell: Bell::default(), limit })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A panic while holding the lock leaves whole entries behind.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a response.
    pub(crate) fn push(&self, frame: impl Into<Bytes>) -> Pushed {
        self.push_durable(Frame::Whole(frame.into()))
    }

    /// Asks the connection to end after what is queued.
    pub(crate) fn close(&self, code: u16, reason: impl Into<String>) {
        let mut queue = self.queue();
        if !queue.closed {
            queue.closed = true;
            queue.entries.push_back(Entry { frame: Frame::Close(code, reason.into()), event: None, durable: true });
        }
        drop(queue);
        self.bell.ring();
    }

    /// Queues an event in this view, if the view has it.
    pub(crate) fn publish(&self, published: &Published, view: View) -> Pushed {
        let Some(body) = published.body(view) else { return Pushed::Dropped };
        let (key, merge) = match published.delivery() {
            Delivery::Durable => return self.push_durable(Frame::Event(body)),
            Delivery::Droppable => (String::new(), false),
            Delivery::Latest(key) => (key.clone().into_owned(), false),
            Delivery::Merged(key) => (key.clone(), true),
        };
        let mut queue = self.queue();
        if queue.closed {
            return Pushed::Dropped;
        }
        if !key.is_empty() && queue.transient > 0 {
            let waiting =
                queue.entries.iter_mut().find(|entry| entry.event.as_ref().is_some_and(|event| event.0 == key));
            if let Some(entry) = waiting {
                let before = entry.frame.len();
                if merge && let Some(event) = &mut entry.event {
                    let mut newer = published.event().clone();
                    newer.absorb(&event.1);
                    entry.frame = Frame::Event(newer.body(view).map_or(body, Bytes::from));
                    event.1 = newer;
                } else {
                    entry.frame = Frame::Event(body);
                }
                let after = entry.frame.len();
                queue.bytes = queue.bytes - before + after;
                return Pushed::Replaced;
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
        let idle = queue.entries.is_empty();
        queue.bytes += body.len();
        queue.transient += 1;
        let event = (!droppable).then(|| Box::new((key, published.event().clone())));
        queue.entries.push_back(Entry { frame: Frame::Event(body), event, durable: false });
        drop(queue);
        self.ring(idle);
        Pushed::Queued
    }

    fn push_durable(&self, frame: Frame) -> Pushed {
        let mut queue = self.queue();
        if queue.closed {
            return Pushed::Dropped;
        }
        if queue.bytes + frame.len() > self.limit {
            queue.closed = true;
            queue.entries.clear();
            queue.bytes = 0;
            queue.transient = 0;
            let reason = format!("slow consumer: more than {} bytes waited to be read", self.limit);
            queue.entries.push_back(Entry {
                frame: Frame::Close(openclaw_protocol::close::POLICY, reason),
                event: None,
                durable: true,
            });
            drop(queue);
            self.bell.ring();
            return Pushed::Overflow;
        }
        let idle = queue.entries.is_empty();
        queue.bytes += frame.len();
        queue.entries.push_back(Entry { frame, event: None, durable: true });
        drop(queue);
        self.ring(idle);
        Pushed::Queued
    }

    /// Takes the next frame.
    pub(crate) fn take(&self) -> Option<Frame> {
        let mut queue = self.queue();
        let entry = queue.entries.pop_front()?;
        queue.bytes -= if matches!(entry.frame, Frame::Close(..)) { 0 } else { entry.frame.len() };
        if !entry.durable {
            queue.transient -= 1;
        }
        if queue.entries.is_empty() && queue.entries.capacity() > 32 {
            queue.entries = VecDeque::new();
        }
        Some(entry.frame)
    }

    /// Takes the request to end, passing over what waits before it.
    pub(crate) fn take_close(&self) -> Option<(u16, String)> {
        let mut queue = self.queue();
        let Some(Entry { frame: Frame::Close(..), .. }) = queue.entries.back() else { return None };
        let Some(Entry { frame: Frame::Close(code, reason), .. }) = queue.entries.pop_back() else { return None };
        queue.entries = VecDeque::new();
        queue.bytes = 0;
        queue.transient = 0;
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
        queue.entries = VecDeque::new();
        queue.bytes = 0;
        queue.transient = 0;
    }
}

#[cfg(test)]
mod tests;
