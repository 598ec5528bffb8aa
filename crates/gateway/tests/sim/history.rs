//! What happened on a bad day, in the order in which clients saw and did it.

use std::fmt;

use serde_json::Value;

use crate::invariants::Invariants;

/// One thing that a client did or saw.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Simulated milliseconds since the day began.
    pub(crate) at_ms: u64,
    /// Which client; for [`What::Mended`] and [`What::Calm`], none.
    pub(crate) client: usize,
    /// On which of all connections.
    pub(crate) conn: u32,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// `connect` was sent by this device, if it is one, with this token, if it has one.
    Asks { device: Option<String>, token: Option<String> },
    /// It was let in.
    Hello {
        scopes: Vec<String>,
        token: Option<String>,
        /// The connection on whose events this one goes on.
        resumes: Option<u32>,
    },
    /// It was not.
    Refused { code: String },
    /// A request was sent. `about`: the device, approval or session that it changes; `value`: what it says about it.
    Sent { id: String, method: String, about: String, value: String },
    /// A request was answered; with the error when not ok.
    Answer { id: String, ok: bool, payload: Value },
    /// An event came.
    Event { name: String, seq: Option<u64>, payload: Value },
    /// The connection is over.
    Closed { why: String },
    /// Everything that was told or answered on this connection has come.
    Flushed,
    /// From now on the network is whole and the clock goes evenly.
    Mended { clients: usize },
    /// This client was answered after that.
    Served,
    /// A minute after it was mended: from now on no connection has a reason to end.
    Calm,
    /// What the gateway remembers at the end.
    Found(Box<Found>),
}

/// What the gateway remembers at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Names of sessions, by key.
    pub(crate) labels: Vec<(String, String)>,
    /// Texts of sessions, by key.
    pub(crate) texts: Vec<(String, String)>,
    /// Devices that may come in.
    pub(crate) devices: Vec<String>,
    /// Approvals that are over, and what was decided.
    pub(crate) approvals: Vec<(String, String)>,
    /// Event and target of each record of the audit trail.
    pub(crate) records: Vec<(String, String)>,
    /// What the gateway thinks of that trail.
    pub(crate) trail: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.at_ms / 1000, self.at_ms % 1000);
        write!(f, "{seconds:4}.{millis:03}  ")?;
        match &self.what {
            What::Mended { clients } => return write!(f, "everything is mended for {clients} clients"),
            What::Calm => return write!(f, "everybody must have been served"),
            _ => write!(f, "client {} on {}: ", self.client, self.conn)?,
        }
        let payload = |payload: &Value| short(&payload.to_string());
        match &self.what {
            What::Asks { device, token } => {
                write!(f, "asks to come in as {}", device.as_deref().map_or("itself", |device| &device[..8]))?;
                f.write_str(if token.is_some() { " with its token" } else { "" })
            }
            What::Hello { scopes, resumes, .. } => {
                write!(f, "is let in with {}", scopes.join(", "))?;
                resumes.map_or(Ok(()), |conn| write!(f, ", and goes on where {conn} was"))
            }
            What::Refused { code } => write!(f, "is refused: {code}"),
            What::Sent { id, method, about, value } => write!(f, "sends {id} {method} {about} {value}"),
            What::Answer { id, ok, payload: said } => {
                write!(f, "{id} is {}: {}", if *ok { "ok" } else { "refused" }, payload(said))
            }
            What::Event { name, seq, payload: said } => write!(f, "hears {name} {seq:?}: {}", payload(said)),
            What::Closed { why } => write!(f, "is closed: {why}"),
            What::Flushed => f.write_str("has heard everything"),
            What::Served => f.write_str("is served"),
            What::Found(found) => write!(f, "finds {} records", found.records.len()),
            What::Mended { .. } | What::Calm => Ok(()),
        }
    }
}

fn short(text: &str) -> String {
    if text.chars().count() > 160 { text.chars().take(160).chain(['…']).collect() } else { text.to_owned() }
}

/// Everything so far, and what must hold of it.
#[derive(Default)]
pub(crate) struct History {
    entries: Vec<Entry>,
    invariants: Invariants,
    violations: Vec<String>,
}

impl History {
    /// Adds an entry and looks whether everything still holds.
    pub(crate) fn note(&mut self, entry: Entry) {
        let at = self.entries.len();
        self.violations.extend(self.invariants.note(at, &entry));
        self.entries.push(entry);
    }

    /// The day is over: looks for what should have happened and did not.
    pub(crate) fn end(&mut self) {
        self.violations.extend(self.invariants.end());
    }

    /// Something is wrong with the day itself.
    pub(crate) fn fail(&mut self, what: String) {
        self.violations.push(what);
    }

    pub(crate) fn violations(&self) -> &[String] {
        &self.violations
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many entries are of this kind.
    pub(crate) fn count(&self, kind: impl Fn(&What) -> bool) -> usize {
        self.entries.iter().filter(|entry| kind(&entry.what)).count()
    }

    /// The newest entries, for people.
    pub(crate) fn newest(&self, count: usize) -> String {
        let from = self.entries.len().saturating_sub(count);
        self.entries[from..].iter().map(|entry| format!("{entry}\n")).collect()
    }
}
