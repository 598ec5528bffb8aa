//! Names of methods that older Mission Controls call (CLIENTS §2.4), and what each means today. No method of its own has an
//! underscore in its name, and every old one does.

use std::borrow::Cow;

use serde_json::{Map, Value, value::RawValue};

/// An old name.
#[derive(Clone, Copy, Debug)]
pub struct Alias {
    /// As it is called.
    pub name: &'static str,
    /// The methods that it means.
    pub methods: &'static [&'static str],
    /// How its parameters become theirs, for people.
    pub about: &'static str,
    /// Turns the parameters into those of the method that is meant, and names it.
    meaning: fn(&mut Map<String, Value>) -> &'static str,
}

/// Every old name.
pub const ALIASES: &[Alias] = &[
    Alias {
        name: "session_delete",
        methods: &["sessions.delete"],
        about: "`sessionKey` is `key`.",
        meaning: |params| {
            key(params);
            "sessions.delete"
        },
    },
    Alias {
        name: "session_setLabel",
        methods: &["sessions.patch"],
        about: "`sessionKey` is `key`.",
        meaning: |params| {
            key(params);
            "sessions.patch"
        },
    },
    Alias {
        name: "session_setReasoning",
        methods: &["sessions.patch"],
        about: "`sessionKey` is `key`, `level` is `reasoningLevel`.",
        meaning: |params| level(params, "reasoningLevel"),
    },
    Alias {
        name: "session_setThinking",
        methods: &["sessions.patch"],
        about: "`sessionKey` is `key`, `level` is `thinkingLevel`.",
        meaning: |params| level(params, "thinkingLevel"),
    },
    Alias {
        name: "session_setVerbose",
        methods: &["sessions.patch"],
        about: "`sessionKey` is `key`, `level` is `verboseLevel`.",
        meaning: |params| level(params, "verboseLevel"),
    },
    Alias {
        name: "sessions_kill",
        methods: &["sessions.abort"],
        about: "`sessionKey` is `key`.",
        meaning: |params| {
            key(params);
            "sessions.abort"
        },
    },
    Alias {
        name: "sessions_send",
        methods: &["sessions.send", "sessions.abort"],
        about: "`sessionKey` is `key`; a message of type `control` that pauses, stops or terminates is `sessions.abort`.",
        meaning: |params| {
            key(params);
            let control = params.get("message").filter(|message| message["type"] == "control");
            let action = control.and_then(|message| message["action"].as_str()).unwrap_or_default();
            if matches!(action, "pause" | "stop" | "terminate" | "kill" | "abort" | "cancel") {
                // The message is the wish, and it is fulfilled.
                params.remove("message");
                "sessions.abort"
            } else {
                "sessions.send"
            }
        },
    },
    Alias {
        name: "sessions_spawn",
        methods: &["sessions.create"],
        about: "`runTimeoutSeconds` is `timeoutMs`.",
        meaning: |params| {
            if let Some(seconds) = params.get("runTimeoutSeconds").and_then(Value::as_u64) {
                params.remove("runTimeoutSeconds");
                params.insert("timeoutMs".to_owned(), Value::from(seconds.saturating_mul(1000)));
            }
            "sessions.create"
        },
    },
];

fn key(params: &mut Map<String, Value>) {
    if let Some(key) = params.remove("sessionKey") {
        params.entry("key").or_insert(key);
    }
}

fn level(params: &mut Map<String, Value>, name: &str) -> &'static str {
    key(params);
    if let Some(level) = params.remove("level") {
        params.entry(name).or_insert(level);
    }
    "sessions.patch"
}

/// What is called by this name, and with which parameters. Names of today pass unchanged.
#[must_use]
pub fn meant<'a>(method: &'a str, params: Option<&'a RawValue>) -> (&'a str, Option<Cow<'a, RawValue>>) {
    let unchanged = (method, params.map(Cow::Borrowed));
    if !method.contains('_') {
        return unchanged;
    }
    let Some(alias) = ALIASES.iter().find(|alias| alias.name == method) else { return unchanged };
    // Parameters that are no object are refused by the method that is meant.
    let Ok(Value::Object(mut members)) = serde_json::from_str(params.map_or("{}", RawValue::get)) else {
        return (alias.methods[0], params.map(Cow::Borrowed));
    };
    let method = (alias.meaning)(&mut members);
    (method, serde_json::value::to_raw_value(&members).ok().map(Cow::Owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(method: &str, text: &str) -> (String, Value) {
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        let (method, params) = meant(method, Some(&raw));
        (method.to_owned(), serde_json::from_str(params.unwrap().get()).unwrap())
    }

    #[test]
    fn old_names_mean_methods_of_today() {
        assert_eq!(
            map("session_setThinking", r#"{"sessionKey":"a","level":"high"}"#),
            ("sessions.patch".into(), json!({ "key": "a", "thinkingLevel": "high" }))
        );
        assert_eq!(map("session_delete", r#"{"sessionKey":"a"}"#), ("sessions.delete".into(), json!({ "key": "a" })));
        assert_eq!(
            map("sessions_send", r#"{"sessionKey":"a","message":{"type":"control","action":"terminate"}}"#),
            ("sessions.abort".into(), json!({ "key": "a" }))
        );
        assert_eq!(
            map("sessions_send", r#"{"sessionKey":"a","message":"hi"}"#),
            ("sessions.send".into(), json!({ "key": "a", "message": "hi" }))
        );
        assert_eq!(
            map("sessions_spawn", r#"{"task":"t","label":"l","runTimeoutSeconds":5,"tools":{"profile":"coding"}}"#),
            (
                "sessions.create".into(),
                json!({ "task": "t", "label": "l", "timeoutMs": 5000, "tools": { "profile": "coding" } })
            )
        );
    }

    #[test]
    fn everything_else_passes_unchanged() {
        assert_eq!(map("chat.send", r#"{"sessionKey":"a"}"#), ("chat.send".into(), json!({ "sessionKey": "a" })));
        assert_eq!(map("no_such", r#"{"level":1}"#), ("no_such".into(), json!({ "level": 1 })));
        assert_eq!(map("session_delete", "[1]"), ("sessions.delete".into(), json!([1])));
    }
}
