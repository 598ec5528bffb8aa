//! A guided setup: which steps there are, what may be answered, and what follows.
//!
//! It only knows answers. Who drives it asks a provider when [`Then::Probe`] says so and writes the configuration, in one change,
//! at [`Then::Write`]; until then nothing is changed. The gateway drives it for clients (`wizard.*`), the command line by itself
//! where no gateway runs. No answer that is secret is part of a step.

mod edits;
mod facts;
mod shown;

pub use facts::{Around, Facts, keyed};
pub use shown::{Choice, Kind, Step};

use openclaw_config::{AuthMode, Bind};
use openclaw_core::Secret;
use serde_json::{Value, json};

use crate::settings;

/// Characters of a password, at least.
const PASSWORD: usize = 12;
/// Bytes of a secret.
const SECRET: usize = 4096;
/// Characters of a name.
const NAME: usize = 128;
/// Characters of what a provider said.
const SAID: usize = 300;

/// What was answered; `None` leaves what is there.
#[derive(Clone, Debug, Default)]
struct Answers {
    bind: Option<Bind>,
    credential: Option<(AuthMode, Secret)>,
    provider: Option<String>,
    key: Option<Secret>,
    model: Option<String>,
    agent_name: Option<String>,
    workspace: Option<String>,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Intro,
    Bind,
    Auth,
    Secret(AuthMode),
    Provider,
    Key,
    Model,
    Probe,
    Unanswered,
    Agent,
    Workspace,
    Confirm,
}

/// What follows an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The next step is shown.
    Ask,
    /// The provider is asked for a word; [`Setup::probed`] takes what came of it.
    Probe,
    /// The configuration is written.
    Write,
    /// It is given up.
    Quit,
}

/// An answer that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// It names a step that is not shown.
    #[error("the step {0} is not the one that is shown")]
    Step(String),
    /// It is no answer to the step.
    #[error("{0}")]
    Value(String),
}

/// A guided setup.
#[derive(Clone, Debug)]
pub struct Setup {
    facts: Facts,
    answers: Answers,
    at: Place,
    /// How many steps were shown.
    shown: u32,
    /// What the provider said that did not answer.
    said: String,
    /// A folder for the agent that whoever began it proposes.
    proposed: Option<String>,
}

impl Setup {
    /// Begins one.
    #[must_use]
    pub const fn new(facts: Facts) -> Self {
        let answers = Answers {
            bind: None,
            credential: None,
            provider: None,
            key: None,
            model: None,
            agent_name: None,
            workspace: None,
        };
        Self { facts, answers, at: Place::Intro, shown: 1, said: String::new(), proposed: None }
    }

    /// Proposes a folder for the agent.
    ///
    /// # Errors
    /// [`BadAnswer::Value`] when it can be none.
    pub fn propose_workspace(&mut self, text: &str) -> Result<(), BadAnswer> {
        self.facts.grounds.place(text.trim()).map_err(|why| BadAnswer::Value(why.to_string()))?;
        self.proposed = Some(text.trim().to_owned());
        Ok(())
    }

    /// Hash of the configuration that it began with.
    #[must_use]
    pub fn base_hash(&self) -> &str {
        &self.facts.hash
    }

    /// The provider and its key to be asked, and the model.
    #[must_use]
    pub fn to_probe(&self) -> Option<(&str, Option<&Secret>, &str)> {
        let (provider, model) = (self.answers.provider.as_deref()?, self.answers.model.as_deref()?);
        Some((provider, self.answers.key.as_ref(), model))
    }

    /// The workspace that was chosen, to be made before the configuration names it.
    #[must_use]
    pub fn workspace(&self) -> Option<&str> {
        self.answers.workspace.as_deref()
    }

