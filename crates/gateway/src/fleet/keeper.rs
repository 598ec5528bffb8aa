//! Keeps one gateway in sight: connected, how fast it answers, which version it is, and why not otherwise.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openclaw_client::{Backoff, Connection, Deadline, Prospect, RequestError, connect};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{Kept, LONGEST_TEXT, clip, reach, reach::Purpose, tell};
use crate::state::State;

/// Looks that are remembered: an hour of them.
pub(crate) const HISTORY: usize = 120;
/// Time between two looks.
const EVERY: Duration = Duration::from_secs(30);
/// A look that takes longer is a failure.
const LONGEST: Duration = Duration::from_secs(10);
/// Time between attempts that only people can make succeed.
const SLOW: Duration = Duration::from_secs(60);
/// The time after which waiting for somebody who may be approving us is looked at again.
const PAIRING: Duration = Duration::from_secs(5);
/// Why a gateway that lets us in is not connected: it does not answer.
const NO_ANSWER: &str = "NO_ANSWER";
/// The oldest version whose clients and pages agree with ours.
const OLDEST: (u64, u64, u64) = (2026, 2, 9);

/// Where a gateway stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Standing {
    /// The first attempt is under way.
    Connecting,
    /// It is connected and answers.
    Connected,
    /// It is not, and is tried again.
    Waiting,
    /// It answers and refuses; somebody has to do something. It is tried again, seldom.
    Refused,
}

impl Standing {
    /// Its word on the wire.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
        }
    }
}

/// One look at a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sample {
    /// When, milliseconds since the epoch.
    pub(crate) ts: i64,
    /// Whether it answered.
    pub(crate) ok: bool,
    /// How long its answer took, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latency_ms: Option<u64>,
}

/// Why a gateway is not connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    /// For programs: `UNREACHABLE`, `TLS`, `PRIVATE_ADDRESS`, `PAIRING_REQUIRED`, ….
    pub(crate) code: String,
    /// For people.
    pub(crate) message: String,
    /// What they can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
    /// SHA-256 of the certificate that it showed, when that is what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint: Option<String>,
}

impl Problem {
    /// Much of this is what another gateway said: it is bounded, and steers no terminal.
    pub(super) fn new(code: &str, message: &str, fix: Option<String>) -> Self {
        let fix = fix.map(|fix| clip(&fix, LONGEST_TEXT));
        Self { code: clip(code, 64), message: clip(message, LONGEST_TEXT), fix, fingerprint: None }
    }
}

/// What is known of a gateway.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) state: Standing,
    /// Since when it stands so.
    pub(crate) since_ms: i64,
    pub(crate) version: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) protocol: Option<u8>,
    pub(crate) latency_ms: Option<u64>,
    pub(crate) attempts: u32,
    pub(crate) problem: Option<Problem>,
    pub(crate) history: VecDeque<Sample>,
}

impl Status {
    pub(super) fn new(now: i64) -> Self {
        Self {
            state: Standing::Connecting,
            since_ms: now,
            version: None,
            host: None,
            protocol: None,
            latency_ms: None,
            attempts: 0,
            problem: None,
            history: VecDeque::new(),
        }
    }

    /// Whether its version is one that this gateway gets on with; `None` while that is not known.
    pub(crate) fn version_ok(&self) -> Option<bool> {
        self.version.as_deref().map(gets_on)
    }

    fn looked(&mut self, ts: i64, latency_ms: Option<u64>) {
        if self.history.len() >= HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(Sample { ts, ok: latency_ms.is_some(), latency_ms });
        self.latency_ms = latency_ms;
    }
}

/// Whether a version is new enough. Words that are no version are not.
pub(super) fn gets_on(version: &str) -> bool {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut parts = plain.split('.').map(|part| part.parse::<u64>().ok());
    match (parts.next().flatten(), parts.next().flatten(), parts.next().flatten()) {
        (Some(year), Some(month), Some(day)) => (year, month, day) >= OLDEST,
        _ => false,
    }
}

/// The problem of a gateway that is this very one.
pub(super) fn itself() -> Problem {
    let fix = Some("remove it; you are on it already".to_owned());
    Problem::new("THIS_GATEWAY", "that is this very gateway", fix)
}

/// The problem of a gateway that lets us in and does not say how it is.
pub(super) fn silent(error: &RequestError) -> Problem {
    let code = error.refusal().map_or(NO_ANSWER, |refusal| refusal.reason());
    Problem::new(code, &error.to_string(), error.next_step())
}

fn lock(status: &Mutex<Status>) -> MutexGuard<'_, Status> {
    status.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a gateway in sight until it is changed, removed, or the program stops.
pub(super) async fn run(
    state: Arc<State>,
    id: Arc<str>,
    kept: Arc<Kept>,
    status: Arc<Mutex<Status>>,
    stop: CancellationToken,
) {
    let keeper = Keeper { state, id, kept, status };
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = keeper.keep() => {}
    }
}

struct Keeper {
    state: Arc<State>,
    id: Arc<str>,
    kept: Arc<Kept>,
    status: Arc<Mutex<Status>>,
}

/// Why it is not connected, and when to try again.
struct Down {
    problem: Problem,
    standing: Standing,
    wait: Option<Duration>,
}

