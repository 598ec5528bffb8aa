//! Gives memory back after a rush. The C library keeps what was freed: after ten thousand hostile connections 450 MiB, of which
//! 20 were in use.

use std::{sync::Arc, time::Duration};

use crate::{state::State, watch::memory_kib};

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
            let resident = memory_kib()?;
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
