//! `openclaw gateway call`

use clap::Args;
use openclaw_client::{Connection, Deadline, RequestError};
use serde_json::value::RawValue;

use crate::{
    app::Context,
    commands::Patient,
    failure::{Done, Exit, Failure},
    reach,
};

/// How like a method a mistyped word must be, from 0 to 1.
const LIKENESS: f64 = 0.8;

/// Call a method and print its answer, as JSON
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway call health
  openclaw gateway call sessions.list --params '{\"limit\": 5}'
  openclaw gateway call agent --params '{\"message\": \"Hi\", \"idempotencyKey\": \"1\"}' --expect-final

docs/methods.md lists the methods.")]
pub(crate) struct Call {
    #[command(flatten)]
    patient: Patient,
    /// The method, for example health
    method: String,
    /// Its parameters, a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    params: String,
    /// Wait for the last answer of a method that first says "accepted"
    #[arg(long)]
    expect_final: bool,
}

impl Call {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let params: Box<RawValue> = serde_json::from_str(&self.params).map_err(|error| {
            Failure::usage(format!("--params is not JSON: {error}")).helped("quote it: --params '{\"limit\": 5}'")
        })?;
        let Patient { target, timeout } = &self.patient;
        let gateway = reach::gateway(context, target, Some(*timeout)).await?;
        let deadline = Deadline::After(*timeout);
        let sign = context.output.progress(&self.method);
        let answer = if self.expect_final {
            sign.during(gateway.request_with(&self.method, params, deadline, |_| {})).await
        } else {
            sign.during(gateway.request_within(&self.method, params, deadline)).await
        };
        let answer = answer.map_err(|error| self.explain(error, &gateway))?;
        gateway.close().await;
        context.output.raw(&answer)?;
        Ok(Exit::Ok)
    }

    /// A mistyped method gets the nearest one that this connection may call.
    fn explain(&self, error: RequestError, gateway: &Connection) -> Failure {
        let known = &gateway.hello().methods;
        let failure = Failure::from(error);
        if failure.hint.is_some() || known.is_empty() || known.contains(&self.method) {
            return failure;
        }
        let likeness = |method: &String| strsim::jaro_winkler(method, &self.method);
        let nearest = known.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        match nearest.filter(|method| likeness(method) > LIKENESS) {
            Some(method) => failure.helped(format!("openclaw gateway call {method}")),
            None => failure.helped("docs/methods.md lists the methods"),
        }
    }
}
