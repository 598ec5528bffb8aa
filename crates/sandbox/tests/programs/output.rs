use std::time::Duration;

use openclaw_sandbox::{Limits, Outcome, StopReason};

use tokio::time::Instant;

use crate::support::{host, lives, run, shell, start, within};

#[tokio::test]
async fn any_bytes_arrive_as_they_are() {
    let done = run("printf '\\377\\376\\000a\\r\\n'; printf '\\303'", Limits::default()).await;
    assert_eq!(done.stdout, b"\xff\xfe\0a\r\n\xc3");
    assert!(!done.truncated);
}

#[tokio::test]
async fn ten_megabytes_without_a_line_arrive_whole() {
    let (host, _tasks) = host();
    let limits = Limits { output_per_second: 0, ..Limits::default() };
    let program = start(&host, shell("head -c 10485760 /dev/zero"), limits).await;
    let done = within(program.collect(usize::MAX)).await;
    assert_eq!(done.stdout.len(), 10 << 20);
    assert_eq!(done.ended.unwrap().output_bytes, 10 << 20);
}

#[tokio::test]
async fn a_flood_waits_and_stays_killable() {
    let (host, _tasks) = host();
    let limits = Limits { output_per_second: 1 << 20, ..Limits::default() };
    let mut program = start(&host, shell("exec cat /dev/zero"), limits).await;
    let begun = Instant::now();
    let mut got = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        got += within(program.output.recv()).await.unwrap().bytes.len();
    }
    // Two seconds and the burst, with room for a slow machine above and below.
    assert!((1 << 20..=5 << 19).contains(&got), "{got}");
    program.control.stop(StopReason::Asked);
    let done = within(program.collect(1 << 20)).await;
    assert_eq!(done.ended.unwrap().outcome, Outcome::Signalled(15));
}

#[tokio::test]
async fn what_nobody_reads_holds_the_program_up_and_not_the_memory() {
    let (host, _tasks) = host();
    let limits = Limits { output_per_second: 0, ..Limits::default() };
    let program = start(&host, shell("echo x; head -c 1000000 /dev/zero; echo $$ done >&2"), limits).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(lives(&program.trace.pid.to_string()), "it waits in its write");
    let done = within(program.collect(usize::MAX)).await;
    assert_eq!(done.stdout.len(), 1_000_002);
}

#[tokio::test]
async fn closed_streams_are_no_end() {
    let begun = Instant::now();
    let done = run("echo last; exec >&- 2>&-; sleep 0.5; exit 4", Limits::default()).await;
    assert_eq!((done.stdout.as_slice(), done.ended.unwrap().outcome), (&b"last\n"[..], Outcome::Exited(4)));
    assert!(begun.elapsed() >= Duration::from_millis(500));
}

#[tokio::test]
async fn output_beyond_its_bound_is_counted_and_gone() {
    let limits = Limits { output_bytes: Some(1000), output_per_second: 0, ..Limits::default() };
    let done = run("head -c 5000 /dev/zero", limits).await;
    let ended = done.ended.unwrap();
    assert_eq!((done.stdout.len(), ended.output_bytes, ended.discarded_bytes), (1000, 5000, 4000));
    assert!(done.truncated && ended.outcome == Outcome::Exited(0));
}
