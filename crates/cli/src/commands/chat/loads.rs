//! Loads of conversations that are under way: the latest alone counts, and what happens meanwhile waits for it.

use std::sync::Arc;

use openclaw_client::Event;

/// Most events that wait for a load; with more of them, another load follows.
const HELD: usize = 1024;

/// Which load is awaited, and what has happened since it began.
#[derive(Debug, Default)]
pub(super) struct Loads {
    /// Its number, from 1.
    latest: u64,
    is_awaited: bool,
    /// It came in the place of one that was awaited.
    replaces: bool,
    held: Vec<Arc<Event>>,
    /// More happened than is kept.
    is_over_full: bool,
}

/// What happened while a load was under way.
#[derive(Debug, Default)]
pub(super) struct Meanwhile {
    /// In order.
    pub(super) events: Vec<Arc<Event>>,
    /// Whether events were lost, so that even a load that came is not the last word.
    pub(super) is_incomplete: bool,
    /// Whether another load was given up for this one, so that one that failed leaves something undone.
    pub(super) replaced: bool,
}

impl Loads {
    /// A load begins. Those before it count no more.
    pub(super) fn begin(&mut self) -> u64 {
        self.latest += 1;
        self.replaces = self.is_awaited;
        self.is_awaited = true;
        self.latest
    }

    /// Something happened. It is given back unless it has to wait.
    pub(super) fn pass(&mut self, event: Arc<Event>) -> Option<Arc<Event>> {
        if !self.is_awaited {
            return Some(event);
        }
        if self.held.len() == HELD {
            self.held.clear();
            self.is_over_full = true;
        }
        self.held.push(event);
        None
    }

    /// A load came, or failed: what happened meanwhile, or nothing when it counts no more.
    pub(super) fn end(&mut self, number: u64) -> Option<Meanwhile> {
        if number != self.latest {
            return None;
        }
        self.is_awaited = false;
        Some(Meanwhile {
            events: std::mem::take(&mut self.held),
            is_incomplete: std::mem::take(&mut self.is_over_full),
            replaced: std::mem::take(&mut self.replaces),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: u64) -> Arc<Event> {
        let payload = serde_json::value::to_raw_value(&number).unwrap();
        Arc::new(Event { name: "chat".to_owned(), payload, seq: Some(number) })
    }

    fn numbers(meanwhile: &Meanwhile) -> Vec<u64> {
        meanwhile.events.iter().filter_map(|event| event.seq).collect()
    }

    #[test]
    fn events_wait_for_a_load_and_keep_their_order() {
        let mut loads = Loads::default();
        assert!(loads.pass(event(1)).is_some());
        let number = loads.begin();
        assert!(loads.pass(event(2)).is_none() && loads.pass(event(3)).is_none());
        let meanwhile = loads.end(number).unwrap();
        assert_eq!(numbers(&meanwhile), [2, 3]);
        assert!(!meanwhile.is_incomplete && !meanwhile.replaced);
        assert!(loads.pass(event(4)).is_some());
    }

    #[test]
    fn a_load_that_comes_late_counts_no_more() {
        let mut loads = Loads::default();
        let first = loads.begin();
        loads.pass(event(1));
        let second = loads.begin();
        loads.pass(event(2));
        assert!(loads.end(first).is_none(), "the second is awaited");
        assert!(loads.pass(event(3)).is_none());
        let meanwhile = loads.end(second).unwrap();
        assert_eq!((numbers(&meanwhile), meanwhile.replaced), (vec![1, 2, 3], true));
        let third = loads.begin();
        assert!(!loads.end(third).unwrap().replaced);
    }

    #[test]
    fn more_than_is_kept_asks_for_another_load() {
        let mut loads = Loads::default();
        let number = loads.begin();
        for number in 0..=HELD as u64 {
            loads.pass(event(number));
        }
        let meanwhile = loads.end(number).unwrap();
        assert!(meanwhile.is_incomplete && meanwhile.events.len() <= HELD);
    }
}
