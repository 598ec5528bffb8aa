use std::{
    io::{BufReader, Cursor},
    time::Duration,
};

use openclaw_core::Ids;
use openclaw_sandbox::{Limits, MARK, Trace, guard, reap};

use crate::support::{gone, host, line, lives, shell, start};

/// The shell and two that it starts, the last of them perhaps not yet when the line is read.
const SCRIPT: &str = "setsid sleep 2001 & echo $!; sleep 2000";

#[tokio::test]
async fn the_guard_ends_what_it_was_told_of_when_its_input_ends() {
    let (host, _tasks) = host();
    let mut program = start(&host, shell(SCRIPT), Limits::default()).await;
    let escaped = line(&mut program).await;
    let Trace { mark, pid, started, .. } = program.trace;
    assert!(lives(&pid.to_string()) && lives(&escaped));
    let input = format!("+ {mark} 0 0\n+ {mark} {pid} {started}\n");
    let ended = tokio::task::spawn_blocking(move || guard::run(BufReader::new(Cursor::new(input)))).await.unwrap();
    assert!(ended.unwrap() >= 2);
    gone(&pid.to_string()).await;
    gone(&escaped).await;
}

#[tokio::test]
async fn the_mark_alone_is_enough_where_the_process_was_never_told() {
    let (host, _tasks) = host();
    let mut program = start(&host, shell(SCRIPT), Limits::default()).await;
    let escaped = line(&mut program).await;
    let input = format!("+ {} 0 0\n", program.trace.mark);
    let ended = tokio::task::spawn_blocking(move || guard::run(BufReader::new(Cursor::new(input)))).await.unwrap();
    assert!(ended.unwrap() >= 2);
    gone(&program.trace.pid.to_string()).await;
    gone(&escaped).await;
}

#[tokio::test]
async fn a_number_that_belongs_to_another_by_now_is_not_touched() {
    let mut other = std::process::Command::new("sleep").arg("2002").env_remove(MARK).spawn().unwrap();
    let (host, _tasks) = host();
    let mut program = start(&host, shell(SCRIPT), Limits::default()).await;
    line(&mut program).await;
    let own = program.trace.clone();
    let mark = Ids::system().uuid();
    let stranger = Trace { mark, pid: other.id(), started: 1, machine: own.machine.clone() };
    // The right number and start, of another start of the machine.
    let elsewhere = Trace { mark: Ids::system().uuid(), machine: Some("another".to_owned()), ..own.clone() };
    let unknown = Trace { mark: Ids::system().uuid(), pid: 4_000_000, started: 1, machine: own.machine.clone() };
    let reaped = tokio::task::spawn_blocking(move || reap(&[stranger, elsewhere, unknown])).await.unwrap();
    assert!(reaped.iter().all(|reaped| reaped.processes == 0), "{reaped:?}");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(lives(&other.id().to_string()) && lives(&own.pid.to_string()));
    let reaped = tokio::task::spawn_blocking(move || reap(&[own])).await.unwrap();
    assert!(reaped[0].processes >= 2);
    other.kill().unwrap();
    other.wait().unwrap();
}
