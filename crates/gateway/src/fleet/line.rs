//! Somebody's own connections to other gateways: with no more rights than they have here, and gone with their connection here.

mod forward;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use openclaw_client::{Deadline, RequestError, Supervised, connect_supervised};
use openclaw_protocol::{ErrorCode, Scope, Scopes, WireError, detail, frame::Mirror};
use serde_json::{Value, value::RawValue};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{Fleet, LONGEST_TEXT, Seen, clip, keeper, reach, reach::Purpose};
use crate::{call::Call, hub::ConnNumber};
use forward::Forward;

/// Connections of everybody together.
const MOST: usize = 256;
/// Gateways that one caller follows at the same time.
const MOST_ATTACHED: usize = 32;
/// One that nobody follows and nobody used for so long ends.
const IDLE_MS: i64 = 60_000;
/// Most of a refusal's details that is passed on, bytes.
const LONGEST_DETAILS: usize = 64 << 10;
/// Room for what stands around a payload in a frame, bytes.
const AROUND: usize = 1 << 10;

/// Whose connection, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    caller: ConnNumber,
    gateway: Arc<str>,
}

/// What somebody wants a connection to another gateway for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To call something there.
    Call,
    /// To hear what happens there.
    Follow,
}

/// Everybody's connections to other gateways.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<HashMap<Key, Arc<Slot>>>);

/// The place of one of them, from before it is made to its end.
#[derive(Debug)]
struct Slot {
    through: tokio::sync::Mutex<Option<Arc<Through>>>,
    /// Whether that gateway takes its caller for somebody who looks at approvals.
    reviews: bool,
    life: Arc<Life>,
}

/// What a connection, its place and its task know of each other.
#[derive(Debug)]
struct Life {
    /// Whether it counts among those that its caller may follow.
    attached: AtomicBool,
    /// Whether its events are told.
    followed: AtomicBool,
    /// The events that are told, when not all of them are.
    only: Mutex<Option<Vec<String>>>,
    last: AtomicI64,
    stop: CancellationToken,
    /// Known before `stop`; nothing when this gateway itself stops.
    ended: OnceLock<Ended>,
}

/// Why a connection ended.
#[derive(Clone, Debug)]
enum Ended {
    /// Its gateway was changed or removed.
    Changed,
    /// Its caller gave it up.
    Detached,
    /// Its caller is gone.
    Left,
    /// Nobody used it, or whoever was to make it did not wait for that.
    Unused,
    /// Its caller got another, which that gateway knows to look at approvals.
    Replaced,
    /// That gateway ended it for good.
    Lost(String),
    /// It did not come up.
    Failed(WireError),
}

impl Life {
    fn end(&self, why: Ended) {
        let _ = self.ended.set(why);
        self.stop.cancel();
    }

    /// What somebody is told who waited for it; nothing when they may well have another.
    fn refusal(&self, id: &str) -> Option<WireError> {
        match self.ended.get() {
            Some(Ended::Failed(error)) => Some(error.clone()),
            Some(Ended::Unused | Ended::Replaced | Ended::Lost(_)) => None,
            Some(Ended::Changed | Ended::Detached | Ended::Left) | None => {
                Some(gone(id, self.words().unwrap_or_default()))
            }
        }
    }

    /// What its caller is told of its end, if anything.
    fn words(&self) -> Option<&str> {
        match self.ended.get() {
            None => Some("this gateway stops"),
            Some(Ended::Changed) => Some("the gateway was changed or removed"),
            Some(Ended::Detached) => Some("it was detached"),
            Some(Ended::Left) => Some("the connection here is gone"),
            Some(Ended::Lost(why)) => Some(why),
            Some(Ended::Unused | Ended::Replaced | Ended::Failed(_)) => None,
        }
    }

    fn only(&self) -> MutexGuard<'_, Option<Vec<String>>> {
        self.only.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves when its gateway was changed or removed: nothing more is asked with what was known of it then.
    async fn changed(&self) {
        self.stop.cancelled().await;
        if !matches!(self.ended.get(), Some(Ended::Changed)) {
            std::future::pending::<()>().await;
        }
    }
}

/// A caller's connection to another gateway.
#[derive(Debug)]
pub(super) struct Through {
    id: Arc<str>,
    supervised: Supervised,
    life: Arc<Life>,
}

impl Lines {
    fn map(&self) -> MutexGuard<'_, HashMap<Key, Arc<Slot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller's connection to this gateway.
    pub(super) async fn of(&self, call: &Call, fleet: &Fleet, id: &str, wish: Wish) -> Result<Arc<Through>, WireError> {
        let key = Key { caller: call.conn().number, gateway: fleet.get(id)?.id };
        loop {
            let slot = self.place(call, &key, wish)?;
            if let Some(through) = self.held(call, fleet, &key, &slot).await? {
                return Ok(through);
            }
            // It ended meanwhile in a way that lets its caller have another.
            if let Some(error) = slot.life.refusal(id) {
                return Err(error);
            }
        }
    }