    /// What is shown now.
    #[must_use]
    pub fn step(&self) -> Step {
        let (word, kind, title, message) = self.words();
        let mut step = Step {
            id: format!("{word}-{}", self.shown),
            kind,
            title: title.to_owned(),
            message,
            options: Vec::new(),
            initial_value: None,
            placeholder: None,
            sensitive: matches!(self.at, Place::Secret(_) | Place::Key),
            executor: "client".to_owned(),
        };
        let facts = &self.facts;
        match self.at {
            Place::Bind | Place::Auth | Place::Provider => {
                (step.options, step.initial_value) = self.choices();
            }
            Place::Model => {
                (step.options, step.initial_value) = self.choices();
                if step.options.is_empty() {
                    step.kind = Kind::Text;
                    step.placeholder = Some("the model's name".to_owned());
                }
            }
            Place::Secret(AuthMode::Token) => {
                step.placeholder = Some("leave it empty to have one made".to_owned());
            }
            Place::Key => {
                let known =
                    facts.providers.iter().any(|(id, known)| *known && Some(id) == self.answers.provider.as_ref());
                let hint =
                    if known { "leave it empty to keep the one that is known" } else { "the provider's API key" };
                step.placeholder = Some(hint.to_owned());
            }
            Place::Probe | Place::Confirm => step.initial_value = Some(json!(true)),
            Place::Unanswered => step.initial_value = Some(json!(false)),
            Place::Agent => step.initial_value = Some(json!(facts.agent_name.as_deref().unwrap_or(&facts.agent))),
            Place::Workspace => step.initial_value = Some(json!(self.proposed.as_ref().unwrap_or(&facts.workspace))),
            Place::Intro | Place::Secret(_) => {}
        }
        step
    }

    fn words(&self) -> (&'static str, Kind, &'static str, String) {
        let provider = self.answers.provider.as_deref().unwrap_or_default();
        match self.at {
            Place::Intro => (
                "intro",
                Kind::Note,
                "Setup",
                "A few questions: who can reach the gateway, which model answers, and what the first agent is called. Nothing is changed before the last one.".to_owned(),
            ),
            Place::Bind => {
                ("bind", Kind::Select, "Exposure", "From where can clients connect?".to_owned())
            }
            Place::Auth => ("auth", Kind::Select, "Credential", "How do clients prove who they are?".to_owned()),
            Place::Secret(AuthMode::Password) => (
                "password",
                Kind::Text,
                "Password",
                format!("The password, at least {PASSWORD} characters. Clients that used another credential must use this one."),
            ),
            Place::Secret(_) => (
                "token",
                Kind::Text,
                "Token",
                format!("The new token, at least {} characters. Clients that used another credential must use this one.", Secret::LEAST),
            ),
            Place::Provider => ("provider", Kind::Select, "Model", "Which provider's models are used?".to_owned()),
            Place::Key => ("key", Kind::Text, "API key", format!("The API key of {provider}.")),
            Place::Model => ("model", Kind::Select, "Model", format!("Which model of {provider}? One that is not in the list may be named, too.")),
            Place::Probe => (
                "probe",
                Kind::Confirm,
                "Try it",
                format!("Ask {provider} for a word now, to see whether the key works? That costs a few tokens."),
            ),
            Place::Unanswered => (
                "unanswered",
                Kind::Confirm,
                "No answer",
                format!("{provider} did not answer: {}. Keep it nevertheless?", self.said),
            ),
            Place::Agent => ("agent", Kind::Text, "Agent", "What is the first agent called?".to_owned()),
            Place::Workspace => ("workspace", Kind::Text, "Workspace", "In which folder does it work?".to_owned()),
            Place::Confirm => ("confirm", Kind::Confirm, "Write this?", self.summary()),
        }
    }

