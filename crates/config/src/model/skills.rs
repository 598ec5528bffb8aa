//! `skills.*`: what agents have learned to do.

use std::collections::BTreeMap;

use openclaw_core::Secret;
use serde_json::Value;

use super::gateway::SecretMap;

section! {
    /// What agents have learned to do: folders with a `SKILL.md`. They are looked for in `skills` of an agent's workspace, then in
    /// `skills` of the state directory, then in `skills.load.extraDirs`; of several with one name the first counts.
    Skills {
        /// Where skills come from.
        load: SkillsLoad = SkillsLoad::default(),
        /// What holds for a skill, by its key: `skillKey` in its head, else its name.
        entries: BTreeMap<String, SkillEntry> = BTreeMap::new(),
    }

    /// Where skills come from.
    SkillsLoad {
        /// Further folders with skills, absolute paths or below `~/`. Symbolic links in them are not followed.
        extra_dirs: Vec<String> = Vec::new(),
    }

    /// What holds for one skill.
    SkillEntry {
        /// Whether agents may have it. Default true.
        enabled: bool = true,
        /// Value of the variable that the skill calls its `primaryEnv`.
        api_key: Option<Secret> = None,
        /// Further variables of the skill. Their values count as secrets.
        env: SecretMap = SecretMap::new(),
        /// The skill's own settings, kept as written.
        config: Option<Value> = None,
    }
}

impl SkillEntry {
    /// Whether a variable has a value here; `primary` is the one that the API key is for.
    #[must_use]
    pub fn gives(&self, name: &str, primary: Option<&str>) -> bool {
        let key = self.api_key.as_ref().filter(|_| primary == Some(name));
        key.or_else(|| self.env.get(name)).is_some_and(|secret| !secret.expose().trim().is_empty())
    }
}
