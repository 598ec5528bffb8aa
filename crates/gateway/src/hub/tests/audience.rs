//! Every event against every kind of listener: who is told is written down here, not asked of the code (A18, SECURITY T38).

use std::collections::BTreeSet;

use openclaw_auth::{
    Attempt, Client as Program, Credentials, Decision, Hashed, Locality, Policy, Security, Surface, Transport, Voucher,
};
use openclaw_core::{Secret, record::Device};

use super::{samples::SESSION, *};

/// The scope that a listener needs; a word that no scope is says that everybody is told.
const EVERYBODY: &str = "everybody";
const READ: &str = "operator.read";
const PAIRING: &str = "operator.pairing";
const APPROVALS: &str = "operator.approvals";
const QUESTIONS: &str = "operator.questions";
const ADMIN: &str = "operator.admin";

/// What a listener must have asked for, or be, besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    /// Nothing.
    Nothing,
    /// To be a user interface.
    Ui,
    /// `sessions.subscribe`.
    Sessions,
    /// `sessions.messages.subscribe` for the session.
    Session,
    /// That, or to be a user interface.
    SessionOrUi,
    /// Nothing for people; that for machines.
    SessionForMachines,
    /// The capability `tool-events`.
    Tools,
    /// The capability to show such approvals.
    Review,
    /// The approvals of the session.
    ApprovalsOfSession,
}

/// Who is told which event. `agent` is told as a conversation, and its tools to whoever asked for these.
const TABLE: [(&str, &str, &[Asks]); 32] = [
    ("agent", READ, &[Asks::SessionForMachines, Asks::Tools]),
    ("agent.status", READ, &[Asks::Ui]),
    ("chat", READ, &[Asks::SessionForMachines]),
    ("config.changed", READ, &[Asks::Nothing]),
    ("config.rejected", READ, &[Asks::Nothing]),
    ("cron", READ, &[Asks::Nothing]),
    ("device.pair.requested", PAIRING, &[Asks::Nothing]),
    ("device.pair.resolved", PAIRING, &[Asks::Nothing]),
    ("device.pair.setup.completed", PAIRING, &[Asks::Nothing]),
    ("exec.approval.requested", APPROVALS, &[Asks::Review]),
    ("exec.approval.resolved", APPROVALS, &[Asks::Review]),
    ("gateways.changed", READ, &[Asks::Nothing]),
    ("health", EVERYBODY, &[Asks::Nothing]),
    ("heartbeat", READ, &[Asks::Nothing]),
    ("log", READ, &[Asks::Ui]),
    ("model.fallback", READ, &[Asks::SessionOrUi]),
    ("node.hostStats", READ, &[Asks::Nothing]),
    ("node.pair.requested", PAIRING, &[Asks::Nothing]),
    ("node.pair.resolved", PAIRING, &[Asks::Nothing]),
    ("node.presence", READ, &[Asks::Nothing]),
    ("passkeys.changed", PAIRING, &[Asks::Nothing]),
    ("plugin.approval.requested", APPROVALS, &[Asks::Review]),
    ("plugin.approval.resolved", APPROVALS, &[Asks::Review]),
    ("presence", READ, &[Asks::Nothing]),
    ("question.requested", QUESTIONS, &[Asks::Nothing]),
    ("question.resolved", QUESTIONS, &[Asks::Nothing]),
    ("session.approval", APPROVALS, &[Asks::ApprovalsOfSession]),
    ("session.message", READ, &[Asks::Session]),
    ("sessions.changed", READ, &[Asks::Sessions]),
    ("shutdown", EVERYBODY, &[Asks::Nothing]),
    ("skills.changed", READ, &[Asks::Nothing]),
    ("tick", EVERYBODY, &[Asks::Nothing]),
];

/// Told only to administrators: what a program did may be anything.
const OF_ADMINISTRATORS: (&str, &str, &[Asks]) = ("spawn_result", ADMIN, &[Asks::Nothing]);

/// Written to one connection alone, past the hub: the greeting, what is between a node and whoever calls it,
/// and what another gateway tells somebody who asked for that.
const ADDRESSED: [&str; 6] = [
    "connect.challenge",
    "gateways.event",
    "gateways.line",
    "node.invoke.cancel",
    "node.invoke.progress",
    "node.invoke.request",
];

fn row(name: &str) -> (&'static str, &'static [Asks]) {
    let all = TABLE.iter().chain([&OF_ADMINISTRATORS]);
    let found = all.into_iter().find(|(known, ..)| *known == name);
    found.map_or_else(|| panic!("{name} has no row in the table of audiences"), |(_, needs, asks)| (*needs, *asks))
}

/// Which scopes a scope grants, as PROTOCOL §4.4 prints it.
fn grants(held: &str, needs: &str) -> bool {
    held == needs || held == ADMIN || (held == "operator.write" && needs == READ)
}

/// What a listener has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listens {
    /// For nothing.
    Plainly,
    /// For nothing, with a user interface.
    AsPage,
    /// For everything that there is.
    ToAll,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// A person's client with no scope, or with one.
    Operator(Option<&'static str>),
    /// A machine.
    Node,
}

