//! How the store uses memory, disk and threads.

use std::time::Duration;

use crate::Sealing;

/// Limits and sizes. The defaults fit a gateway that idles in a few MiB; SQLite takes cache pages only as it needs them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Most memory for the writer's page cache, in KiB. More helps only when more than that is touched again and again.
    pub cache_kib: u32,
    /// Most memory for each reader's page cache, in KiB.
    pub reader_cache_kib: u32,
    /// Read-only connections, made when first needed.
    pub readers: usize,
    /// Transactions that may wait for the writer; one more is refused with [`Error::Busy`](crate::Error::Busy).
    pub queue: usize,
    /// How many of those nobody awaits; one more is dropped and counted.
    pub detached: usize,
    /// How long those wait for others to be committed with, as long as nobody awaits a commit.
    pub linger: Duration,
    /// Reads that may wait for a connection; one more is refused with [`Error::Busy`](crate::Error::Busy).
    pub waiting_reads: usize,
    /// Most transactions in one commit.
    pub batch: usize,
    /// Pages in the write-ahead log (4 KiB each) after which they are moved into the database. Fewer: shorter stalls, less throughput.
    pub checkpoint_pages: u32,
    /// Most pages (4 KiB each) the database may have; `None` leaves it to the disk.
    pub max_pages: Option<u32>,
    /// How long a pairing request counts, in milliseconds.
    pub pairing_ttl_ms: i64,
    /// What seals content, if anything does.
    pub sealing: Sealing,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache_kib: 4_096,
            reader_cache_kib: 2_048,
            readers: 4,
            queue: 4_096,
            detached: 1_024,
            linger: Duration::from_millis(10),
            waiting_reads: 4_096,
            batch: 512,
            checkpoint_pages: 4_000,
            max_pages: None,
            pairing_ttl_ms: 300_000,
            sealing: Sealing::default(),
        }
    }
}
