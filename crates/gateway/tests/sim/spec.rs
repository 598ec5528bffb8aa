//! A bad day, made from a number: who is there, what they do, and what happens to the network and the clock.

use std::fmt::{self, Write as _};

/// Until when things break, simulated milliseconds.
pub(crate) const MENDED_MS: u64 = 510_000;
/// From when on everybody must have been served.
pub(crate) const CALM_MS: u64 = MENDED_MS + 60_000;
/// Sessions of a day.
pub(crate) const SESSIONS: usize = 3;

/// A repeatable sequence of numbers (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// From `from` up to and without `to`.
    pub(crate) fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }

    pub(crate) fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.within(0, count as u64)).unwrap_or_default()
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.within(0, 100) < percent
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }
}

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Knows the secret and may do everything.
    Administrator,
    Reader,
    /// Reads for a while, and then not.
    SlowReader,
    /// Answers what is asked.
    Approver,
    /// Asks whether commands may run.
    Asker,
    /// Has a key, and must be approved.
    Device,
}

/// What a client does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Patch {
        session: usize,
        label: u64,
    },
    Inject {
        session: usize,
        line: u64,
        times: u64,
    },
    Say {
        session: usize,
        line: u64,
    },
    Ask {
        name: u64,
        timeout_ms: u64,
        quiet: bool,
        session: Option<usize>,
    },
    Withdraw {
        method: &'static str,
        device: usize,
    },
    /// Asks for something that its scopes may not allow.
    Reach {
        method: &'static str,
    },
    /// Looks at something.
    Look {
        method: &'static str,
    },
    Drop,
    Leave,
    StopReading {
        for_ms: u64,
    },
}

/// A client.
#[derive(Clone, Debug)]
pub(crate) struct ClientSpec {
    pub(crate) kind: Kind,
    pub(crate) dialect: u64,
    pub(crate) scopes: Vec<&'static str>,
    /// Shows approvals to people.
    pub(crate) reviews: bool,
    pub(crate) resumes: bool,
    /// Names of the sessions that it follows.
    pub(crate) follows: Vec<usize>,
    /// What it does at which time, in order.
    pub(crate) acts: Vec<(u64, Act)>,
}

/// What happens to the network and the clock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weather {
    Partition(usize),
    /// Nothing comes from the client, or nothing to it.
    Deaf {
        client: usize,
        from_client: bool,
    },
    Mend(usize),
    Hold(usize),
    Release(usize),
    Latency {
        client: usize,
        most_ms: u64,
    },
    Clock {
        by_ms: i64,
    },
}

/// The whole day.
pub(crate) struct Spec {
    pub(crate) seed: u64,
    pub(crate) clients: Vec<ClientSpec>,
    pub(crate) weather: Vec<(u64, Weather)>,
}

impl Spec {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut kinds = vec![Kind::Administrator, Kind::Device, Kind::Approver];
        let others = [
            Kind::Administrator,
            Kind::Reader,
            Kind::SlowReader,
            Kind::Approver,
            Kind::Asker,
            Kind::Asker,
            Kind::Device,
            Kind::Device,
        ];
        kinds.extend((0..dice.within(0, 6)).map(|_| dice.pick(&others)));
        let devices: Vec<usize> = (0..kinds.len()).filter(|at| kinds[*at] == Kind::Device).collect();
        let mut names = 0;
        let clients: Vec<ClientSpec> =
            kinds.into_iter().enumerate().map(|(at, kind)| client(&mut dice, at, kind, &devices, &mut names)).collect();
        let weather = weather(&mut dice, clients.len());
        Self { seed, clients, weather }
    }
}

fn client(dice: &mut Dice, at: usize, kind: Kind, devices: &[usize], names: &mut u64) -> ClientSpec {
    let mut scopes = match kind {
        Kind::Administrator => vec!["operator.admin"],
        Kind::Reader | Kind::SlowReader => vec!["operator.read"],
        Kind::Approver | Kind::Asker => vec!["operator.approvals"],
        Kind::Device => vec!["operator.read"],
    };
    if kind == Kind::Device {
        let more = [vec![], vec!["operator.approvals"], vec!["operator.write"], vec!["operator.pairing"]];
        scopes.extend(&more[dice.index(more.len())]);
    }
    if matches!(kind, Kind::Approver | Kind::Asker) && dice.percent(50) {
        scopes.push("operator.read");
    }
    let decides = scopes.contains(&"operator.approvals");
    let mut acts: Vec<(u64, Act)> = Vec::new();
    for _ in 0..dice.within(8, 30) {
        let when = dice.within(5_000, MENDED_MS);
        *names += 1;
        acts.push((when, act(dice, at, kind, &scopes, devices, *names)));
    }
    acts.sort_by_key(|(when, _)| *when);
    let follows = (0..SESSIONS).filter(|_| dice.percent(60)).collect();
    ClientSpec {
        kind,
        dialect: dice.pick(&[3, 4, 4]),
        reviews: kind == Kind::Approver || (kind != Kind::Asker && (decides || dice.percent(50))),
        resumes: dice.percent(40),
        scopes,
        follows,
        acts,
    }
}

