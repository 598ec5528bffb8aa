//! What is measured. Each case starts a server of its own, is bounded in count and time, and ends by itself.

mod calls;
mod chat;
mod command_line;
mod connections;
mod dashboards;
mod fanout;
mod handshakes;
mod reload;
mod sessions;
mod slow_reader;
mod soak;
mod start;
mod storm;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use tokio::time::timeout;

use crate::{
    effort::Effort,
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
    /// Opening pages that show everything, until they are all quiet.
    Dashboards,
    /// The cheapest call: 8 connections, one call at a time each.
    Ping,
    /// The cheapest call: 8 connections, 16 calls at a time each.
    #[value(name = "ping-depth-16")]
    PingDepth16,
    /// `health`: 8 connections, one call at a time each.
    Health,
    /// `sessions.list` of the newest 20 among 100, 1,000, 10,000 and 1,000,000 sessions.
    SessionsList,
    /// A small durable change: 1, 8 and 64 connections, one call at a time each.
    Writes,
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
    /// One event to 5,000 subscribers, one after the other.
    #[value(name = "fan-out-5000")]
    Fanout5000,
    /// 64 events at once to 100 subscribers.
    #[value(name = "burst-100")]
    Burst100,
    /// 64 events at once to 500 subscribers.
    #[value(name = "burst-500")]
    Burst500,
    /// 64 events at once to 5,000 subscribers.
    #[value(name = "burst-5000")]
    Burst5000,
    /// Large events to ten readers, without and with another one that never reads.
    SlowReader,
    /// A chat turn of 200 tokens that the model writes at once.
    Chat,
    /// A chat turn of 200 tokens, one each 5 ms.
    ChatPaced,
    /// Chat turns of 200 tokens in four sessions at the same time.
    #[value(name = "chat-4-sessions")]
    Chat4Sessions,
    /// From starting the command line to its end: `gateway call` and `health`.
    CommandLine,
    /// Calls of 1,000 and 10,000 connections while the configuration is edited.
    Reload,
    /// Calls of 50 connections while thousands of others misbehave in every known way; measured only when asked for.
    Storm,
    /// Whether memory and descriptors grow over an hour of everything; measured only when asked for.
    Soak,
}

/// Longest a repetition may take before it counts as hanging, beyond what it is asked to take.
const LIMIT: Duration = Duration::from_secs(300);
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
    /// The cases of a run that names none.
    pub(crate) fn usual() -> Vec<Self> {
        Self::value_variants().iter().copied().filter(|case| !matches!(case, Self::Storm | Self::Soak)).collect()
    }

    /// The name on the command line and in tables.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whether this server can be measured so.
    pub(crate) const fn fits(self, target: Target) -> bool {
        match target {
            Target::Gateway => true,
            // It has no configuration, no command line, no state and nothing that could grow.
            Target::Limit => !matches!(self, Self::CommandLine | Self::Reload | Self::Storm | Self::Soak),
            // It cannot open thousands of connections within any reasonable time.
            Target::Reference => {
                !matches!(self, Self::Fanout5000 | Self::Burst5000 | Self::Reload | Self::Storm | Self::Soak)
            }
        }
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
                Self::Dashboards => dashboards::dashboards(launcher, target, effort.dashboards).await,
                Self::Ping => calls::cheapest(launcher, target, effort, 1).await,
                Self::PingDepth16 => calls::cheapest(launcher, target, effort, 16).await,
                Self::Health => calls::health(launcher, target, effort).await,
                Self::SessionsList => sessions::list(launcher, target, effort).await,
                Self::Writes => sessions::writes(launcher, target, effort).await,
                Self::HandshakeKnownDevice => handshakes::known_device(launcher, target, effort).await,
                Self::HandshakeDeviceToken => handshakes::device_token(launcher, target, effort).await,
                Self::HandshakeNewDevice => handshakes::new_devices(launcher, target, effort).await,
                Self::Handshake => handshakes::no_device(launcher, target, effort).await,
                Self::Fanout100 => fanout::fanout(launcher, target, effort, 100, 1).await,
                Self::Fanout500 => fanout::fanout(launcher, target, effort, 500, 1).await,
                Self::Fanout5000 => fanout::fanout(launcher, target, effort, 5_000, 1).await,
                Self::Burst100 => fanout::fanout(launcher, target, effort, 100, fanout::BURST).await,
                Self::Burst500 => fanout::fanout(launcher, target, effort, 500, fanout::BURST).await,
                Self::Burst5000 => fanout::fanout(launcher, target, effort, 5_000, fanout::BURST).await,
                Self::SlowReader => slow_reader::slow_reader(launcher, target, effort).await,
                Self::Chat => chat::chat(launcher, target, effort, chat::Shape::ONE).await,
                Self::ChatPaced => chat::chat(launcher, target, effort, chat::Shape::PACED).await,
                Self::Chat4Sessions => chat::chat(launcher, target, effort, chat::Shape::FOUR).await,
                Self::CommandLine => command_line::command_line(launcher, target, effort).await,
                Self::Reload => reload::reload(launcher, target, effort).await,
                Self::Storm => storm::storm(launcher, effort).await,
                Self::Soak => soak::soak(launcher, target, effort).await,
            }
        };
        let limit = if self == Self::Soak { LIMIT + effort.soak } else { LIMIT };
        timeout(limit, Box::pin(work)).await.with_context(|| format!("{} hangs", self.name()))?
    }
}