impl Keeper {
    async fn keep(self) {
        let mut introduced = false;
        loop {
            let down = match self.connected(&mut introduced).await {
                Ok(connection) => self.watch(&connection).await,
                Err(down) => down,
            };
            let random = u64::from_le_bytes(self.state.ids.bytes());
            let attempts = lock(&self.status).attempts;
            let wait = down.wait.unwrap_or_else(|| Backoff::default().delay(attempts, random));
            self.down(down);
            sleep(wait).await;
        }
    }

    /// A connection that may only read. The first one asks for all that people here may use there, so that its owner is asked
    /// once; it is given up at once, or that gateway would take us for somebody who looks at approvals.
    async fn connected(&self, introduced: &mut bool) -> Result<Connection, Down> {
        loop {
            let purpose = if *introduced { Purpose::watch(&self.state) } else { Purpose::introduce(&self.state) };
            let options = reach::options(&self.state, &self.id, &self.kept, None, purpose).await;
            let options = options.map_err(|problem| Down { problem, standing: Standing::Refused, wait: Some(SLOW) })?;
            let connection = match connect(&options).await {
                Ok(connection) => connection,
                // Its owner gave less than we asked for, which is enough for looking.
                Err(error) if !*introduced && reach::approved(&error).is_some() => {
                    *introduced = true;
                    continue;
                }
                Err(error) => {
                    let problem = reach::problem(&error, &reach::own_device(&self.state).await);
                    let pairing = error.refusal().is_some_and(|refusal| refusal.pairing_request().is_some());
                    let forbidden = matches!(problem.code.as_str(), "PRIVATE_ADDRESS" | "FORBIDDEN_ADDRESS");
                    let (standing, wait) = match error.prospect() {
                        _ if pairing => (Standing::Refused, Some(PAIRING)),
                        _ if forbidden => (Standing::Refused, Some(SLOW)),
                        Prospect::Retry => (Standing::Waiting, None),
                        Prospect::Slow | Prospect::Final => (Standing::Refused, Some(SLOW)),
                    };
                    return Err(Down { problem, standing, wait });
                }
            };
            if connection.hello().server.boot_id.as_deref() == Some(&self.state.boot_id) {
                return Err(Down { problem: itself(), standing: Standing::Refused, wait: Some(SLOW * 10) });
            }
            if *introduced {
                return Ok(connection);
            }
            *introduced = true;
            connection.close().await;
        }
    }

    fn up(&self, connection: &Connection) {
        let hello = connection.hello();
        let mut status = lock(&self.status);
        status.state = Standing::Connected;
        status.since_ms = self.state.clock.now_ms();
        status.version = Some(clip(&hello.server.version, 64));
        status.host = hello.server.host.as_ref().map(|host| clip(host, 255));
        status.protocol = Some(hello.dialect.number());
        (status.attempts, status.problem) = (0, None);
    }

    fn down(&self, down: Down) {
        let now = self.state.clock.now_ms();
        let news = {
            let mut status = lock(&self.status);
            let news = status.state != down.standing || status.problem.as_ref() != Some(&down.problem);
            if status.state != down.standing {
                status.since_ms = now;
            }
            status.state = down.standing;
            status.attempts = status.attempts.saturating_add(1);
            status.looked(now, None);
            if news {
                tracing::info!(
                    gateway = &*self.id,
                    code = down.problem.code.as_str(),
                    why = down.problem.message.as_str(),
                    "A gateway of the fleet is not connected"
                );
            }
            status.problem = Some(down.problem);
            news
        };
        if news {
            tell(&self.state, &self.id, down.standing.word());
        }
    }

    /// Looks at it again and again until the connection ends. It counts as connected once it said how it is, not before: one that
    /// lets us in and answers nothing is waited for longer and longer.
    async fn watch(&self, connection: &Connection) -> Down {
        let mut is_up = false;
        loop {
            let began = Instant::now();
            let answer = connection.request_within("health", serde_json::json!({}), Deadline::After(LONGEST)).await;
            let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            match &answer {
                Err(error) if !is_up => return unanswered(error),
                _ => lock(&self.status).looked(self.state.clock.now_ms(), answer.is_ok().then_some(took)),
            }
            if !is_up {
                is_up = true;
                self.up(connection);
                tell(&self.state, &self.id, Standing::Connected.word());
            }
            let end = tokio::select! {
                end = connection.ended() => end,
                () = sleep(EVERY) => continue,
            };
            let problem = Problem::new("LOST", &format!("the connection was lost: {end}"), None);
            return Down { problem, standing: Standing::Waiting, wait: None };
        }
    }
}

/// What its first look says of a gateway that did not answer it.
fn unanswered(error: &RequestError) -> Down {
    let refused = error.refusal().is_some_and(|refusal| refusal.prospect() != Prospect::Retry);
    let (standing, wait) = if refused { (Standing::Refused, Some(SLOW)) } else { (Standing::Waiting, None) };
    Down { problem: silent(error), standing, wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_dates() {
        for good in ["2026.2.9", "2026.10.1", "2027.1.1", "2026.9.6-beta.1"] {
            assert!(gets_on(good), "{good}");
        }
        for bad in ["2026.2.8", "2025.12.31", "dev", "", "2026"] {
            assert!(!gets_on(bad), "{bad}");
        }
    }

    #[test]
    fn an_hour_of_looks_is_remembered() {
        let mut status = Status::new(0);
        for n in 0..200 {
            status.looked(n, (n % 2 == 0).then_some(3));
        }
        assert_eq!((status.history.len(), status.history[0].ts, status.latency_ms), (HISTORY, 80, None));
    }
}