    fn choices(&self) -> (Vec<Choice>, Option<Value>) {
        let facts = &self.facts;
        match self.at {
            Place::Bind => {
                let mut all = vec![
                    Choice::new("loopback", "Only from this machine"),
                    Choice::new("lan", "From the network, too").hinted("every address of this machine"),
                ];
                if !matches!(facts.bind, Bind::Loopback | Bind::Lan) {
                    all.push(Choice::new("keep", format!("As it is now ({})", facts.bind.word())));
                }
                let now = if matches!(facts.bind, Bind::Loopback | Bind::Lan) { facts.bind.word() } else { "keep" };
                (all, Some(json!(now)))
            }
            Place::Auth => {
                let mut all = Vec::new();
                if let Some(by) = facts.overridden {
                    // Another one in the file would change nothing, whatever was said of it.
                    let choice = Choice::new("keep", format!("With the one that {by} sets"));
                    return (vec![choice.hinted("it wins over the configuration")], Some(json!("keep")));
                }
                if self.may_keep_credential() {
                    let label = match facts.auth {
                        AuthMode::None => "With nothing, as now".to_owned(),
                        AuthMode::TrustedProxy => "As the proxy says, as now".to_owned(),
                        mode => format!("With the {} that is set", mode.word()),
                    };
                    all.push(Choice::new("keep", label).hinted("nobody has to change anything"));
                }
                all.push(Choice::new("token", "With a new token"));
                all.push(Choice::new("password", "With a new password"));
                let first = all[0].value.clone();
                (all, Some(json!(first)))
            }
            Place::Provider => {
                let mut all: Vec<Choice> = facts
                    .providers
                    .iter()
                    .map(|(id, known)| {
                        let choice = Choice::new(id, id.clone());
                        if *known { choice.hinted("its key is known") } else { choice }
                    })
                    .collect();
                let label = match &facts.model {
                    Some(model) => format!("As it is now ({model})"),
                    None => "None yet; the built-in demo answers".to_owned(),
                };
                all.push(Choice::new("skip", label));
                (all, Some(json!("skip")))
            }
            Place::Model => {
                let provider = self.answers.provider.as_deref().unwrap_or_default();
                let own = |model: &str| model.strip_prefix(provider).is_some_and(|rest| rest.starts_with('/'));
                let of = facts.models.iter().filter(|(model, _)| own(model));
                let all: Vec<_> = of.map(|(model, name)| Choice::new(model, name.clone())).collect();
                let now = facts.model.clone().filter(|model| all.iter().any(|choice| choice.value == *model));
                let first = now.or_else(|| all.first().map(|choice| choice.value.clone()));
                (all, first.map(Value::from))
            }
            _ => (Vec::new(), None),
        }
    }

    /// Whether the credential may stay: nothing at all is enough on this machine alone.
    fn may_keep_credential(&self) -> bool {
        let bind = self.answers.bind.unwrap_or(self.facts.bind);
        self.facts.has_secret && (self.facts.auth != AuthMode::None || bind == Bind::Loopback)
    }

    /// What would be written, without secrets.
    fn summary(&self) -> String {
        let (answers, mut lines) = (&self.answers, Vec::new());
        if let Some(bind) = answers.bind {
            lines.push(format!("listens on {} (with the next start)", bind.word()));
        }
        if let Some((mode, _)) = &answers.credential {
            lines.push(format!("clients need the new {}", mode.word()));
        }
        if let Some(provider) = answers.provider.as_ref().filter(|_| answers.key.is_some()) {
            lines.push(format!("a key for {provider}"));
        }
        lines.extend(answers.model.iter().map(|model| format!("the model {model}")));
        lines.extend(answers.agent_name.iter().map(|name| format!("the agent's name {name}")));
        lines.extend(answers.workspace.iter().map(|folder| format!("its folder {folder}")));
        if lines.is_empty() { "Nothing changes.".to_owned() } else { format!("{}.", lines.join("; ")) }
    }

    /// Takes an answer to the step of this id; without a value, what holds when nothing is chosen.
    ///
    /// # Errors
    /// [`BadAnswer`]; the same step is shown further on.
    pub fn answer(&mut self, step: &str, value: Option<&Value>) -> Result<Then, BadAnswer> {
        let shown = self.step();
        if shown.id != step {
            return Err(BadAnswer::Step(step.chars().take(NAME).collect()));
        }
        let value = value.filter(|value| !value.is_null()).or(shown.initial_value.as_ref());
        let then = match shown.kind {
            Kind::Note => self.go(Place::Bind),
            Kind::Confirm => {
                let yes = value.and_then(Value::as_bool);
                self.confirmed(yes.ok_or_else(|| BadAnswer::Value("must be true or false".to_owned()))?)
            }
            Kind::Select => {
                let word = value.and_then(Value::as_str);
                let known = word.filter(|word| shown.options.iter().any(|choice| choice.value == *word));
                let Some(word) = known else {
                    // The list of models is what this program knows; vendors have more.
                    if let Some(word) = word.filter(|_| self.at == Place::Model) {
                        let then = self.written(word.trim())?;
                        self.shown += 1;
                        return Ok(then);
                    }
                    let words: Vec<_> = shown.options.iter().map(|choice| choice.value.as_str()).collect();
                    return Err(BadAnswer::Value(format!("must be one of {}", words.join(", "))));
                };
                self.chosen(word)
            }
            Kind::Text => {
                let text = match value {
                    None => "",
                    Some(Value::String(text)) => text.trim(),
                    Some(_) => return Err(BadAnswer::Value("must be a text".to_owned())),
                };
                if text.chars().any(char::is_control) {
                    return Err(BadAnswer::Value("must not hold control characters".to_owned()));
                }
                self.written(text)?
            }
        };
        self.shown += 1;
        Ok(then)
    }

