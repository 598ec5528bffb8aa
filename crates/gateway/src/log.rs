//! The structured log: one JSON object a line, `level`, `msg`, then the fields in the order they were written (SPEC-NOTES 12).
//!
//! Lines go to standard output and into a ring that `logs.tail` reads and the `log` event is made from. Values that look
//! like secrets are never written: code logs ids and reasons, and the ring is what an operator sees.

use std::{
    collections::VecDeque,
    fmt::{self, Write as _},
    io::Write as _,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use openclaw_core::Clock;
use openclaw_protocol::event::{Event, LogEntry};
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tracing::{
    Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::{log_file::LogFile, state::State};

/// Bytes of lines that the ring holds.
const RING_BYTES: usize = 2 * 1024 * 1024;
/// `log` events a second; more are counted and summed up in one.
const EVENTS_PER_SECOND: u64 = 50;
/// Longest line, bytes; the rest is cut.
const LINE_BYTES: usize = 16 * 1024;

/// How lines are written to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people at a terminal.
    Text,
    /// Not at all.
    Off,
}

#[derive(Clone, Debug)]
struct Line {
    /// Where it begins: the ring's first position and the bytes written before it.
    at: u64,
    /// Without spare room: a line that grew keeps up to as much again.
    text: Box<str>,
    entry: Option<Box<LogEntry>>,
}

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<Line>,
    bytes: usize,
    written: u64,
}

/// The newest lines of the log.
#[derive(Debug)]
pub struct LogRing {
    ring: Mutex<Ring>,
    changed: Notify,
    clock: Clock,
    format: Mutex<Format>,
    /// The file that lines are also written to.
    file: Mutex<Option<LogFile>>,
    next: AtomicU64,
}

/// A page of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// Where the next page begins.
    pub(crate) cursor: u64,
    /// Where the log ends, in the same count.
    pub(crate) size: u64,
    /// The lines, oldest first.
    pub(crate) lines: Vec<String>,
    /// Older lines were left out because of the limits.
    pub(crate) truncated: bool,
    /// The cursor points to lines that are gone, or to another start of the gateway.
    pub(crate) reset: bool,
}

impl LogRing {
    /// An empty ring.
    #[must_use]
    pub fn new(clock: Clock, format: Format) -> Arc<Self> {
        // Positions count bytes from the microsecond of the start, so that a position of an earlier start is never taken for one of this.
        let start = u64::try_from(clock.now_ms()).unwrap_or_default().saturating_mul(1000);
        Arc::new(Self {
            ring: Mutex::new(Ring { written: start, ..Ring::default() }),
            changed: Notify::new(),
            clock,
            format: Mutex::new(format),
            file: Mutex::default(),
            next: AtomicU64::new(1),
        })
    }

    /// The layer that fills it.
    #[must_use]
    pub fn layer(self: &Arc<Self>) -> LogLayer {
        LogLayer(Arc::clone(self))
    }

    /// Writes lines in another form from now on.
    pub fn set_format(&self, format: Format) {
        *self.format.lock().unwrap_or_else(PoisonError::into_inner) = format;
    }

