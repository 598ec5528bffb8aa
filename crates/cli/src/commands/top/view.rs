//! How the facts are looked at: which of them, in which order, and how fast they change.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::facts::{Conversation, Facts};

/// What the table shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    #[default]
    Conversations,
    Connections,
    Approvals,
    Nodes,
}

impl Tab {
    pub(super) const ALL: [Self; 4] = [Self::Conversations, Self::Connections, Self::Approvals, Self::Nodes];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Conversations => "Conversations",
            Self::Connections => "Connections",
            Self::Approvals => "Approvals",
            Self::Nodes => "Nodes",
        }
    }
}

/// By what conversations are sorted. Those with a turn at work always come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Sort {
    /// The one that changed last first
    #[default]
    Updated,
    /// The one with most tokens first
    Tokens,
    /// The dearest first
    Cost,
    /// By name
    Key,
}

impl Sort {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
            Self::Key => "key",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Updated => Self::Tokens,
            Self::Tokens => Self::Cost,
            Self::Cost => Self::Key,
            Self::Key => Self::Updated,
        }
    }
}

/// How much happens in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rates {
    pub(super) received: f64,
    pub(super) sent: f64,
    /// Of one processor, 0 to 1 and above.
    pub(super) processor: Option<f64>,
}

#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) facts: Option<Facts>,
    pub(super) rates: Option<Rates>,
    /// Why the gateway is away.
    pub(super) away: Option<String>,
    pub(super) tab: Tab,
    pub(super) sort: Sort,
    pub(super) reversed: bool,
    /// The first row that is shown.
    pub(super) first: usize,
    pub(super) help: bool,
}

/// What a key comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    Quit,
    /// Ask at once.
    Ask,
    Nothing,
}

impl View {
    /// Takes new facts.
    pub(super) fn take(&mut self, facts: Facts) {
        self.rates = self.facts.as_ref().and_then(|before| rates(before, &facts));
        self.away = None;
        self.facts = Some(facts);
        // Rows may have gone, and nobody looks beyond the last.
        self.first = self.first.min(self.rows().saturating_sub(1));
    }

    /// Takes a key.
    pub(super) fn key(&mut self, key: KeyEvent) -> Pressed {
        if key.kind == KeyEventKind::Release {
            return Pressed::Nothing;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return if matches!(key.code, KeyCode::Char('c' | 'd')) { Pressed::Quit } else { Pressed::Nothing };
        }
        if std::mem::take(&mut self.help) {
            return Pressed::Nothing;
        }
        let rows = self.rows();
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => return Pressed::Quit,
            KeyCode::Char('?' | 'h') => self.help = true,
            KeyCode::Char(' ') => return Pressed::Ask,
            KeyCode::Char('s') => self.sort = self.sort.next(),
            KeyCode::Char('r') => self.reversed = !self.reversed,
            KeyCode::Tab | KeyCode::Right => self.turn(1),
            KeyCode::BackTab | KeyCode::Left => self.turn(Tab::ALL.len() - 1),
            KeyCode::Char(digit @ '1'..='4') => {
                let at = usize::try_from(u32::from(digit) - u32::from('1')).unwrap_or(0);
                (self.tab, self.first) = (Tab::ALL[at], 0);
            }
            KeyCode::Up | KeyCode::Char('k') => self.first = self.first.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.first = (self.first + 1).min(rows.saturating_sub(1)),
            KeyCode::PageUp => self.first = self.first.saturating_sub(10),
            KeyCode::PageDown => self.first = (self.first + 10).min(rows.saturating_sub(1)),
            KeyCode::Home => self.first = 0,
            _ => {}
        }
        Pressed::Nothing
    }

    fn turn(&mut self, steps: usize) {
        let at = Tab::ALL.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        (self.tab, self.first) = (Tab::ALL[(at + steps) % Tab::ALL.len()], 0);
    }

    /// Rows of the table that is shown.
    pub(super) fn rows(&self) -> usize {
        let Some(facts) = &self.facts else { return 0 };
        match self.tab {
            Tab::Conversations => facts.conversations.len(),
            Tab::Connections => facts.presence.as_ref().map_or(0, Vec::len),
            Tab::Approvals => facts.waiting.as_ref().map_or(0, Vec::len),
            Tab::Nodes => facts.nodes.as_ref().map_or(0, Vec::len),
        }
    }
}

