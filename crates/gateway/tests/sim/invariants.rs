//! What must hold on every day, however bad. Each invariant is one small machine that is shown every entry, knows nothing of
//! the gateway's code, and says what is wrong.

mod answers;
mod approvals;
mod kept;
mod scopes;
mod sequence;
mod served;
#[cfg(test)]
mod tests;
mod withdrawn;

use crate::history::Entry;

/// One thing that must hold.
pub(crate) trait Invariant {
    /// Is shown the entry with this number; says what is wrong with it.
    fn note(&mut self, at: usize, entry: &Entry) -> Result<(), String>;

    /// Everything was shown; says what is missing.
    fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

/// All of them.
pub(crate) struct Invariants(Vec<(&'static str, Box<dyn Invariant>)>);

impl Default for Invariants {
    fn default() -> Self {
        Self(vec![
            ("events are numbered without a gap", Box::new(sequence::Numbers::default())),
            (
                "what was said in a session is told once, and nothing of it is missing",
                Box::new(sequence::Messages::default()),
            ),
            ("each request is answered once and nothing else is", Box::new(answers::Answers::default())),
            ("a withdrawn device is answered nothing more", Box::new(withdrawn::Withdrawn::default())),
            ("an approval is decided once and everybody hears the same", Box::new(approvals::Approvals::default())),
            ("nobody hears or does what their scopes do not allow", Box::new(scopes::Scopes::default())),
            ("what was answered with ok is there at the end", Box::new(kept::Kept::default())),
            ("everybody is served within a minute of the repair", Box::new(served::Served::default())),
        ])
    }
}

impl Invariants {
    pub(crate) fn note(&mut self, at: usize, entry: &Entry) -> Vec<String> {
        let broken = |(name, one): &mut (&str, Box<dyn Invariant>)| {
            one.note(at, entry).err().map(|what| format!("{name}: {what}"))
        };
        self.0.iter_mut().filter_map(broken).collect()
    }

    pub(crate) fn end(&self) -> Vec<String> {
        self.0.iter().filter_map(|(name, one)| one.end().err().map(|what| format!("{name}: {what}"))).collect()
    }
}
