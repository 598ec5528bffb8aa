use std::collections::BTreeMap;

use openclaw_core::record::ApprovedSurface;
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::outbox::Frame;

fn surface(commands: &[&str]) -> NodeSurface {
    let mut commands: Vec<String> = commands.iter().map(ToString::to_string).collect();
    commands.sort_unstable();
    NodeSurface { caps: vec!["system".to_owned()], commands, permissions: BTreeMap::new() }
}

fn id(name: &str) -> NodeId {
    NodeId::new(name).unwrap()
}

fn conn(number: u64) -> ConnNumber {
    ConnNumber::test(number)
}

fn about() -> NodeAbout {
    NodeAbout { platform: Some("linux".to_owned()), ..NodeAbout::default() }
}

fn session(number: u64, life: Life, commands: &[&str]) -> Session {
    Session {
        conn: conn(number),
        conn_id: format!("c{number}"),
        outbox: Outbox::new(1 << 20),
        life,
        declared: surface(commands),
        about: about(),
        path_env: None,
        connected_at: 1,
        told: Told::default(),
    }
}

fn state(name: &str, approved: Option<&[&str]>) -> NodeState {
    let mut node = Node::new(id(name), about(), 1);
    node.approved = approved.map(|commands| ApprovedSurface { surface: surface(commands), at: 2 });
    NodeState { node_id: id(name), node: Some(node), request: None }
}

fn caller(number: u64) -> Caller {
    Caller { conn: conn(number), outbox: Outbox::new(1 << 20), request_id: "r".to_owned(), progress: true }
}

fn command<'a>(number: u128, node_id: &'a NodeId, command: &'a str) -> Command<'a> {
    Command { id: Uuid::from_u128(number), node_id, command, params_json: "{}", timeout_ms: 5, key: "k" }
}

/// Names of the events that wait for a connection.
fn events(outbox: &Outbox) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(Frame::Whole(bytes)) = outbox.take() {
        let frame: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(frame.get("seq").is_none(), "{frame}");
        names.push(frame["event"].as_str().unwrap().to_owned());
    }
    names
}

#[test]
fn a_reviewed_node_may_what_it_declares_and_an_owner_approved_and_the_configuration_allows() {
    let mut table = Table::new(vec![state("n", None)]);
    let (node, mut commands) = (id("n"), Commands::default());
    let check = |table: &Table, command: &str, commands: &Commands| table.check(&node, command, commands);
    assert_eq!(check(&table, "system.run", &commands), Err(Barred::NotConnected));
    table.joined(node.clone(), session(1, Life::Reviewed, &["system.run", "system.which"]));
    assert_eq!(check(&table, "system.run", &commands), Err(Barred::NotApproved(None)));
    assert_eq!(table.offered(&node, &commands).unwrap(), NodeSurface::default());
    // An approval takes effect on the connection that is there.
    table.keep(state("n", Some(&["system.run"])), 5);
    assert_eq!(check(&table, "system.run", &commands), Ok(()));
    assert_eq!(check(&table, "system.which", &commands), Err(Barred::NotApproved(None)));
    assert_eq!(check(&table, "system.notify", &commands), Err(Barred::NotDeclared));
    assert_eq!(check(&table, "made.up", &commands), Err(Barred::NotAllowed(Platform::Linux)));
    assert_eq!(table.offered(&node, &commands).unwrap().commands, ["system.run"]);
    // What arrives late undoes nothing; a withdrawal that is newer does.
    table.keep(state("n", None), 4);
    assert_eq!(check(&table, "system.run", &commands), Ok(()));
    commands.deny.push("system.run".to_owned());
    assert_eq!(check(&table, "system.run", &commands), Err(Barred::NotAllowed(Platform::Linux)));
    commands.deny.clear();
    table.keep(NodeState { node_id: node.clone(), node: None, request: None }, 6);
    table.keep(state("n", Some(&["system.run"])), 5);
    assert_eq!(check(&table, "system.run", &commands), Err(Barred::NotApproved(None)), "a removed node stays removed");
}

