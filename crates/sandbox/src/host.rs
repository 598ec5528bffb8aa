//! Starts programs on this machine, keeps count of what they use, and forgets them when they are over.

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openclaw_core::Tasks;
use tokio::{
    process::Child,
    sync::{mpsc, oneshot},
};
use uuid::Uuid;

use crate::{
    census::{Census, sums},
    guard::Keeper,
    limits::Limits,
    output,
    plan::Plan,
    proc,
    program::{Control, MARK, Mark, Program, StopReason, Trace},
    supervise::{Started, supervise},
};

/// How often it is looked whether there are many more processes than a moment ago, and how many more are many.
const GLANCE: Duration = Duration::from_millis(50);
const SPIKE: u64 = 128;
/// Pause between two looks at what programs use, at least.
const PAUSE: Duration = Duration::from_millis(250);
/// The pause is so many times as long as the look took, so that looking never takes more than a part of that.
const SHARE: u32 = 20;
/// Pause at most, on a machine with very many processes or very little time.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Processes and threads that may be started beside those that there are, before the system refuses.
const STORM: u64 = 4_096;
/// How often it is looked for what a program left behind.
const SWEEPS: u32 = 40;

/// Why a checked plan was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system refuses.
    #[error("{program} cannot be started: {why}")]
    System {
        /// The file.
        program: String,
        /// What the system said, and what to do.
        why: String,
    },
    /// Whoever runs programs is about to stop.
    #[error("nothing is started any more: the gateway stops")]
    Stopping,
}

/// Starts programs. Clones are the same host.
#[derive(Clone, Debug)]
pub struct Host(Arc<Inner>);

/// What the programs of a host share.
#[derive(Debug)]
pub(crate) struct Inner {
    tasks: Tasks,
    guard: Option<Keeper>,
    live: Mutex<Live>,
    census: Mutex<Census>,
}

#[derive(Debug, Default)]
struct Live {
    programs: HashMap<Uuid, Entry>,
    /// Whether somebody looks at what they use.
    watched: bool,
}

#[derive(Debug)]
struct Entry {
    pid: u32,
    limits: Limits,
    control: Control,
}

impl Host {
    /// A host whose programs end with `tasks`. `guard` is the program, called with [`guard::ARGUMENT`](crate::guard::ARGUMENT),
    /// that ends them when this process is killed; without it that is left to the next start.
    #[must_use]
    pub fn new(tasks: Tasks, guard: Option<PathBuf>) -> Self {
        let guard = guard.map(|program| Keeper::new(program, &tasks));
        Self(Arc::new(Inner { tasks, guard, live: Mutex::default(), census: Mutex::default() }))
    }

    /// Starts what was planned. `mark` must be new: it tells this program from every other.
    ///
    /// # Errors
    /// [`StartError`] when the system refuses.
    pub async fn start(&self, plan: Plan, mark: Mark, limits: Limits) -> Result<Program, StartError> {
        let inner = &self.0;
        let stop = inner.tasks.stop_token();
        if stop.is_cancelled() {
            return Err(StartError::Stopping);
        }
        inner.guard_expects(Trace { mark, pid: 0, started: 0, machine: None }).await;
        let (child, pid) = match launch(plan, mark, limits).await {
            Ok(started) => started,
            Err(error) => {
                inner.forget(mark).await;
                return Err(error);
            }
        };
        // Its number is not free before it is collected, which the supervisor does.
        let started = proc::one(pid).map_or(0, |process| process.started);
        let trace = Trace { mark, pid, started, machine: proc::machine_start() };
        let (control, asked) = Control::new();
        inner.watch(mark, Entry { pid, limits, control: control.clone() });
        let (to, output) = mpsc::channel(output::WAITING);
        let (tell, ended) = oneshot::channel();
        let started = Started { mark, pid, child, limits, control: control.clone(), asked, output: to, stop };
        let host = Arc::clone(inner);
        inner.tasks.spawn("program", async move {
            // Nobody may want to know.
            let _ = tell.send(supervise(host, started).await);
        });
        inner.guard_expects(trace.clone()).await;
        Ok(Program { trace, output, control, ended })
    }

    /// Programs that run now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.live().programs.len()
    }
}

