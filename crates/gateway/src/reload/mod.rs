//! The configuration while the gateway runs.
//!
//! One task, the [`owner`], looks at the file, takes requests, builds what follows from a new configuration away from the
//! connections, and puts it in force by exchanging one pointer. Everything else reads snapshots: what is in force is
//! [`crate::active::Active`], how the file stands to it is the [`report`].

mod apply;
mod change;
mod credentials;
mod owner;
mod report;
mod watch;

use std::sync::Arc;

use arc_swap::ArcSwap;
use openclaw_config::ConfigFile;
use openclaw_protocol::{WireError, detail};
use tokio::sync::{mpsc, oneshot};

pub(crate) use change::{Change, Failure, Goal, Key, Made, Planner, Warning};
pub(crate) use credentials::no_longer_admits;
pub use owner::FollowLogging;
pub(crate) use owner::{Author, Owner, Settings};
pub(crate) use report::{Rejected, Report, Shown, ShownIssue, shown_issues};

/// Why a connection is closed whose credential was changed. Clients match the text (SECURITY T22).
pub(crate) const AUTH_CHANGED: &str = "gateway auth changed";
/// Requests that wait for the owner; whoever comes later waits for a place.
const REQUESTS: usize = 64;

/// Why the file is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It looks different.
    File,
    /// Somebody asked, by this signal.
    Signal(&'static str),
}

/// What the owner is asked to do.
#[derive(Debug)]
pub(crate) enum Request {
    /// Read the file again, and tell when what came of it is in force or refused.
    Reload(Cause, oneshot::Sender<()>),
    /// Change the file and put that in force.
    Change(Box<Change>, oneshot::Sender<Result<Made, Failure>>),
}

/// The way to the owner, and what it reports. The state holds it.
#[derive(Debug)]
pub(crate) struct Reload {
    requests: mpsc::Sender<Request>,
    report: ArcSwap<Report>,
    file: ConfigFile,
}

impl Reload {
    /// The way, and where the owner takes requests from it.
    pub(crate) fn new(report: Report, file: ConfigFile) -> (Self, mpsc::Receiver<Request>) {
        let (requests, inbox) = mpsc::channel(REQUESTS);
        (Self { requests, report: ArcSwap::from_pointee(report), file }, inbox)
    }

    /// How the file stands to what is in force.
    pub(crate) fn report(&self) -> Arc<Report> {
        self.report.load_full()
    }

    /// Reads the file again.
    ///
    /// # Errors
    /// The gateway is stopping. That the file cannot be used is no error here: the report says so.
    pub(crate) async fn again(&self, cause: Cause) -> Result<(), WireError> {
        let (done, until) = oneshot::channel();
        let asked = self.requests.send(Request::Reload(cause, done)).await;
        asked.map_err(|_| stopping())?;
        until.await.map_err(|_| stopping())
    }

    /// Makes a change, or checks it.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn change(&self, change: Change) -> Result<Made, Failure> {
        let (done, until) = oneshot::channel();
        let asked = self.requests.send(Request::Change(Box::new(change), done)).await;
        asked.map_err(|_| Failure::Stopping)?;
        until.await.unwrap_or(Err(Failure::Stopping))
    }

    /// Looks something up in the file or its history, on a thread that may block.
    ///
    /// # Errors
    /// The look-up died.
    pub(crate) async fn look_up<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ConfigFile) -> T + Send + 'static,
    ) -> Result<T, WireError> {
        let file = self.file.clone();
        blocking(move || work(&file)).await.ok_or_else(|| Failure::Died.into())
    }
}

fn stopping() -> WireError {
    WireError::unavailable(detail::SHUTTING_DOWN, "the gateway is stopping; ask again when it is back")
        .retryable(Some(1000))
}

/// Runs what blocks away from the connections. `None` when it died, which its panic has told.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}
