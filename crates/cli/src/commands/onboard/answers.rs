//! What flags answer.

use clap::ValueEnum;
use serde_json::Value;

use crate::{app::Context, failure::Failure};

/// A flag's word.
pub(super) fn word(flag: &impl ValueEnum) -> Value {
    flag.to_possible_value().map_or(Value::Null, |word| Value::from(word.get_name()))
}

/// What a variable holds that a flag names.
pub(super) fn variable(context: &Context, name: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let value = context.local.environment.get(name).map(|value| value.trim().to_owned());
    match value {
        Some(value) if !value.is_empty() => Ok(Some(value)),
        _ => Err(Failure::usage(format!("the variable {name} is not set")).helped(format!("export {name}=…"))),
    }
}