#[test]
fn an_admitted_node_needs_no_approval_and_is_held_to_its_platform() {
    let mut table = Table::default();
    let (node, commands) = (id("n"), Commands::default());
    table.joined(node.clone(), session(1, Life::Admitted, &["system.run", "camera.snap"]));
    assert_eq!(table.check(&node, "system.run", &commands), Ok(()));
    assert_eq!(table.check(&node, "camera.snap", &commands), Err(Barred::NotAllowed(Platform::Linux)));
    assert_eq!(table.offered(&node, &commands).unwrap().commands, ["system.run"]);
    table.joined(node.clone(), session(2, Life::Admitted, &[]));
    assert_eq!(table.check(&node, "system.run", &commands), Err(Barred::NothingDeclared));
}

#[test]
fn one_node_never_answers_for_another_and_nobody_is_answered_twice() {
    let mut table = Table::default();
    let (one, other, commands) = (id("one"), id("other"), Commands::default());
    table.joined(one.clone(), session(1, Life::Admitted, &["system.run"]));
    table.joined(other.clone(), session(2, Life::Admitted, &["system.run"]));
    let mut end = table.dispatch(&command(7, &one, "system.run"), caller(9), &commands).unwrap();
    let number = Uuid::from_u128(7);
    let answer = || Answer { ok: true, ..Answer::default() };
    assert_eq!(table.answered(&other, number, answer()), Taken::Foreign);
    assert!(end.try_recv().is_err());
    assert_eq!(table.progressed(&other, number, 0, "x"), Taken::Foreign);
    assert_eq!(table.answered(&one, number, answer()), Taken::Yes);
    assert!(matches!(end.try_recv(), Ok(Ended::Answered(Answer { ok: true, .. }))));
    assert_eq!(table.answered(&one, number, answer()), Taken::Late);
    assert_eq!(table.at_work(), 0);
}

#[test]
fn progress_is_in_order_and_bounded() {
    let mut table = Table::default();
    let (node, commands) = (id("n"), Commands::default());
    table.joined(node.clone(), session(1, Life::Admitted, &["system.run"]));
    let (caller, number) = (caller(9), Uuid::from_u128(7));
    let heard = Arc::clone(&caller.outbox);
    let _end = table.dispatch(&command(7, &node, "system.run"), caller, &commands).unwrap();
    assert_eq!(table.progressed(&node, number, 0, "a"), Taken::Yes);
    assert_eq!(table.progressed(&node, number, 0, "a"), Taken::Late, "told before");
    assert_eq!(table.progressed(&node, number, 2, "c"), Taken::Yes);
    assert_eq!(table.progressed(&node, number, 1, "b"), Taken::Late, "a later one was told");
    assert_eq!(events(&heard), ["node.invoke.progress", "node.invoke.progress"]);
    let long = "x".repeat(16_384);
    let told = (3..200).filter(|seq| table.progressed(&node, number, *seq, &long) == Taken::Yes).count();
    assert_eq!(told, (PROGRESS_BYTES - 2) / long.len());
}

#[test]
fn a_node_has_a_bounded_number_of_commands_at_work() {
    let mut table = Table::default();
    let (node, commands) = (id("n"), Commands::default());
    table.joined(node.clone(), session(1, Life::Admitted, &["system.run"]));
    let ends: Vec<_> = (0..IN_FLIGHT as u128)
        .map(|number| table.dispatch(&command(number, &node, "system.run"), caller(9), &commands).unwrap())
        .collect();
    let more = table.dispatch(&command(999, &node, "system.run"), caller(9), &commands);
    assert_eq!(more.unwrap_err(), Barred::Busy);
    assert!(table.call_off(Uuid::from_u128(0)) && !table.call_off(Uuid::from_u128(0)));
    table.dispatch(&command(999, &node, "system.run"), caller(9), &commands).unwrap();
    drop(ends);
}

#[test]
fn memory_of_removed_nodes_is_bounded() {
    let mut table = Table::default();
    for number in 0..2 * REMOVED {
        let node_id = id(&format!("n{number}"));
        table.keep(NodeState { node_id, node: None, request: None }, i64::try_from(number).unwrap());
    }
    assert_eq!(table.known.len(), REMOVED);
}

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Join { node: u8, conn: u64, life: bool, commands: u8 },
    Leave { node: u8, conn: u64 },
    Approve { node: u8, commands: u8 },
    Dispatch { node: u8, command: u8, caller: u64 },
    Answer { node: u8, at: usize },
    CallerLeaves { caller: u64 },
    CallOff { at: usize },
}

