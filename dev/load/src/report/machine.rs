//! The machine that figures belong to.

use std::{fs, io::Write, path::Path, thread};

use anyhow::Result;
use serde::Serialize;
use tokio::time::Instant;

/// Appends that are synced to learn what the disk takes for one.
const SYNCS: usize = 50;

/// Facts about the machine.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    memory_mib: u64,
    kernel: String,
    /// Load average of the last minute when the run began: what else was running.
    load: String,
    /// Median time of appending 4 KiB and syncing, milliseconds: the least a durable change takes.
    sync_ms: f64,
}

impl Machine {
    /// Asks `/proc`, and the disk that holds `directory`.
    pub(crate) fn look(directory: &Path) -> Result<Self> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let (info, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
        let memory = value(&memory, "MemTotal").and_then(|kib| kib.trim_end_matches(" kB").parse::<u64>().ok());
        Ok(Self {
            cpu: value(&info, "model name").unwrap_or("unknown processor").to_owned(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_mib: memory.unwrap_or(0) / 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
            sync_ms: sync_ms(directory)?,
        })
    }

    pub(super) fn markdown(&self) -> String {
        let Self { cpu, cores, memory_mib, kernel, load, sync_ms } = self;
        format!(
            "Machine: {cpu}, {cores} cores, {memory_mib} MiB of memory, Linux {kernel}, load average {load} at the start, \
             {sync_ms:.2} ms for a synced append of 4 KiB.\n"
        )
    }
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':')).map(str::trim)
}

fn sync_ms(directory: &Path) -> Result<f64> {
    let mut file = tempfile::tempfile_in(directory)?;
    let mut times = Vec::new();
    for _ in 0..SYNCS {
        let start = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_unstable_by(f64::total_cmp);
    Ok(times[SYNCS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_by_name() {
        let text = "model\t\t: 1\nmodel name\t: Some CPU @ 2 GHz\nMemTotal:  2048 kB\n";
        assert_eq!(value(text, "model name"), Some("Some CPU @ 2 GHz"));
        assert_eq!(value(text, "MemTotal"), Some("2048 kB"));
        assert_eq!(value(text, "flags"), None);
        assert!(Machine::look(&std::env::temp_dir()).unwrap().cores > 0);
    }
}
