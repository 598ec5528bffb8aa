//! The one thread that writes: takes what waits, applies it, commits it together, answers everybody.

mod batch;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
};

use openclaw_core::Clock;
use rusqlite::Connection;
use tokio::{sync::oneshot, time::Instant};

use crate::{
    StateDir,
    chain::{self, ChainHead, Proof},
    change::{Committed, Transaction},
    error::{Error, is_corruption},
    schema,
    settings::Settings,
};

/// Where a caller waits for what became of its transaction.
type Answer = oneshot::Sender<Result<Committed, Error>>;

/// What is committed together.
type Batch = Vec<(Box<Transaction>, Option<Answer>)>;

/// What the thread is asked to do.
pub(crate) enum Job {
    /// Write, and answer unless nobody waits.
    Write(Box<Transaction>, Option<Answer>),
    /// Finish what came before, refuse what comes after, and close the database.
    Close(oneshot::Sender<Result<(), Error>>),
}

/// What the thread tells everybody, without a lock.
#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) queued: AtomicUsize,
    pub(crate) detached: AtomicUsize,
    /// Transactions that somebody waits for, until they are answered.
    pub(crate) awaited: AtomicUsize,
    pub(crate) commits: AtomicU64,
    pub(crate) transactions: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) failed_commits: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) largest_batch: AtomicUsize,
    pub(crate) reading: AtomicUsize,
    /// Set once, when nothing more can be written.
    pub(crate) fatal: std::sync::OnceLock<String>,
}

pub(crate) struct Writer {
    pub(crate) path: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) figures: Arc<Figures>,
    pub(crate) proof: Proof,
    /// Told the number of the newest record after each commit.
    pub(crate) newest: tokio::sync::watch::Sender<i64>,
    /// `None` after a failure, until it could be opened again.
    pub(crate) database: Option<Database>,
    /// Keeps the state directory locked for as long as this thread can write.
    pub(crate) _claim: StateDir,
}

/// The writer's connection and where the audit chain ends in it.
pub(crate) struct Database {
    pub(crate) connection: Connection,
    pub(crate) proof: Proof,
    pub(crate) head: ChainHead,
}