const WORDS: [&str; 4] = ["system.notify", "system.run", "system.which", "camera.snap"];

fn steps() -> impl Strategy<Value = Step> {
    let node = 0_u8..3;
    prop_oneof![
        (node.clone(), 0_u64..6, any::<bool>(), 0_u8..16).prop_map(|(node, conn, life, commands)| Step::Join {
            node,
            conn,
            life,
            commands
        }),
        (node.clone(), 0_u64..6).prop_map(|(node, conn)| Step::Leave { node, conn }),
        (node.clone(), 0_u8..16).prop_map(|(node, commands)| Step::Approve { node, commands }),
        (node.clone(), 0_u8..4, 20_u64..23).prop_map(|(node, command, caller)| Step::Dispatch {
            node,
            command,
            caller
        }),
        (node, 0_usize..8).prop_map(|(node, at)| Step::Answer { node, at }),
        (20_u64..23).prop_map(|caller| Step::CallerLeaves { caller }),
        (0_usize..8).prop_map(|at| Step::CallOff { at }),
    ]
}

fn words(bits: u8) -> Vec<&'static str> {
    let mut words: Vec<_> =
        WORDS.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0).map(|(_, word)| *word).collect();
    words.sort_unstable();
    words
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens: a command goes only to a node that is connected, declared it and may have it; each ends exactly once or
    /// is still at work; and nothing is at work on a connection that is gone.
    #[test]
    fn every_command_ends_once_and_goes_only_where_it_may(steps in vec(steps(), 1..80)) {
        let (mut table, commands) = (Table::default(), Commands::default());
        let mut seq = 0;
        let mut sent: Vec<(Uuid, NodeId, u64, oneshot::Receiver<Ended>)> = Vec::new();
        let mut ended: BTreeMap<Uuid, u32> = BTreeMap::new();
        for step in steps {
            seq += 1;
            let name = |node: u8| id(&format!("n{node}"));
            match step {
                Step::Join { node, conn, life, commands } => {
                    // A connection is one node's for its whole life.
                    let conn = conn * 3 + u64::from(node);
                    let life = if life { Life::Admitted } else { Life::Reviewed };
                    table.joined(name(node), session(conn, life, &words(commands)));
                }
                Step::Leave { node, conn: number } => table.left(&name(node), conn(number * 3 + u64::from(node))),
                Step::Approve { node, commands } => table.keep(state(&format!("n{node}"), Some(&words(commands))), seq),
                Step::Dispatch { node, command: word, caller: who } => {
                    let (node, word) = (name(node), WORDS[word as usize]);
                    let number = seq.unsigned_abs().into();
                    let dispatched = table.dispatch(&command(number, &node, word), caller(who), &commands);
                    let offered = table.offered(&node, &commands).unwrap_or_default();
                    prop_assert_eq!(dispatched.is_ok(), offered.commands.iter().any(|offered| offered == word));
                    if let Ok(end) = dispatched {
                        prop_assert!(word != "camera.snap");
                        let conn = table.session(&node).unwrap().conn;
                        sent.push((Uuid::from_u128(number), node, conn.number(), end));
                    }
                }
                Step::Answer { node, at } => {
                    if let Some((number, owner, ..)) = sent.get(at) {
                        let taken = table.answered(&name(node), *number, Answer { ok: true, ..Answer::default() });
                        prop_assert!(taken != Taken::Yes || *owner == name(node));
                    }
                }
                Step::CallerLeaves { caller } => table.caller_left(conn(caller)),
                Step::CallOff { at } => {
                    if let Some((number, ..)) = sent.get(at) && table.call_off(*number) {
                        *ended.entry(*number).or_default() += 1;
                    }
                }
            }
            for (number, _, _, end) in &mut sent {
                if end.try_recv().is_ok() {
                    *ended.entry(*number).or_default() += 1;
                }
            }
        }
        let over = ended.len();
        prop_assert!(ended.values().all(|times| *times == 1), "{:?}", ended);
        prop_assert_eq!(table.at_work() + over, sent.len());
        for pending in table.pending.values() {
            let joined = sent.iter().any(|(_, node, conn, _)| pending.node_id == *node && pending.node.0.number() == *conn);
            prop_assert!(joined);
        }
    }
}
