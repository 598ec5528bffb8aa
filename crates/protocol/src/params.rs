//! Reading parameters so that an error names the place.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// What is wrong with parameters, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer, `root` for the whole.
    pub place: String,
    /// Dotted path that begins with `params`.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at {}: {}", self.place, self.what)
    }
}

/// Most characters of what is wrong with one place.
const LONGEST: usize = 400;

/// Text that may repeat what was sent, without what steers a terminal, and short enough to be read.
pub(crate) fn readable(text: &str, longest: usize) -> String {
    let mut clipped: String = text.chars().filter(|c| !steers(*c)).take(longest).collect();
    if text.chars().nth(longest).is_some() {
        clipped.push('…');
    }
    clipped
}

/// Whether a character steers a terminal or turns the direction of writing. Line ends do not.
pub(crate) fn steers(c: char) -> bool {
    c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Reads `params`; absent ones count as `{}`.
///
/// # Errors
/// [`Problem`] with the place.
pub fn read<T: DeserializeOwned>(params: Option<&RawValue>) -> Result<T, Problem> {
    let text = params.map_or("{}", RawValue::get);
    if !text.starts_with('{') {
        // A list would be read member by member in the order of the declaration, which nobody means.
        let what = "must be an object".to_owned();
        return Err(Problem { place: "root".to_owned(), path: "params".to_owned(), what });
    }
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = readable(&error.path().to_string(), LONGEST);
        let mut what = error.inner().to_string();
        // The place is a path; lines and columns of a one-line frame help nobody.
        if let Some(end) = what.rfind(" at line ") {
            what.truncate(end);
        }
        let what = readable(&what, LONGEST);
        if path == "." {
            Problem { place: "root".to_owned(), path: "params".to_owned(), what }
        } else {
            Problem { place: format!("/{}", path.replace('.', "/")), path: format!("params.{path}"), what }
        }
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::value::to_raw_value;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Params {
        #[serde(default)]
        #[expect(dead_code, reason = "only read")]
        word: Word,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        #[default]
        Now,
    }

    #[test]
    fn an_error_repeats_what_was_sent_only_shortly_and_without_what_steers_a_terminal() {
        let long = "x".repeat(1 << 20);
        for sent in [serde_json::json!({ "word": long }), serde_json::json!({ long: 1 })] {
            let problem = read::<Params>(Some(&to_raw_value(&sent).unwrap())).unwrap_err();
            assert!(problem.to_string().len() < 2_000 && problem.what.ends_with('…'), "{problem:?}");
        }
        let sent = serde_json::json!({ "word": "a\u{0}b\u{1b}[31m\u{202e}c\n" });
        let problem = read::<Params>(Some(&to_raw_value(&sent).unwrap())).unwrap_err();
        assert!(problem.what.contains("ab[31mc") && !problem.what.chars().any(steers), "{problem:?}");
    }
}