    /// The connection of a place, made when there is none; nothing once the place was given up.
    async fn held(
        &self,
        call: &Call,
        fleet: &Fleet,
        key: &Key,
        slot: &Arc<Slot>,
    ) -> Result<Option<Arc<Through>>, WireError> {
        let mut through = slot.through.lock().await;
        if slot.life.stop.is_cancelled() {
            return Ok(None);
        }
        slot.life.last.store(call.now_ms(), Ordering::Relaxed);
        if let Some(through) = &*through {
            return Ok(Some(Arc::clone(through)));
        }
        let claim = Claim { lines: self, key, slot, kept: false };
        let made = tokio::select! {
            biased;
            () = slot.life.stop.cancelled() => return Ok(None),
            made = make(call, fleet, key, slot) => made,
        };
        match made {
            Ok(made) => {
                *through = Some(Arc::clone(&made));
                claim.keep();
                Ok(Some(made))
            }
            Err(error) => Err(claim.failed(error)),
        }
    }

    /// The place of the caller's connection, which is there from now on and ended by whoever ends the connection.
    fn place(&self, call: &Call, key: &Key, wish: Wish) -> Result<Arc<Slot>, WireError> {
        let state = call.state();
        let attached = wish == Wish::Follow;
        // A program that calls through us shows approvals to nobody, nor does whoever may not hear of them.
        let reviews = attached && call.conn().view.ui && state.hub.may_hear(key.caller, Scope::Approvals);
        let mut map = self.map();
        if attached {
            let other = |(there, slot): (&Key, &Arc<Slot>)| {
                there.caller == key.caller && there != key && slot.life.attached.load(Ordering::Relaxed)
            };
            if map.iter().filter(|one| other(*one)).count() >= MOST_ATTACHED {
                let text = format!("{MOST_ATTACHED} gateways are attached, which is the most; detach one first");
                return Err(WireError::unavailable(detail::TOO_MANY_CONNECTIONS, text).with("limit", MOST_ATTACHED));
            }
        }
        if let Some(slot) = map.get(key) {
            if slot.reviews || !reviews {
                slot.life.attached.fetch_or(attached, Ordering::Relaxed);
                return Ok(Arc::clone(slot));
            }
            slot.life.end(Ended::Replaced);
            map.remove(key);
        }
        if map.len() >= MOST {
            let text = format!("{MOST} connections to other gateways are open; try again when some have ended");
            return Err(WireError::unavailable(detail::TOO_MANY_CONNECTIONS, text).retryable(Some(5_000)));
        }
        let life = Life {
            attached: AtomicBool::new(attached),
            followed: AtomicBool::new(false),
            only: Mutex::default(),
            last: AtomicI64::new(call.now_ms()),
            stop: state.tasks.stop_token().child_token(),
            ended: OnceLock::new(),
        };
        let slot = Arc::new(Slot { through: tokio::sync::Mutex::default(), reviews, life: Arc::new(life) });
        map.insert(key.clone(), Arc::clone(&slot));
        Ok(slot)
    }

    /// Ends a connection and gives up its place, whoever still holds either.
    fn forget(&self, key: &Key, slot: &Arc<Slot>, why: Ended) {
        let mut map = self.map();
        slot.life.end(why);
        if map.get(key).is_some_and(|there| Arc::ptr_eq(there, slot)) {
            map.remove(key);
        }
    }

    /// Ends everybody's connections to a gateway that was changed or removed.
    pub(super) fn end(&self, id: &str) {
        self.end_where(&Ended::Changed, |key| &*key.gateway == id);
    }

    /// Ends the connections of somebody who is gone.
    pub(super) fn left(&self, number: ConnNumber) {
        self.end_where(&Ended::Left, |key| key.caller == number);
    }

    /// Ends one that its caller gives up. Whether there was one.
    pub(super) fn drop_one(&self, number: ConnNumber, id: &str) -> bool {
        self.end_where(&Ended::Detached, |key| key.caller == number && &*key.gateway == id)
    }

    fn end_where(&self, why: &Ended, which: impl Fn(&Key) -> bool) -> bool {
        let mut map = self.map();
        let before = map.len();
        map.retain(|key, slot| {
            let ends = which(key);
            if ends {
                slot.life.end(why.clone());
            }
            !ends
        });
        map.len() < before
    }
}

/// Somebody who makes a connection for a place. Whoever stops half-way gives the place back.
struct Claim<'a> {
    lines: &'a Lines,
    key: &'a Key,
    slot: &'a Arc<Slot>,
    kept: bool,
}

impl Claim<'_> {
    fn keep(mut self) {
        self.kept = true;
    }

    /// Those who wait for the same connection are told the same.
    fn failed(self, error: WireError) -> WireError {
        self.lines.forget(self.key, self.slot, Ended::Failed(error.clone()));
        error
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.lines.forget(self.key, self.slot, Ended::Unused);
        }
    }
}

/// Connects for a place, and has its events told.
async fn make(call: &Call, fleet: &Fleet, key: &Key, slot: &Arc<Slot>) -> Result<Arc<Through>, WireError> {
    // Read now that whoever changes the gateway finds this place: a change in between would be missed otherwise.
    let seen = fleet.get(&key.gateway)?;
    let made = Arc::new(connect(call, &seen, slot).await?);
    let forward = Forward::new(call, key, slot);
    let (events, link) = (made.supervised.events(), made.supervised.state());
    call.state().tasks.spawn("fleet line", forward.run(events, link));
    Ok(made)
}

