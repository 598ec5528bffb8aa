//! Gives memory back after a rush. The C library keeps what was freed: after ten thousand hostile connections 450 MiB, of which
//! 20 were in use.

use std::{sync::Arc, time::Duration};

use crate::state::State;

/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(30);
/// Resident memory, KiB, below which nothing is worth the search.
const SMALL: u64 = 64 * 1024;

/// Gives back until the gateway stops, or where the system does not tell how much there is.
pub(crate) async fn keep(state: Arc<State>) {
    loop {
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let looked = tokio::task::spawn_blocking(|| {
            let status = std::fs::read_to_string("/proc/self/status").ok()?;
            let resident = resident(&status)?;
            if resident > SMALL {
                openclaw_heap::give_back();
            }
            Some(resident)
        });
        if !matches!(looked.await, Ok(Some(_))) {
            return;
        }
    }
}

/// KiB of memory that a process has, as the system tells.
fn resident(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_tells_is_read() {
        assert_eq!(resident("VmSize:\t  9 kB\nVmRSS:\t  1234 kB\n"), Some(1234));
        assert_eq!(resident("VmRSS:\t many kB\n"), None);
        assert_eq!(resident(""), None);
    }
}
