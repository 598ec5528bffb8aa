use std::time::Duration;

use openclaw_sandbox::{Limits, Outcome, StopReason};

use tokio::time::Instant;

use crate::support::{host, run, shell, start, within};

/// Doubles four times and no more, 47 processes: a test that goes wrong must not take the machine with it.
const BOMB: &str = "f() { if [ $1 -gt 0 ]; then f $(($1 - 1)) & f $(($1 - 1)) & wait; else sleep 30; fi; }; f 4";

#[tokio::test]
async fn time_is_up() {
    let begun = Instant::now();
    let limits = Limits { wall: Some(Duration::from_millis(200)), ..Limits::default() };
    let ended = run("sleep 1000", limits).await.ended.unwrap();
    assert_eq!((ended.outcome, ended.stopped), (Outcome::Signalled(15), Some(StopReason::Time)));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_program_that_multiplies_is_ended_and_nothing_of_it_is_left() {
    let limits = Limits { processes: Some(15), ..Limits::default() };
    let (host, _tasks) = host();
    let program = start(&host, shell(BOMB), limits).await;
    let mark = program.trace.mark.to_string();
    let ended = within(program.ended).await.unwrap();
    assert_eq!((ended.outcome, ended.stopped), (Outcome::Signalled(9), Some(StopReason::Processes)));
    let left =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| std::fs::read(entry.ok()?.path().join("environ")).ok());
    let left = left.filter(|environ| environ.windows(mark.len()).any(|at| at == mark.as_bytes())).count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn memory_of_all_its_processes_counts_together() {
    let limits = Limits { memory: Some(64 << 20), ..Limits::default() };
    // Four children that hold 24 MiB each: none is too large, all of them are.
    let script =
        "for n in 1 2 3 4; do python3 -c 'import time; held = bytearray(24 << 20); time.sleep(1000)' & done; wait";
    let ended = run(script, limits).await.ended.unwrap();
    assert_eq!((ended.outcome, ended.stopped), (Outcome::Signalled(9), Some(StopReason::Memory)));
}

#[tokio::test]
async fn one_process_cannot_take_more_than_may_be_taken_in_all() {
    let limits = Limits { memory: Some(64 << 20), ..Limits::default() };
    let done = run("sleep 0.2; python3 -c 'held = bytearray(1 << 30)'", limits).await;
    assert!(
        String::from_utf8_lossy(&done.stderr).contains("MemoryError"),
        "{:?}",
        String::from_utf8_lossy(&done.stderr)
    );
}
