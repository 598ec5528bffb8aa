//! The handle that everybody holds.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed, mpsc},
};

use openclaw_core::Clock;
use tokio::sync::{Semaphore, oneshot};

use crate::{
    Opened, Reader, Settings, StateDir,
    audit_key::AuditKey,
    chain::Proof,
    change::{Committed, Transaction},
    error::Error,
    open, schema,
    writer::{Figures, Job, Writer},
};

/// What the gateway remembers. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    jobs: mpsc::Sender<Job>,
    figures: Arc<Figures>,
    /// Connections that nobody reads with. Locked only to take or give one back.
    idle_readers: Mutex<Vec<Reader>>,
    /// One permit per connection; closed with the store.
    permits: Arc<Semaphore>,
    path: PathBuf,
    clock: Clock,
    settings: Settings,
    proof: Proof,
    newest: tokio::sync::watch::Receiver<i64>,
}

/// Figures for metrics and health.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Transactions that wait for the writer.
    pub queued: usize,
    /// How many of those nobody awaits.
    pub detached: usize,
    /// Transactions that somebody awaits and that were not answered yet, be it that they wait or are being written.
    pub awaited: usize,
    /// Most transactions that may wait.
    pub queue_limit: usize,
    /// Commits since opening.
    pub commits: u64,
    /// Transactions that were answered well since opening; divided by `commits` the mean batch.
    pub transactions: u64,
    /// Transactions that were refused since opening.
    pub refused: u64,
    /// Commits that failed since opening; everyone in them got [`Error::Unavailable`].
    pub failed_commits: u64,
    /// Most transactions in one commit since opening.
    pub largest_batch: usize,
    /// Detached transactions that were not written since opening.
    pub dropped: u64,
    /// Reads that run or wait.
    pub reading: usize,
    /// Why nothing can be written any more, for good.
    pub fatal: Option<String>,
}

