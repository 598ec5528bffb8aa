//! How an agent looks, as it is configured.

use openclaw_config::{ActiveHours, Config, Heartbeat};
use openclaw_protocol::AgentId;

/// Time between two looks where only the section stands.
const EVERY_MS: i64 = 30 * 60 * 1000;
/// Longest look that is not configured, milliseconds.
const LONGEST_MS: i64 = 600_000;
/// Characters beside the word that says that nothing needs attention.
const ACK_CHARS: usize = 300;
/// What an agent is asked that is told nothing else.
const PROMPT: &str = "This is a regular look. Deal with what the system lines above say, if there are any. \
    Do not take up old tasks again. If nothing needs attention, answer HEARTBEAT_OK.";

/// How an agent looks.
#[derive(Clone, Debug)]
pub(crate) struct HeartbeatSettings {
    /// Time between two looks; `None` when it looks only when it is woken.
    pub(crate) every_ms: Option<i64>,
    /// As it is written in the configuration.
    pub(crate) every: String,
    pub(crate) prompt: String,
    pub(crate) model: Option<String>,
    pub(crate) fallbacks: Option<Vec<String>>,
    pub(crate) timeout_ms: u64,
    pub(crate) ack_chars: usize,
    pub(crate) hours: Option<ActiveHours>,
    pub(crate) isolated: bool,
    pub(crate) target: String,
}

/// How this agent looks. Once an agent has a section of its own, only agents that have one look by themselves.
pub(crate) fn of_agent(config: &Config, agent: &AgentId) -> HeartbeatSettings {
    let list = &config.agents.list;
    let own = list.iter().find(|listed| listed.id == agent.as_str()).and_then(|listed| listed.heartbeat.as_ref());
    let shared = config.agents.defaults.heartbeat.as_ref();
    let some_have = list.iter().any(|listed| listed.heartbeat.is_some());
    let looks = if some_have { own.is_some() } else { shared.is_some() };
    let sections: Vec<&Heartbeat> = own.into_iter().chain(shared).collect();
    let first = |pick: fn(&Heartbeat) -> Option<String>| sections.iter().find_map(|section| pick(section));
    let period = sections.iter().find_map(|section| section.every);
    let every_ms = period.map_or(EVERY_MS, |every| i64::try_from(every.duration().as_millis()).unwrap_or(i64::MAX));
    let every_ms = Some(every_ms).filter(|ms| looks && *ms > 0);
    let model = sections.iter().find_map(|section| section.model.as_ref());
    let timeout = sections.iter().find_map(|section| section.timeout_seconds);
    let usual = every_ms.unwrap_or(LONGEST_MS).clamp(1000, LONGEST_MS);
    HeartbeatSettings {
        every: if every_ms.is_some() {
            period.map_or_else(|| "30m".to_owned(), |period| period.to_string())
        } else {
            "off".to_owned()
        },
        every_ms,
        prompt: first(|section| section.prompt.clone()).unwrap_or_else(|| PROMPT.to_owned()),
        fallbacks: model.map(|model| model.fallbacks.clone()),
        model: model.map(|model| model.primary.clone()),
        timeout_ms: timeout.map_or(u64::try_from(usual).unwrap_or(0), |seconds| seconds * 1000),
        ack_chars: sections.iter().find_map(|section| section.ack_max_chars).map_or(ACK_CHARS, |chars| chars as usize),
        hours: sections.iter().find_map(|section| section.active_hours.clone()),
        isolated: sections.first().is_some_and(|section| section.isolated_session),
        target: first(|section| section.target.clone()).unwrap_or_else(|| "last".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use openclaw_config::{Format, parse_str};
    use openclaw_core::Environment;

    use super::*;

    fn every(text: &str, agent: &str) -> Option<i64> {
        let config = parse_str(text, Format::Json5, &Environment::default()).unwrap().config;
        of_agent(&config, &AgentId::new(agent).unwrap()).every_ms
    }

    #[test]
    fn an_agent_looks_only_where_somebody_said_so() {
        assert_eq!(every("{}", "main"), None);
        assert_eq!(every("{ agents: { defaults: { heartbeat: {} } } }", "main"), Some(1_800_000));
        assert_eq!(every("{ agents: { defaults: { heartbeat: { every: '0m' } } } }", "main"), None);
        let two = "{ agents: { defaults: { heartbeat: { every: '1h' } }, list: [{ id: 'main' }, { id: 'ops', heartbeat: {} }] } }";
        assert_eq!((every(two, "main"), every(two, "ops")), (None, Some(3_600_000)));
    }
}
