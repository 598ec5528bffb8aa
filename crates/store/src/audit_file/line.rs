//! One line.

use std::fmt::Write;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_core::{audit, record::AuditRecord};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audit_key::AuditKey;

/// Most bytes of a line. A record has at most 16 KiB, which escapes and encryption make longer.
pub const MAX_LINE_BYTES: usize = 256 << 10;
/// What an encrypted line begins with.
const COVERED: &str = "enc:v1:";
const COVER_LABEL: &[u8] = b"openclaw audit cover 1";
const LINK_LABEL: &[u8] = b"openclaw audit line 1";
const HEX: usize = 64;

/// How a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object.
    Json,
    /// Text for people.
    Text,
}

/// A record as the file, exports and reports show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its number in the table.
    pub seq: i64,
    /// When, milliseconds since the epoch.
    pub ts: i64,
    /// The same for people, UTC.
    pub time: String,
    /// Name of the specifications, or the record's own.
    pub event: String,
    /// The record's own name, when that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// `info`, `warn` or `error`.
    pub severity: String,
    /// Who did it.
    pub actor: Actor,
    /// Where from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Which method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `ok`, `denied` or `error`.
    pub outcome: String,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Further facts.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub detail: Value,
    /// The table's hash of the record before.
    pub prev: String,
    /// The table's hash of this record.
    pub hash: String,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// `device`, `token`, `gateway` and so on.
    pub kind: String,
    /// Which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The device, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
}

impl Actor {
    fn of(actor: &str) -> Self {
        let (kind, id) = match actor.split_once(':') {
            Some((kind, id)) => (kind, Some(id.to_owned())),
            None => (actor, None),
        };
        Self { kind: kind.to_owned(), device_id: id.clone().filter(|_| kind == "device"), id }
    }

    /// Kind and name in one word.
    #[must_use]
    pub fn word(&self) -> String {
        self.id.as_ref().map_or_else(|| self.kind.clone(), |id| format!("{}:{id}", self.kind))
    }
}

impl From<AuditRecord> for Entry {
    fn from(record: AuditRecord) -> Self {
        let AuditRecord { seq, ts, event, prev, hash } = record;
        let shown = audit::shown(&event.event).to_owned();
        Self {
            seq,
            ts,
            time: time(ts),
            recorded: (shown != event.event).then_some(event.event),
            event: shown,
            severity: event.severity,
            actor: Actor::of(&event.actor),
            ip: event.ip,
            method: event.method,
            target: event.target,
            outcome: event.outcome,
            reason: event.reason,
            detail: event.detail,
            prev,
            hash,
        }
    }
}

fn time(ts: i64) -> String {
    jiff::Timestamp::from_millisecond(ts).map_or_else(|_| ts.to_string(), |at| format!("{at:.3}"))
}

impl Entry {
    /// One line of JSON. Nothing in it can begin another line or steer a terminal.
    #[must_use]
    pub fn json(&self) -> String {
        harmless(&serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned()))
    }

    /// One line for people, without what proves it. Nothing in it can begin another line or steer a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut line = format!("{} #{} {:<5} {}", self.time, self.seq, plain(&self.severity), plain(&self.event));
        let mut member = |name: &str, value: &str| {
            let _ = write!(line, " {name}={}", plain(value));
        };
        member("actor", &self.actor.word());
        member("outcome", &self.outcome);
        let others = [
            ("ip", &self.ip),
            ("method", &self.method),
            ("target", &self.target),
            ("reason", &self.reason),
            ("recorded", &self.recorded),
        ];
        for (name, value) in others {
            if let Some(value) = value {
                member(name, value);
            }
        }
        if !self.detail.is_null() {
            member("detail", &self.detail.to_string());
        }
        line
    }
}

/// The text as it is when it is one plain word, else quoted as in JSON.
fn plain(text: &str) -> String {
    let word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:/@-*+".contains(&byte));
    if word { text.to_owned() } else { harmless(&Value::from(text).to_string()) }
}

/// Escapes, as JSON does, what JSON may leave as it is and a terminal or a viewer may act on.
fn harmless(json: &str) -> String {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if !json.contains(acts) {
        return json.to_owned();
    }
    json.chars().fold(String::with_capacity(json.len() + 16), |mut text, c| {
        if acts(c) {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
        text
    })
}

/// A line whose link was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) seq: i64,
    pub(super) ts: i64,
    pub(super) hash: String,
    pub(super) before: String,
    pub(super) link: String,
}

/// Writes and reads lines with one key.
#[derive(Clone, Debug)]
pub(super) struct Pen {
    key: AuditKey,
}

#[derive(Serialize)]
struct Linked<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    before: &'a str,
}

#[derive(Deserialize)]
struct Numbers {
    seq: i64,
    ts: i64,
    hash: String,
    before: String,
}