impl Store {
    /// Opens the database in the state directory, makes or migrates it, ends what a crash cut off and starts the writer's thread.
    /// Blocks for a few milliseconds; much longer only when a migration copies the database.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the file is damaged, belongs to another program, or its audit chain does not end as it should;
    /// [`Error::NewerSchema`]; [`Error::Unwritable`], [`Error::Io`] and [`Error::Sqlite`] when the disk fails.
    pub fn open(dir: &StateDir, clock: Clock, settings: Settings) -> Result<Opened, Error> {
        let (database, recovered) = open::database(dir, &clock, &settings)?;
        let chain_head = database.head.clone();
        let proof = database.proof.clone();
        let (newest, follow) = tokio::sync::watch::channel(chain_head.seq);
        let figures = Arc::new(Figures::default());
        // Bounded by the count of what is queued; the channel itself takes memory only for what waits in it.
        let (jobs, inbox) = mpsc::channel();
        let path = dir.path().join(schema::FILE);
        let writer = Writer {
            path: path.clone(),
            settings: settings.clone(),
            clock: clock.clone(),
            figures: Arc::clone(&figures),
            proof: proof.clone(),
            newest,
            database: Some(database),
            _claim: dir.clone(),
        };
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(inbox))
            .map_err(Error::io("start the writer's thread for", &path))?;
        let permits = Arc::new(Semaphore::new(settings.readers.max(1)));
        let store = Self(Arc::new(Shared {
            jobs,
            figures,
            idle_readers: Mutex::default(),
            permits,
            path,
            clock,
            settings,
            proof,
            newest: follow,
        }));
        Ok(Opened { store, recovered, chain_head })
    }

    /// Applies the transaction and resolves when it and its audit record are on stable storage. Dropping the future does not take the
    /// transaction back.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full; [`Error::Conflict`], [`Error::NotFound`], [`Error::Invalid`], [`Error::TooLarge`],
    /// [`Error::Limit`], [`Error::KeyReused`] and [`Error::Damaged`] when it is refused, with nothing applied;
    /// [`Error::Unavailable`] when its outcome is unknown; [`Error::Corrupt`] when nothing can be written for good; [`Error::Closed`].
    pub async fn write(&self, transaction: Transaction) -> Result<Committed, Error> {
        let (answer, result) = oneshot::channel();
        // Counted first, as in the queue.
        self.0.figures.awaited.fetch_add(1, Relaxed);
        self.enqueue(Job::Write(Box::new(transaction), Some(answer))).inspect_err(|_| {
            self.0.figures.awaited.fetch_sub(1, Relaxed);
        })?;
        result.await.unwrap_or_else(|_| Err(Error::Unavailable { reason: "the writer has ended".to_owned() }))
    }

    /// Queues a transaction that nobody waits for, such as the audit of a refusal. It joins the next commit, which comes at the latest
    /// after [`Settings::linger`]. When too many wait already it is dropped and counted.
    pub fn write_detached(&self, transaction: Transaction) {
        let figures = &self.0.figures;
        let limit = self.0.settings.detached;
        let admitted =
            figures.detached.fetch_update(Relaxed, Relaxed, |waiting| (waiting < limit).then_some(waiting + 1));
        if admitted.is_err() {
            figures.dropped.fetch_add(1, Relaxed);
            return;
        }
        if self.enqueue(Job::Write(Box::new(transaction), None)).is_err() {
            figures.detached.fetch_sub(1, Relaxed);
            figures.dropped.fetch_add(1, Relaxed);
        }
    }

    fn enqueue(&self, job: Job) -> Result<(), Error> {
        let limit = self.0.settings.queue.max(1);
        // Counted first: the writer may take the job before `send` returns.
        let queued = &self.0.figures.queued;
        queued
            .fetch_update(Relaxed, Relaxed, |waiting| (waiting < limit).then_some(waiting + 1))
            .map_err(|waiting| Error::Busy { waiting })?;
        self.0.jobs.send(job).map_err(|_| {
            queued.fetch_sub(1, Relaxed);
            self.ended()
        })
    }

    fn ended(&self) -> Error {
        match self.0.figures.fatal.get() {
            Some(why) => Error::Corrupt { path: self.0.path.clone(), why: why.clone() },
            None => Error::Closed,
        }
    }

    /// Runs `read` on a blocking thread with one consistent view of the database: every write that was answered before is in it,
    /// none that commits meanwhile. Never waits for the writer.
    ///
    /// # Errors
    /// Whatever `read` gives; [`Error::Busy`] when too many reads wait; [`Error::Closed`].
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let limit = self.0.settings.waiting_reads;
        let waiting = Waiting::enter(&self.0.figures);
        if waiting.before >= limit {
            return Err(Error::Busy { waiting: limit });
        }
        let permit = Arc::clone(&self.0.permits).acquire_owned().await.map_err(|_| Error::Closed)?;
        let shared = Arc::clone(&self.0);
        let reading = tokio::task::spawn_blocking(move || {
            let reader = shared.take_reader()?;
            let result = reader.snapshot(read);
            shared.give_back(reader);
            drop(permit);
            result
        });
        reading.await.unwrap_or_else(|error| Err(Error::Unavailable { reason: format!("a read ended early: {error}") }))
    }

    /// Writes what is queued, refuses everything later and closes the database. The lock on the state directory ends when the last
    /// [`StateDir`] is dropped, too.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the database cannot be closed; everything acknowledged is on stable storage all the same.
    pub async fn close(self) -> Result<(), Error> {
        self.0.permits.close();
        self.0.idle().clear();
        let (answer, closed) = oneshot::channel();
        self.0.figures.queued.fetch_add(1, Relaxed);
        if self.0.jobs.send(Job::Close(answer)).is_err() {
            self.0.figures.queued.fetch_sub(1, Relaxed);
            return Ok(());
        }
        closed.await.unwrap_or(Ok(()))
    }

    /// The number of the newest audit record, to be awaited: it changes after each commit.
    #[must_use]
    pub fn newest_record(&self) -> tokio::sync::watch::Receiver<i64> {
        self.0.newest.clone()
    }

    /// What proves the audit trail.
    #[must_use]
    pub fn audit_key(&self) -> &AuditKey {
        &self.0.proof.key
    }

    /// Figures for metrics and health, as they are now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let figures = &self.0.figures;
        Stats {
            queued: figures.queued.load(Relaxed),
            detached: figures.detached.load(Relaxed),
            awaited: figures.awaited.load(Relaxed),
            queue_limit: self.0.settings.queue,
            commits: figures.commits.load(Relaxed),
            transactions: figures.transactions.load(Relaxed),
            refused: figures.refused.load(Relaxed),
            failed_commits: figures.failed_commits.load(Relaxed),
            largest_batch: figures.largest_batch.load(Relaxed),
            dropped: figures.dropped.load(Relaxed),
            reading: figures.reading.load(Relaxed),
            fatal: figures.fatal.get().cloned(),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_reader(&self) -> Result<Reader, Error> {
        if let Some(reader) = self.idle().pop() {
            return Ok(reader);
        }
        let connection =
            schema::reader(&self.path, &self.settings).map_err(Error::sqlite("open the database for reading"))?;
        Ok(Reader::new(
            connection,
            self.path.clone(),
            self.clock.clone(),
            self.settings.pairing_ttl_ms,
            Arc::clone(&self.figures),
            self.proof.clone(),
        ))
    }

    fn give_back(&self, reader: Reader) {
        if !self.permits.is_closed() && reader.usable() {
            self.idle().push(reader);
        }
    }
}

/// Counts a read for as long as it waits or runs.
struct Waiting {
    figures: Arc<Figures>,
    before: usize,
}

impl Waiting {
    fn enter(figures: &Arc<Figures>) -> Self {
        Self { before: figures.reading.fetch_add(1, Relaxed), figures: Arc::clone(figures) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.figures.reading.fetch_sub(1, Relaxed);
    }
}
