//! Guided setups at work: whose each is, where it stands, and when it is forgotten.
//!
//! Who answers a step takes the setup out, so that of two answers at once the second is refused; whoever is not its owner is told
//! the same as for one that never was.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use openclaw_protocol::{WireError, detail};
use schemars::JsonSchema;
use serde::Serialize;

use crate::setup::Setup;

/// Setups that are remembered, at work and over.
const MOST: usize = 16;
/// How long one waits for an answer, and is remembered when it is over, milliseconds.
const IDLE_MS: i64 = 15 * 60 * 1000;

/// How a setup stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// It waits for an answer, or works on one.
    Running,
    /// The configuration is written.
    Done,
    /// It was given up; nothing was changed.
    Cancelled,
    /// It could not be written; nothing was changed.
    Error,
}

/// How one ended.
#[derive(Clone, Debug)]
pub(crate) struct Over {
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
}

#[derive(Debug)]
enum Stage {
    Waits(Box<Setup>),
    /// Somebody works on an answer; whether it was given up meanwhile.
    Taken {
        given_up: bool,
    },
    Over(Over),
}

#[derive(Debug)]
struct Session {
    owner: String,
    touched_ms: i64,
    stage: Stage,
}

/// What is there under an id.
#[derive(Debug)]
pub(crate) enum Found {
    /// The setup; it is to be given back.
    Setup(Box<Setup>),
    /// How it ended.
    Over(Over),
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Wizards(Mutex<BTreeMap<String, Session>>);

impl Wizards {
    fn sessions(&self, now_ms: i64) -> MutexGuard<'_, BTreeMap<String, Session>> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| now_ms - session.touched_ms < IDLE_MS);
        sessions
    }

    /// Keeps a new one.
    ///
    /// # Errors
    /// Its owner has one at work, or there are too many.
    pub(crate) fn start(&self, id: &str, owner: &str, setup: Setup, now_ms: i64) -> Result<(), WireError> {
        let mut sessions = self.sessions(now_ms);
        let at_work = |session: &Session| !matches!(session.stage, Stage::Over(_) | Stage::Taken { given_up: true });
        if let Some((id, _)) = sessions.iter().find(|(_, session)| session.owner == owner && at_work(session)) {
            // Clients match the text.
            let text = "wizard already running; go on with it, or end it with wizard.cancel";
            return Err(WireError::unavailable(detail::CONFLICT, text).with("sessionId", id.as_str()));
        }
        if sessions.len() >= MOST {
            let oldest = sessions.iter().filter(|(_, session)| !at_work(session));
            let oldest = oldest.min_by_key(|(_, session)| session.touched_ms).map(|(id, _)| id.clone());
            let Some(oldest) = oldest else {
                let text = format!("{MOST} setups are at work already; wait until one of them ends");
                return Err(WireError::unavailable(detail::QUEUE_FULL, text).retryable(None));
            };
            sessions.remove(&oldest);
        }
        let stage = Stage::Waits(Box::new(setup));
        sessions.insert(id.to_owned(), Session { owner: owner.to_owned(), touched_ms: now_ms, stage });
        Ok(())
    }

    /// Takes one out to work on it.
    ///
    /// # Errors
    /// There is none, or somebody works on it.
    pub(crate) fn take(&self, id: &str, owner: &str, now_ms: i64) -> Result<Found, WireError> {
        let mut sessions = self.sessions(now_ms);
        let session = own(&mut sessions, id, owner)?;
        session.touched_ms = now_ms;
        match &session.stage {
            Stage::Over(over) => return Ok(Found::Over(over.clone())),
            Stage::Taken { .. } => {
                let text = "an answer to this step is being worked on; wait for its result";
                return Err(WireError::invalid(detail::CONFLICT, text).retryable(Some(1000)));
            }
            Stage::Waits(_) => {}
        }
        match std::mem::replace(&mut session.stage, Stage::Taken { given_up: false }) {
            Stage::Waits(setup) => Ok(Found::Setup(setup)),
            Stage::Taken { .. } | Stage::Over(_) => Err(not_found()),
        }
    }

    /// Gives one back; how it ended when it was given up meanwhile.
    pub(crate) fn back(&self, id: &str, setup: Box<Setup>, now_ms: i64) -> Option<Over> {
        let mut sessions = self.sessions(now_ms);
        let session = sessions.get_mut(id)?;
        session.touched_ms = now_ms;
        if matches!(session.stage, Stage::Taken { given_up: true }) {
            let over = Over { status: Status::Cancelled, error: None };
            session.stage = Stage::Over(over.clone());
            return Some(over);
        }
        session.stage = Stage::Waits(setup);
        None
    }

