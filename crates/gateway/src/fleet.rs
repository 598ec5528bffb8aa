//! Other gateways that people reach through this one (specification 000, MISSION F7).
//!
//! What is kept of each is one member of a setting of the store, its token sealed ([`kept`]). A task for each gateway keeps a
//! connection that may only read, and tells how it is ([`keeper`]). Whoever calls something there gets a connection of their own with
//! no more rights than they have here ([`line`]), so subscriptions and events of two people never mix, and a gateway on which nobody
//! looks at approvals knows that nobody does. All of them connect in one way ([`reach`]).

mod keeper;
mod kept;
mod line;
mod probe;
mod reach;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openclaw_client::DeviceIdentity;
use openclaw_core::record::AuditEvent;
use openclaw_protocol::{
    WireError, detail,
    event::{Event, GatewaysChanged},
};
use openclaw_seal::{Cipher, KeyRing, Means, Protection, Sealer, Use};
use openclaw_store::{Change, Transaction};
use serde_json::{Value, value::RawValue};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

pub(crate) use keeper::{Problem, Sample, Status};
pub(crate) use kept::{Draft, Kept, MAX_GATEWAYS, id_of, workspace_under};
pub(crate) use probe::{Tested, probe, warnings};

use crate::{call::Call, fault, hub::ConnNumber, state::State};
use line::{Lines, Wish, gone};

/// Under which name the store keeps them.
const SETTING: &str = "fleet.gateways";
/// Most of a text of another gateway that is shown, letters.
const LONGEST_TEXT: usize = 400;
/// As long as somebody waits to follow a gateway.
const ATTACH: Duration = Duration::from_secs(60);

/// The gateways that are known, by id.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    book: Mutex<BTreeMap<Arc<str>, Entry>>,
    lines: Lines,
    /// Held by whoever changes the book, from looking to telling.
    changing: tokio::sync::Mutex<()>,
    own: tokio::sync::Mutex<Option<Own>>,
}

#[derive(Debug)]
struct Entry {
    kept: Arc<Kept>,
    status: Arc<Mutex<Status>>,
    stop: CancellationToken,
}

/// What this gateway shows to others, and what seals their tokens.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    identity: Arc<DeviceIdentity>,
    sealer: Sealer,
}

/// A gateway that a caller follows.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) id: Arc<str>,
    /// Its name for people.
    pub(crate) name: String,
    /// Its hello, without anything secret.
    pub(crate) hello: Value,
}

/// A gateway as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: Arc<str>,
    pub(crate) kept: Arc<Kept>,
    pub(crate) status: Status,
}

