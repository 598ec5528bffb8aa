//! How long and how much is measured.

use std::time::Duration;

use crate::{cases::Case, server::Target};

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Repetitions of each case and target, of which the median counts.
    pub(crate) repetitions: usize,
    /// Starts per repetition.
    pub(crate) starts: usize,
    /// Rest before memory is read.
    pub(crate) idle: Duration,
    /// Connections that are held open.
    pub(crate) connections: usize,
    /// Connections that are held open and listed as present.
    pub(crate) listed: usize,
    /// Pages that show everything.
    pub(crate) dashboards: usize,
    /// Length of the cases that repeat an operation.
    pub(crate) stretch: Duration,
    /// Turns of a chat without pace.
    pub(crate) turns: usize,
    /// Turns of a chat with pace.
    pub(crate) paced_turns: usize,
    /// Tokens of a turn.
    pub(crate) tokens: u32,
    /// Most sessions of a list.
    pub(crate) sessions: usize,
    /// Most subscribers of an event.
    pub(crate) subscribers: usize,
    /// Mebibytes that a slow reader leaves unread.
    pub(crate) unread_mib: usize,
    /// Connections that misbehave.
    pub(crate) hostile: usize,
    /// Runs of a command.
    pub(crate) commands: usize,
    /// Length of a soak.
    pub(crate) soak: Duration,
}

impl Effort {
    /// What `docs/performance.md` is made of.
    pub(crate) const FULL: Self = Self {
        repetitions: 3,
        starts: 5,
        idle: Duration::from_secs(10),
        connections: 5_000,
        listed: 500,
        dashboards: 200,
        stretch: Duration::from_secs(2),
        turns: 50,
        paced_turns: 5,
        tokens: 200,
        sessions: 1_000_000,
        subscribers: 5_000,
        unread_mib: 300,
        hostile: 10_000,
        commands: 20,
        soak: Duration::from_secs(60 * 60),
    };

    /// Shows that everything works; the figures are noise.
    pub(crate) const QUICK: Self = Self {
        repetitions: 1,
        starts: 1,
        idle: Duration::from_millis(500),
        connections: 200,
        listed: 50,
        dashboards: 20,
        stretch: Duration::from_millis(200),
        turns: 3,
        paced_turns: 1,
        tokens: 20,
        sessions: 1_000,
        subscribers: 100,
        unread_mib: 60,
        hostile: 1_000,
        commands: 2,
        soak: Duration::from_secs(10),
    };

    /// The same for one server: the reference is so slow that as much would take hours.
    pub(crate) fn on(self, target: Target) -> Self {
        match target {
            Target::Gateway | Target::Limit => self,
            Target::Reference => Self {
                repetitions: 1,
                starts: self.starts.min(2),
                connections: self.connections.min(1_000),
                turns: self.turns.min(10),
                paced_turns: self.paced_turns.min(2),
                sessions: self.sessions.min(1_000),
                subscribers: self.subscribers.min(500),
                commands: self.commands.min(3),
                ..self
            },
        }
    }

    /// The same for one case: a soak and a storm are long enough to be run once.
    pub(crate) fn of(self, case: Case) -> Self {
        if matches!(case, Case::Soak | Case::Storm) { Self { repetitions: 1, ..self } } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_gets_less_and_never_more() {
        for effort in [Effort::QUICK, Effort::FULL] {
            let less = effort.on(Target::Reference);
            assert!(less.starts <= effort.starts && less.sessions <= effort.sessions && less.turns <= effort.turns);
            assert_eq!(effort.on(Target::Limit).sessions, effort.sessions);
            assert_eq!((effort.of(Case::Soak).repetitions, effort.of(Case::Ping).repetitions), (1, effort.repetitions));
        }
    }
}
