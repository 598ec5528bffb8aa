//! `openclaw version`

use serde_json::json;

use crate::{
    app::Context,
    failure::{Done, Exit},
};

pub(crate) fn run(context: &mut Context) -> Done {
    if context.output.json {
        let protocols = openclaw_protocol::Dialect::ALL.map(openclaw_protocol::Dialect::number);
        context.output.value(&json!({ "version": openclaw_protocol::VERSION, "protocols": protocols }))?;
    } else {
        context.output.line(format!("openclaw {}", openclaw_protocol::VERSION))?;
    }
    Ok(Exit::Ok)
}
