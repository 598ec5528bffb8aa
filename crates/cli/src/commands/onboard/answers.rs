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
    name.map(|name| context.local.variable(name)).transpose()
}