    /// Takes what came of asking the provider: nothing when it answered, else what it said.
    pub fn probed(&mut self, problem: Option<&str>) {
        self.at = match problem {
            None => Place::Agent,
            Some(said) => {
                self.said = said.chars().filter(|c| !c.is_control()).take(SAID).collect();
                Place::Unanswered
            }
        };
    }

    fn go(&mut self, place: Place) -> Then {
        self.at = place;
        Then::Ask
    }

    fn chosen(&mut self, word: &str) -> Then {
        match self.at {
            Place::Bind => {
                self.answers.bind = Bind::from_word(word).filter(|bind| *bind != self.facts.bind);
                self.go(Place::Auth)
            }
            Place::Auth => match AuthMode::from_word(word) {
                Some(mode) => self.go(Place::Secret(mode)),
                None => self.go(Place::Provider),
            },
            Place::Provider if word == "skip" => {
                (self.answers.provider, self.answers.key, self.answers.model) = (None, None, None);
                self.go(Place::Agent)
            }
            Place::Provider => {
                self.answers.provider = Some(word.to_owned());
                self.go(Place::Key)
            }
            _ => self.model(word.to_owned()),
        }
    }

    fn model(&mut self, model: String) -> Then {
        self.answers.model = Some(model);
        self.go(if self.facts.can_probe { Place::Probe } else { Place::Agent })
    }

    fn written(&mut self, text: &str) -> Result<Then, BadAnswer> {
        let bad = |problem: String| Err(BadAnswer::Value(problem));
        match self.at {
            Place::Secret(mode) => {
                let secret = if text.is_empty() && mode == AuthMode::Token {
                    self.facts.fresh.clone()
                } else {
                    Secret::new(text)
                };
                let least = if mode == AuthMode::Token { Secret::LEAST } else { PASSWORD };
                if secret.is_placeholder() || text.len() > SECRET || secret.expose().chars().count() < least {
                    return bad(format!("must have at least {least} characters, and be no published example"));
                }
                self.answers.credential = Some((mode, secret));
                Ok(self.go(Place::Provider))
            }
            Place::Key => {
                if text.len() > SECRET || text.contains(char::is_whitespace) {
                    return bad(format!("must have at most {SECRET} bytes, without spaces"));
                }
                self.answers.key = (!text.is_empty()).then(|| Secret::new(text));
                Ok(self.go(Place::Model))
            }
            Place::Model => {
                let provider = self.answers.provider.as_deref().unwrap_or_default();
                let model = if text.starts_with(&format!("{provider}/")) {
                    text.to_owned()
                } else {
                    format!("{provider}/{text}")
                };
                if text.is_empty() || text.len() > NAME || settings::model_ref(&model).is_none() {
                    return bad("must be the name of a model".to_owned());
                }
                Ok(self.model(model))
            }
            Place::Agent => {
                if text.chars().count() > NAME {
                    return bad(format!("must have at most {NAME} characters"));
                }
                let now = self.facts.agent_name.as_deref().unwrap_or(&self.facts.agent);
                self.answers.agent_name = Some(text.to_owned()).filter(|text| !text.is_empty() && text != now);
                Ok(self.go(Place::Workspace))
            }
            _ => {
                self.answers.workspace = None;
                if !text.is_empty() && text != self.facts.workspace {
                    let placed = self.facts.grounds.place(text).map_err(|why| BadAnswer::Value(why.to_string()))?;
                    let path = placed.into_os_string().into_string();
                    self.answers.workspace = Some(path.map_err(|_| BadAnswer::Value("must be UTF-8".to_owned()))?);
                }
                Ok(self.go(Place::Confirm))
            }
        }
    }

    fn confirmed(&mut self, yes: bool) -> Then {
        match (self.at, yes) {
            (Place::Probe, true) => Then::Probe,
            (Place::Probe, false) | (Place::Unanswered, true) => self.go(Place::Agent),
            (Place::Unanswered, false) => self.go(Place::Key),
            (_, true) => Then::Write,
            (_, false) => Then::Quit,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
