//! `spawn.output`: what a program wrote, from a cursor on.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use openclaw_sandbox::Stream;
use tokio::time::Instant;

use super::Shown;
use crate::{methods::prelude::*, spawns::PAGE};

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    /// As text; what is no UTF-8 is replaced.
    #[default]
    Text,
    /// As bytes.
    Base64,
}

params! {
    /// Of which program, and from where.
    {
        /// Its `spawnId`, or the id of the request that started it.
        id: String,
        /// Where the last page ended; the oldest output that is kept when absent.
        #[serde(default)]
        cursor: Option<u64>,
        /// Most bytes, 1024 to 262,144; 65,536 when absent.
        #[serde(default)]
        max_bytes: Option<usize>,
        /// How long to wait for output when there is none yet, milliseconds, up to 30,000; 0 when absent.
        #[serde(default)]
        wait_ms: Option<u64>,
        /// How bytes become JSON: `text` or `base64`.
        #[serde(default)]
        encoding: Encoding,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
struct Run {
    /// `stdout` or `stderr`.
    stream: &'static str,
    /// What was written, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// What was written, as base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Where the next page begins.
    cursor: u64,
    /// Bytes before this page that are not kept any more.
    lost: u64,
    /// What was written, in order.
    output: Vec<Run>,
    /// The program once it is over and everything was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Shown>,
}

pub(crate) struct Output;

impl Method for Output {
    const NAME: &'static str = "spawn.output";
    const ABOUT: &'static str = "What a program wrote, from a cursor on; the newest 256 KiB are kept.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let most = params.max_bytes.unwrap_or(65_536);
        let wait = params.wait_ms.unwrap_or(0);
        for (name, value, range) in [("maxBytes", most as u64, 1024..=PAGE as u64), ("waitMs", wait, 0..=30_000)] {
            if !range.contains(&value) {
                let text = format!("must be {} to {}, found {value}", range.start(), range.end());
                return Err(WireError::params(format!("invalid spawn.output params: at /{name}: {text}"))
                    .with("path", format!("params.{name}")));
            }
        }
        let live = call.state().spawns.find(&params.id)?;
        let until = Instant::now() + Duration::from_millis(wait);
        live.tail.wait(params.cursor, until).await;
        let page = live.tail.page(params.cursor, most);
        let mut ended = None;
        if page.over {
            // Its end is told once it is kept, which follows at once.
            let mut over = live.over.subscribe();
            let _ = tokio::time::timeout_at(
                until.max(Instant::now() + Duration::from_secs(1)),
                over.wait_for(Option::is_some),
            )
            .await;
            ended = over.borrow().clone().map(|spawned| Shown::of(spawned, None));
        }
        let output = page.runs.into_iter().map(|(stream, bytes)| run(stream, bytes, params.encoding)).collect();
        Ok(Reply { cursor: page.cursor, lost: page.lost, output, ended })
    }
}

fn run(stream: Stream, bytes: Vec<u8>, encoding: Encoding) -> Run {
    let stream = stream.as_str();
    match encoding {
        Encoding::Text => {
            let text =
                String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            Run { stream, text: Some(text), base64: None }
        }
        Encoding::Base64 => Run { stream, text: None, base64: Some(STANDARD.encode(bytes)) },
    }
}
