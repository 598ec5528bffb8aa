//! `openclaw config schema`

use clap::Args;
use serde_json::Value;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
};

/// Print what may stand in the configuration, as a JSON Schema
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config schema > openclaw.schema.json
  openclaw config schema gateway.auth")]
pub(super) struct Schema {
    /// Only what may stand at this place, for example gateway.auth
    path: Option<String>,
}

impl Schema {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let schema = openclaw_config::schema().to_value();
        let path = self.path.unwrap_or_default();
        let found = path.split('.').filter(|name| !name.is_empty()).try_fold(&schema, |schema, name| {
            let name = name.split('[').next().unwrap_or(name);
            let schema = schema.get("items").unwrap_or(schema);
            let named = schema.get("properties").and_then(|properties| properties.get(name));
            named.or_else(|| schema.get("additionalProperties").filter(|any| any.is_object()))
        });
        let Some(found) = found else {
            let cause = format!("nothing may stand at \"{path}\" in the configuration");
            return Err(Failure::new(Exit::Failed, "NOT_FOUND", cause).helped("docs/configuration.md lists the keys"));
        };
        let output = &mut context.output;
        if output.json {
            output.value(found)?;
        } else {
            output.block(&pretty(found))?;
        }
        Ok(Exit::Ok)
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
