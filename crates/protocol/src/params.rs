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
        let path = error.path().to_string();
        let mut what = error.inner().to_string();
        // The place is a path; lines and columns of a one-line frame help nobody.
        if let Some(end) = what.rfind(" at line ") {
            what.truncate(end);
        }
        if path == "." {
            Problem { place: "root".to_owned(), path: "params".to_owned(), what }
        } else {
            Problem { place: format!("/{}", path.replace('.', "/")), path: format!("params.{path}"), what }
        }
    })
}