/// Conversations in the order that was asked for.
pub(super) fn sorted(conversations: &[Conversation], sort: Sort, reversed: bool) -> Vec<&Conversation> {
    let mut rows: Vec<&Conversation> = conversations.iter().collect();
    rows.sort_by(|one, other| {
        let order = match sort {
            Sort::Updated => other.updated_at.cmp(&one.updated_at),
            Sort::Tokens => other.tokens.cmp(&one.tokens),
            Sort::Cost => other.cost.total_cmp(&one.cost),
            Sort::Key => one.key.cmp(&other.key),
        };
        let order = if reversed { order.reverse() } else { order };
        (other.runs > 0).cmp(&(one.runs > 0)).then(order).then_with(|| one.key.cmp(&other.key))
    });
    rows
}

/// What changed between two moments of one gateway. Nothing is known across a restart.
#[expect(clippy::cast_precision_loss, reason = "nothing is counted to 2^53 here")]
fn rates(before: &Facts, now: &Facts) -> Option<Rates> {
    let seconds = now.ts.checked_sub(before.ts).filter(|ms| *ms > 0)? as f64 / 1000.0;
    let received = now.frames.received.checked_sub(before.frames.received)? as f64;
    let sent = now.frames.sent.checked_sub(before.frames.sent)? as f64;
    let processor = now.cpu_ms.zip(before.cpu_ms).and_then(|(now, before)| now.checked_sub(before));
    Some(Rates {
        received: received / seconds,
        sent: sent / seconds,
        processor: processor.map(|ms| ms as f64 / 1000.0 / seconds),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::top::facts::Frames;

    fn facts(ts: i64, received: u64, cpu_ms: u64) -> Facts {
        let frames = Frames { received, sent: received * 2 };
        Facts { ts, frames, cpu_ms: Some(cpu_ms), ..Facts::default() }
    }

    fn press(view: &mut View, code: KeyCode) -> Pressed {
        view.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn rates_are_differences_and_unknown_across_a_restart() {
        let mut view = View::default();
        view.take(facts(1000, 10, 100));
        assert_eq!(view.rates, None);
        view.take(facts(3000, 30, 1100));
        assert_eq!(view.rates, Some(Rates { received: 10.0, sent: 20.0, processor: Some(0.5) }));
        view.take(facts(3000, 40, 1100));
        assert_eq!(view.rates, None, "no time has passed");
        view.take(facts(5000, 2, 1100));
        assert_eq!(view.rates, None, "it began anew");
    }

    #[test]
    fn keys_turn_sort_and_leave() {
        let mut view = View::default();
        view.take(Facts { conversations: vec![Conversation::default(); 3], ..Facts::default() });
        for _ in 0..5 {
            press(&mut view, KeyCode::Down);
        }
        assert_eq!(view.first, 2, "nobody scrolls beyond the last row");
        view.take(Facts { conversations: vec![Conversation::default(); 2], ..Facts::default() });
        assert_eq!(view.first, 1, "nor stays there when it goes");
        view.take(Facts::default());
        assert_eq!(view.first, 0);
        press(&mut view, KeyCode::Char('s'));
        press(&mut view, KeyCode::Char('r'));
        assert_eq!((view.sort, view.reversed), (Sort::Tokens, true));
        press(&mut view, KeyCode::BackTab);
        assert_eq!((view.tab, view.first), (Tab::Nodes, 0));
        press(&mut view, KeyCode::Tab);
        press(&mut view, KeyCode::Char('3'));
        assert_eq!((view.tab, press(&mut view, KeyCode::Down), view.first), (Tab::Approvals, Pressed::Nothing, 0));
        press(&mut view, KeyCode::Char('?'));
        assert!(view.help);
        assert_eq!(press(&mut view, KeyCode::Char('q')), Pressed::Nothing, "any key takes help away");
        assert_eq!(press(&mut view, KeyCode::Char(' ')), Pressed::Ask);
        assert_eq!(press(&mut view, KeyCode::Char('q')), Pressed::Quit);
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(view.key(interrupt), Pressed::Quit);
    }

    #[test]
    fn what_is_at_work_comes_first_however_it_is_sorted() {
        let row = |key: &str, runs, tokens, cost, updated| Conversation {
            key: key.to_owned(),
            runs,
            tokens,
            cost,
            updated_at: Some(updated),
            ..Conversation::default()
        };
        let rows = [row("a", 0, 5, 0.1, 3), row("b", 1, 1, 0.0, 1), row("c", 0, 9, 0.05, 2)];
        let keys =
            |sort, reversed| -> String { sorted(&rows, sort, reversed).iter().map(|row| row.key.as_str()).collect() };
        assert_eq!([keys(Sort::Updated, false), keys(Sort::Tokens, false)], ["bac", "bca"]);
        assert_eq!([keys(Sort::Cost, false), keys(Sort::Key, false), keys(Sort::Key, true)], ["bac", "bac", "bca"]);
    }
}
