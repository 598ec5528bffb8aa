//! `sessions.usage`: what sessions used, by session, day, model and agent.

use std::collections::BTreeMap;

use openclaw_core::{record::Session, usage::Used};
use openclaw_store::{Reader, UsageQuery, UsedDay, UsedSession};

use crate::{
    methods::{
        prelude::*,
        usage::days::{self, DayFigures, Days, Figures, Named},
    },
    settings,
};

/// Sessions in one answer when nothing is said, and at most.
const LIMIT: usize = 50;
const MOST: usize = 1000;

params! {
    /// Which sessions, and which days.
    {
        /// Only this session.
        #[serde(default)]
        key: Option<SessionKey>,
        /// Only sessions of this agent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// The first day, `YYYY-MM-DD`.
        #[serde(default)]
        start_date: Option<String>,
        /// The last day, `YYYY-MM-DD`; today when absent.
        #[serde(default)]
        end_date: Option<String>,
        /// `7d`, `30d`, `90d`, `1y` or `all`, the last day of which is `endDate`.
        #[serde(default)]
        range: Option<String>,
        /// `utc`, `gateway` or `specific`: whose midnight begins a day.
        #[serde(default)]
        mode: Option<String>,
        /// `UTC+2`.
        #[serde(default)]
        utc_offset: Option<String>,
        /// `Europe/Berlin`; the offset that it has today holds for all days.
        #[serde(default)]
        time_zone: Option<String>,
        /// Most sessions, 1 to 1,000; 50 when absent. The sums are over all of them in any case.
        #[serde(default)]
        limit: Option<usize>,
    } understood { agent_scope group_by include_historical include_context_weight }
}

/// What was used.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Now, milliseconds since the epoch.
    updated_at: i64,
    /// The first day.
    start_date: String,
    /// The last day.
    end_date: String,
    /// The last active first.
    sessions: Vec<Row>,
    totals: Figures,
    aggregates: Aggregates,
    /// Nobody else makes sessions, so there is nothing to choose from.
    creator_options: [Value; 0],
}

/// A session that used something.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Row {
    key: String,
    session_id: String,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    updated_at: i64,
    agent_id: String,
    chat_type: &'static str,
    model_provider: String,
    model: String,
    usage: SessionUsage,
}

/// What a session used.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SessionUsage {
    session_id: String,
    /// When its first and its last turn in these days ended.
    first_activity: i64,
    last_activity: i64,
    /// From the one to the other.
    duration_ms: i64,
    /// Days on which it used something.
    activity_dates: Vec<String>,
    daily_breakdown: Vec<DayCost>,
    daily_message_counts: Vec<DayMessages>,
    daily_model_usage: Vec<DayModel>,
    message_counts: Messages,
    tool_usage: Tools,
    model_usage: Vec<ByModel>,
    latency: Latency,
    #[serde(flatten)]
    figures: Figures,
}

/// Sums over all sessions, whether or not they are listed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Aggregates {
    /// Sessions that used something, at most 1,000.
    session_count: usize,
    messages: Messages,
    tools: Tools,
    by_model: Vec<ByModel>,
    by_provider: Vec<ByProvider>,
    by_agent: Vec<ByAgent>,
    /// Channels are to come.
    by_channel: [Value; 0],
    by_creator: [Value; 0],
    cost_daily: Vec<DayFigures>,
    daily_latency: Vec<DayLatency>,
    model_daily: Vec<DayModel>,
    daily: Vec<Day>,
}

/// Messages of turns.
#[derive(Clone, Copy, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Messages {
    total: u64,
    user: u64,
    assistant: u64,
    tool_calls: u64,
    tool_results: u64,
    /// Turns that ended with an error.
    errors: u64,
}

/// Agents have no tools yet.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Tools {
    total_calls: u64,
    unique_tools: u64,
    tools: [Value; 0],
}

#[derive(Serialize, JsonSchema)]
struct ByModel {
    provider: String,
    model: String,
    /// Turns.
    count: u64,
    totals: Figures,
}

