//! `openclaw gateway call`

use std::time::Duration;

use clap::Args;
use openclaw_client::Deadline;
use serde_json::Value;

use crate::{
    app::Context,
    commands::milliseconds,
    failure::{Done, Exit, Failure},
    reach::{self, Target},
};

/// Call a method and print its answer, as JSON
#[derive(Args, Debug)]
pub(crate) struct Call {
    #[command(flatten)]
    target: Target,
    /// The method, for example health
    method: String,
    /// Its parameters, a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    params: String,
    /// Wait for the last answer of a method that first says "accepted"
    #[arg(long)]
    expect_final: bool,
    /// Most time to wait, milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "10000")]
    timeout: Duration,
}

impl Call {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let params: Value = serde_json::from_str(&self.params).map_err(|error| {
            Failure::usage(format!("--params is not JSON: {error}")).helped("quote it: --params '{\"limit\": 5}'")
        })?;
        let gateway = reach::gateway(&context.local, &self.target, Some(self.timeout)).await?;
        let deadline = Deadline::After(self.timeout);
        let answer = if self.expect_final {
            gateway.request_with(&self.method, params, deadline, |_| {}).await?
        } else {
            gateway.request_within(&self.method, params, deadline).await?
        };
        gateway.close().await;
        let output = &mut context.output;
        if output.live && !output.json {
            let value: Value = serde_json::from_str(answer.get()).unwrap_or_default();
            output.value(&value)?;
        } else {
            output.line(answer.get())?;
        }
        Ok(Exit::Ok)
    }
}