impl Inner {
    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn census(&self) -> MutexGuard<'_, Census> {
        self.census.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn guard_expects(&self, trace: Trace) {
        if let Some(guard) = &self.guard {
            guard.expect(trace).await;
        }
    }

    /// Nobody may send it a signal any more: it is about to be collected.
    pub(crate) fn let_go(&self, mark: Uuid) {
        self.live().programs.remove(&mark);
    }

    /// The program is over.
    pub(crate) async fn forget(&self, mark: Uuid) {
        if let Some(guard) = &self.guard {
            guard.forget(mark).await;
        }
    }

    /// Ends what a program started outside of its group, and says how many that were. Its group is over already.
    pub(crate) async fn sweep(self: &Arc<Self>, mark: Uuid, pid: u32) -> u32 {
        if !cfg!(target_os = "linux") {
            return 0;
        }
        let mut killed = std::collections::HashSet::new();
        for round in 0..SWEEPS {
            let host = Arc::clone(self);
            let found = tokio::task::spawn_blocking(move || {
                let members = host.census().members(&HashMap::from([(pid, mark)]), |found| *found == mark);
                let members = members.into_iter().filter(|(owner, process)| *owner == mark && process.pid != pid);
                members.filter(|(_, process)| proc::kill(process)).map(|(_, process)| process).collect::<Vec<_>>()
            });
            let Ok(found) = found.await else { break };
            // What was killed is seen until the system has put it away.
            if found.is_empty() {
                break;
            }
            killed.extend(found.into_iter().map(|process| (process.pid, process.started)));
            tokio::time::sleep(Duration::from_millis(5 * u64::from(round.min(10)))).await;
        }
        u32::try_from(killed.len()).unwrap_or(u32::MAX)
    }

    fn watch(self: &Arc<Self>, mark: Uuid, entry: Entry) {
        let mut live = self.live();
        live.programs.insert(mark, entry);
        if !live.watched && cfg!(target_os = "linux") {
            live.watched = true;
            let host = Arc::clone(self);
            self.tasks.spawn("what programs use", async move { host.look().await });
        }
    }

    /// Ends programs that use more than they may, for as long as any runs.
    async fn look(self: Arc<Self>) {
        let mut next = tokio::time::Instant::now() + PAUSE;
        let mut tasks = proc::tasks();
        loop {
            tokio::select! {
                () = tokio::time::sleep(GLANCE) => {}
                // Every program is about to be ended anyway.
                () = self.tasks.stopping() => return,
            }
            {
                let mut live = self.live();
                if live.programs.is_empty() {
                    live.watched = false;
                    return;
                }
            }
            // One number tells that somebody starts very many processes, long before the next look would.
            let now = proc::tasks();
            if tokio::time::Instant::now() < next && now < tasks.saturating_add(SPIKE) {
                continue;
            }
            let host = Arc::clone(&self);
            let looked = tokio::task::spawn_blocking(move || {
                let begun = tokio::time::Instant::now();
                host.end_what_uses_too_much();
                begun.elapsed()
            });
            let took = looked.await.unwrap_or_default();
            tasks = proc::tasks();
            next = tokio::time::Instant::now() + (took * SHARE).clamp(PAUSE, LONGEST_PAUSE);
        }
    }

    /// One look.
    fn end_what_uses_too_much(&self) {
        let groups: HashMap<u32, Uuid> = {
            let live = self.live();
            let bounded = |entry: &Entry| entry.limits.memory.is_some() || entry.limits.processes.is_some();
            if !live.programs.values().any(bounded) {
                return;
            }
            live.programs.iter().map(|(mark, entry)| (entry.pid, *mark)).collect()
        };
        let known: std::collections::HashSet<Uuid> = groups.values().copied().collect();
        let used = sums(&self.census().members(&groups, |mark| known.contains(mark)));
        let live = self.live();
        for (mark, entry) in &live.programs {
            let used = used.get(mark).copied().unwrap_or_default();
            let reason = if entry.limits.processes.is_some_and(|most| used.processes > most) {
                StopReason::Processes
            } else if entry.limits.memory.is_some_and(|most| used.resident > most) {
                StopReason::Memory
            } else {
                continue;
            };
            entry.control.kill(reason);
            // At once, and not when the supervisor gets its turn. Whoever is in the table has not been collected yet.
            proc::signal_group(entry.pid, rustix::process::Signal::KILL);
        }
    }
}

