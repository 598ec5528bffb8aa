use openclaw_core::record::{SpawnEnd, SpawnState, Spawned};
use openclaw_store::{Change, Error, MAX_ENDED_SPAWNS, Outcome, Reader, SpawnChange};
use uuid::Uuid;

use crate::support::*;

fn spawned(number: u128) -> Spawned {
    Spawned {
        spawn_id: Uuid::from_u128(number),
        request_id: "spawn-1".to_owned(),
        principal: "token".to_owned(),
        source: "agent1".to_owned(),
        command: "python".to_owned(),
        args: 3,
        cwd: "/opt/agents".to_owned(),
        state: SpawnState::Starting,
        pid: None,
        ticks: None,
        machine: None,
        created_at: START,
        started_at: None,
        ended_at: None,
        end: None,
        error: None,
    }
}

fn begin(number: u128) -> Change {
    Change::Spawn(SpawnChange::Begin { spawned: Box::new(spawned(number)) })
}

fn started(number: u128) -> Change {
    let machine = Some("boot".to_owned());
    Change::Spawn(SpawnChange::Start {
        spawn_id: Uuid::from_u128(number),
        pid: 77,
        ticks: 4242,
        machine,
        at: START + 1,
    })
}

fn ended(number: u128, state: SpawnState) -> Change {
    let end = Some(SpawnEnd { exit_code: Some(0), signal: None });
    Change::Spawn(SpawnChange::End { spawn_id: Uuid::from_u128(number), state, at: START + 2, end, error: None })
}

#[tokio::test]
async fn a_program_goes_from_its_start_to_its_end_once() {
    let world = World::new();
    assert_eq!(world.change(begin(1)).await.unwrap(), Outcome::Spawned(spawned(1)));
    assert!(matches!(world.change(begin(1)).await, Err(Error::Conflict { .. })));
    let Outcome::Spawned(running) = world.change(started(1)).await.unwrap() else { panic!() };
    assert_eq!((running.state, running.pid, running.ticks), (SpawnState::Running, Some(77), Some(4242)));
    assert_eq!(world.store.read(Reader::unfinished_spawns).await.unwrap(), [running]);
    assert!(matches!(world.change(started(1)).await, Err(Error::Conflict { .. })));
    assert!(matches!(world.change(ended(1, SpawnState::Running)).await, Err(Error::Invalid { .. })));
    let Outcome::Spawned(over) = world.change(ended(1, SpawnState::Completed)).await.unwrap() else { panic!() };
    assert_eq!((over.state, over.ended_at), (SpawnState::Completed, Some(START + 2)));
    assert!(matches!(world.change(ended(1, SpawnState::Killed)).await, Err(Error::Conflict { .. })));
    assert!(matches!(world.change(started(2)).await, Err(Error::NotFound { .. })));
    assert!(world.store.read(Reader::unfinished_spawns).await.unwrap().is_empty());
    assert_eq!(world.store.read(|reader| reader.spawns(10)).await.unwrap(), [over]);
}

#[tokio::test]
async fn old_ones_are_forgotten_but_never_one_that_may_still_run() {
    let world = World::new();
    world.change(begin(1)).await.unwrap();
    for number in 2..=MAX_ENDED_SPAWNS as u128 + 10 {
        world.write(vec![begin(number), ended(number, SpawnState::Failed)]).await.unwrap();
    }
    let kept = world.store.read(|reader| reader.spawns(usize::MAX)).await.unwrap();
    assert!(kept.len() <= MAX_ENDED_SPAWNS + 1, "{}", kept.len());
    let left = world.store.read(Reader::unfinished_spawns).await.unwrap();
    assert_eq!(left, [spawned(1)]);
}