    /// Writes lines into this file too, as JSON, from now on.
    pub fn also_to(&self, file: LogFile) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    }

    /// A file that cannot be written is closed, and standard output is told.
    fn write_file(&self, line: &str, now: i64) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Err(error)) = file.as_mut().map(|file| file.line(line, now)) else { return };
        let Some(closed) = file.take() else { return };
        if self.format() != Format::Off {
            let fields = Fields {
                message: "The log's file cannot be written and is closed".to_owned(),
                members: vec![
                    ("path", Value::from(closed.path().display().to_string())),
                    ("error", Value::from(error.to_string())),
                ],
            };
            write_out(&json_line("error", &fields));
        }
    }

    fn format(&self) -> Format {
        *self.format.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lines from `cursor` on, or the newest ones; at most `limit` lines and `max_bytes` bytes.
    pub(crate) fn page(&self, cursor: Option<u64>, limit: usize, max_bytes: usize) -> Page {
        let ring = self.ring();
        let oldest = ring.lines.front().map_or(ring.written, |line| line.at);
        let reset = cursor.is_some_and(|cursor| cursor > ring.written || cursor < oldest);
        let from = cursor.filter(|_| !reset);
        let (mut lines, mut bytes, mut truncated) = (Vec::new(), 0, false);
        for line in ring.lines.iter().rev() {
            if from.is_some_and(|from| line.at < from) {
                break;
            }
            if lines.len() >= limit || bytes + line.text.len() + 1 > max_bytes {
                truncated = true;
                break;
            }
            bytes += line.text.len() + 1;
            lines.push(line.text.to_string());
        }
        lines.reverse();
        Page { cursor: ring.written, size: ring.written, lines, truncated, reset }
    }

    fn push(&self, level: Level, text: Box<str>, entry: LogEntry) {
        let mut ring = self.ring();
        let len = text.len() + 1;
        let at = ring.written;
        ring.written += len as u64;
        ring.bytes += len;
        let entry = (level <= Level::INFO).then(|| Box::new(entry));
        ring.lines.push_back(Line { at, text, entry });
        while ring.bytes > RING_BYTES {
            let Some(line) = ring.lines.pop_front() else { break };
            ring.bytes -= line.text.len() + 1;
        }
        drop(ring);
        self.changed.notify_one();
    }

    /// Takes out what is to be told from `at` on. A line stays, its entry does not: that is four times as big as the text.
    fn since(&self, at: u64) -> (u64, Vec<LogEntry>) {
        let mut ring = self.ring();
        let newer = ring.lines.iter_mut().rev().take_while(|line| line.at >= at);
        let mut entries: Vec<LogEntry> = newer.filter_map(|line| line.entry.take()).map(|entry| *entry).collect();
        entries.reverse();
        (ring.written, entries)
    }

    /// Tells new lines to connections whose mode is `ui`, until the gateway stops.
    pub(crate) async fn tell(state: Arc<State>) {
        let log = Arc::clone(&state.log);
        let mut at = log.since(u64::MAX).0;
        loop {
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = log.changed.notified() => {}
            }
            let (now, entries) = log.since(at);
            at = now;
            if !state.hub.has_ui() {
                continue;
            }
            let many = entries.len() as u64;
            for entry in entries.into_iter().take(EVENTS_PER_SECOND as usize) {
                state.hub.publish(Event::Log(entry));
            }
            if many > EVENTS_PER_SECOND {
                state.hub.publish(Event::Log(LogEntry {
                    id: format!("log-more-{now}"),
                    timestamp: state.clock.now_ms(),
                    level: "warn",
                    source: "gateway".to_owned(),
                    session: None,
                    message: format!("{} more lines; logs.tail has them all", many - EVENTS_PER_SECOND),
                    extra: None,
                }));
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    }
}

/// Turns tracing events into lines.
#[derive(Debug)]
pub struct LogLayer(Arc<LogRing>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogLayer {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let level = *event.metadata().level();
        let word = match level {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        let line = json_line(word, &fields);
        match self.0.format() {
            Format::Json => write_out(&line),
            Format::Text => write_out(&text_line(word, &fields)),
            Format::Off => {}
        }
        let now = self.0.clock.now_ms();
        let mut kept = line;
        kept.pop();
        let _ = write!(kept, r#","time":{now}}}"#);
        self.0.write_file(&kept, now);
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let take = |name: &str| {
            fields.members.iter().find(|(key, _)| *key == name).and_then(|(_, value)| value.as_str()).map(str::to_owned)
        };
        let extra: Map<String, Value> = fields
            .members
            .iter()
            .filter(|(key, _)| !matches!(*key, "source" | "session"))
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        let entry = LogEntry {
            id: format!("log-{number}"),
            timestamp: now,
            level: if word == "warn" || word == "error" { word } else { "info" },
            source: take("source").unwrap_or_else(|| "gateway".to_owned()),
            session: take("session"),
            message: fields.message,
            extra: (!extra.is_empty()).then_some(Value::Object(extra)),
        };
        self.0.push(level, kept.into_boxed_str(), entry);
    }
}

fn write_out(line: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe must not end the gateway.
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n"));
}

fn json_line(level: &str, fields: &Fields) -> String {
    let mut line = format!(r#"{{"level":"{level}","msg":{}"#, Value::from(clip(&fields.message)));
    for (name, value) in &fields.members {
        if line.len() > LINE_BYTES {
            break;
        }
        let _ = write!(line, r#","{name}":{value}"#);
    }
    line.push('}');
    line
}

fn text_line(level: &str, fields: &Fields) -> String {
    let mut line = format!("{level:<5} {}", clip(&fields.message));
    for (name, value) in &fields.members {
        match value.as_str() {
            Some(text) if !text.contains([' ', '"']) => {
                let _ = write!(line, " {name}={text}");
            }
            _ => {
                let _ = write!(line, " {name}={value}");
            }
        }
    }
    line
}

fn clip(text: &str) -> &str {
    let mut end = text.len().min(LINE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[derive(Default)]
struct Fields {
    message: String,
    members: Vec<(&'static str, Value)>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            name => self.members.push((name, Value::from(clip(value)))),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.members.push((field.name(), value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.members.push((field.name(), value.into()));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.members.push((field.name(), value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.members.push((field.name(), value.into()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        self.record_str(field, &text);
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn ring() -> Arc<LogRing> {
        LogRing::new(Clock::manual(5).0, Format::Off)
    }

    #[test]
    fn lines_have_the_keys_of_spec_001_in_order() {
        let log = ring();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(log.layer()), || {
            tracing::info!(client_id = %"gateway-client", device_id = "device-550e8400", role = %"operator", "WebSocket connection established");
            tracing::info!(device_id = "device-550e8400", valid = true, "Device signature verified");
            tracing::warn!(client_id = "gateway-client", missed_pongs = 3u64, "Heartbeat timeout");
        });
        let lines = log.page(None, 10, 10_000).lines;
        assert_eq!(
            lines,
            [
                r#"{"level":"info","msg":"WebSocket connection established","client_id":"gateway-client","device_id":"device-550e8400","role":"operator","time":5}"#,
                r#"{"level":"info","msg":"Device signature verified","device_id":"device-550e8400","valid":true,"time":5}"#,
                r#"{"level":"warn","msg":"Heartbeat timeout","client_id":"gateway-client","missed_pongs":3,"time":5}"#,
            ]
        );
    }

    #[test]
    fn a_cursor_continues_where_the_last_page_ended() {
        let log = ring();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(log.layer()), || {
            tracing::info!("one");
            let first = log.page(None, 10, 10_000);
            assert_eq!((first.lines.len(), first.truncated), (1, false));
            tracing::info!("two");
            tracing::info!("three");
            let next = log.page(Some(first.cursor), 10, 10_000);
            assert_eq!((next.lines.len(), next.reset), (2, false));
            let one = log.page(Some(first.cursor), 1, 10_000);
            assert!(one.truncated && one.lines[0].contains("three"));
            assert!(log.page(Some(next.cursor), 10, 10_000).lines.is_empty());
            assert!(log.page(Some(u64::MAX), 10, 10_000).reset);
            let later = LogRing::new(Clock::manual(1000).0, Format::Off);
            assert!(later.page(Some(next.cursor), 10, 10_000).reset, "a position of an earlier start");
        });
    }

    #[test]
    fn what_was_told_is_kept_as_text_alone() {
        let log = ring();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(log.layer()), || {
            tracing::info!(fact = 1, "line");
            assert_eq!(log.since(0).1.len(), 1);
            assert!(log.since(0).1.is_empty() && log.ring().lines.iter().all(|line| line.entry.is_none()));
            assert_eq!(log.page(None, 10, 1000).lines.len(), 1);
        });
    }

    #[test]
    fn the_ring_forgets_the_oldest_lines() {
        let log = ring();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(log.layer()), || {
            for _ in 0..300 {
                tracing::info!(filler = "x".repeat(10_000).as_str(), "line");
            }
        });
        assert!(log.ring().bytes <= RING_BYTES);
        assert!(log.page(Some(0), 10, 1000).reset);
    }
}
