//! The head of a `SKILL.md`: who the skill is and what it needs.

use serde_json::Value;

use super::Needs;

/// Bytes of a head.
const FRONT_BYTES: usize = 64 << 10;
/// Characters of a description that are kept.
const WORDS: usize = 4096;
/// Items of a list that are kept.
const ITEMS: usize = 64;
/// Characters of a name.
const NAME: usize = 64;

/// How a program that is missing could be had. Shown to people; the gateway runs none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installer {
    /// Its id.
    pub id: String,
    /// `brew`, `node`, `go`, `uv`, `download`, …
    pub kind: String,
    /// What people read.
    pub label: String,
    /// The programs that come with it.
    pub bins: Vec<String>,
    /// Systems it is for, any when empty.
    pub os: Vec<String>,
}

/// The head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Front {
    /// Name, from the head or the folder.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Name in the configuration, `skills.entries.<key>`.
    pub key: String,
    /// Its emoji.
    pub emoji: Option<String>,
    /// Its page.
    pub homepage: Option<String>,
    /// The variable that its API key is passed in.
    pub primary_env: Option<String>,
    /// Whether it is there whatever is missing.
    pub always: bool,
    /// Whether people may call it by name.
    pub user_invocable: bool,
    /// Whether a model may take it by itself.
    pub model_invocable: bool,
    /// What it needs.
    pub needs: Needs,
    /// How to get what is missing.
    pub install: Vec<Installer>,
}

/// Reads the head of a `SKILL.md`. `folder` is its name where the head has none.
///
/// # Errors
/// What is wrong, for people.
pub fn read_front(text: &str, folder: &str) -> Result<Front, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = head(text)?;
    let value = yaml(head).or_else(|problem| lines(head).ok_or(problem))?;
    let word = |name: &str| value.get(name).and_then(word);
    let name = word("name").unwrap_or_else(|| folder.to_owned());
    // A name is shown and compared; one that looks like a path would be taken for one sooner or later.
    if name.chars().count() > NAME || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err(format!("its name must have at most {NAME} characters, without slashes and control characters"));
    }
    let description = word("description").ok_or("its head has no description")?;
    let text_of_metadata = |text: &str| serde_json::from_str::<Value>(text).ok();
    let metadata = match value.get("metadata") {
        Some(Value::String(text)) => text_of_metadata(text).ok_or("metadata is a text that is not JSON")?,
        Some(other) => other.clone(),
        None => Value::Null,
    };
    let ours = ["openclaw", "clawdbot"].iter().find_map(|name| metadata.get(name)).unwrap_or(&Value::Null);
    let requires = ours.get("requires").unwrap_or(&Value::Null);
    let own = |name: &str| ours.get(name).and_then(self::word);
    let flag = |name: &str, default| match value.get(name) {
        Some(Value::Bool(said)) => *said,
        Some(Value::String(said)) => matches!(said.as_str(), "true" | "yes"),
        _ => default,
    };
    let key = own("skillKey").unwrap_or_else(|| name.clone());
    if key.chars().count() > NAME || key.chars().any(char::is_control) {
        return Err(format!("its skillKey must have at most {NAME} characters, without control characters"));
    }
    let installers = ours.get("install").and_then(Value::as_array).into_iter().flatten().take(ITEMS);
    Ok(Front {
        key,
        name,
        description: description.chars().take(WORDS).collect(),
        emoji: own("emoji"),
        homepage: own("homepage").or_else(|| word("homepage")),
        primary_env: own("primaryEnv"),
        always: ours.get("always").and_then(Value::as_bool).unwrap_or(false),
        user_invocable: flag("user-invocable", true),
        model_invocable: !flag("disable-model-invocation", false),
        needs: Needs {
            bins: list(requires.get("bins")),
            any_bins: list(requires.get("anyBins")),
            env: list(requires.get("env")),
            config: list(requires.get("config")),
            os: list(ours.get("os")),
        },
        install: installers.enumerate().map(|(at, spec)| installer(at, spec)).collect(),
    })
}

