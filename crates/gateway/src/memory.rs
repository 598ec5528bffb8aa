//! Gives memory back after a rush. The C library keeps what was freed: after ten thousand hostile connections 450 MiB, of which
//! 20 were in use.

use std::{sync::Arc, time::Duration};

use crate::{state::State, watch::memory_kib};

/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(30);
/// Resident memory, KiB, below which nothing is worth the search.
const SMALL: u64 = 64 * 1024;

/// How much is used before it is worth the search again: a quarter more than was left after the last one, since the heaps are
/// locked meanwhile and a gateway that uses much would be searched for nothing twice a minute. It comes down with time, so that
/// what was used then and is free now is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Enough(u64);

impl Enough {
    fn after(left: u64) -> Self {
        Self(SMALL.max(left.saturating_add(left / 4)))
    }

    fn later(self) -> Self {
        Self(SMALL.max(self.0 - self.0 / 64))
    }
}

/// Gives back until the gateway stops, or where the system does not tell how much there is.
pub(crate) async fn keep(state: Arc<State>) {
    let mut enough = Enough(SMALL);
    loop {
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let looked = tokio::task::spawn_blocking(move || {
            if memory_kib()? <= enough.0 {
                return Some(enough.later());
            }
            openclaw_heap::give_back();
            memory_kib().map(Enough::after)
        });
        let Ok(Some(next)) = looked.await else { return };
        enough = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_not_searched_again_and_again_and_what_becomes_free_is_found() {
        assert_eq!(Enough::after(1000), Enough(SMALL));
        let mut enough = Enough::after(400 * 1024);
        assert_eq!(enough, Enough(500 * 1024));
        let looks = std::iter::repeat_with(|| {
            enough = enough.later();
            enough
        })
        .take_while(|now| now.0 > 400 * 1024)
        .count();
        assert!((10..20).contains(&looks), "{looks}");
        for _ in 0..200 {
            enough = enough.later();
        }
        assert_eq!(enough, Enough(SMALL));
    }
}
