//! Somebody's own connections to other gateways: with no more rights than they have here, and gone with their connection here.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use openclaw_client::{Deadline, Delivery, EventStream, RequestError, State as Link, Supervised, connect_supervised};
use openclaw_protocol::{ErrorCode, Scope, Scopes, WireError, detail, event::node::direct};
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Seen, keeper, reach, reach::Purpose};
use crate::{call::Call, hub::ConnNumber, outbox::Outbox, state::State};

/// Connections of everybody together.
const MOST: usize = 256;
/// One that nobody follows and nobody used for so long ends.
const IDLE_MS: i64 = 60_000;
/// How often that is looked at.
const LOOK: Duration = Duration::from_secs(30);

type Key = (ConnNumber, Arc<str>);

/// Everybody's connections to other gateways.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<HashMap<Key, Arc<Slot>>>);

#[derive(Debug)]
struct Slot {
    through: tokio::sync::Mutex<Option<Arc<Through>>>,
    stop: CancellationToken,
}

/// A caller's connection to another gateway.
#[derive(Debug)]
pub(crate) struct Through {
    id: Arc<str>,
    supervised: Supervised,
    used: Arc<Used>,
}

#[derive(Debug)]
struct Used {
    /// Whether its events are told.
    followed: AtomicBool,
    last: AtomicI64,
}

/// What a caller is told of a gateway that it follows.
pub(crate) struct Attached {
    /// The hello, without anything secret.
    pub(crate) hello: Value,
}

/// An event of another gateway, as a caller is told it.
#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    event: &'a str,
    payload: &'a RawValue,
}

/// What became of a caller's connection to another gateway.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    /// `gap`: events are missing, fetch anew. `lost`: the connection is gone.
    state: &'static str,
    why: &'a str,
}

impl Lines {
    fn map(&self) -> MutexGuard<'_, HashMap<Key, Arc<Slot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller's connection to this gateway.
    pub(super) async fn of(&self, call: &Call, seen: &Seen) -> Result<Arc<Through>, WireError> {
        let state = call.state();
        let key = (call.conn().number, Arc::clone(&seen.id));
        let slot = {
            let mut map = self.map();
            if !map.contains_key(&key) && map.len() >= MOST {
                return Err(WireError::unavailable(
                    detail::TOO_MANY_CONNECTIONS,
                    format!("{MOST} connections to other gateways are open; try again when some have ended"),
                )
                .retryable(Some(5_000)));
            }
            let fresh = || {
                Arc::new(Slot { through: tokio::sync::Mutex::default(), stop: state.tasks.stop_token().child_token() })
            };
            Arc::clone(map.entry(key.clone()).or_insert_with(fresh))
        };
        let mut through = slot.through.lock().await;
        if let Some(through) = &*through {
            through.used.last.store(state.clock.now_ms(), Ordering::Relaxed);
            return Ok(Arc::clone(through));
        }
        let made = tokio::select! {
            made = connect(call, seen) => made,
            () = slot.stop.cancelled() => Err(gone(&seen.id, "the gateway was changed or removed")),
        };
        let made = match made {
            Ok(made) => Arc::new(made),
            Err(error) => {
                self.forget(&key, &slot);
                return Err(error);
            }
        };
        let forward = Forward {
            state: Arc::clone(state),
            key,
            outbox: Arc::clone(&call.conn().outbox),
            used: Arc::clone(&made.used),
            slot: Arc::clone(&slot),
            behind: false,
        };
        let (events, link) = (made.supervised.events(), made.supervised.state());
        state.tasks.spawn("fleet line", forward.run(events, link));
        *through = Some(Arc::clone(&made));
        Ok(made)
    }

    fn forget(&self, key: &Key, slot: &Arc<Slot>) {
        let mut map = self.map();
        if map.get(key).is_some_and(|there| Arc::ptr_eq(there, slot)) {
            map.remove(key);
        }
    }

    /// Ends everybody's connections to a gateway.
    pub(super) fn end(&self, id: &str) {
        self.end_where(|(_, gateway)| &**gateway == id);
    }

    /// Ends the connections of somebody who is gone.
    pub(super) fn left(&self, number: ConnNumber) {
        self.end_where(|(conn, _)| *conn == number);
    }

    /// Ends one. Whether there was one.
    pub(super) fn drop_one(&self, number: ConnNumber, id: &str) -> bool {
        self.end_where(|(conn, gateway)| *conn == number && &**gateway == id)
    }

