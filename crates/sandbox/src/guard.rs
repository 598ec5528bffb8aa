//! A second process, started with the first program, that ends programs when the gateway is gone without having done so.
//!
//! It reads what runs from a pipe that the gateway alone holds. When the gateway dies, however it does, the pipe ends, and the
//! guard ends what was told. It has a process group of its own, so that Ctrl-C and `kill -9` of the gateway's do not reach it.

use std::{
    collections::HashMap,
    io::{self, BufRead},
    path::PathBuf,
    process::Stdio,
};

use openclaw_core::Tasks;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    sync::{mpsc, oneshot},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use crate::{orphans::reap, proc, program::Trace};

/// The argument that makes the gateway's own program a guard.
pub const ARGUMENT: &str = "guard-programs";

/// Requests that wait for the pipe.
const WAITING: usize = 64;

/// Reads what runs until the input ends, then ends what still does. Returns how many processes that were.
///
/// # Errors
/// When the input cannot be read; what was told before is ended all the same.
pub fn run(input: impl BufRead) -> io::Result<usize> {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(c"program-guard");
    let machine = proc::machine_start();
    let mut traces: HashMap<Uuid, Trace> = HashMap::new();
    let mut read = Ok(());
    for line in input.lines() {
        match line {
            Ok(line) => understand(&line, machine.as_ref(), &mut traces),
            Err(error) => {
                read = Err(error);
                break;
            }
        }
    }
    let traces: Vec<Trace> = traces.into_values().collect();
    if !cfg!(target_os = "linux") {
        // Told by who had them as children until a moment ago, so the groups are still those.
        for trace in traces.iter().filter(|trace| trace.pid != 0) {
            proc::signal_group(trace.pid, rustix::process::Signal::KILL);
        }
    }
    let reaped = reap(&traces).iter().map(|reaped| reaped.processes).sum();
    read.map(|()| reaped)
}

/// `+ mark pid started` or `- mark`. What is neither is passed over: it comes from a newer gateway.
fn understand(line: &str, machine: Option<&String>, traces: &mut HashMap<Uuid, Trace>) {
    let mut words = line.split(' ');
    let (sign, mark) = (words.next(), words.next().and_then(|mark| Uuid::parse_str(mark).ok()));
    let numbers = (words.next().and_then(|pid| pid.parse().ok()), words.next().and_then(|at| at.parse().ok()));
    match (sign, mark, numbers) {
        (Some("+"), Some(mark), (Some(pid), Some(started))) => {
            traces.insert(mark, Trace { mark, pid, started, machine: machine.cloned() });
        }
        (Some("-"), Some(mark), _) => {
            traces.remove(&mark);
        }
        _ => {}
    }
}

/// Keeps the guard alive and informed.
#[derive(Debug)]
pub(crate) struct Keeper(mpsc::Sender<(News, oneshot::Sender<()>)>);

#[derive(Debug)]
enum News {
    Expect(Trace),
    Forget(Uuid),
}

impl Keeper {
    pub(crate) fn new(program: PathBuf, tasks: &Tasks) -> Self {
        let (to, from) = mpsc::channel(WAITING);
        tasks.spawn("guard", keep(program, from, tasks.stop_token()));
        Self(to)
    }

    /// Tells it what runs, or is about to. Resolves when the guard has it, or there is no guard to be had.
    pub(crate) async fn expect(&self, trace: Trace) {
        self.tell(News::Expect(trace)).await;
    }

    /// Tells it what is over.
    pub(crate) async fn forget(&self, mark: Uuid) {
        self.tell(News::Forget(mark)).await;
    }

    async fn tell(&self, news: News) {
        let (done, until) = oneshot::channel();
        if self.0.send((news, done)).await.is_ok() {
            let _ = until.await;
        }
    }
}

/// The guard's process, while it takes what it is told.
struct Guard(Child);

impl Guard {
    fn start(program: &PathBuf) -> io::Result<Self> {
        let mut command = Command::new(program);
        command
            .arg0("openclaw-guard")
            .arg(ARGUMENT)
            .env_clear()
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().map(Self)
    }

    async fn tell(&mut self, line: &str) -> io::Result<()> {
        match &mut self.0.stdin {
            Some(pipe) => pipe.write_all(line.as_bytes()).await,
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

fn told(trace: &Trace) -> String {
    format!("+ {} {} {}\n", trace.mark, trace.pid, trace.started)
}

async fn keep(program: PathBuf, mut news: mpsc::Receiver<(News, oneshot::Sender<()>)>, stop: CancellationToken) {
    let mut known: HashMap<Uuid, Trace> = HashMap::new();
    let mut guard: Option<Guard> = None;
    loop {
        // At a stop it stays until the last program is over.
        let (news, done) = tokio::select! {
            heard = news.recv() => match heard {
                Some(heard) => heard,
                None => return,
            },
            () = stop.cancelled(), if known.is_empty() => return,
        };
        let line = match news {
            News::Expect(trace) => {
                let line = told(&trace);
                known.insert(trace.mark, trace);
                line
            }
            News::Forget(mark) => {
                known.remove(&mark);
                format!("- {mark}\n")
            }
        };
        let mut taken = false;
        if let Some(guard) = &mut guard {
            taken = guard.tell(&line).await.is_ok();
        }
        if !taken && !known.is_empty() {
            guard = start_over(&program, &known).await;
        }
        drop(done);
    }
}

/// A new guard, told everything.
async fn start_over(program: &PathBuf, known: &HashMap<Uuid, Trace>) -> Option<Guard> {
    let lines: String = known.values().map(told).collect();
    let started = async {
        let mut guard = Guard::start(program)?;
        guard.tell(&lines).await?;
        io::Result::Ok(guard)
    };
    match started.await {
        Ok(guard) => Some(guard),
        Err(error) => {
            warn!(%error, "No guard for started programs; if the gateway is killed, they are ended at its next start");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_or_not_understood_is_not_ended() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut traces = HashMap::new();
        for line in [
            format!("+ {one} 0 0"),
            format!("+ {one} 7 42"),
            format!("+ {two} 8 43"),
            format!("- {two}"),
            "? x".to_owned(),
            "+ nonsense 1 2".to_owned(),
            format!("+ {two} x 1"),
            String::new(),
        ] {
            understand(&line, None, &mut traces);
        }
        assert_eq!(traces.into_values().collect::<Vec<_>>(), [Trace { mark: one, pid: 7, started: 42, machine: None }]);
    }
}