    /// Ends one that was taken out.
    pub(crate) fn end(&self, id: &str, over: Over, now_ms: i64) {
        if let Some(session) = self.sessions(now_ms).get_mut(id) {
            (session.touched_ms, session.stage) = (now_ms, Stage::Over(over));
        }
    }

    /// Whether one that was taken out was given up meanwhile.
    pub(crate) fn is_given_up(&self, id: &str, now_ms: i64) -> bool {
        let sessions = self.sessions(now_ms);
        sessions.get(id).is_none_or(|session| matches!(session.stage, Stage::Taken { given_up: true }))
    }

    /// Gives one up; how it stands then.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn cancel(&self, id: &str, owner: &str, now_ms: i64) -> Result<Over, WireError> {
        let mut sessions = self.sessions(now_ms);
        let session = own(&mut sessions, id, owner)?;
        let cancelled = Over { status: Status::Cancelled, error: None };
        match &mut session.stage {
            Stage::Over(over) => return Ok(over.clone()),
            // What is being asked or written comes to its end first; only then is it known whether that was in time.
            Stage::Taken { given_up } => {
                *given_up = true;
                return Ok(Over { status: Status::Running, error: None });
            }
            stage @ Stage::Waits(_) => *stage = Stage::Over(cancelled.clone()),
        }
        Ok(cancelled)
    }

    /// How one stands.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn look(&self, id: &str, owner: &str, now_ms: i64) -> Result<Over, WireError> {
        let mut sessions = self.sessions(now_ms);
        Ok(match &own(&mut sessions, id, owner)?.stage {
            Stage::Over(over) => over.clone(),
            Stage::Waits(_) | Stage::Taken { .. } => Over { status: Status::Running, error: None },
        })
    }
}

fn own<'a>(sessions: &'a mut BTreeMap<String, Session>, id: &str, owner: &str) -> Result<&'a mut Session, WireError> {
    sessions.get_mut(id).filter(|session| session.owner == owner).ok_or_else(not_found)
}

/// Clients match the text.
fn not_found() -> WireError {
    WireError::invalid(
        detail::WIZARD_NOT_FOUND,
        "wizard not found; it ended or waited too long: begin anew with wizard.start",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::tests::begun;

    fn code(error: &WireError) -> &str {
        &error.details.code
    }

    #[test]
    fn one_owner_has_one_and_others_do_not_see_it() {
        let wizards = Wizards::default();
        wizards.start("a", "ann", begun(), 0).unwrap();
        let second = wizards.start("b", "ann", begun(), 1).unwrap_err();
        assert_eq!((code(&second), second.message.contains("already running")), ("CONFLICT", true));
        for look in [wizards.look("a", "bob", 2), wizards.cancel("a", "bob", 2), wizards.look("b", "ann", 2)] {
            assert_eq!(code(&look.unwrap_err()), "WIZARD_NOT_FOUND");
        }
        assert_eq!(code(&wizards.take("a", "bob", 2).unwrap_err()), "WIZARD_NOT_FOUND");
        assert_eq!(wizards.cancel("a", "ann", 3).unwrap().status, Status::Cancelled);
        wizards.start("b", "ann", begun(), 4).unwrap();
        assert!(matches!(wizards.take("a", "ann", 5), Ok(Found::Over(over)) if over.status == Status::Cancelled));
    }

    #[test]
    fn an_answer_at_work_is_alone_and_may_be_given_up() {
        let wizards = Wizards::default();
        wizards.start("a", "ann", begun(), 0).unwrap();
        let Ok(Found::Setup(setup)) = wizards.take("a", "ann", 1) else { panic!("it waits") };
        assert_eq!(code(&wizards.take("a", "ann", 1).unwrap_err()), "CONFLICT");
        assert_eq!(wizards.look("a", "ann", 1).unwrap().status, Status::Running);
        wizards.cancel("a", "ann", 2).unwrap();
        assert_eq!(wizards.back("a", setup, 3).unwrap().status, Status::Cancelled);
        assert_eq!(wizards.look("a", "ann", 4).unwrap().status, Status::Cancelled);
    }

    #[test]
    fn who_waits_too_long_is_forgotten_and_there_are_only_so_many() {
        let wizards = Wizards::default();
        for at in 0..MOST {
            wizards.start(&format!("w{at}"), &format!("o{at}"), begun(), 0).unwrap();
        }
        assert_eq!(code(&wizards.start("x", "x", begun(), 1).unwrap_err()), "QUEUE_FULL");
        wizards.cancel("w0", "o0", 1).unwrap();
        wizards.start("x", "x", begun(), 2).unwrap();
        assert!(wizards.look("w1", "o1", IDLE_MS - 1).is_ok());
        assert_eq!(code(&wizards.look("w1", "o1", IDLE_MS).unwrap_err()), "WIZARD_NOT_FOUND");
        assert!(wizards.look("x", "x", IDLE_MS + 1).is_ok());
    }
}