fn act(dice: &mut Dice, at: usize, kind: Kind, scopes: &[&str], devices: &[usize], name: u64) -> Act {
    let session = dice.index(SESSIONS);
    let general = dice.within(0, 10);
    match kind {
        _ if general == 0 => return Act::Drop,
        _ if general == 1 && dice.percent(50) => return Act::Leave,
        Kind::SlowReader if general < 6 => return Act::StopReading { for_ms: dice.within(10_000, 120_000) },
        _ => {}
    }
    match kind {
        Kind::Administrator => match dice.within(0, 10) {
            // Each session is named by one administrator, so that its name at the end is certain.
            0..3 if at == 0 => Act::Patch { session, label: name },
            3..5 => Act::Inject { session, line: name, times: 1 },
            5 => Act::Inject { session, line: name, times: dice.within(20, 50) },
            6..9 => {
                let method = dice.pick(&["device.token.revoke", "device.pair.remove", "device.token.rotate"]);
                Act::Withdraw { method, device: dice.pick(devices) }
            }
            _ => Act::Say { session, line: name },
        },
        Kind::Asker | Kind::Approver | Kind::Device if scopes.contains(&"operator.approvals") && dice.percent(80) => {
            let session = dice.percent(50).then_some(session);
            Act::Ask { name, timeout_ms: dice.within(2_000, 90_000), quiet: dice.percent(10), session }
        }
        Kind::Device if scopes.contains(&"operator.write") && dice.percent(40) => Act::Say { session, line: name },
        _ => {
            let reach = ["chat.inject", "sessions.abort", "audit.records.list", "device.pair.list", "sessions.list"];
            let look = ["ping", "health", "status", "system-presence"];
            if dice.percent(40) {
                Act::Reach { method: dice.pick(&reach) }
            } else {
                Act::Look { method: dice.pick(&look) }
            }
        }
    }
}

fn weather(dice: &mut Dice, clients: usize) -> Vec<(u64, Weather)> {
    let mut weather = Vec::new();
    for client in 0..clients {
        let mut at = dice.within(5_000, 200_000);
        for _ in 0..dice.within(0, 5) {
            let end = at + dice.within(500, 120_000);
            if end >= MENDED_MS {
                break;
            }
            let (begin, over) = match dice.within(0, 4) {
                0 => (Weather::Partition(client), Weather::Mend(client)),
                1 => (Weather::Deaf { client, from_client: dice.percent(50) }, Weather::Mend(client)),
                _ => (Weather::Hold(client), Weather::Release(client)),
            };
            weather.extend([(at, begin), (end, over)]);
            at = end + dice.within(1_000, 150_000);
        }
        for _ in 0..dice.within(0, 3) {
            let most_ms = dice.pick(&[1, 20, 300, 3_000]);
            weather.push((dice.within(1, MENDED_MS), Weather::Latency { client, most_ms }));
        }
    }
    for _ in 0..dice.within(0, 6) {
        let by_ms = i64::try_from(dice.within(1_000, 3_600_000)).unwrap_or_default();
        let by_ms = if dice.percent(50) { by_ms } else { -by_ms };
        weather.push((dice.within(10_000, MENDED_MS), Weather::Clock { by_ms }));
    }
    weather.sort_by_key(|(when, _)| *when);
    weather
}

impl fmt::Display for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition(client) => write!(f, "client {client} is cut off"),
            Self::Deaf { client, from_client: true } => write!(f, "nothing comes from client {client} any more"),
            Self::Deaf { client, .. } => write!(f, "nothing comes to client {client} any more"),
            Self::Mend(client) => write!(f, "client {client} is reached again"),
            Self::Hold(client) => write!(f, "everything to and from client {client} is held up"),
            Self::Release(client) => write!(f, "what was held up for client {client} comes"),
            Self::Latency { client, most_ms } => write!(f, "the way to client {client} takes up to {most_ms} ms"),
            Self::Clock { by_ms } => write!(f, "the gateway's clock jumps by {} s", by_ms / 1000),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<(u64, String)> =
            self.weather.iter().map(|(when, weather)| (*when, weather.to_string())).collect();
        for (at, client) in self.clients.iter().enumerate() {
            let mut is =
                format!("client {at}: {:?}, dialect {}, {}", client.kind, client.dialect, client.scopes.join(", "));
            for (word, holds) in [("shows approvals", client.reviews), ("comes back with resume", client.resumes)] {
                if holds {
                    write!(is, ", {word}")?;
                }
            }
            writeln!(f, "{is}, follows sessions {:?}", client.follows)?;
            lines.extend(client.acts.iter().map(|(when, act)| (*when, format!("client {at} does {act:?}"))));
        }
        lines.sort_by_key(|(when, _)| *when);
        lines.iter().try_for_each(|(when, line)| writeln!(f, "{:8.1} s  {line}", *when as f64 / 1000.0))
    }
}
