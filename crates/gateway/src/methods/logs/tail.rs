//! `logs.tail`: lines of the log, from a cursor on.

use crate::methods::prelude::*;

params! {
    /// From where, and how much.
    {
        /// Where the last page ended; the newest lines when absent.
        #[serde(default)]
        cursor: Option<u64>,
        /// Most lines, 1 to 5,000; 500 when absent.
        #[serde(default)]
        limit: Option<usize>,
        /// Most bytes, 1 to 1,000,000; 250,000 when absent.
        #[serde(default)]
        max_bytes: Option<usize>,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Where the lines are kept.
    file: String,
    /// Where the next page begins.
    cursor: u64,
    /// Where the log ends: it grows by the bytes written, from a number of its own for each start of the gateway.
    size: u64,
    /// One JSON object a line, oldest first.
    lines: Vec<String>,
    /// Older lines were left out.
    truncated: bool,
    /// The cursor was from before: this is the newest page.
    reset: bool,
}

pub(crate) struct Tail;

impl Method for Tail {
    const NAME: &'static str = "logs.tail";
    const ABOUT: &'static str = "Lines of the log, from a cursor on.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let limit = bounded("limit", params.limit, 500, 5000)?;
        let max_bytes = bounded("maxBytes", params.max_bytes, 250_000, 1_000_000)?;
        let page = call.state().log.page(params.cursor, limit, max_bytes);
        Ok(Reply {
            file: "memory".to_owned(),
            cursor: page.cursor,
            size: page.size,
            lines: page.lines,
            truncated: page.truncated,
            reset: page.reset,
        })
    }
}

fn bounded(name: &str, value: Option<usize>, default: usize, most: usize) -> Result<usize, WireError> {
    match value {
        None => Ok(default),
        Some(value) if (1..=most).contains(&value) => Ok(value),
        Some(value) => {
            Err(WireError::params(format!("invalid logs.tail params: at /{name}: must be 1 to {most}, found {value}"))
                .with("path", format!("params.{name}")))
        }
    }
}
