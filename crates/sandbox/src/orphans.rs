//! Ends what a gateway that is gone has left behind.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use uuid::Uuid;

use crate::{
    census::Census,
    proc,
    program::{Mark, Trace},
};

/// How often it is looked for, with a pause between; programs that keep starting others are faster than one look.
const ROUNDS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(10);

/// What became of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reaped {
    /// Whose.
    pub mark: Mark,
    /// Processes that were ended.
    pub processes: usize,
}

/// Ends whatever of these programs still runs. A process counts as theirs when it has the number and start time of the
/// program's own, is in the group that this one leads, descends from it, or carries the mark; nobody else is touched, whatever
/// number they have been given. Blocks until nothing is left, at most some seconds. Linux only.
#[must_use]
pub fn reap(traces: &[Trace]) -> Vec<Reaped> {
    let known: HashSet<Uuid> = traces.iter().map(|trace| trace.mark).collect();
    let machine = proc::machine_start();
    let mut census = Census::default();
    let mut killed: HashMap<Uuid, HashSet<(u32, u64)>> = HashMap::new();
    for _ in 0..ROUNDS {
        let groups = traces.iter().filter(|trace| trace.pid != 0 && trace.machine == machine).filter_map(|trace| {
            let leader = proc::one(trace.pid)?;
            (leader.started == trace.started && leader.group == trace.pid).then_some((trace.pid, trace.mark))
        });
        let members = census.members(&groups.collect(), |mark| known.contains(mark));
        let mut any = false;
        for (owner, process) in members.into_iter().filter(|(owner, _)| known.contains(owner)) {
            if proc::kill(&process) {
                any = true;
                killed.entry(owner).or_default().insert((process.pid, process.started));
            }
        }
        if !any {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    let processes = |trace: &Trace| killed.get(&trace.mark).map_or(0, HashSet::len);
    traces.iter().map(|trace| Reaped { mark: trace.mark, processes: processes(trace) }).collect()
}
