//! The machine that the gateway runs on, as the system tells it.

use std::path::{Path, PathBuf};

use openclaw_protocol::{WireError, detail};

/// What the system tells.
#[derive(Debug)]
pub(crate) struct Machine {
    /// Such as `Linux`.
    pub(crate) system: String,
    /// Release of the kernel.
    pub(crate) release: String,
    pub(crate) processors: usize,
    /// Name of the first processor.
    pub(crate) processor: Option<String>,
    /// Over one, five and fifteen minutes.
    pub(crate) load: Option<[f64; 3]>,
    pub(crate) memory_total: u64,
    pub(crate) memory_available: u64,
    pub(crate) disk: Option<Disk>,
}

/// A file system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disk {
    pub(crate) total: u64,
    pub(crate) available: u64,
}

/// Looks, on a thread that may block: a network file system can take its time.
///
/// # Errors
/// The look died, which its panic has told.
pub(crate) async fn look(disk: &Path) -> Result<Machine, WireError> {
    let disk: PathBuf = disk.to_owned();
    let looked = tokio::task::spawn_blocking(move || look_now(&disk)).await;
    looked.map_err(|_| WireError::unavailable(detail::INTERNAL, "looking at the machine failed"))
}

fn look_now(disk: &Path) -> Machine {
    let system = rustix::system::uname();
    let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let (memory_total, memory_available) = memory(&text("/proc/meminfo"));
    Machine {
        system: system.sysname().to_string_lossy().into_owned(),
        release: system.release().to_string_lossy().into_owned(),
        processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        processor: processor(&text("/proc/cpuinfo")),
        load: load(&text("/proc/loadavg")),
        memory_total,
        memory_available,
        disk: rustix::fs::statvfs(disk).ok().map(|disk| Disk {
            total: disk.f_blocks.saturating_mul(disk.f_frsize),
            available: disk.f_bavail.saturating_mul(disk.f_frsize),
        }),
    }
}

/// Total and available bytes; zeros where the system does not tell.
fn memory(meminfo: &str) -> (u64, u64) {
    let field = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib.saturating_mul(1024))
    };
    (field("MemTotal:").unwrap_or(0), field("MemAvailable:").unwrap_or(0))
}

fn processor(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"))?;
    let name = line.trim_start().strip_prefix(':')?.trim();
    (!name.is_empty()).then(|| name.chars().take(120).collect())
}

fn load(loadavg: &str) -> Option<[f64; 3]> {
    let mut numbers = loadavg.split_whitespace().map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some([next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_linux_are_read_and_others_are_no_harm() {
        assert_eq!(memory("MemTotal:  2048 kB\nMemFree: 1 kB\nMemAvailable:    512 kB\n"), (2_097_152, 524_288));
        assert_eq!(memory("MemTotal: many kB"), (0, 0));
        assert_eq!(processor("processor : 0\nmodel name\t: Some CPU @ 2GHz\n").as_deref(), Some("Some CPU @ 2GHz"));
        assert_eq!(processor(""), None);
        assert_eq!(load("0.10 0.20 0.30 1/100 4242\n"), Some([0.10, 0.20, 0.30]));
        assert_eq!(load("0.10 none"), None);
    }

    #[tokio::test]
    async fn a_machine_is_told() {
        let machine = look(Path::new("/")).await.unwrap();
        assert!(machine.processors >= 1 && !machine.release.is_empty(), "{machine:?}");
        assert!(machine.disk.is_some_and(|disk| disk.total >= disk.available && disk.total > 0), "{machine:?}");
    }
}
