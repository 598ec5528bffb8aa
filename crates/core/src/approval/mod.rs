//! Asking people: what waits for their word, and the one way in which that ends.
//!
//! Commands that want to run, wishes of plugins and questions of agents are the same machine: pending, then exactly one
//! ending. The first word wins, the time is passed in, and what the machine says can be computed again after a restart.

mod command;
mod exec;
mod policy;
mod question;

use serde::{Deserialize, Serialize};

pub use command::{Analysis, Mismatch, analyse, quoted, same_command, shown, split};
pub use exec::{ExecRequest, Grant, GrantState, Plan, plan_hash};
pub use policy::{
    AgentPolicy, AllowlistEntry, Ask, Defaults, Effective, McpToolGrant, Policy, PolicyProblem, Reason, Security,
    SocketPlace, Verdict, Wanted, decide,
};
pub use question::{Answers, Option as QuestionOption, Question, QuestionProblem, check_answers, check_questions};

/// What people can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// This time.
    AllowOnce,
    /// This time, and from now on when exactly the same is asked.
    AllowAlways,
    /// No.
    Deny,
}

impl Decision {
    /// Everything that can be said.
    pub const ALL: [Self; 3] = [Self::AllowOnce, Self::AllowAlways, Self::Deny];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllowOnce => "allow-once",
            Self::AllowAlways => "allow-always",
            Self::Deny => "deny",
        }
    }

    /// Reads the word; `None` for anything else.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.as_str() == word)
    }
}

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A command that wants to run.
    Exec,
    /// A wish of a plugin.
    Plugin,
    /// A question of an agent.
    Question,
}

impl Kind {
    /// The word on the wire and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Plugin => "plugin",
            Self::Question => "question",
        }
    }
}

/// What is asked, in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Subject {
    /// May this command run?
    Exec(Box<ExecRequest>),
    /// May a plugin do this?
    Plugin(PluginRequest),
    /// What shall an agent do?
    Question(Questions),
}

/// A wish of a plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginRequest {
    /// In a few words.
    pub title: String,
    /// In a sentence.
    pub description: String,
    /// Everything, for those who decide.
    pub detail: Option<String>,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// Which plugin.
    pub plugin_id: Option<String>,
    /// Which of its tools.
    pub tool_name: Option<String>,
    /// Which call of it.
    pub tool_call_id: Option<String>,
    /// What may be answered.
    pub allowed: Vec<Decision>,
}

/// Questions that are answered together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Questions {
    /// One to three.
    pub questions: Vec<Question>,
}

/// Somebody, as those who look at an approval are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// As the audit names them: verified.
    pub principal: String,
    /// Their device, when they have one.
    pub device_id: Option<String>,
    /// As their client calls itself: for display only.
    pub name: String,
}

/// What waits for people's word, or has had it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Its name; the caller may choose it.
    pub id: String,
    /// What is asked.
    pub subject: Subject,
    /// Who asks.
    pub asked_by: Person,
    /// For which agent.
    pub agent_id: Option<String>,
    /// In which session, canonical.
    pub session_key: Option<String>,
    /// In which run.
    pub run_id: Option<String>,
    /// When it was asked.
    pub created_at: i64,
    /// From when on nobody can answer.
    pub expires_at: i64,
    /// How it ended; `None` while it waits.
    pub ending: Option<Ending>,
    /// Devices that are asked and may answer; everybody who may when empty.
    #[serde(default)]
    pub reviewers: Vec<String>,
    /// Whether nobody is told of it; it can be looked up all the same.
    #[serde(default)]
    pub quiet: bool,
    /// When what was allowed was run: it may be run once.
    #[serde(default)]
    pub redeemed_at: Option<i64>,
}

/// How long after its decision something that was allowed may begin, milliseconds.
pub const REDEEM_WITHIN_MS: i64 = 10 * 60 * 1000;

/// What somebody wants to run because people allowed it.
#[derive(Clone, Copy, Debug)]
pub struct Redeeming<'a> {
    /// Exactly what is to run.
    pub plan: Plan<'a>,
    /// In which session, canonical.
    pub session_key: Option<&'a str>,
}

/// Why an approval does not let something run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRedeemed {
    /// Nobody has decided yet.
    #[error("nobody has decided about this approval yet")]
    Pending,
    /// It was not allowed.
    #[error("this approval was not allowed")]
    NotAllowed,
    /// It was used before.
    #[error("this approval was used before; it allows one run")]
    Used,
    /// Its time is over.
    #[error("this approval was given more than ten minutes ago; ask again")]
    Late,
    /// It allows something else.
    #[error("this approval is for another command, folder, environment, agent, session or node")]
    OtherPlan,
    /// It is no approval of a command.
    #[error("this approval is not about a command")]
    OtherKind,
}

/// The end of an approval. There is only one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ending {
    /// When.
    pub at: i64,
    /// How.
    pub how: How,
    /// By whom; `None` when time or the gateway ended it.
    pub by: Option<Person>,
}