async fn connect(call: &Call, seen: &Seen, slot: &Slot) -> Result<Through, WireError> {
    let state = call.state();
    let principal = call.principal();
    let scopes: Scopes = reach::everything().iter().filter(|scope| principal.may(*scope)).collect();
    let ui = call.conn().view.ui;
    let caps = [("tool-events", ui), ("approvals", slot.reviews)];
    let purpose = Purpose {
        scopes,
        mode: if ui { "ui" } else { "backend" },
        caps: caps.into_iter().filter(|(_, has)| *has).map(|(cap, _)| cap.to_owned()).collect(),
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
    Ok(Through { id: Arc::clone(&seen.id), supervised, life: Arc::clone(&slot.life) })
}

pub(super) fn gone(id: &str, why: &str) -> WireError {
    let text = format!("{}: {}", clip(id, 80), clip(why, LONGEST_TEXT));
    WireError::unavailable("GATEWAY_LOST", text).with("gateway", id).retryable(Some(1_000))
}

/// Refuses what would end the connection of a caller, who cannot help how much another gateway says.
fn fits(call: &Call, id: &str, bytes: usize) -> Result<(), WireError> {
    let copies = if call.conn().mirror == Mirror::Result { 2 } else { 1 };
    let most = call.conn().outbox.room().saturating_sub(AROUND) / copies;
    if bytes <= most {
        return Ok(());
    }
    let text = format!(
        "{id} answered with {bytes} bytes, and no more than {most} may still wait for this connection; read what waits, ask for \
         less, or raise gateway.limits.maxBufferedBytes"
    );
    Err(WireError::unavailable("ANSWER_TOO_LONG", text)
        .with("gateway", id)
        .with("key", "gateway.limits.maxBufferedBytes"))
}

impl Through {
    /// Has its events told to its caller, all or `only` some, and gives the hello of that gateway without anything secret. What was
    /// said last of which holds.
    ///
    /// # Errors
    /// When the connection is gone for good, or its hello is too long for the caller.
    pub(super) async fn follow(&self, call: &Call, only: Option<Vec<String>>) -> Result<Value, WireError> {
        let connection = self.supervised.connection().await.map_err(|why| gone(&self.id, &why))?;
        let payload = connection.hello().payload.0.get();
        fits(call, &self.id, payload.len())?;
        let hello: Value = serde_json::from_str(payload).unwrap_or_default();
        let auth = &hello["auth"];
        let mut shown = serde_json::json!({ "auth": { "role": auth["role"], "scopes": auth["scopes"] } });
        // What is named here holds no secret; a hello of a newer gateway may hold one elsewhere.
        for member in ["type", "protocol", "server", "features", "snapshot", "policy"] {
            if let Some(value) = hello.get(member) {
                shown[member] = value.clone();
            }
        }
        *self.life.only() = only;
        self.life.followed.store(true, Ordering::Relaxed);
        Ok(shown)
    }

    /// Calls a method there.
    ///
    /// # Errors
    /// What that gateway says, or why it says nothing until then.
    pub(super) async fn request(
        &self,
        call: &Call,
        method: &str,
        params: &RawValue,
        deadline: Instant,
    ) -> Result<Box<RawValue>, WireError> {
        tokio::select! {
            biased;
            () = self.life.changed() => Err(gone(&self.id, self.life.words().unwrap_or_default())),
            answer = self.exchange(call, method, params, deadline) => answer,
        }
    }

    async fn exchange(
        &self,
        call: &Call,
        method: &str,
        params: &RawValue,
        deadline: Instant,
    ) -> Result<Box<RawValue>, WireError> {
        let connected = timeout_at(deadline, self.supervised.connection()).await;
        let connection = connected
            .map_err(|_| gone(&self.id, "it is not connected at the moment"))?
            .map_err(|why| gone(&self.id, &why))?;
        let accepted = |payload: &RawValue| {
            // Its last answer comes all the same.
            if fits(call, &self.id, payload.get().len()).is_ok() {
                call.accepted(&payload);
            }
        };
        let asked = timeout_at(deadline, connection.request_with(method, params, Deadline::Never, accepted)).await;
        let answer = asked.map_err(|_| {
            let text = format!("{}: {method} was not answered in time; it may still be done there", self.id);
            WireError::unavailable(detail::TIMEOUT, text).with("gateway", &*self.id)
        })?;
        let answer = answer.map_err(|error| self.wire(&error))?;
        fits(call, &self.id, answer.get().len())?;
        Ok(answer)
    }

    fn wire(&self, error: &RequestError) -> WireError {
        let text = clip(&error.to_string(), LONGEST_TEXT);
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
                let message = clip(&refusal.message, LONGEST_TEXT);
                let mut error = WireError::new(code, clip(refusal.reason(), 64), message).with("gateway", id);
                if refusal.details.to_string().len() <= LONGEST_DETAILS {
                    error.details.members.push(("remote", refusal.details.clone()));
                }
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
