//! Who belongs to which program: its process group, whatever descends from it, and whoever carries its mark.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    proc::{self, Process},
    program::MARK,
};

/// How often a process is asked for its parent before it counts as nobody's.
const GENERATIONS: usize = 64;

/// What is remembered of processes that were seen, so that each environment is read once.
#[derive(Debug, Default)]
pub(crate) struct Census {
    seen: HashMap<(u32, u64), Option<Uuid>>,
}

/// What a program and everything that it started have in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) processes: u32,
    pub(crate) resident: u64,
}

impl Census {
    /// The processes that belong to programs. `groups` leads from the process group of a program that runs to its mark;
    /// `known` says which marks count.
    pub(crate) fn members(
        &mut self,
        groups: &HashMap<u32, Uuid>,
        known: impl Fn(&Uuid) -> bool,
    ) -> Vec<(Uuid, Process)> {
        let processes = proc::all();
        let members =
            self.assign(&processes, groups, |pid| Uuid::parse_str(&proc::variable(pid, MARK)?).ok().filter(&known));
        let living: std::collections::HashSet<_> = processes.iter().map(|p| (p.pid, p.started)).collect();
        self.seen.retain(|key, _| living.contains(key));
        members
    }

    fn assign(
        &mut self,
        processes: &[Process],
        groups: &HashMap<u32, Uuid>,
        mark: impl Fn(u32) -> Option<Uuid>,
    ) -> Vec<(Uuid, Process)> {
        let by_pid: HashMap<u32, &Process> = processes.iter().map(|process| (process.pid, process)).collect();
        let mut members = Vec::new();
        for process in processes.iter().filter(|process| !process.zombie) {
            let key = (process.pid, process.started);
            // Who did not belong when it was first seen may have been taken into a group since.
            let owner = match self.seen.get(&key) {
                Some(Some(owner)) => Some(*owner),
                Some(None) => inherited(process, &by_pid, groups),
                None => inherited(process, &by_pid, groups).or_else(|| mark(process.pid)),
            };
            self.seen.insert(key, owner);
            members.extend(owner.map(|owner| (owner, *process)));
        }
        members
    }
}

/// Whose a process is by its group or its ancestors.
fn inherited(process: &Process, by_pid: &HashMap<u32, &Process>, groups: &HashMap<u32, Uuid>) -> Option<Uuid> {
    let mut at = process;
    for _ in 0..GENERATIONS {
        if let Some(owner) = groups.get(&at.group) {
            return Some(*owner);
        }
        at = by_pid.get(&at.parent)?;
    }
    None
}

/// Sums up what each program uses.
pub(crate) fn sums(members: &[(Uuid, Process)]) -> HashMap<Uuid, Use> {
    let mut sums: HashMap<Uuid, Use> = HashMap::new();
    for (owner, process) in members {
        let sum = sums.entry(*owner).or_default();
        sum.processes += 1;
        sum.resident += process.resident;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: u32, group: u32) -> Process {
        Process { pid, parent, group, started: u64::from(pid), resident: 10, zombie: false }
    }

    #[test]
    fn group_descent_and_mark_make_a_member_and_nothing_else_does() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let processes = [
            process(1, 0, 1),
            process(100, 1, 100),
            process(101, 100, 100),
            // In a session of its own, below the program.
            process(102, 101, 102),
            process(103, 102, 103),
            // Left by its parents, with the mark still in its environment.
            process(104, 1, 104),
            process(200, 1, 200),
            process(300, 1, 300),
            Process { zombie: true, ..process(105, 100, 100) },
        ];
        let groups = HashMap::from([(100, one), (200, two)]);
        let mut census = Census::default();
        let mark = |pid| (pid == 104).then_some(one);
        let members = census.assign(&processes, &groups, mark);
        let of = |owner| {
            let pids = members.iter().filter(|(found, _)| *found == owner).map(|(_, process)| process.pid);
            pids.collect::<Vec<_>>()
        };
        assert_eq!(of(one), [100, 101, 102, 103, 104]);
        assert_eq!(of(two), [200]);
        assert_eq!(sums(&members)[&one], Use { processes: 5, resident: 50 });
        // When its parents are gone it is still known whose it is, and its environment is not read again.
        let later = [process(1, 0, 1), process(103, 1, 103)];
        let members = census.assign(&later, &groups, |_| panic!("nobody new"));
        assert_eq!(members, [(one, process(103, 1, 103))]);
    }

    #[test]
    fn parents_that_form_a_circle_end() {
        let processes = [process(5, 6, 5), process(6, 5, 6)];
        assert!(Census::default().assign(&processes, &HashMap::from([(9, Uuid::nil())]), |_| None).is_empty());
    }
}