/// How an approval ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum How {
    /// Somebody decided.
    Decided(Decision),
    /// Somebody answered the questions.
    Answered(Answers),
    /// Somebody took the questions back.
    Withdrawn,
    /// Nobody did in time.
    Expired,
    /// The run that asked was stopped.
    RunAborted,
    /// There was nobody who could have answered.
    NoRoute,
}

/// What happens to an approval.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Somebody decides.
    Decide(Decision, Person),
    /// Somebody answers the questions.
    Answer(Answers, Person),
    /// Somebody takes the questions back.
    Withdraw(Person),
    /// The run that asked was stopped.
    Abort,
    /// There is nobody who could answer.
    NoRoute,
    /// Time goes on.
    Tick,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// It ends so.
    Ends(Ending),
    /// Its time was over before: it ends by that, and the input comes too late.
    Late(Ending),
    /// It ended before, with the same word.
    Repeated,
    /// It ended before, otherwise.
    Over,
    /// That was not on offer.
    NotOffered,
    /// This kind is not answered so.
    OtherKind,
    /// Nothing changes yet.
    Waits,
}

impl Subject {
    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Exec(_) => Kind::Exec,
            Self::Plugin(_) => Kind::Plugin,
            Self::Question(_) => Kind::Question,
        }
    }

    /// What may be decided; empty for questions.
    #[must_use]
    pub fn allowed(&self) -> &[Decision] {
        match self {
            Self::Exec(request) => &request.allowed,
            Self::Plugin(request) => &request.allowed,
            Self::Question(_) => &[],
        }
    }
}

impl Approval {
    /// Whether it still waits.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        self.ending.is_none()
    }

    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.subject.kind()
    }

    /// The decision, when people made one.
    #[must_use]
    pub fn decision(&self) -> Option<Decision> {
        match self.ending.as_ref()?.how {
            How::Decided(decision) => Some(decision),
            _ => None,
        }
    }

    /// Whether this device, or somebody without one, is among those who are asked.
    #[must_use]
    pub fn asks(&self, device: Option<&str>) -> bool {
        self.reviewers.is_empty() || device.is_some_and(|device| self.reviewers.iter().any(|one| one == device))
    }

    /// Whether it lets exactly this run now. Changes nothing: whoever runs it stores the use first.
    ///
    /// # Errors
    /// Why it does not.
    pub fn redeem(&self, wanted: &Redeeming<'_>, now: i64) -> Result<(), NotRedeemed> {
        let Subject::Exec(request) = &self.subject else { return Err(NotRedeemed::OtherKind) };
        let Some(ending) = &self.ending else { return Err(NotRedeemed::Pending) };
        if !matches!(ending.how, How::Decided(Decision::AllowOnce | Decision::AllowAlways)) {
            return Err(NotRedeemed::NotAllowed);
        }
        if request.plan != plan_hash(&wanted.plan) || self.session_key.as_deref() != wanted.session_key {
            return Err(NotRedeemed::OtherPlan);
        }
        if self.redeemed_at.is_some() {
            return Err(NotRedeemed::Used);
        }
        if now >= ending.at.saturating_add(REDEEM_WITHIN_MS) { Err(NotRedeemed::Late) } else { Ok(()) }
    }

    /// What this input does at this time. Changes nothing: whoever keeps the approval stores the ending first.
    #[must_use]
    pub fn step(&self, input: &Input, now: i64) -> Step {
        if let Some(ending) = &self.ending {
            return match (input, &ending.how) {
                (Input::Decide(decision, _), How::Decided(before)) if decision == before => Step::Repeated,
                (Input::Answer(answers, _), How::Answered(before)) if answers == before => Step::Repeated,
                (Input::Withdraw(_), How::Withdrawn) | (Input::Abort, How::RunAborted) => Step::Repeated,
                (Input::Tick, _) => Step::Waits,
                _ => Step::Over,
            };
        }
        let expired = Ending { at: self.expires_at, how: How::Expired, by: None };
        if now >= self.expires_at {
            return if matches!(input, Input::Tick) { Step::Ends(expired) } else { Step::Late(expired) };
        }
        let is_question = self.kind() == Kind::Question;
        let (how, by) = match input {
            Input::Tick => return Step::Waits,
            Input::Decide(..) if is_question => return Step::OtherKind,
            Input::Answer(..) | Input::Withdraw(_) if !is_question => return Step::OtherKind,
            Input::Decide(decision, _) if !self.subject.allowed().contains(decision) => return Step::NotOffered,
            Input::Decide(decision, by) => (How::Decided(*decision), Some(by.clone())),
            Input::Answer(answers, by) => (How::Answered(answers.clone()), Some(by.clone())),
            Input::Withdraw(by) => (How::Withdrawn, Some(by.clone())),
            Input::Abort => (How::RunAborted, None),
            Input::NoRoute => (How::NoRoute, None),
        };
        Step::Ends(Ending { at: now, how, by })
    }
}

#[cfg(test)]
mod tests;
