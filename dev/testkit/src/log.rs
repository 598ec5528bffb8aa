//! Log lines of one test among many that run in the same process.

use std::sync::Arc;

use openclaw_gateway::LogRing;
use tracing::{level_filters::LevelFilter, subscriber::DefaultGuard};
use tracing_subscriber::layer::{Layer, SubscriberExt};

/// Keeps the lines of this thread down to `most` in the ring, until the guard goes.
pub fn kept(log: &Arc<LogRing>, most: LevelFilter) -> DefaultGuard {
    // While a process has one subscriber alone, a line that another thread without it writes first counts as one that
    // nobody wants, and is lost here too; a second one that keeps nothing prevents that.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    tracing::subscriber::set_default(tracing_subscriber::registry().with(log.layer().with_filter(most)))
}
