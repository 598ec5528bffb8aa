//! Asking a gateway: the answer as it came, for programs, and what a command reads of it, for people.

use std::io::{BufRead, IsTerminal};

use openclaw_client::Connection;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::Output,
    reach::{self, Target},
};

/// A gateway's answer.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The reply of the method, which is what `--json` prints.
    pub(crate) raw: Box<RawValue>,
    /// The part that is shown to people.
    pub(crate) read: T,
}

impl<T> Answer<T> {
    /// Prints it: the whole as JSON, or as the command shows it.
    pub(crate) fn show(
        &self,
        output: &mut Output,
        people: impl FnOnce(&mut Output, &T) -> std::io::Result<()>,
    ) -> Done {
        if output.json {
            output.raw(&self.raw)?;
        } else {
            people(output, &self.read)?;
        }
        Ok(Exit::Ok)
    }
}

/// Calls a method and reads its answer.
pub(crate) async fn ask<T: DeserializeOwned>(
    gateway: &Connection,
    method: &str,
    params: impl Serialize,
) -> Result<Answer<T>, Failure> {
    let raw = gateway.request(method, params).await?;
    let read = serde_json::from_str(raw.get()).map_err(|error| {
        Failure::new(Exit::Failed, "ANSWER", format!("{method} answered in an unexpected shape: {error}"))
            .helped("compare the versions: openclaw doctor")
    })?;
    Ok(Answer { raw, read })
}

/// Connects, calls one method, and leaves.
pub(crate) async fn once<T: DeserializeOwned>(
    context: &Context,
    target: &Target,
    method: &str,
    params: impl Serialize,
) -> Result<Answer<T>, Failure> {
    let gateway = reach::gateway(context, target, None).await?;
    let answer = context.output.progress(method).during(ask(&gateway, method, params)).await?;
    gateway.close().await;
    Ok(answer)
}

/// Asks the person at the terminal. Without one the answer is `otherwise`.
pub(crate) fn agreed(output: &mut Output, question: &str, otherwise: bool) -> std::io::Result<bool> {
    let stdin = std::io::stdin();
    if output.json || !output.live || !stdin.is_terminal() {
        return Ok(otherwise);
    }
    output.paragraph(format!("{question} Type yes to go on:"))?;
    output.flush()?;
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "yes"))
}