/// Whether a listener is told, by the table.
fn expected(who: Who, listens: Listens, name: &str, tools: bool) -> bool {
    let (needs, asks) = row(name);
    let asks = if tools { Asks::Tools } else { asks[0] };
    let wants = match (listens, asks) {
        (Listens::ToAll, Asks::Ui) => false,
        (Listens::ToAll, _) | (_, Asks::Nothing) => true,
        (Listens::AsPage, asks) => matches!(asks, Asks::Ui | Asks::SessionOrUi | Asks::SessionForMachines),
        (Listens::Plainly, asks) => asks == Asks::SessionForMachines,
    };
    match who {
        _ if needs == EVERYBODY => wants,
        Who::Operator(held) => wants && held.is_some_and(|held| grants(held, needs)),
        // A machine has no scopes. It is told the conversations that it was let to follow, and nothing else.
        Who::Node => asks == Asks::SessionForMachines && listens == Listens::ToAll,
    }
}

/// No devices.
struct Nobody;

impl openclaw_auth::Devices for Nobody {
    fn device(&self, _: &str) -> Option<Device> {
        None
    }

    fn count_for_owner(&self, _: &str) -> usize {
        0
    }
}

/// A verified caller beside the gateway.
fn verified(who: Who) -> Arc<Principal> {
    let (role, id, dialect, scopes) = match who {
        Who::Operator(scope) => ("operator", "cli", Dialect::V4, scope.map(str::to_owned).into_iter().collect()),
        Who::Node => ("node", "node-host", Dialect::V3, Vec::new()),
    };
    let attempt = Attempt {
        transport: Transport {
            peer_ip: "127.0.0.1".parse().unwrap(),
            locality: Locality::DirectLoopback,
            surface: Surface::WebSocket,
            security: Security::Plain,
            origin: None,
            host: Some("127.0.0.1"),
            voucher: Voucher::Nobody,
        },
        dialect,
        client: Program {
            id,
            mode: if role == "node" { "node" } else { "cli" },
            version: None,
            display_name: None,
            platform: None,
            device_family: None,
        },
        role: Some(role),
        scopes: Some(&scopes),
        device: None,
        credentials: Credentials { token: Some("the-secret"), hashed: Hashed::Unproven, ..Credentials::default() },
        nonce: "nonce",
    };
    match openclaw_auth::decide(&attempt, &Policy::token(Secret::new("the-secret")), &Nobody, 1) {
        Decision::Accept(admission) => Arc::new(admission.principal),
        other => panic!("{who:?} is not let in: {other:?}"),
    }
}

fn listener(hub: &Hub, who: Who, listens: Listens) -> Client {
    let to_all = listens == Listens::ToAll;
    let outbox = Outbox::new(1 << 20);
    let joining = Joining {
        outbox: Arc::clone(&outbox),
        principal: verified(who),
        method: AuthMethod::Token,
        view: View { dialect: Dialect::V4, ui: listens == Listens::AsPage },
        tool_events: to_all,
        reviews: Reviews { exec: to_all, plugin: to_all },
        resume: None,
    };
    let (number, _) = hub.join(joining, AMPLE);
    if to_all {
        hub.follow_sessions(number, true);
        let session = SessionKey::new(SESSION).unwrap();
        assert!(hub.follow_messages(number, session.clone()));
        hub.follow_approvals(number, &session, true);
    }
    let answer =
        Answer { status: Status::New, reason: None, epoch: String::new(), ticket: Ticket(Uuid::nil()), position: 0 };
    Client { outbox, number, answer }
}

fn everybody() -> Vec<(Who, Listens)> {
    let scopes = Scope::ALL.iter().map(|scope| Who::Operator(Some(scope.as_str())));
    let who: Vec<Who> = [Who::Operator(None), Who::Node].into_iter().chain(scopes).collect();
    let listens = [Listens::Plainly, Listens::AsPage, Listens::ToAll];
    who.into_iter().flat_map(|who| listens.map(|listens| (who, listens))).collect()
}

#[test]
fn every_event_that_a_hello_names_has_its_audience_written_down() {
    let named: BTreeSet<&str> = openclaw_protocol::event::NAMES.iter().copied().collect();
    let table = TABLE.iter().chain([&OF_ADMINISTRATORS]).map(|(name, ..)| *name);
    let written: BTreeSet<&str> = table.chain(ADDRESSED).collect();
    assert_eq!(written, named);
    let made: BTreeSet<&str> = samples::all().into_iter().map(|(name, _)| name).chain(ADDRESSED).collect();
    assert_eq!(made, named, "a sample of each");
}

#[test]
fn every_event_reaches_just_those_whom_the_table_names() {
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (name, event) in samples::all() {
        let tools = matches!(&event, Event::Agent(step) if step.stream == "tool");
        let hub = hub(AMPLE);
        let listeners: Vec<_> =
            everybody().into_iter().map(|(who, listens)| (who, listens, listener(&hub, who, listens))).collect();
        hub.publish(event);
        for (who, listens, client) in listeners {
            cells += 1;
            let told = read(&client);
            let is_right = if expected(who, listens, name, tools) {
                told.len() == 1 && told[0].contains(&format!("\"event\":\"{name}\""))
            } else {
                told.is_empty()
            };
            if !is_right {
                wrong.push(format!("{name} (tools: {tools}) to {who:?} {listens:?}: {told:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cells > 1000, "{cells}");
}
