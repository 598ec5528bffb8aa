//! What is measured. Each case starts a server of its own, is bounded in count and time, and ends by itself.

mod calls;
mod chat;
mod connections;
mod fanout;
mod handshakes;
mod start;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use tokio::time::timeout;

use crate::{
    figures::Figures,
    login::Identity,
    server::{Launcher, Target},
    wire::Wire,
};

/// A named measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Case {
    /// From the start of the process on an empty state directory to the first hello.
    Start,
    /// Memory at rest.
    Idle,
    /// Memory and CPU of many authenticated connections that do nothing.
    Connections,
    /// Opening connections that are listed as present, everybody being told of everybody.
    Presence,
    /// The cheapest call: 8 connections, one call at a time each.
    Ping,
    /// The cheapest call: 8 connections, 16 calls at a time each.
    #[value(name = "ping-depth-16")]
    PingDepth16,
    /// `health`: 8 connections, one call at a time each.
    Health,
    /// Connect with a paired device and the token it was given.
    HandshakeDeviceToken,
    /// Connect with a paired device and the shared secret.
    HandshakeKnownDevice,
    /// Connect with a device never seen before, which is paired silently.
    HandshakeNewDevice,
    /// Connect with a shared secret alone.
    Handshake,
    /// One event to 100 subscribers, one after the other.
    #[value(name = "fan-out-100")]
    Fanout100,
    /// One event to 500 subscribers, one after the other.
    #[value(name = "fan-out-500")]
    Fanout500,
    /// A chat turn of 200 tokens that the model writes at once.
    Chat,
    /// A chat turn of 200 tokens, one each 5 ms.
    ChatPaced,
    /// Chat turns of 200 tokens in four sessions at the same time.
    #[value(name = "chat-4-sessions")]
    Chat4Sessions,
}

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Repetitions of each case and target, of which the median counts.
    pub(crate) repetitions: usize,
    /// Starts per repetition.
    starts: usize,
    /// Rest before memory is read.
    idle: Duration,
    /// Connections that are held open.
    connections: usize,
    /// Connections that are held open and listed as present.
    listed: usize,
    /// Length of the cases that repeat an operation.
    stretch: Duration,
    /// Turns of a chat without pace.
    turns: usize,
    /// Turns of a chat with pace.
    paced_turns: usize,
    /// Tokens of a turn.
    tokens: u32,
}

impl Effort {
    /// What `docs/performance.md` is made of: some minutes.
    pub(crate) const FULL: Self = Self {
        repetitions: 3,
        starts: 5,
        idle: Duration::from_secs(10),
        connections: 5_000,
        listed: 500,
        stretch: Duration::from_secs(2),
        turns: 50,
        paced_turns: 5,
        tokens: 200,
    };

    /// Shows that everything works, in less than half a minute; the figures are noise.
    pub(crate) const QUICK: Self = Self {
        repetitions: 1,
        starts: 1,
        idle: Duration::from_millis(500),
        connections: 200,
        listed: 50,
        stretch: Duration::from_millis(200),
        turns: 3,
        paced_turns: 1,
        tokens: 20,
    };
}

/// Longest a repetition may take before it counts as hanging.
const LIMIT: Duration = Duration::from_secs(120);
/// Most operations of a repetition, so that a fast server neither fills memory nor uses up all ports of its address.
const MOST_CALLS: usize = 1_000_000;
const MOST_HANDSHAKES: usize = 15_000;

/// A session that [`prepare_session`] makes.
pub(crate) const SESSION: &str = chat::SESSION;

/// Takes a first short turn in [`SESSION`].
pub(crate) async fn prepare_session(wire: &mut Wire, launcher: &Launcher) -> Result<()> {
    chat::prepare(wire, launcher, SESSION).await
}

/// One line of the table: what was measured in the case, and the figures.
pub(crate) type Line = (&'static str, Figures);

impl Case {
    /// The name on the command line and in tables.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Runs one repetition.
    pub(crate) async fn run(self, launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
        let work = async {
            match self {
                Self::Start => start::start(launcher, target, effort).await,
                Self::Idle => start::idle(launcher, target, effort).await,
                Self::Connections => {
                    connections::connections(launcher, target, &Identity::CommandLine, effort.connections).await
                }
                Self::Presence => connections::connections(launcher, target, &Identity::Backend, effort.listed).await,
                Self::Ping => calls::calls(launcher, target, effort, "ping", 1).await,
                Self::PingDepth16 => calls::calls(launcher, target, effort, "ping", 16).await,
                Self::Health => calls::calls(launcher, target, effort, "health", 1).await,
                Self::HandshakeKnownDevice => handshakes::known_device(launcher, target, effort).await,
                Self::HandshakeDeviceToken => handshakes::device_token(launcher, target, effort).await,
                Self::HandshakeNewDevice => handshakes::new_devices(launcher, target, effort).await,
                Self::Handshake => handshakes::no_device(launcher, target, effort).await,
                Self::Fanout100 => fanout::fanout(launcher, target, effort, 100).await,
                Self::Fanout500 => fanout::fanout(launcher, target, effort, 500).await,
                Self::Chat => chat::chat(launcher, target, effort, chat::Shape::ONE).await,
                Self::ChatPaced => chat::chat(launcher, target, effort, chat::Shape::PACED).await,
                Self::Chat4Sessions => chat::chat(launcher, target, effort, chat::Shape::FOUR).await,
            }
        };
        timeout(LIMIT, Box::pin(work)).await.with_context(|| format!("{} hangs", self.name()))?
    }
}
