//! What a process and its descendants use, as `/proc` tells it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io, iter,
    time::Duration,
};

use anyhow::{Context, Result};

/// Clock ticks per second in `/proc/<pid>/stat`: `USER_HZ`, 100 on every Linux that runs us.
const TICKS_PER_SECOND: u64 = 100;

/// Memory of a process tree, KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Resident, pages shared with others counted whole.
    pub(crate) rss: u64,
    /// Resident, shared pages divided among those who share them.
    pub(crate) pss: u64,
}

/// CPU time of a process tree, user and system, as the kernel gives it in two ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cpu {
    /// Of the processes and the children they waited for (`stat`), in steps of 10 ms.
    all: Duration,
    /// Of the threads that live now (`schedstat`), to the nanosecond.
    living: Duration,
}

/// How far the two may lie apart by rounding alone: a step at each end.
const ROUNDING: Duration = Duration::from_millis(2 * 1000 / TICKS_PER_SECOND);

impl Cpu {
    /// What was used since an earlier reading: the exact sum, unless threads ended in between and took theirs along.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        let (all, living) = (self.all.saturating_sub(earlier.all), self.living.saturating_sub(earlier.living));
        if all > living + ROUNDING { all } else { living }
    }
}

/// A process and everything it started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    pub(crate) root: u32,
}

impl Tree {
    /// CPU time used so far.
    pub(crate) fn cpu(self) -> Result<Cpu> {
        let stats = stats()?;
        let members = self.members(&stats);
        let ticks: u64 = members.iter().filter_map(|pid| stats.get(pid)).map(|stat| stat.ticks).sum();
        let mut nanoseconds = 0;
        for pid in members {
            let Some(threads) = self.living(pid, fs::read_dir(format!("/proc/{pid}/task")))? else { continue };
            for thread in threads.flatten() {
                let text = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
                nanoseconds +=
                    text.split_ascii_whitespace().next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
            }
        }
        let all = Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND);
        Ok(Cpu { all, living: Duration::from_nanos(nanoseconds) })
    }

    /// Memory in use now.
    pub(crate) fn memory(self) -> Result<Memory> {
        let mut sum = Memory { rss: 0, pss: 0 };
        for pid in self.members(&stats()?) {
            let Some(text) = self.living(pid, fs::read_to_string(format!("/proc/{pid}/smaps_rollup")))? else {
                continue;
            };
            sum.rss += kib(&text, "Rss:");
            sum.pss += kib(&text, "Pss:");
        }
        Ok(sum)
    }

    /// File descriptors that are open now.
    pub(crate) fn descriptors(self) -> Result<usize> {
        let mut count = 0;
        for pid in self.members(&stats()?) {
            count += self.living(pid, fs::read_dir(format!("/proc/{pid}/fd")))?.map_or(0, Iterator::count);
        }
        Ok(count)
    }

    /// What was read of a process; a child may have ended since it was listed, the first process may not.
    fn living<T>(self, pid: u32, read: io::Result<T>) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(_) if pid != self.root => Ok(None),
            Err(error) => Err(error).with_context(|| format!("process {pid} cannot be looked at")),
        }
    }

    fn members(self, stats: &BTreeMap<u32, Stat>) -> BTreeSet<u32> {
        let mut members: BTreeSet<u32> = iter::once(self.root).collect();
        loop {
            let before = members.len();
            members.extend(
                stats
                    .iter()
                    .filter(|(_, stat)| members.contains(&stat.parent))
                    .map(|(pid, _)| *pid)
                    .collect::<Vec<_>>(),
            );
            if members.len() == before {
                return members;
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    ticks: u64,
}

fn stats() -> Result<BTreeMap<u32, Stat>> {
    let processes = fs::read_dir("/proc").context("the load tool needs Linux: /proc cannot be read")?;
    Ok(processes
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            // A process may end between listing and reading.
            Some((pid, parse_stat(&fs::read_to_string(entry.path().join("stat")).ok()?)?))
        })
        .collect())
}

/// Fields of proc(5) `stat`; the name in parentheses may hold anything, so it is skipped from the right.
fn parse_stat(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let ticks = (11..=14).map(number).sum::<Option<u64>>()?;
    Some(Stat { parent: u32::try_from(number(1)?).ok()?, ticks })
}

fn kib(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_ascii_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_with_a_strange_name_is_read() {
        let line = "12 (a) b (c) S 7 12 12 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5 6 7";
        assert_eq!(parse_stat(line), Some(Stat { parent: 7, ticks: 127 }));
        assert_eq!(parse_stat("12 (a S 7"), None);
        assert_eq!(parse_stat("12 (a) S 7 12"), None);
    }

    #[test]
    fn the_rollup_is_read() {
        let text = "00-ff ---p 0 00:00 0 [rollup]\nRss:   1234 kB\nPss:  56 kB\nPss_Dirty: 9 kB\n";
        assert_eq!((kib(text, "Rss:"), kib(text, "Pss:"), kib(text, "Swap:")), (1234, 56, 0));
    }

    #[test]
    fn our_own_process_uses_something() {
        let tree = Tree { root: std::process::id() };
        let memory = tree.memory().unwrap();
        assert!(memory.rss >= memory.pss && memory.pss > 0, "{memory:?}");
        assert!(tree.cpu().unwrap().since(Cpu::default()) > Duration::ZERO);
        assert!(tree.descriptors().unwrap() >= 3);
        let gone = || Err::<(), _>(io::Error::other("gone"));
        assert!(tree.living(tree.root + 1, gone()).unwrap().is_none(), "a child may end at any time");
        assert!(tree.living(tree.root, gone()).is_err());
    }

    #[test]
    fn the_exact_sum_counts_unless_threads_have_ended() {
        let cpu = |all, living| Cpu { all: Duration::from_millis(all), living: Duration::from_millis(living) };
        assert_eq!(cpu(110, 104).since(cpu(90, 101)), Duration::from_millis(3));
        assert_eq!(cpu(500, 20).since(cpu(100, 10)), Duration::from_millis(400));
        assert_eq!(cpu(0, 5).since(cpu(0, 10)), Duration::ZERO);
    }

    #[test]
    fn descendants_belong_to_the_tree() {
        let stat = |parent| Stat { parent, ticks: 0 };
        let stats = [(2, stat(1)), (3, stat(2)), (4, stat(3)), (5, stat(1))].into_iter().collect();
        assert_eq!(Tree { root: 2 }.members(&stats), [2, 3, 4].into_iter().collect());
    }
}
