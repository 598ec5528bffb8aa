//! Words that must not stand where they would blur the design: vendors' names outside the parts that speak to vendors,
//! and type names that say nothing.

use std::path::Path;

/// Names of vendors and of their products, in lower case; each is looked for inside longer words too.
const VENDORS: &[&str] = &[
    "anthropic",
    "claude",
    "deepseek",
    "discord",
    "gemini",
    "google",
    "groq",
    "lm studio",
    "lmstudio",
    "lm_studio",
    "mistral",
    "ollama",
    "openai",
    "openrouter",
    "telegram",
    "whatsapp",
];

/// Names that are ordinary words as well, and count only as a word of their own.
const VENDORS_THAT_ARE_WORDS: &[&str] = &["slack"];

/// Where vendors' names belong, and why.
const VENDORS_BELONG: &[(&str, &str)] = &[
    ("crates/agents/src/providers", "each model provider speaks one vendor's wire"),
    ("crates/gateway/src/http", "it speaks one vendor's wire to clients, and routes that clients named after vendors"),
    ("crates/gateway/src/nodes/policy", "a command of nodes is called so on the wire"),
    ("crates/core/src/node_commands", "a command of nodes is called so on the wire"),
    ("crates/agents/src/discovery", "it looks for vendors' keys and local servers"),
    ("crates/agents/src/catalog", "it lists vendors' models"),
    ("crates/sandbox/src/environment/names", "variables are called as vendors call them"),
    ("crates/channels/", "each channel speaks one vendor's wire"),
    ("crates/posture/src/collect/channels", "checks of channels know what their senders' ids look like"),
    ("crates/posture/src/collect/files", "folders are called as programs that copy them call them"),
    ("crates/config/", "published configuration keys carry these names"),
];

/// Ends of type names that say nothing about the domain.
const EMPTY_ENDS: &[&str] = &["Manager", "Service", "Helper", "Helpers", "Util", "Utils"];

/// Words before a type's name where it is defined.
const DEFINING: &[&str] = &["struct", "enum", "trait", "union"];

/// What is wrong with one line of a Rust file, if anything. `file` is relative to the root.
pub(crate) fn complaint(file: &Path, line: &str) -> Option<String> {
    vendor(file, line).or_else(|| empty_name(line))
}

fn vendor(file: &Path, line: &str) -> Option<String> {
    let file = file.to_str()?.replace('\\', "/");
    // Tests play vendors and write configurations that name them.
    let is_test = file.contains("/tests/") || file.ends_with("/tests.rs");
    let belongs = is_test || VENDORS_BELONG.iter().any(|(place, _)| file.starts_with(place));
    if !file.starts_with("crates/") || belongs {
        return None;
    }
    let line = line.to_lowercase();
    let inside = VENDORS.iter().find(|name| line.contains(**name));
    let found =
        inside.or_else(|| VENDORS_THAT_ARE_WORDS.iter().find(|name| words(&line).any(|word| word == **name)))?;
    Some(format!(
        "{found:?} is a vendor's name; such names belong into agents/providers, discovery, catalog, gateway/http or channels"
    ))
}

fn empty_name(line: &str) -> Option<String> {
    let mut words = words(line).skip_while(|word| !DEFINING.contains(word)).skip(1);
    let name = words.next()?;
    let end = EMPTY_ENDS.iter().find(|end| name.ends_with(**end))?;
    let is_definition =
        !line.trim_start().starts_with("//") && name.starts_with(|first: char| first.is_ascii_uppercase());
    is_definition.then(|| format!("`{name}` ends in {end:?}, which names no part of the domain; say what it is"))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(file: &str, line: &str) -> bool {
        complaint(Path::new(file), line).is_some()
    }

    #[test]
    fn vendors_are_refused_where_they_do_not_belong() {
        assert!(wrong("crates/gateway/src/hub.rs", "// as OpenAI does"));
        assert!(wrong("crates/core/src/run.rs", "fn ask_anthropic() {}"));
        assert!(wrong("crates/cli/src/main.rs", r#"const NAME: &str = "slack";"#));
        assert!(wrong("crates/agents/src/registry.rs", "ollama"));
    }

    #[test]
    fn vendors_may_stand_where_their_wires_are() {
        assert!(!wrong("crates/agents/src/providers/chat.rs", "openai"));
        assert!(!wrong("crates/agents/src/discovery.rs", "Ollama"));
        assert!(!wrong("crates/agents/src/catalog/tests.rs", "claude"));
        assert!(!wrong("crates/agents/src/registry/tests.rs", "claude"));
        assert!(!wrong("crates/channels/src/telegram.rs", "telegram"));
        assert!(!wrong("dev/testkit/src/llm/chat.rs", "openai"));
    }

    #[test]
    fn ordinary_words_are_no_vendors() {
        assert!(!wrong("crates/gateway/src/queue.rs", "the slacker's slackness"));
        assert!(!wrong("crates/gateway/src/queue.rs", "let slack_bytes = 3;"));
        assert!(!wrong("crates/gateway/src/queue.rs", "a model provider"));
    }

    #[test]
    fn empty_type_names_are_refused() {
        for (before, end, after) in [
            ("pub struct Session", "Manager", " {"),
            ("trait Store", "Helper", ""),
            ("pub(crate) enum Path", "Utils", "<T> {"),
        ] {
            // Put together here, because this file is checked as well.
            let line = format!("{before}{end}{after}");
            assert!(wrong("crates/gateway/src/hub.rs", &line), "{line}");
        }
        for line in
            ["pub struct Sessions;", "impl Service<Request> for Hub {", "// struct OldManager", "enum Service2 {"]
        {
            assert!(!wrong("crates/gateway/src/hub.rs", line), "{line}");
        }
    }
}