impl Pen {
    pub(super) fn new(key: &AuditKey) -> Self {
        Self { key: key.clone() }
    }

    /// The line after the one with this link, without its end, and its own link.
    pub(super) fn write(&self, entry: &Entry, form: Form, before: &str) -> (String, String) {
        let body = match form {
            Form::Json => {
                let text = serde_json::to_string(&Linked { entry, before }).unwrap_or_else(|_| "{}".to_owned());
                let mut text = harmless(&text);
                text.pop();
                text
            }
            Form::Text => format!("{} ts={} hash={} before={before}", entry.text(), entry.ts, entry.hash),
        };
        let link = self.link(&body);
        let line = match form {
            Form::Json => format!(r#"{body},"link":"{link}"}}"#),
            Form::Text => format!("{body} link={link}"),
        };
        (line, link)
    }

    fn link(&self, body: &str) -> String {
        openclaw_core::hex(&self.key.file(&[LINK_LABEL, body.as_bytes()]))
    }

    /// Whether a line could begin so: what a crash leaves of the first one.
    pub(super) fn may_begin(piece: &[u8]) -> bool {
        let begins = |text: &str| {
            let text = text.as_bytes();
            piece.starts_with(text) || text.starts_with(piece)
        };
        // A line of text begins with the time.
        let is_time = piece.iter().take(4).all(u8::is_ascii_digit) && piece.get(4).is_none_or(|byte| *byte == b'-');
        begins(r#"{"seq":"#) || begins(COVERED) || is_time
    }

    /// Reads a line and checks its link.
    pub(super) fn read(&self, line: &[u8]) -> Result<Line, String> {
        let text = std::str::from_utf8(line).map_err(|_| "is not text".to_owned())?;
        if let Some(covered) = text.strip_prefix(COVERED) {
            let plain = self.uncover(covered)?;
            return self.read_plain(&plain);
        }
        self.read_plain(text)
    }

    fn read_plain(&self, text: &str) -> Result<Line, String> {
        let changed = || "was changed after it was written".to_owned();
        let json = text.starts_with('{');
        let (middle, end) = if json { (r#","link":""#, "\"}") } else { (" link=", "") };
        let rest = text.strip_suffix(end).ok_or_else(changed)?;
        let at = rest.len().checked_sub(HEX).filter(|at| rest.is_char_boundary(*at)).ok_or_else(changed)?;
        let (rest, link) = rest.split_at(at);
        let body = rest.strip_suffix(middle).ok_or_else(changed)?;
        if self.link(body) != link {
            return Err(changed());
        }
        let unreadable = || "cannot be read".to_owned();
        let numbers = if json {
            serde_json::from_str::<Numbers>(&format!("{body}}}")).map_err(|_| unreadable())?
        } else {
            let mut words = body.rsplit(' ');
            let mut member = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=');
            let before = member("before").ok_or_else(unreadable)?.to_owned();
            let hash = member("hash").ok_or_else(unreadable)?.to_owned();
            let ts = member("ts").and_then(|ts| ts.parse().ok()).ok_or_else(unreadable)?;
            let seq = body.split(' ').nth(1).and_then(|word| word.strip_prefix('#')?.parse().ok());
            Numbers { seq: seq.ok_or_else(unreadable)?, ts, hash, before }
        };
        let Numbers { seq, ts, hash, before } = numbers;
        Ok(Line { seq, ts, hash, before, link: link.to_owned() })
    }

    fn cipher(&self) -> Result<LessSafeKey, String> {
        UnboundKey::new(&AES_256_GCM, self.key.cover())
            .map(LessSafeKey::new)
            .map_err(|_| "the cipher takes no key".to_owned())
    }

    /// Encrypts a line, each on its own, so that the file can be appended to and cut after a crash as if it were plain.
    pub(super) fn cover(&self, line: &str, nonce: [u8; NONCE_LEN]) -> Result<String, String> {
        let mut bytes = line.as_bytes().to_vec();
        self.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(COVER_LABEL), &mut bytes)
            .map_err(|_| "the line cannot be encrypted".to_owned())?;
        let mut all = nonce.to_vec();
        all.append(&mut bytes);
        Ok(format!("{COVERED}{}", URL_SAFE_NO_PAD.encode(all)))
    }

    fn uncover(&self, covered: &str) -> Result<String, String> {
        let wrong = || "cannot be decrypted with this gateway's key".to_owned();
        let all = URL_SAFE_NO_PAD.decode(covered).map_err(|_| wrong())?;
        let (nonce, rest) = all.split_first_chunk::<NONCE_LEN>().ok_or_else(wrong)?;
        let mut bytes = rest.to_vec();
        let plain = self
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(COVER_LABEL), &mut bytes)
            .map_err(|_| wrong())?;
        String::from_utf8(plain.to_vec()).map_err(|_| wrong())
    }
}