impl Writer {
    /// Runs until it is asked to close, or nobody is left who could ask.
    pub(crate) fn run(mut self, jobs: mpsc::Receiver<Job>) {
        let figures = Arc::clone(&self.figures);
        let closing = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.serve(&jobs)));
        let closing = closing.unwrap_or_else(|_| {
            tracing::error!("the store's writer panicked; nothing more is written");
            let _ = figures.fatal.set("the writer panicked".to_owned());
            None
        });
        // Whoever enqueues from now on is told by the channel, or by an answer that is dropped with it.
        while let Ok(job) = jobs.try_recv() {
            self.figures.queued.fetch_sub(1, Relaxed);
            if let Job::Write(_, answer) = job {
                self.answer(answer, Err(Error::Closed));
            }
        }
        drop(jobs);
        let closed = self.database.take().map_or(Ok(()), |database| {
            // The last connection to close moves the log into the database and removes it.
            database.connection.close().map_err(|(_, source)| Error::Sqlite { doing: "close the database", source })
        });
        drop(self);
        if let Some(answer) = closing {
            let _ = answer.send(closed);
        }
    }

    fn serve(&mut self, jobs: &mpsc::Receiver<Job>) -> Option<oneshot::Sender<Result<(), Error>>> {
        let mut batch = Vec::new();
        loop {
            let mut next = jobs.recv().ok();
            let mut closing = None;
            let mut linger = None;
            while let Some(job) = next {
                self.figures.queued.fetch_sub(1, Relaxed);
                match job {
                    Job::Write(transaction, answer) => batch.push((transaction, answer)),
                    Job::Close(answer) => {
                        closing = Some(answer);
                        break;
                    }
                }
                next = if batch.len() < self.settings.batch {
                    jobs.try_recv().ok().or_else(|| self.linger(jobs, &batch, &mut linger))
                } else {
                    None
                };
            }
            if batch.is_empty() {
                return closing;
            }
            self.write(&mut batch);
            if closing.is_some() {
                return closing;
            }
        }
    }

    /// The next job, when waiting for it keeps nobody waiting: what somebody awaits is committed at once, and while one batch is
    /// synced the next gathers by itself; a sync for each record that nobody awaits would cost as much as the work it tells of.
    fn linger(&self, jobs: &mpsc::Receiver<Job>, batch: &Batch, until: &mut Option<Instant>) -> Option<Job> {
        if batch.iter().any(|(_, answer)| answer.is_some()) {
            return None;
        }
        let until = *until.get_or_insert_with(|| Instant::now() + self.settings.linger);
        jobs.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }

    fn write(&mut self, batch: &mut Batch) {
        let results = self.commit(batch.iter().map(|(transaction, _)| &**transaction));
        match results {
            Ok(results) => {
                self.figures.commits.fetch_add(1, Relaxed);
                self.figures.largest_batch.fetch_max(batch.len(), Relaxed);
                for ((_, answer), result) in batch.drain(..).zip(results) {
                    let figure = if result.is_ok() { &self.figures.transactions } else { &self.figures.refused };
                    figure.fetch_add(1, Relaxed);
                    self.answer(answer, result);
                }
            }
            Err(reason) => {
                self.figures.failed_commits.fetch_add(1, Relaxed);
                tracing::error!(%reason, waiting = batch.len(), "the store could not commit");
                for (_, answer) in batch.drain(..) {
                    self.answer(answer, Err(self.unavailable(&reason)));
                }
            }
        }
    }

    /// Commits a batch. On failure nothing is known of any of it; the database is opened anew before the next one, and this one is
    /// never tried again.
    fn commit<'a>(
        &mut self,
        transactions: impl Iterator<Item = &'a Transaction>,
    ) -> Result<Vec<Result<Committed, Error>>, String> {
        if let Some(why) = self.figures.fatal.get() {
            return Err(why.clone());
        }
        let now = self.clock.now_ms();
        let database = match self.database.take() {
            Some(database) => database,
            None => self.reopen()?,
        };
        match batch::commit(database, transactions, now, now - self.settings.pairing_ttl_ms) {
            Ok((database, results)) => {
                self.newest
                    .send_if_modified(|newest| std::mem::replace(newest, database.head.seq) != database.head.seq);
                self.database = Some(database);
                Ok(results)
            }
            Err(error) => Err(self.note(&error)),
        }
    }

    /// Opens the database after a failure.
    ///
    /// The log may hold frames that a failed `fsync` left in the page cache only, where the kernel no longer counts them as unwritten.
    /// Building on them would lose later commits, so the whole log is first moved into the database, synced there and emptied.
    fn reopen(&self) -> Result<Database, String> {
        let connection = schema::writer(&self.path, &self.settings).map_err(|error| match error {
            Error::Corrupt { why, .. } => {
                let _ = self.figures.fatal.set(why.clone());
                why
            }
            other => other.to_string(),
        })?;
        let busy: bool = connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|error| self.note(&error))?;
        if busy {
            return Err("readers hold the log".to_owned());
        }
        match chain::load_head(&connection, Some(&self.proof)).map_err(|error| self.note(&error))? {
            Ok(head) => {
                tracing::info!(seq = head.seq, "the store is open again");
                Ok(Database { connection, proof: self.proof.clone(), head })
            }
            Err(bad) => {
                let why = bad.to_string();
                let _ = self.figures.fatal.set(why.clone());
                Err(why)
            }
        }
    }

    /// Names the failure, and remembers it when it is for good.
    fn note(&self, error: &rusqlite::Error) -> String {
        let reason = error.to_string();
        if is_corruption(error) {
            let _ = self.figures.fatal.set(reason.clone());
        }
        reason
    }

    fn unavailable(&self, reason: &str) -> Error {
        match self.figures.fatal.get() {
            Some(why) => Error::Corrupt { path: self.path.clone(), why: why.clone() },
            None => Error::Unavailable { reason: reason.to_owned() },
        }
    }

    fn answer(&self, answer: Option<Answer>, result: Result<Committed, Error>) {
        match answer {
            // A caller that gave up has lost interest; what was written stays.
            Some(answer) => {
                drop(answer.send(result));
                self.figures.awaited.fetch_sub(1, Relaxed);
            }
            None => {
                self.figures.detached.fetch_sub(1, Relaxed);
                if let Err(error) = result {
                    self.figures.dropped.fetch_add(1, Relaxed);
                    tracing::warn!(%error, "an audit record was not written");
                }
            }
        }
    }
}