impl Fleet {
    fn book(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Entry>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them, the primary one first, then by name.
    pub(crate) fn list(&self) -> Vec<Seen> {
        let book = self.book();
        let mut list: Vec<Seen> = book.iter().map(|(id, entry)| seen(id, entry)).collect();
        list.sort_by(|left, right| (!left.kept.primary, &left.kept.name).cmp(&(!right.kept.primary, &right.kept.name)));
        list
    }

    /// One of them.
    ///
    /// # Errors
    /// When there is none with this id.
    pub(crate) fn get(&self, id: &str) -> Result<Seen, WireError> {
        let book = self.book();
        book.get_key_value(id).map(|(id, entry)| seen(id, entry)).ok_or_else(|| {
            WireError::not_found(format!("no gateway is known as \"{}\"; gateways.list names them", clip(id, 80)))
        })
    }

    /// Held while somebody changes what is kept.
    pub(crate) async fn changing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    /// What this gateway shows to others; made when it is first needed.
    ///
    /// # Errors
    /// When the keys of the state directory cannot be used.
    pub(crate) async fn own(&self, state: &State) -> Result<Own, WireError> {
        let mut own = self.own.lock().await;
        if let Some(own) = &*own {
            return Ok(own.clone());
        }
        let derivation = state.active().loaded.config.key_derivation();
        let (folder, means) = (state.state_dir.clone(), Means::of(&state.environment));
        let (ids, clock) = (state.ids.clone(), state.clock.clone());
        let make = move || {
            let keys = KeyRing::of(&folder)
                .ensure(&means, &Protection::Usual, derivation, &ids, clock.now_ms())
                .map_err(|error| error.to_string())?;
            let file = folder.join("identity").join("fleet.json");
            let identity = DeviceIdentity::load_or_create(&file, &ids, &clock).map_err(|error| error.to_string())?;
            Ok(Own { identity: Arc::new(identity), sealer: Sealer::new(&keys, &ids, Use::Fleet, Cipher::Gcm) })
        };
        let made: Result<Own, String> =
            tokio::task::spawn_blocking(make).await.unwrap_or_else(|error| Err(error.to_string()));
        let made = made.map_err(|why| WireError::unavailable(detail::STORE_UNAVAILABLE, why))?;
        *own = Some(made.clone());
        Ok(made)
    }

    /// Seals a token for the gateway with this id at this address, and for no other.
    ///
    /// # Errors
    /// As [`Fleet::own`].
    pub(crate) async fn seal(&self, state: &State, id: &str, url: &str, token: &str) -> Result<String, WireError> {
        Ok(self.own(state).await?.sealer.seal(&place(id, url), token))
    }

    /// Keeps a gateway, or forgets it, with the record of who did that; then it is reached as it is kept now. The caller holds
    /// [`Fleet::changing`].
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn write(
        &self,
        state: &Arc<State>,
        id: &str,
        kept: Option<Kept>,
        audit: AuditEvent,
    ) -> Result<(), WireError> {
        let mut entries = serde_json::Map::new();
        let mut moved = Vec::new();
        if kept.as_ref().is_some_and(|kept| kept.primary) {
            // There is one primary gateway; whoever was it is it no more.
            for other in self.list().into_iter().filter(|other| other.kept.primary && &*other.id != id) {
                let kept = Kept { primary: false, ..(*other.kept).clone() };
                entries.insert(other.id.to_string(), serde_json::to_value(&kept).unwrap_or_default());
                moved.push((other.id, kept));
            }
        }
        let doc = kept.as_ref().map(|kept| serde_json::to_value(kept).unwrap_or_default());
        entries.insert(id.to_owned(), doc.unwrap_or_default());
        let change = Change::MergeSetting {
            name: SETTING.to_owned(),
            entries,
            expected: serde_json::Map::new(),
            most: MAX_GATEWAYS,
        };
        let transaction = Transaction { changes: vec![change], audit, idempotency: None };
        state.store.write(transaction).await.map_err(|error| fault::store(&error))?;
        for (id, kept) in moved {
            if let Some(entry) = self.book().get_mut(&id) {
                entry.kept = Arc::new(kept);
            }
        }
        match kept {
            Some(kept) => self.adopt(state, id, kept),
            None => {
                if let Some(entry) = self.book().remove(id) {
                    entry.stop.cancel();
                }
                self.lines.end(id);
                tell(state, &Arc::from(id), "removed");
            }
        }
        Ok(())
    }

    /// Reaches a gateway as it is kept now. A change that nothing of a connection depends on leaves it.
    fn adopt(&self, state: &Arc<State>, id: &str, kept: Kept) {
        let id: Arc<str> = Arc::from(id);
        let kept = Arc::new(kept);
        let mut book = self.book();
        if let Some(entry) = book.get_mut(&id)
            && entry.kept.reaches_as(&kept)
        {
            entry.kept = kept;
            drop(book);
            tell(state, &id, self.get(&id).map_or("waiting", |seen| seen.status.state.word()));
            return;
        }
        let stop = state.tasks.stop_token().child_token();
        let status = Arc::new(Mutex::new(Status::new(state.clock.now_ms())));
        let entry = Entry { kept: Arc::clone(&kept), status: Arc::clone(&status), stop: stop.clone() };
        if let Some(former) = book.insert(Arc::clone(&id), entry) {
            former.stop.cancel();
        }
        drop(book);
        self.lines.end(&id);
        tell(state, &id, "connecting");
        state.tasks.spawn("fleet gateway", keeper::run(Arc::clone(state), id, kept, status, stop));
    }

    /// A connection is gone, and with it what it had elsewhere.
    pub(crate) fn left(&self, number: ConnNumber) {
        self.lines.left(number);
    }

    /// Calls a method of a gateway over the caller's own connection, which is made when there is none. `after` spans everything.
    ///
    /// # Errors
    /// What that gateway says, or why it says nothing.
    pub(crate) async fn call(
        &self,
        call: &Call,
        id: &str,
        method: &str,
        params: &RawValue,
        after: Duration,
    ) -> Result<Box<RawValue>, WireError> {
        let deadline = Instant::now() + after;
        let through = timeout_at(deadline, self.lines.of(call, self, id, Wish::Call)).await;
        through.map_err(|_| not_in_time(id))??.request(call, method, params, deadline).await
    }

    /// Has the events of a gateway told to the caller, over the caller's own connection: all of them, or `only` those so called.
    ///
    /// # Errors
    /// Why there is none, or that the caller follows as many as it may.
    pub(crate) async fn attach(&self, call: &Call, id: &str, only: Option<Vec<String>>) -> Result<Attached, WireError> {
        let follow = async { self.lines.of(call, self, id, Wish::Follow).await?.follow(call, only).await };
        let hello = timeout(ATTACH, follow).await.map_err(|_| not_in_time(id))??;
        let seen = self.get(id)?;
        Ok(Attached { id: seen.id, name: seen.kept.name.clone(), hello })
    }

    /// Gives up the caller's connection to a gateway. Whether there was one.
    pub(crate) fn detach(&self, number: ConnNumber, id: &str) -> bool {
        self.lines.drop_one(number, id)
    }
}

fn not_in_time(id: &str) -> WireError {
    gone(id, "no connection to it came up in time")
}

fn seen(id: &Arc<str>, entry: &Entry) -> Seen {
    let status = entry.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Seen { id: Arc::clone(id), kept: Arc::clone(&entry.kept), status }
}

/// Where a token is sealed for. No id has a space, so no two pairs are written alike.
fn place(id: &str, url: &str) -> String {
    format!("fleet {id} {url}")
}

fn tell(state: &State, id: &Arc<str>, word: &'static str) {
    let changed = GatewaysChanged { id: Arc::clone(id), state: word, ts: state.clock.now_ms() };
    state.hub.publish(Event::GatewaysChanged(changed));
}

/// So many letters of what others said, without those that steer a terminal.
fn clip(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

/// Reaches the gateways that are kept. One that does not read is left alone and said so.
///
/// # Errors
/// What the store says.
pub(crate) async fn start(state: &Arc<State>) -> Result<(), openclaw_store::Error> {
    let kept = state.store.read(|reader| reader.setting(SETTING)).await?;
    let Some(Value::Object(members)) = kept else { return Ok(()) };
    for (id, doc) in members {
        match serde_json::from_value::<Kept>(doc) {
            Ok(kept) => state.fleet.adopt(state, &id, kept),
            Err(error) => {
                tracing::warn!(id = id.as_str(), %error, "A gateway of the fleet does not read; add it again");
            }
        }
    }
    Ok(())
}
