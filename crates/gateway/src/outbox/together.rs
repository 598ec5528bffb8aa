//! What waits for all connections together. Events are the same bytes for everybody; answers are each connection's own, so a few who ask
//! for much and read nothing could fill the memory, each within its own bound.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Bytes of answers that may wait for a connection whatever waits for others, so that those who read are served while others do not.
const FREE: usize = 1 << 20;
/// Steps in which a connection tells what waits for it: few ever take one.
const STEP: usize = 64 * 1024;

/// The count of all, and its bound. The more waits for all, the less may wait for one: at most as much as is left. So the first who
/// does not read gets half, two get a third each, and something is always left for whoever comes.
#[derive(Clone, Debug)]
pub(crate) struct Together {
    used: Arc<AtomicUsize>,
    most: usize,
}

impl Default for Together {
    /// Nobody else, and no bound.
    fn default() -> Self {
        Self::of(&Arc::default(), usize::MAX)
    }
}

impl Together {
    /// A bound of so many bytes over a count.
    pub(crate) fn of(used: &Arc<AtomicUsize>, most: usize) -> Self {
        Self { used: Arc::clone(used), most }
    }

    fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Bytes that may wait for one now.
    pub(super) fn share(&self) -> usize {
        self.most.saturating_sub(self.used()).max(FREE)
    }

    /// Bytes that wait for all, when so many may not wait for one.
    pub(super) fn forbids(&self, bytes: usize) -> Option<usize> {
        // Mostly there is next to nothing, and then nobody else is looked at.
        (bytes > FREE && bytes > self.share()).then(|| self.used())
    }
}

/// The part of one connection.
#[derive(Debug, Default)]
pub(super) struct Part {
    bytes: usize,
    told: usize,
}

impl Part {
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn set(&mut self, bytes: usize, together: &Together) {
        self.bytes = bytes;
        let now = bytes / STEP * STEP;
        if now > self.told {
            together.used.fetch_add(now - self.told, Ordering::Relaxed);
        } else if now < self.told {
            together.used.fetch_sub(self.told - now, Ordering::Relaxed);
        }
        self.told = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::{Outbox, Pushed};

    const MIB: usize = 1 << 20;

    #[test]
    fn whoever_reads_nothing_gets_less_the_more_there_are_and_others_are_served() {
        let used = Arc::default();
        let connect = || Outbox::sharing(50 * MIB, Together::of(&used, 64 * MIB));
        let answer = || vec![b'x'; MIB];
        let fill = |outbox: &Outbox| (0..).take_while(|_| outbox.push(answer()) != Pushed::Overflow).count();
        let first = connect();
        for _ in 0..31 {
            assert!(matches!(first.push(answer()), Pushed::Queued(_)));
        }
        let more: Vec<_> = (0..20).map(|_| connect()).collect();
        for outbox in &more {
            for _ in 0..40 {
                if !matches!(outbox.push(answer()), Pushed::Queued(_)) {
                    break;
                }
            }
            assert!(used.load(Ordering::Relaxed) <= 64 * MIB);
        }
        // Whoever reads is served all the same, one answer after the other.
        let reader = connect();
        for _ in 0..100 {
            assert!(matches!(reader.push(answer()), Pushed::Queued(_)));
            assert!(reader.take().is_some());
        }
        // Those that are gone take nothing any more.
        drop((first, more));
        assert_eq!(used.load(Ordering::Relaxed), 0);
        assert_eq!(fill(&connect()), 32, "half of all");
        assert_eq!(used.load(Ordering::Relaxed), 0, "it was closed");
    }

    #[test]
    fn events_are_the_same_bytes_for_everybody_and_count_for_nobody() {
        let used = Arc::default();
        let outbox = Outbox::sharing(50 * MIB, Together::of(&used, MIB));
        outbox.replay(vec![b'x'; 10 * MIB].into(), 1, None);
        assert_eq!(used.load(Ordering::Relaxed), 0);
        assert!(matches!(outbox.push(vec![b'x'; MIB]), Pushed::Queued(_)));
        assert_eq!((used.load(Ordering::Relaxed), outbox.room()), (MIB, 0));
        assert!(!outbox.offer(vec![b'x'; MIB]), "and it stays as it is");
        assert_eq!(outbox.push(vec![b'x'; MIB]), Pushed::Overflow);
        assert_eq!(used.load(Ordering::Relaxed), 0);
        let crate::outbox::Frame::Close(_, reason) = outbox.take().unwrap() else { panic!("it is closed") };
        assert_eq!(
            reason,
            "slow consumer: 1048576 bytes wait for all connections, which is too much for another 1048576 here"
        );
    }
}
