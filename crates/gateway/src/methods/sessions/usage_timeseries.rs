//! `sessions.usage.timeseries`: what the turns of a session used, one after the other.

use crate::methods::prelude::*;

/// Points of one answer; the newest turns.
const POINTS: usize = 2000;

params! {
    /// Which session.
    { key: SessionKey, } understood { agent_id }
}

/// What turns used.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Identifier of the present transcript.
    session_id: String,
    /// Oldest first, at most the newest 2,000.
    points: Vec<Point>,
}

/// What a turn used.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Point {
    /// When it ended, milliseconds since the epoch.
    timestamp: i64,
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
    total_tokens: u64,
    /// US dollars.
    cost: f64,
    /// Of this and all earlier points.
    cumulative_tokens: u64,
    cumulative_cost: f64,
}

pub(crate) struct UsageTimeseries;

impl Method for UsageTimeseries {
    const NAME: &'static str = "sessions.usage.timeseries";
    const ABOUT: &'static str = "What the turns of a session used, one after the other.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 3;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let key = call.canonical(&params.key);
        let wanted = key.clone();
        let read = call
            .state()
            .store
            .read(move |reader| Ok((reader.get_session(&wanted)?, reader.usage_points(&wanted, POINTS)?)));
        let (session, used) = read.await.map_err(|error| fault::store(&error))?;
        if session.is_none() && used.is_empty() {
            return Err(super::unknown(&key));
        }
        let (mut tokens, mut cost) = (0, 0.0);
        let points = used.iter().map(|point| {
            tokens += point.used.total;
            cost += point.used.cost;
            Point {
                timestamp: point.ts,
                input: point.used.input,
                output: point.used.output,
                cache_read: point.used.cache_read,
                cache_write: point.used.cache_write,
                total_tokens: point.used.total,
                cost: point.used.cost,
                cumulative_tokens: tokens,
                cumulative_cost: cost,
            }
        });
        let points = points.collect();
        Ok(Reply { session_id: session.map(|session| session.session_id.to_string()).unwrap_or_default(), points })
    }
}