fn installer(at: usize, spec: &Value) -> Installer {
    let word = |name: &str| spec.get(name).and_then(word);
    let kind = word("kind").unwrap_or_else(|| "unknown".to_owned());
    let bins = list(spec.get("bins"));
    let what = ["formula", "package", "module", "url"].iter().find_map(|name| word(name));
    let what = what.unwrap_or_else(|| bins.join(", "));
    Installer {
        id: word("id").unwrap_or_else(|| format!("{kind}-{at}")),
        label: word("label").unwrap_or_else(|| format!("Install {what} ({kind})")).chars().take(200).collect(),
        kind,
        bins,
        os: list(spec.get("os")),
    }
}

fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(word).take(ITEMS).collect(),
        Some(one) => word(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// What stands between the two lines of dashes.
fn head(text: &str) -> Result<&str, String> {
    let rest = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"));
    let rest = rest.ok_or("SKILL.md does not begin with a line ---")?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Ok(&rest[..at]);
        }
        at += line.len();
        if at > FRONT_BYTES {
            return Err(format!("its head has more than {FRONT_BYTES} bytes"));
        }
    }
    Err("the head of SKILL.md has no end: a line --- is missing".to_owned())
}

fn yaml(head: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 32,
            flow_nesting_limit: 32,
            max_nodes: 4096,
            max_events: 16_384,
            max_aliases: 16,
            max_anchors: 16,
            max_documents: 2,
            max_recorded_anchor_events: 4096,
            max_recorded_anchor_bytes: FRONT_BYTES,
        },
        strict_booleans: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Value>(head, options) {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err("the head of SKILL.md is no list of names and values".to_owned()),
        Err(error) => Err(format!("the head of SKILL.md is no YAML: {error}")),
    }
}

/// Many heads say `description: this: that`, which is no YAML but clear enough.
fn lines(head: &str) -> Option<Value> {
    let mut read = serde_json::Map::new();
    for line in head.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (name, value) = line.split_once(':')?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return None;
        }
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        read.insert(name.to_owned(), Value::from(value));
    }
    Some(Value::Object(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_what_a_skill_needs() {
        let text = "---\nname: notes\ndescription: \"Keeps notes.\"\nmetadata:\n  { \"openclaw\": { \"emoji\": \"📝\", \"primaryEnv\": \"NOTES_KEY\", \"os\": [\"linux\"], \"requires\": { \"bins\": [\"nt\"], \"anyBins\": [\"vi\", \"ed\"], \"env\": [\"NOTES_KEY\"], \"config\": [\"gateway.port\"] }, \"install\": [{ \"kind\": \"brew\", \"bins\": [\"nt\"] }] } }\n---\n# Notes\n";
        let front = read_front(text, "folder").unwrap();
        assert_eq!((front.name.as_str(), front.key.as_str()), ("notes", "notes"));
        assert_eq!(front.needs.bins, ["nt"]);
        assert_eq!(front.needs.any_bins, ["vi", "ed"]);
        assert_eq!(
            (front.needs.os.as_slice(), front.primary_env.as_deref()),
            (["linux".to_owned()].as_slice(), Some("NOTES_KEY"))
        );
        assert_eq!(front.install[0].id, "brew-0");
    }

    #[test]
    fn a_colon_in_a_description_is_understood() {
        let front = read_front("---\ndescription: Do this: then that\n---\n", "folder").unwrap();
        assert_eq!((front.name.as_str(), front.description.as_str()), ("folder", "Do this: then that"));
    }

    #[test]
    fn what_is_no_head_is_said() {
        for bad in ["", "# x\n", "---\nname: x\n", "---\nname: x\n---\n", "---\n- a\n---\n", "---\n[[[\n---\n"] {
            assert!(read_front(bad, "x").is_err(), "{bad:?}");
        }
        assert!(read_front(&format!("---\n{}", "a: b\n".repeat(40_000)), "x").is_err());
        assert!(read_front("---\nname: ../../x\ndescription: d\n---\n", "x").is_err());
    }
}
