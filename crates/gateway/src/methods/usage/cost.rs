//! `usage.cost`: what was used, day by day.

use std::collections::BTreeMap;

use openclaw_core::usage::Used;

use super::days::{self, DayFigures, Days, Figures, Named};
use crate::methods::prelude::*;

params! {
    /// Which days.
    {
        /// That many, the last of which is today, 1 to 3,660; 30 when absent.
        #[serde(default)]
        days: Option<i64>,
        /// The first day, `YYYY-MM-DD`.
        #[serde(default)]
        start_date: Option<String>,
        /// The last day, `YYYY-MM-DD`; today when absent.
        #[serde(default)]
        end_date: Option<String>,
        /// `utc`, `gateway` or `specific`: whose midnight begins a day.
        #[serde(default)]
        mode: Option<String>,
        /// `UTC+2`.
        #[serde(default)]
        utc_offset: Option<String>,
        /// `Europe/Berlin`; the offset that it has today holds for all days.
        #[serde(default)]
        time_zone: Option<String>,
        /// Only of this agent.
        #[serde(default)]
        agent_id: Option<AgentId>,
    } understood { agent_scope range }
}

/// What was used.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Now, milliseconds since the epoch.
    updated_at: i64,
    /// How many days.
    days: i64,
    /// Every day, oldest first, also those without use.
    daily: Vec<DayFigures>,
    /// All of them together.
    totals: Figures,
}

pub(crate) struct Cost;

impl Method for Cost {
    const NAME: &'static str = "usage.cost";
    const ABOUT: &'static str = "Tokens and US dollars that were used, day by day.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 3;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let named = Named {
            days: params.days,
            start: params.start_date.as_deref(),
            end: params.end_date.as_deref(),
            utc_offset: params.utc_offset.as_deref(),
            time_zone: params.time_zone.as_deref(),
            mode: params.mode.as_deref(),
            ..Named::default()
        };
        let span = Days::of::<Self>(&named, call.now_ms())?;
        let query = span.query(params.agent_id);
        let read = call.state().store.read(move |reader| reader.usage_days(&query)).await;
        let (mut totals, mut by_day) = (Used::default(), BTreeMap::<i64, Used>::new());
        for row in read.map_err(|error| fault::store(&error))? {
            totals += &row.used;
            *by_day.entry(row.day).or_default() += &row.used;
        }
        let none = Used::default();
        let daily = (span.first..=span.last)
            .map(|day| DayFigures { date: days::text(day), figures: by_day.get(&day).unwrap_or(&none).into() })
            .collect();
        Ok(Reply { updated_at: call.now_ms(), days: span.last - span.first + 1, daily, totals: (&totals).into() })
    }
}