    fn end_where(&self, which: impl Fn(&Key) -> bool) -> bool {
        let mut map = self.map();
        let before = map.len();
        map.retain(|key, slot| {
            let ends = which(key);
            if ends {
                slot.stop.cancel();
            }
            !ends
        });
        map.len() < before
    }
}

async fn connect(call: &Call, seen: &Seen) -> Result<Through, WireError> {
    let state = call.state();
    let principal = call.principal();
    let scopes: Scopes = reach::everything().iter().filter(|scope| principal.may(*scope)).collect();
    let ui = call.conn().view.ui;
    let purpose = Purpose {
        scopes,
        mode: if ui { "ui" } else { "backend" },
        // A program that calls through us shows approvals to nobody.
        caps: if ui { vec!["tool-events".to_owned(), "approvals".to_owned()] } else { Vec::new() },
        shown_as: reach::shown_as(state, Some(&principal.audit_name())),
    };
    let refused = |problem: &super::Problem| {
        let fix = problem.fix.as_ref().map(|fix| format!("; {fix}")).unwrap_or_default();
        WireError::unavailable("GATEWAY_UNREACHABLE", format!("{}: {}{fix}", seen.kept.name, problem.message))
            .with("gateway", &*seen.id)
            .with("reason", problem.code.as_str())
            .retryable(Some(5_000))
    };
    let options =
        reach::options(state, &seen.id, &seen.kept, None, purpose).await.map_err(|problem| refused(&problem))?;
    let supervised = match connect_supervised(options).await {
        Ok(supervised) => supervised,
        Err(error) => return Err(refused(&reach::problem(&error, &reach::own_device(state).await))),
    };
    let boot = supervised.connection().await.ok().and_then(|one| one.hello().server.boot_id.clone());
    if boot.as_deref() == Some(&state.boot_id) {
        return Err(refused(&keeper::itself()));
    }
    let used = Used { followed: AtomicBool::new(false), last: AtomicI64::new(state.clock.now_ms()) };
    Ok(Through { id: Arc::clone(&seen.id), supervised, used: Arc::new(used) })
}

fn gone(id: &str, why: &str) -> WireError {
    WireError::unavailable("GATEWAY_LOST", format!("{id}: {why}")).with("gateway", id).retryable(Some(1_000))
}

impl Through {
    /// Has its events told to its caller, and says what that gateway said of itself.
    ///
    /// # Errors
    /// When the connection is gone for good.
    pub(crate) async fn follow(&self) -> Result<Attached, WireError> {
        let connection = self.supervised.connection().await.map_err(|why| gone(&self.id, &why))?;
        let hello: Value = serde_json::from_str(connection.hello().payload.0.get()).unwrap_or_default();
        let auth = &hello["auth"];
        let mut shown = serde_json::json!({ "auth": { "role": auth["role"], "scopes": auth["scopes"] } });
        // What is named here holds no secret; a hello of a newer gateway may hold one elsewhere.
        for member in ["type", "protocol", "server", "features", "snapshot", "policy"] {
            if let Some(value) = hello.get(member) {
                shown[member] = value.clone();
            }
        }
        self.used.followed.store(true, Ordering::Relaxed);
        Ok(Attached { hello: shown })
    }

    /// Calls a method there.
    ///
    /// # Errors
    /// What that gateway says, or why it says nothing.
    pub(crate) async fn request(
        &self,
        method: &str,
        params: &impl Serialize,
        after: Duration,
        on_accepted: impl FnOnce(&RawValue),
    ) -> Result<Box<RawValue>, WireError> {
        let connected = tokio::time::timeout(after, self.supervised.connection()).await;
        let connection = connected
            .map_err(|_| gone(&self.id, "it is not connected at the moment"))?
            .map_err(|why| gone(&self.id, &why))?;
        let answer = connection.request_with(method, params, Deadline::After(after), on_accepted).await;
        answer.map_err(|error| self.wire(&error))
    }

