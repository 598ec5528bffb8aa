//! `cron.*` and `agents.*.heartbeat`.

use super::{Period, scalar::ModelChoice};

section! {
    /// Work at a time of the user's choosing.
    Cron {
        /// Whether jobs run by themselves. They can be kept and run by hand all the same. Default true; the variable
        /// OPENCLAW_SKIP_CRON=1 counts as false.
        enabled: bool = true,
        /// Jobs at work at once. Default 4.
        #[schemars(range(min = 1, max = 64))]
        max_concurrent_runs: u32 = 4,
        /// What becomes of occurrences that came while the gateway was not running. Default `once`. A job that comes only
        /// once is always made up for.
        missed_runs: MissedRuns = MissedRuns::Once,
        /// The same as `missedRuns: "skip"`.
        skip_missed_jobs: bool = false,
        /// How late an occurrence may begin and still count as on time. Default 30s.
        missed_grace: Period = Period::seconds(30),
        /// Most occurrences of one job that `missedRuns: "all"` makes up for at once. Default 10.
        #[schemars(range(min = 1, max = 100))]
        missed_limit: u32 = 10,
        /// IANA name of the zone that expressions without one mean. Default: the variable TZ, else the machine's zone,
        /// else UTC.
        timezone: Option<String> = None,
    }

    /// An agent's regular look at what waits for it. It is on where this section stands; `every: "0m"` turns it off.
    Heartbeat {
        /// Time between two looks. Default 30m; `0m` is never.
        every: Option<Period> = None,
        /// What the agent is asked. Default: to answer `HEARTBEAT_OK` when nothing needs attention.
        prompt: Option<String> = None,
        /// The model that looks. Default: the agent's.
        model: Option<ModelChoice> = None,
        /// Longest look, in seconds. Default: the interval, at most 600.
        #[schemars(range(min = 1, max = 86_400))]
        timeout_seconds: Option<u64> = None,
        /// Characters that may stand beside `HEARTBEAT_OK` and still mean that nothing needs attention. Default 300.
        #[schemars(range(max = 100_000))]
        ack_max_chars: Option<u32> = None,
        /// When it looks at all. Default: always.
        active_hours: Option<ActiveHours> = None,
        /// Whether each look begins a conversation of its own, without the main session's. Default false.
        isolated_session: bool = false,
        /// Where alerts go: `last`, `owner`, `none` or a channel.
        target: Option<String> = None,
        /// Whom alerts go to.
        to: Option<String> = None,
        /// From which account of the channel.
        account_id: Option<String> = None,
        /// Whether direct messages may be alerted: `allow` or `block`.
        direct_policy: Option<String> = None,
        /// Whether a look leaves out the workspace's files.
        light_context: bool = false,
        /// Whether alerts hold what the model thought.
        include_reasoning: bool = false,
    }

    /// Hours of the day, by a clock.
    ActiveHours {
        /// `HH:MM`.
        start: String = String::new(),
        /// `HH:MM`, up to `24:00`; before `start` it is on the next day.
        end: String = String::new(),
        /// IANA name of the zone. Default: as `cron.timezone`.
        timezone: Option<String> = None,
    }
}

words! {
    /// What becomes of occurrences that nobody could begin in time.
    MissedRuns {
        /// They are passed over.
        Skip = "skip",
        /// The newest is made up for.
        Once = "once",
        /// The newest few are made up for.
        All = "all",
    }
}

impl ActiveHours {
    /// Minutes of the day of `HH:MM`; `24:00` is 1440.
    #[must_use]
    pub fn minutes(text: &str) -> Option<u16> {
        let (hour, minute) = text.split_once(':')?;
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(hour) || !digits(minute) {
            return None;
        }
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60 || hour == 24 && minute == 0).then_some(hour * 60 + minute)
    }
}
