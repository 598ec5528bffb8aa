//! Processes as Linux shows them in `/proc`. Other systems show nothing here, and what needs it does less there.

use rustix::process::{Pid, Signal};

/// A process at one moment. Its number may be given to another later; number and start time together are never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    pub(crate) group: u32,
    /// Clock ticks after the machine started.
    pub(crate) started: u64,
    /// Bytes in residence.
    pub(crate) resident: u64,
    /// Ended, and waits to be collected by its parent.
    pub(crate) zombie: bool,
}

/// Reads a line of `/proc/<pid>/stat`. A program chooses its own name, which may hold anything, so what counts begins after
/// the last parenthesis.
fn parse(pid: u32, stat: &str, page: u64) -> Option<Process> {
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace();
    let zombie = matches!(fields.next()?, "Z" | "X");
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    // From the group, field 5 of the manual, to the start time, field 22.
    let started = fields.nth(16)?.parse().ok()?;
    let resident = fields.nth(1)?.parse::<u64>().ok()?.saturating_mul(page);
    Some(Process { pid, parent, group, started, resident, zombie })
}

/// The process that has this number now.
pub(crate) fn one(pid: u32) -> Option<Process> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse(pid, &String::from_utf8_lossy(&stat), rustix::param::page_size() as u64)
}

/// Every process that can be seen.
pub(crate) fn all() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries.filter_map(|entry| one(entry.ok()?.file_name().to_str()?.parse().ok()?)).collect()
}

/// How many processes and threads there are on the machine, for the price of one short file.
pub(crate) fn tasks() -> u64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let total = load.split(' ').nth(3).and_then(|counts| counts.split('/').nth(1)?.parse().ok());
    total.unwrap_or(0)
}

/// The value of a variable in the environment that a process was started with. `None` for processes of others.
pub(crate) fn variable(pid: u32, name: &str) -> Option<String> {
    let environ = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    environ.split(|byte| *byte == 0).find_map(|entry| {
        let value = std::str::from_utf8(entry).ok()?.strip_prefix(name)?.strip_prefix('=')?;
        Some(value.to_owned())
    })
}

/// Names this start of the machine; start times mean something within it alone.
pub(crate) fn machine_start() -> Option<String> {
    Some(std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}

/// Ends exactly this process: nothing happens when its number belongs to another by now.
#[cfg(target_os = "linux")]
pub(crate) fn kill(process: &Process) -> bool {
    use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};
    let Some(pid) = i32::try_from(process.pid).ok().and_then(Pid::from_raw) else { return false };
    // Whoever has the number once the handle is open keeps it as long as the handle means anything.
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return false };
    let same = one(process.pid).is_some_and(|now| now.started == process.started);
    same && pidfd_send_signal(&handle, Signal::KILL).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn kill(_: &Process) -> bool {
    false
}

/// Sends a signal to a process group. Whoever calls this knows that the group is still the one that is meant.
pub(crate) fn signal_group(group: u32, signal: Signal) {
    if let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        // Nobody being there is what it is meant to lead to.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_fields_is_only_a_name() {
        let stat = "77 (a) R 1 1 1 (b) S 12 77 77 0 -1 4194560 100 0 0 0 1 2 3 4 20 0 1 0 4242 1000000 33 18446744073709551615 1";
        let process = parse(77, stat, 4096).unwrap();
        assert_eq!(
            process,
            Process { pid: 77, parent: 12, group: 77, started: 4242, resident: 33 * 4096, zombie: false }
        );
        for cut in ["", "77", "77 (a", "77 (a)", "77 (a) Z 1 2", "77 (a) R x y z"] {
            assert_eq!(parse(77, cut, 4096), None, "{cut}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_is_seen_and_a_reused_number_is_not_killed() {
        let own = one(std::process::id()).unwrap();
        assert!(own.resident > 0 && own.started > 0 && all().iter().any(|process| process.pid == own.pid));
        assert!(machine_start().is_some());
        assert!(variable(own.pid, "PATH").is_some() && variable(own.pid, "NO_SUCH_VARIABLE").is_none());
        // The same number with another start time is somebody else; the test would not survive a mistake here.
        assert!(!kill(&Process { started: own.started + 1, ..own }));
    }
}
