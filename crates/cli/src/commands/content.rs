//! What a message holds, as far as it is shown as text.

use serde::{Deserialize, de::IgnoredAny};

/// Plain text, or parts of which some are text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(String),
    Parts(Vec<Part>),
    Other(IgnoredAny),
}

impl Default for Content {
    fn default() -> Self {
        Self::Parts(Vec::new())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    name: Option<String>,
}

impl Content {
    /// What a person reads: texts, and the kinds of everything else but thoughts.
    pub(crate) fn text(&self) -> String {
        let part = |part: &Part| match (part.kind.as_str(), &part.text, &part.name) {
            ("thinking", _, _) => None,
            (_, Some(text), _) => Some(text.clone()),
            (kind, None, Some(name)) => Some(format!("[{kind} {name}]")),
            (kind, None, None) => Some(format!("[{kind}]")),
        };
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => parts.iter().filter_map(part).collect::<Vec<_>>().join("\n"),
            Self::Other(_) => "[unreadable]".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn texts_are_read_thoughts_are_left_out_and_everything_else_is_named() {
        let text = |content: Value| serde_json::from_value::<Content>(content).unwrap().text();
        assert_eq!(text(json!("plain")), "plain");
        let parts = json!([
            { "type": "thinking", "text": "hm" }, { "type": "text", "text": "one" }, { "type": "toolCall", "name": "exec" }, { "type": "image" }
        ]);
        assert_eq!(text(parts), "one\n[toolCall exec]\n[image]");
        assert_eq!((text(json!(5)), text(json!([]))), ("[unreadable]".to_owned(), String::new()));
    }
}
