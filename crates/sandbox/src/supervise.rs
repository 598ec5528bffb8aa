//! One program from its start to its end, in one task: its output, its time, and whoever wants it ended.

use std::{future::pending, sync::Arc, time::Duration};

use rustix::process::Signal;
use tokio::{
    process::Child,
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    host::Inner,
    limits::Limits,
    output::{self, Output, Stream, Taken},
    proc,
    program::{Control, Ended, Outcome, Stop, StopReason},
};

/// How long output is read on after the end: what holds it open then is not ours.
const DRAIN: Duration = Duration::from_secs(2);
/// Grace of programs when whoever runs them stops, which itself has little time.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// A program that was just started.
pub(crate) struct Started {
    pub(crate) mark: Uuid,
    pub(crate) pid: u32,
    pub(crate) child: Child,
    pub(crate) limits: Limits,
    pub(crate) control: Control,
    pub(crate) asked: watch::Receiver<Stop>,
    pub(crate) output: mpsc::Sender<Output>,
    pub(crate) stop: CancellationToken,
}

/// Resolves when the program's own process has ended. Where the system allows, its number is not free before it is
/// collected, so that the group can be ended without meeting another.
async fn gone(child: &mut Child, handle: Option<&Handle>) {
    match handle {
        Some(handle) => handle.ended().await,
        None => drop(child.wait().await),
    }
}

#[cfg(target_os = "linux")]
struct Handle(tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>);

#[cfg(target_os = "linux")]
impl Handle {
    fn of(pid: u32) -> Option<Self> {
        use rustix::process::{Pid, PidfdFlags, pidfd_open};
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw)?;
        let handle = pidfd_open(pid, PidfdFlags::NONBLOCK).ok()?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe only for types that may close their file; an OwnedFd may not"
        )]
        tokio::io::unix::AsyncFd::with_interest(handle, tokio::io::Interest::READABLE).ok().map(Self)
    }

    async fn ended(&self) {
        // An error means that there is no way to be told; collecting it then waits.
        drop(self.0.readable().await);
    }
}

#[cfg(not(target_os = "linux"))]
struct Handle;

#[cfg(not(target_os = "linux"))]
impl Handle {
    fn of(_: u32) -> Option<Self> {
        None
    }

    async fn ended(&self) {}
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

/// Sees a program through to its end, and what it started with it.
pub(crate) async fn supervise(host: Arc<Inner>, started: Started) -> Ended {
    let Started { mark, pid, mut child, limits, control, mut asked, output, stop } = started;
    let taken = Taken::new(limits.output_per_second, limits.output_bytes);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let streams = {
        let (taken, out_to, err_to) = (&taken, output.clone(), output);
        async move {
            let out = async {
                if let Some(out) = out {
                    output::pump(Stream::Out, out, out_to, Arc::clone(taken)).await;
                }
            };
            let err = async {
                if let Some(err) = err {
                    output::pump(Stream::Err, err, err_to, Arc::clone(taken)).await;
                }
            };
            tokio::join!(out, err);
        }
    };
    tokio::pin!(streams);
    let handle = Handle::of(pid);
    let mut drained = false;
    let (mut terminated, mut kill_at) = (false, None);
    let mut time = limits.wall.map(|wall| Instant::now() + wall);
    loop {
        tokio::select! {
            () = gone(&mut child, handle.as_ref()) => break,
            () = &mut streams, if !drained => drained = true,
            () = until(time) => {
                time = None;
                control.stop(StopReason::Time);
            }
            () = until(kill_at) => {
                kill_at = None;
                proc::signal_group(pid, Signal::KILL);
            }
            () = stop.cancelled(), if !terminated => control.stop(StopReason::Shutdown),
            // Never fails: `control` holds the other end.
            _ = asked.changed() => {
                let stop = *asked.borrow_and_update();
                let grace = if stop.reason == Some(StopReason::Shutdown) { limits.grace.min(SHUTDOWN_GRACE) } else { limits.grace };
                if stop.now {
                    kill_at = Some(Instant::now());
                } else if !terminated {
                    proc::signal_group(pid, Signal::TERM);
                    // A group that was stopped takes the signal once it goes on.
                    proc::signal_group(pid, Signal::CONT);
                    kill_at = Some(Instant::now() + grace);
                }
                terminated = true;
            }
        }
    }
    // What the program left in its group goes with it.
    proc::signal_group(pid, Signal::KILL);
    let left_behind = host.sweep(mark, pid).await;
    host.let_go(mark);
    let status = child.wait().await;
    host.forget(mark).await;
    if !drained {
        let _ = timeout(DRAIN, &mut streams).await;
    }
    let outcome = match status {
        Ok(status) => {
            use std::os::unix::process::ExitStatusExt;
            status.code().map_or_else(|| Outcome::Signalled(status.signal().unwrap_or_default()), Outcome::Exited)
        }
        // Somebody else collected it; what is certain is that it is gone.
        Err(_) => Outcome::Signalled(0),
    };
    let stopped = asked.borrow().reason;
    Ended { outcome, stopped, output_bytes: taken.bytes(), discarded_bytes: taken.discarded(), left_behind }
}
