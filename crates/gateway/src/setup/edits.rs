//! What the answers of a guided setup make of a configuration.

use openclaw_config::{AuthMode, Edit, KeyPath, Loaded, Step};
use serde_json::{Value, json};

use super::{Answers, Setup};

impl Setup {
    /// The edits that bring a configuration to what was answered; none when it is so already.
    #[must_use]
    pub fn edits(&self, loaded: &Loaded) -> Vec<Edit> {
        let mut edits = Edits { loaded, edits: Vec::new() };
        let answers = &self.answers;
        if let Some(bind) = answers.bind {
            edits.set(&["gateway", "bind"], json!(bind.word()));
            edits.unset(&["gateway", "customBindHost"]);
        }
        edits.credential(answers);
        edits.model(answers);
        edits.agent(answers);
        edits.edits
    }
}

struct Edits<'a> {
    loaded: &'a Loaded,
    edits: Vec<Edit>,
}

impl Edits<'_> {
    fn put(&mut self, path: KeyPath, value: Value) {
        if path.get(&self.loaded.resolved) != Some(&value) {
            self.edits.push(Edit::Set { path, value });
        }
    }

    fn set(&mut self, keys: &[&str], value: Value) {
        self.put(path(keys), value);
    }

    fn unset(&mut self, keys: &[&str]) {
        let path = path(keys);
        if path.get(&self.loaded.resolved).is_some() {
            self.edits.push(Edit::Unset { path });
        }
    }

    /// One credential counts, so the other one goes.
    fn credential(&mut self, answers: &Answers) {
        let Some((mode, secret)) = &answers.credential else { return };
        let (this, other) = if *mode == AuthMode::Password { ("password", "token") } else { ("token", "password") };
        self.set(&["gateway", "auth", "mode"], json!(mode.word()));
        self.set(&["gateway", "auth", this], json!(secret.expose()));
        self.unset(&["gateway", "auth", other]);
    }

    fn model(&mut self, answers: &Answers) {
        if let (Some(provider), Some(key)) = (&answers.provider, &answers.key) {
            self.set(&["models", "providers", provider, "apiKey"], json!(key.expose()));
        }
        let Some(model) = &answers.model else { return };
        // An agent with a model of its own would not notice the common one.
        let own = self.default_agent().filter(|at| self.loaded.config.agents.list[*at].model.is_some());
        match own {
            Some(at) => self.put(of_agent(at, "model"), json!(model)),
            None => self.set(&["agents", "defaults", "model"], json!(model)),
        }
    }

    fn agent(&mut self, answers: &Answers) {
        let fields = [("name", &answers.agent_name), ("workspace", &answers.workspace)];
        let fields: Vec<_> = fields.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?))).collect();
        if fields.is_empty() {
            return;
        }
        match self.default_agent() {
            Some(at) => {
                let named = self.loaded.config.agents.list[at].identity.name.is_some();
                for (key, value) in fields {
                    self.put(of_agent(at, key), json!(value));
                    // Where both are written, this one is shown.
                    if key == "name" && named {
                        let steps = [of_agent(at, "identity").steps(), &[Step::Key("name".to_owned())]].concat();
                        self.put(KeyPath::new(steps).expect("a few steps are a path"), json!(value));
                    }
                }
            }
            None => {
                let mut main = json!({ "id": self.loaded.config.default_agent(), "default": true });
                for (key, value) in fields {
                    main[key] = json!(value);
                }
                self.set(&["agents", "list"], json!([main]));
            }
        }
    }

    /// The place of the default agent; `None` when no agent is written down.
    fn default_agent(&self) -> Option<usize> {
        let config = &self.loaded.config;
        config.agents.list.iter().position(|agent| agent.id == config.default_agent())
    }
}

fn path(keys: &[&str]) -> KeyPath {
    KeyPath::new(keys.iter().map(|key| Step::Key((*key).to_owned())).collect()).expect("a few steps are a path")
}

fn of_agent(at: usize, key: &str) -> KeyPath {
    let keys = ["agents", "list"].map(|key| Step::Key(key.to_owned()));
    let steps = [keys.as_slice(), &[Step::Index(at), Step::Key(key.to_owned())]].concat();
    KeyPath::new(steps).expect("a few steps are a path")
}
