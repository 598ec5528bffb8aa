//! Programs that clients had started (spec 001): which run, what they say, and how they end.
//!
//! A program is in the store before it is started, and again with its process before anybody is told that it runs, so that a
//! start after a crash knows what to look for.

mod at_work;
mod lines;
mod recover;
mod start;
mod tail;

use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use openclaw_core::{Environment, Tasks, record::Spawned};
use openclaw_protocol::{WireError, detail};
use openclaw_sandbox::{Control, Host};
use tokio::sync::watch;
use uuid::Uuid;

pub(crate) use lines::Allowance;
pub(crate) use recover::recover;
pub(crate) use start::{Approved, Asked, start};
pub(crate) use tail::{KEPT as PAGE, Tail};

/// Lines of all programs together that are told in a second.
const LINES_PER_SECOND: u32 = 200;
/// Programs that are over and whose output can still be asked for.
const ENDED: usize = 32;

/// The programs.
#[derive(Debug)]
pub(crate) struct Spawns {
    host: Host,
    /// The variables of the gateway, of which programs get some.
    environment: Environment,
    lines: Allowance,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    running: HashMap<Uuid, Arc<Live>>,
    ended: VecDeque<Arc<Live>>,
    /// Places of those that run and of those that are about to.
    taken: usize,
}

/// A program that this gateway started.
#[derive(Debug)]
pub(crate) struct Live {
    /// What was known of it when it began to run.
    pub(crate) spawned: Spawned,
    /// Its arguments, which are kept nowhere else.
    pub(crate) args: Vec<String>,
    pub(crate) control: Control,
    pub(crate) tail: Tail,
    /// What is known of it once it is over and that is in the store.
    pub(crate) over: watch::Sender<Option<Spawned>>,
}

impl Live {
    /// What is known of it now.
    pub(crate) fn now(&self) -> Spawned {
        self.over.borrow().clone().unwrap_or_else(|| self.spawned.clone())
    }
}

/// A place among the programs that may run.
pub(crate) struct Place<'a>(&'a Spawns);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.table().taken -= 1;
    }
}

impl Spawns {
    /// None yet. `guard` is the program that ends them when the gateway is killed.
    pub(crate) fn new(tasks: &Tasks, guard: Option<PathBuf>, environment: Environment) -> Self {
        Self {
            host: Host::new(tasks.clone(), guard),
            environment,
            lines: Allowance::new(LINES_PER_SECOND),
            table: Mutex::default(),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more, if there is one.
    fn place(&self, most: usize) -> Option<Place<'_>> {
        let mut table = self.table();
        if table.taken >= most {
            return None;
        }
        table.taken += 1;
        Some(Place(self))
    }

    /// It runs. Its place is given back when it is over.
    fn runs(&self, live: &Arc<Live>, place: Place<'_>) {
        std::mem::forget(place);
        self.table().running.insert(live.spawned.spawn_id, Arc::clone(live));
    }

    /// It is over.
    fn ends(&self, live: &Arc<Live>) {
        let mut table = self.table();
        if table.running.remove(&live.spawned.spawn_id).is_some() {
            table.taken -= 1;
        }
        table.ended.push_back(Arc::clone(live));
        if table.ended.len() > ENDED {
            table.ended.pop_front();
        }
    }

    /// Programs that run now.
    pub(crate) fn running(&self) -> usize {
        self.table().running.len()
    }

    /// Those programs.
    pub(crate) fn all(&self) -> Vec<Arc<Live>> {
        self.table().running.values().cloned().collect()
    }

    /// The program of this name that this start of the gateway knows.
    pub(crate) fn get(&self, spawn_id: Uuid) -> Option<Arc<Live>> {
        let table = self.table();
        let ended = || table.ended.iter().find(|live| live.spawned.spawn_id == spawn_id);
        table.running.get(&spawn_id).or_else(ended).cloned()
    }

    /// The program that a caller means: by its `spawnId`, or by the id of the request that started it, which several may have.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub(crate) fn find(&self, id: &str) -> Result<Arc<Live>, WireError> {
        if let Some(live) = Uuid::parse_str(id).ok().and_then(|spawn_id| self.get(spawn_id)) {
            return Ok(live);
        }
        let table = self.table();
        let mut running: Vec<&Arc<Live>> =
            table.running.values().filter(|live| live.spawned.request_id == id).collect();
        running.sort_by_key(|live| live.spawned.started_at);
        match running.as_slice() {
            [] => {}
            [live] => return Ok(Arc::clone(live)),
            several => {
                let names: Vec<String> = several.iter().map(|live| live.spawned.spawn_id.to_string()).collect();
                let text = format!(
                    "several programs were started by requests of this id; name one by its spawnId: {}",
                    names.join(", ")
                );
                return Err(WireError::invalid(detail::CONFLICT, text).with("spawnIds", names));
            }
        }
        let ended = table.ended.iter().rev().find(|live| live.spawned.request_id == id).cloned();
        ended.ok_or_else(|| {
            let shown: String = id.chars().filter(|c| !c.is_control()).take(80).collect();
            WireError::not_found(format!("no program \"{shown}\" is known; spawn.list shows them")).with("id", shown)
        })
    }
}
