//! What an event is to somebody who was away when it was told.

use super::{AgentEvent, Event, View};

impl Event {
    /// Whether it says nothing once its moment is over: then nobody who comes back is told of it.
    #[must_use]
    pub const fn is_momentary(&self) -> bool {
        matches!(self, Self::Tick { .. } | Self::Shutdown { .. })
    }

    /// As [`View::shape`], but views that get the same bytes of this very event have the same number.
    #[must_use]
    pub const fn shape(&self, view: View) -> usize {
        match self {
            Self::Tick { .. } => View { dialect: crate::Dialect::V4, ui: view.ui }.shape(),
            Self::ChatDelta(_) | Self::ChatEnd(_) => View { dialect: view.dialect, ui: false }.shape(),
            _ => 0,
        }
    }

    /// For events with [`super::Delivery::Merged`]: the byte offset from which their text is new, and its length.
    #[must_use]
    pub fn text_told(&self) -> Option<(usize, usize)> {
        match self {
            Self::ChatDelta(delta) => Some((delta.from, delta.text.len())),
            Self::Agent(AgentEvent { assistant: Some(delta), .. }) => Some((delta.from, delta.text.len())),
            _ => None,
        }
    }

    /// Lets an event with [`super::Delivery::Merged`] say its text from `from` on, when that is more.
    pub fn widen(&mut self, from: usize) {
        match self {
            Self::ChatDelta(delta) => delta.from = delta.from.min(from),
            Self::Agent(AgentEvent { assistant: Some(delta), .. }) => delta.from = delta.from.min(from),
            _ => {}
        }
    }

    /// Widens this event by an older one with the same [`super::Delivery::Merged`] key that was never sent.
    pub fn absorb(&mut self, older: &Self) {
        if let Some((from, _)) = older.text_told() {
            self.widen(from);
        }
    }
}