    fn wire(&self, error: &RequestError) -> WireError {
        let text = super::clip_message(&error.to_string());
        let id = &*self.id;
        match error {
            RequestError::Refused { refusal, .. } => {
                let code = match refusal.code.as_str() {
                    "FORBIDDEN" => ErrorCode::Forbidden,
                    "NOT_PAIRED" => ErrorCode::NotPaired,
                    "UNAVAILABLE" => ErrorCode::Unavailable,
                    "APPROVAL_NOT_FOUND" => ErrorCode::ApprovalNotFound,
                    _ => ErrorCode::InvalidRequest,
                };
                let reason: String = refusal.reason().chars().take(64).collect();
                let message = super::clip_message(&refusal.message);
                let mut error = WireError::new(code, reason, message).with("gateway", id);
                error.details.members.push(("remote", refusal.details.clone()));
                if refusal.retryable { error.retryable(refusal.retry_after_ms) } else { error }
            }
            RequestError::Timeout { .. } => WireError::unavailable(detail::TIMEOUT, text).with("gateway", id),
            RequestError::Params { .. } => WireError::params(text).with("gateway", id),
            RequestError::Ended { .. } => gone(id, &text),
            RequestError::Answer { .. } | RequestError::TooManyPending { .. } => {
                WireError::unavailable(detail::QUEUE_FULL, text).with("gateway", id).retryable(Some(1_000))
            }
        }
    }
}

/// Tells a caller what its connection hears.
struct Forward {
    state: Arc<State>,
    key: Key,
    outbox: Arc<Outbox>,
    used: Arc<Used>,
    slot: Arc<Slot>,
    /// Events were left out because the caller reads too slowly.
    behind: bool,
}

impl Forward {
    async fn run(mut self, mut events: EventStream, mut link: watch::Receiver<Link>) {
        let mut look = tokio::time::interval(LOOK);
        let why = loop {
            tokio::select! {
                () = self.slot.stop.cancelled() => break None,
                delivery = events.next() => match delivery {
                    Some(delivery) => self.deliver(&delivery),
                    None => break Some("it was closed".to_owned()),
                },
                changed = link.wait_for(|link| matches!(link, Link::Final { .. })) => break Some(match changed.as_deref() {
                    Ok(Link::Final { why }) => why.to_string(),
                    _ => "it was closed".to_owned(),
                }),
                _ = look.tick() => if self.is_idle() { break None },
            }
        };
        self.state.fleet.lines.forget(&self.key, &self.slot);
        // Whoever holds it ends it; a call that is under way may still get its answer.
        self.slot.through.lock().await.take();
        if let Some(why) = why {
            self.say("lost", &why);
        } else if self.slot.stop.is_cancelled() {
            self.say("lost", "the gateway was changed or removed");
        }
    }

    fn is_idle(&self) -> bool {
        let here = self.state.hub.has(self.key.0);
        let followed = here && self.used.followed.load(Ordering::Relaxed);
        !followed && self.state.clock.now_ms() - self.used.last.load(Ordering::Relaxed) > IDLE_MS
    }

    fn deliver(&mut self, delivery: &Delivery) {
        if !self.used.followed.load(Ordering::Relaxed) {
            return;
        }
        // A caller that does not read is not closed for what another gateway says: it is told to fetch anew.
        if self.outbox.bytes() > self.outbox.limit() / 4 {
            self.behind = true;
            return;
        }
        if std::mem::take(&mut self.behind) {
            self.say("gap", "this connection read too slowly");
        }
        match delivery {
            Delivery::Event(event) => {
                if event.name.starts_with("gateways.") || event.name == "connect.challenge" {
                    return;
                }
                let sees = self.state.hub.sees(self.key.0);
                if sees.is_some_and(|sees| !sees.grants(scope_of(&event.name))) {
                    return;
                }
                let told = Told { id: &self.key.1, event: &event.name, payload: &event.payload };
                self.outbox.push(direct("gateways.event", &told));
            }
            Delivery::Missed(_) => self.say("gap", "events were missed"),
            Delivery::Gap(gap) => self.say("gap", &gap.to_string()),
        }
    }

    fn say(&self, state: &'static str, why: &str) {
        if self.used.followed.load(Ordering::Relaxed) {
            let why = super::clip_message(why);
            self.outbox.push(direct("gateways.line", &Line { id: &self.key.1, state, why: &why }));
        }
    }
}

/// The scope that one needs here to hear of such an event.
fn scope_of(event: &str) -> Scope {
    match event {
        "session.approval" => Scope::Approvals,
        "spawn_result" => Scope::Admin,
        _ if event.contains(".approval.") => Scope::Approvals,
        _ if event.contains(".pair.") => Scope::Pairing,
        _ if event.starts_with("question.") => Scope::Questions,
        _ => Scope::Read,
    }
}