/// Starts the process on a thread of its own: the thread gives up for good what the program must not regain, and a system that
/// is slow to start a process holds up nobody else.
async fn launch(plan: Plan, mark: Uuid, limits: Limits) -> Result<(Child, u32), StartError> {
    let shown = plan.program.display().to_string();
    let refused = |why: String| StartError::System { program: shown.clone(), why };
    let runtime = tokio::runtime::Handle::current();
    let (tell, told) = oneshot::channel();
    let work = move || {
        let _within = runtime.enter();
        // Inherited by the program and whatever it starts: no set-user-id program gives it more rights than we have.
        #[cfg(target_os = "linux")]
        let rights = rustix::thread::set_no_new_privs(true).map_err(io::Error::from);
        #[cfg(not(target_os = "linux"))]
        let rights = Ok(());
        let child = rights.and_then(|()| command(&plan, mark).spawn());
        if let Some(pid) = child.as_ref().ok().and_then(Child::id) {
            bound(pid, &limits);
        }
        let _ = tell.send(child);
    };
    std::thread::Builder::new()
        .name("start program".to_owned())
        .stack_size(256 * 1024)
        .spawn(work)
        .map_err(|error| refused(error.to_string()))?;
    let child = told
        .await
        .map_err(|_| refused("the thread that starts it ended".to_owned()))?
        .map_err(|error| refused(explained(&error)))?;
    let pid = child.id().ok_or_else(|| refused("it ended before it could be looked at".to_owned()))?;
    Ok((child, pid))
}

fn command(plan: &Plan, mark: Uuid) -> tokio::process::Command {
    let mut command = std::process::Command::new(&plan.program);
    {
        use std::os::unix::process::CommandExt;
        command.arg0(&plan.name).process_group(0);
    }
    // The folder that was checked, whatever its name leads to by now.
    #[cfg(target_os = "linux")]
    let folder = {
        use std::os::fd::AsRawFd;
        PathBuf::from(format!("/proc/self/fd/{}", plan.cwd.open.as_raw_fd()))
    };
    #[cfg(not(target_os = "linux"))]
    let folder = plan.cwd.path.clone();
    command
        .args(&plan.args)
        .env_clear()
        .envs(&plan.env)
        .env(MARK, mark.to_string())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut command = tokio::process::Command::from(command);
    // Only if the supervisor itself is dropped, when the runtime ends.
    command.kill_on_drop(true);
    command
}

/// What the system says, with what to do about it.
fn explained(error: &io::Error) -> String {
    let hint = match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
        Some(rustix::io::Errno::NOEXEC) => {
            "; it is neither a program for this machine nor a script whose first line names one (#!)"
        }
        Some(rustix::io::Errno::NOENT) => "; the program that its first line (#!) or its header names is not there",
        Some(rustix::io::Errno::ACCESS) => {
            "; the gateway may not execute it (chmod +x, and a file system without noexec)"
        }
        Some(rustix::io::Errno::TOOBIG) => "; arguments and variables are too large for this system",
        Some(rustix::io::Errno::AGAIN) => "; the user of the gateway has too many processes",
        _ => "",
    };
    format!("{error}{hint}")
}

/// Bounds of each single process. They are set right after the start, so its very first instructions may run without them; what
/// it uses as a whole is looked at again and again.
#[cfg(target_os = "linux")]
fn bound(pid: u32, limits: &Limits) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    let set = |resource, most| {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        // It may have ended already.
        let _ = prlimit(Some(pid), resource, limit);
    };
    // A core file would hold whatever secrets the program had in memory.
    set(Resource::Core, 0);
    if let Some(memory) = limits.memory {
        set(Resource::Data, memory);
    }
    if limits.processes.is_some() {
        // The system counts everything of the user, so this is only what keeps a storm small until it is seen. It does not bind
        // the superuser.
        set(Resource::Nproc, proc::tasks() + STORM);
    }
}

#[cfg(not(target_os = "linux"))]
fn bound(_: u32, _: &Limits) {}