#[derive(Serialize, JsonSchema)]
struct ByProvider {
    provider: String,
    /// Turns.
    count: u64,
    totals: Figures,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ByAgent {
    agent_id: String,
    totals: Figures,
}

#[derive(Serialize, JsonSchema)]
struct DayCost {
    date: String,
    tokens: u64,
    cost: f64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DayMessages {
    date: String,
    #[serde(flatten)]
    messages: Messages,
}

#[derive(Serialize, JsonSchema)]
struct DayModel {
    date: String,
    provider: String,
    model: String,
    tokens: u64,
    cost: f64,
    /// Turns.
    count: u64,
}

/// How long turns took, milliseconds.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Latency {
    /// Turns.
    count: u64,
    avg_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    p95_ms: Option<u64>,
    min_ms: u64,
    max_ms: u64,
}

#[derive(Serialize, JsonSchema)]
struct DayLatency {
    date: String,
    #[serde(flatten)]
    latency: Latency,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Day {
    date: String,
    tokens: u64,
    cost: f64,
    messages: u64,
    tool_calls: u64,
    errors: u64,
}

pub(crate) struct Usage;

impl Method for Usage {
    const NAME: &'static str = "sessions.usage";
    const ABOUT: &'static str = "Tokens and US dollars that sessions used, by session, day, model and agent.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let limit = params.limit.unwrap_or(LIMIT);
        if limit == 0 {
            let text = "invalid sessions.usage params: at /limit: must be at least 1";
            return Err(WireError::params(text).with("path", "params.limit"));
        }
        let named = Named {
            range: params.range.as_deref(),
            start: params.start_date.as_deref(),
            end: params.end_date.as_deref(),
            utc_offset: params.utc_offset.as_deref(),
            time_zone: params.time_zone.as_deref(),
            mode: params.mode.as_deref(),
            days: None,
        };
        let span = Days::of::<Self>(&named, call.now_ms())?;
        let key = params.key.map(|key| call.canonical(&key));
        let query = span.query(params.agent_id);
        let read = state.store.read(move |reader| Found::read(reader, &query, key.as_ref(), limit.min(MOST))).await;
        let found = read.map_err(|error| fault::store(&error))?;
        let mut totals = Used::default();
        found.days.iter().for_each(|row| totals += &row.used);
        Ok(Reply {
            updated_at: call.now_ms(),
            start_date: days::text(span.first),
            end_date: days::text(span.last),
            totals: (&totals).into(),
            aggregates: found.aggregates(&totals),
            sessions: found.sessions.into_iter().map(Listed::row).collect(),
            creator_options: [],
        })
    }
}

/// A session with its days.
struct Listed {
    used: UsedSession,
    session: Option<Session>,
    days: Vec<UsedDay>,
}

/// What the store tells.
struct Found {
    days: Vec<UsedDay>,
    sessions: Vec<Listed>,
    session_count: usize,
    /// Durations of each day, ascending.
    durations: BTreeMap<i64, Vec<u64>>,
}

impl Found {
    fn read(
        reader: &Reader,
        query: &UsageQuery,
        key: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Self, openclaw_store::Error> {
        let days = match key {
            Some(key) => reader.usage_of_session(query, key)?,
            None => reader.usage_days(query)?,
        };
        let mut sessions = reader.usage_sessions(query, key, MOST)?;
        let session_count = sessions.len();
        sessions.truncate(limit);
        let listed = |used: UsedSession| {
            let days = reader.usage_of_session(query, &used.key)?;
            Ok(Listed { session: reader.get_session(&used.key)?, days, used })
        };
        let sessions = sessions.into_iter().map(listed).collect::<Result<_, openclaw_store::Error>>()?;
        let mut durations = BTreeMap::new();
        if key.is_none() {
            for day in &days {
                if let std::collections::btree_map::Entry::Vacant(place) = durations.entry(day.day) {
                    place.insert(reader.usage_durations(query, day.day)?);
                }
            }
        }
        Ok(Self { days, sessions, session_count, durations })
    }

    fn aggregates(&self, totals: &Used) -> Aggregates {
        let by_day = summed(&self.days, |row| row.day);
        let by_provider = summed(&self.days, |row| row.provider.clone());
        let by_agent = summed(&self.days, |row| row.agent.clone());
        let date = |day: &i64| days::text(*day);
        Aggregates {
            session_count: self.session_count,
            messages: messages(totals),
            tools: Tools::default(),
            by_model: by_model(&self.days),
            by_provider: by_provider
                .iter()
                .map(|(provider, used)| ByProvider {
                    provider: provider.clone(),
                    count: used.runs,
                    totals: used.into(),
                })
                .collect(),
            by_agent: by_agent
                .iter()
                .filter(|(agent, _)| !agent.is_empty())
                .map(|(agent, used)| ByAgent { agent_id: agent.clone(), totals: used.into() })
                .collect(),
            by_channel: [],
            by_creator: [],
            cost_daily: by_day.iter().map(|(day, used)| DayFigures { date: date(day), figures: used.into() }).collect(),
            daily_latency: by_day
                .iter()
                .map(|(day, used)| DayLatency {
                    date: date(day),
                    latency: latency(used, self.durations.get(day).map(Vec::as_slice)),
                })
                .collect(),
            model_daily: day_models(&self.days),
            daily: by_day
                .iter()
                .map(|(day, used)| Day {
                    date: date(day),
                    tokens: used.total,
                    cost: used.cost,
                    messages: used.asked + used.answered,
                    tool_calls: 0,
                    errors: used.failed,
                })
                .collect(),
        }
    }
}

impl Listed {
    fn row(self) -> Row {
        let Self { used, session, days } = self;
        let by_day = summed(&days, |row| row.day);
        let date = |day: &i64| days::text(*day);
        let last = days.last().map(|row| (row.provider.clone(), row.model.clone())).unwrap_or_default();
        let set = session.as_ref().and_then(|session| session.settings.model.as_deref()).and_then(settings::model_ref);
        let (model_provider, model) = set.map_or(last, |model| (model.provider, model.model));
        let session_id =
            session.as_ref().map_or_else(|| used.session_id.clone(), |session| session.session_id.to_string());
        Row {
            label: session.as_ref().and_then(|session| session.label.clone()),
            updated_at: session.as_ref().map_or(used.last_at, |session| session.updated_at),
            session_id: session_id.clone(),
            scope: "instance",
            agent_id: used.agent,
            chat_type: "direct",
            model_provider,
            model,
            usage: SessionUsage {
                session_id,
                first_activity: used.first_at,
                last_activity: used.last_at,
                duration_ms: used.last_at - used.first_at,
                activity_dates: by_day.keys().map(date).collect(),
                daily_breakdown: by_day
                    .iter()
                    .map(|(day, used)| DayCost { date: date(day), tokens: used.total, cost: used.cost })
                    .collect(),
                daily_message_counts: by_day
                    .iter()
                    .map(|(day, used)| DayMessages { date: date(day), messages: messages(used) })
                    .collect(),
                daily_model_usage: day_models(&days),
                message_counts: messages(&used.used),
                tool_usage: Tools::default(),
                model_usage: by_model(&days),
                latency: latency(&used.used, None),
                figures: (&used.used).into(),
            },
            key: used.key.to_string(),
        }
    }
}

fn summed<K: Ord>(rows: &[UsedDay], by: impl Fn(&UsedDay) -> K) -> BTreeMap<K, Used> {
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry(by(row)).or_insert_with(Used::default) += &row.used;
    }
    sums
}

fn by_model(rows: &[UsedDay]) -> Vec<ByModel> {
    let sums = summed(rows, |row| (row.provider.clone(), row.model.clone()));
    let model = |((provider, model), used): ((String, String), Used)| ByModel {
        provider,
        model,
        count: used.runs,
        totals: (&used).into(),
    };
    sums.into_iter().map(model).collect()
}

fn day_models(rows: &[UsedDay]) -> Vec<DayModel> {
    let sums = summed(rows, |row| (row.day, row.provider.clone(), row.model.clone()));
    let model = |((day, provider, model), used): ((i64, String, String), Used)| DayModel {
        date: days::text(day),
        provider,
        model,
        tokens: used.total,
        cost: used.cost,
        count: used.runs,
    };
    sums.into_iter().map(model).collect()
}

fn messages(used: &Used) -> Messages {
    Messages {
        total: used.asked + used.answered,
        user: used.asked,
        assistant: used.answered,
        tool_calls: 0,
        tool_results: 0,
        errors: used.failed,
    }
}

fn latency(used: &Used, durations: Option<&[u64]>) -> Latency {
    #[expect(clippy::cast_precision_loss, reason = "durations stay far below 2^52 milliseconds")]
    let avg_ms = if used.runs == 0 { 0.0 } else { used.duration_ms as f64 / used.runs as f64 };
    // The smallest duration that 95 of 100 turns do not exceed.
    let p95_ms = durations.and_then(|sorted| sorted.get((sorted.len() * 95).div_ceil(100).saturating_sub(1)).copied());
    Latency { count: used.runs, avg_ms, p95_ms, min_ms: used.shortest_ms, max_ms: used.longest_ms }
}
