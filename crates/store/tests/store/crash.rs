//! What is left after `kill -9`, after a power loss and after a disk that ran full. The writers run in child processes: this test
//! binary, started anew with only `child` selected.

use std::{
    collections::HashMap,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use openclaw_core::Clock;
use openclaw_store::{Change, Error, Opened, Outcome, Settings, StateDir};

use crate::support::*;

const FOLDER: &str = "OPENCLAW_STORE_TEST_FOLDER";
const TASK: &str = "OPENCLAW_STORE_TEST_TASK";
/// How many rounds each crash test runs, instead of a few.
const ROUNDS: &str = "OPENCLAW_STORE_TEST_ROUNDS";
const WRITERS: usize = 8;

fn rounds(few: usize) -> usize {
    env::var(ROUNDS).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(few)
}

fn say(text: &str) {
    std::io::stdout().lock().write_all(format!("{text}\n").as_bytes()).unwrap();
}

/// Not a test: what the child processes do.
#[test]
#[ignore = "runs only as a child of the other tests"]
fn child() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match env::var(TASK).as_deref() {
        Ok("hold") => {
            let _dir = StateDir::claim(&folder).unwrap();
            say("held");
            std::thread::park();
        }
        Ok("limit") => runtime.block_on(run_into_the_limit(&folder)),
        Ok("eio") => runtime.block_on(fail_to_sync(&folder)),
        _ => runtime.block_on(write_and_acknowledge(&folder)),
    }
}

/// Writes as fast as it can and prints `ack <audit number> <session> <message>` after each answer.
async fn write_and_acknowledge(folder: &Path) {
    let settings = Settings { checkpoint_pages: 100, ..Settings::default() };
    let Opened { store, chain_head, .. } = open(folder, Clock::system(), settings).unwrap();
    let life = chain_head.seq;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            let name = format!("{life}-{writer}");
            let made = store.write(transaction(vec![Change::CreateSession { session: session(&name) }])).await.unwrap();
            say(&format!("ack {} {name} 0", made.seq));
            for n in 1.. {
                let padding = "x".repeat(n * 37 % 900);
                let run = run(&format!("{name}-{n}"), &name);
                let changes = vec![append(&name, [format!("{n} {padding}")]), Change::AcceptRun { run }];
                let done = store.write(transaction(changes)).await.unwrap();
                let Outcome::Messages { last_seq, .. } = done.outcomes[0] else { panic!() };
                say(&format!("ack {} {name} {last_seq}", done.seq));
            }
        });
    }
    writers.join_all().await;
}

fn start(folder: &Path, task: &str, change: impl FnOnce(&mut Command)) -> Child {
    // Some writes of the second round end the process with SIGXFSZ unless it is ignored, which only a shell can arrange from here.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(TASK, task)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    change(&mut command);
    command.spawn().unwrap()
}

/// Opens the database as a restarted gateway would and checks that everything acknowledged is there. Gives the acknowledgements.
async fn check(folder: &Path, acknowledged: &str) -> Result<usize, String> {
    let fail = |what: &dyn std::fmt::Display| Err(what.to_string());
    let (mut newest, mut acks, mut lines) = (0, 0, HashMap::<String, u64>::new());
    for line in acknowledged.lines() {
        // A line that the crash cut short was not acknowledged.
        let parts: Vec<_> = line.split(' ').collect();
        let ["ack", seq, name, message] = parts[..] else { continue };
        newest = newest.max(seq.parse::<i64>().unwrap());
        let last = lines.entry(name.to_owned()).or_default();
        *last = (*last).max(message.parse().unwrap());
        acks += 1;
    }
    let (clock, _) = Clock::manual(START);
    let Opened { store, recovered, chain_head } = match open(folder, clock, Settings::default()) {
        Ok(opened) => opened,
        Err(error) => return fail(&error),
    };
    if chain_head.seq < newest {
        return Err(format!("acknowledged up to {newest}, found {}", chain_head.seq));
    }
    let result = store
        .read(move |reader| {
            if let Err(bad) = reader.verify_chain()? {
                return Ok(Err(bad.to_string()));
            }
            for (name, last) in lines {
                let count = reader.get_session(&key(&name))?.map(|session| session.message_count);
                if count.is_none_or(|count| count < last) {
                    return Ok(Err(format!("{name} has {count:?} messages, {last} were acknowledged")));
                }
                for n in 1..=count.unwrap_or(0) {
                    if reader.get_run(&run_id(&format!("{name}-{n}")))?.is_none() {
                        return Ok(Err(format!("run {n} of {name} is gone, its message is not")));
                    }
                }
            }
            Ok(Ok(acks))
        })
        .await;
    let unfinished = store.read(openclaw_store::Reader::unfinished_runs).await.map_err(|error| error.to_string())?;
    if !unfinished.is_empty() || (acks > WRITERS && recovered.interrupted.is_empty()) {
        return Err(format!("{} runs unfinished, {} interrupted", unfinished.len(), recovered.interrupted.len()));
    }
    store.close().await.map_err(|error| error.to_string())?;
    result.map_err(|error| error.to_string())?
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let mut total = 0;
    for round in 0..rounds(10) {
        let mut child = start(folder.path(), "write", |_| {});
        // Not timed by the clock: killed after so many acknowledgements, another number each round.
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut acknowledged = String::new();
        for _ in 0..40 + round * 7919 % 1_000 {
            output.read_line(&mut acknowledged).unwrap();
        }
        child.kill().unwrap();
        output.read_to_string(&mut acknowledged).unwrap();
        child.wait().unwrap();
        total += check(folder.path(), &acknowledged).await.unwrap_or_else(|why| panic!("round {round}: {why}"));
    }
    say(&format!("kill -9: {total} acknowledgements, none lost"));
}

/// Builds the library that loses power; `None`, said aloud, where there is no C compiler.
fn power_loss(folder: &Path) -> Option<PathBuf> {
    let library = folder.join("power_loss.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power_loss.c");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    match built {
        Ok(status) => {
            assert!(status.success(), "power_loss.c does not compile");
            Some(library)
        }
        Err(error) => {
            say(&format!("SKIPPED: power loss is not tested, there is no C compiler ({error})"));
            None
        }
    }
}

/// Runs a child until its power fails at write `at`, and checks what is left.
async fn lose_power(library: &Path, at: usize, how: Option<&str>) -> Result<usize, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), "write", |command| {
        command.env("LD_PRELOAD", library).env("POWER_AT", at.to_string());
        if let Some(how) = how {
            command.env(how, "1");
        }
    });
    let mut acknowledged = String::new();
    child.stdout.take().unwrap().read_to_string(&mut acknowledged).unwrap();
    let status = child.wait().unwrap();
    assert!(
        std::os::unix::process::ExitStatusExt::signal(&status) == Some(9),
        "the power stayed on: {status}\n{acknowledged}"
    );
    check(folder.path(), &acknowledged).await
}

/// Write numbers all over the first few thousand, the very first ones included.
fn moments(count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(|round| if round < 3 { 5 + round * 9 } else { 100 + round * 7_919 % 6_000 })
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_a_power_loss() {
    let tools = tempfile::tempdir().unwrap();
    let Some(library) = power_loss(tools.path()) else { return };
    let mut total = 0;
    for (round, at) in moments(rounds(8)).enumerate() {
        let how = (round % 2 == 1).then_some("POWER_TORN");
        total +=
            lose_power(&library, at, how).await.unwrap_or_else(|why| panic!("power lost at write {at} {how:?}: {why}"));
    }
    say(&format!("power loss: {total} acknowledgements, none lost"));
}

#[tokio::test]
async fn a_store_that_does_not_sync_is_caught() {
    let tools = tempfile::tempdir().unwrap();
    let Some(library) = power_loss(tools.path()) else { return };
    for at in [1_000, 3_000] {
        let lost = lose_power(&library, at, Some("POWER_LIE")).await;
        assert!(lost.is_err(), "losing power at write {at} without any fsync lost nothing: the test proves nothing");
    }
}

/// Writes under a file size limit until the disk refuses, lifts the limit, and goes on in the same process.
async fn run_into_the_limit(folder: &Path) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Opened { store, .. } = open(folder, Clock::system(), Settings::default()).unwrap();
    store.write(transaction(vec![Change::CreateSession { session: session("a") }])).await.unwrap();
    let before = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(1 << 20), maximum: before.maximum }).unwrap();
    let mut written = 0;
    let error = loop {
        match store.write(transaction(vec![append("a", ["x".repeat(3_000)])])).await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("disk")), "{error}");
    assert!(store.write(transaction(vec![append("a", ["x".repeat(3_000)])])).await.is_err() || written > 0);
    assert!(store.stats().fatal.is_none());
    setrlimit(Resource::Fsize, before).unwrap();
    let done = store.write(transaction(vec![append("a", ["after".to_owned()])])).await.unwrap();
    let (count, verified) = store
        .read(|reader| Ok((reader.get_session(&key("a"))?.unwrap().message_count, reader.verify_chain()?.unwrap())))
        .await
        .unwrap();
    say(&format!("limit {written} {count} {} {verified}", done.seq));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_disk_that_refuses_writes_is_survived_in_the_same_process() {
    let folder = tempfile::tempdir().unwrap();
    let output = start(folder.path(), "limit", |_| {}).wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line =
        text.lines().find_map(|line| Some(&line[line.find("limit ")? + 6..])).unwrap_or_else(|| panic!("{text}"));
    let figures: Vec<u64> = line.split(' ').map(|figure| figure.parse().unwrap()).collect();
    let [written, count, seq, verified] = figures[..] else { panic!("{line}") };
    assert!(written > 10, "{line}");
    // The refused ones may or may not be there; the acknowledged ones and the last one are.
    assert!(count > written && seq == count + 1 && verified == seq, "{line}");
    let (clock, _) = Clock::manual(START);
    let Opened { chain_head, .. } = open(folder.path(), clock, Settings::default()).unwrap();
    assert_eq!(chain_head.seq, i64::try_from(seq).unwrap());
}

/// Writes while one `fsync` fails, and goes on in the same process.
async fn fail_to_sync(folder: &Path) {
    let Opened { store, .. } = open(folder, Clock::system(), Settings::default()).unwrap();
    store.write(transaction(vec![Change::CreateSession { session: session("a") }])).await.unwrap();
    let (mut acknowledged, mut unknown) = (0, 0);
    for n in 0..60 {
        match store.write(transaction(vec![append("a", [n.to_string()])])).await {
            Ok(_) => acknowledged += 1,
            Err(Error::Unavailable { .. }) => unknown += 1,
            Err(other) => panic!("{other}"),
        }
    }
    say(&format!("synced {acknowledged} {unknown}"));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_failed_sync_is_told_and_survived() {
    let tools = tempfile::tempdir().unwrap();
    let Some(library) = power_loss(tools.path()) else { return };
    let mut failures = 0;
    // Behind the syncs of opening, of which each migration makes some.
    for at in [29, 43, 60] {
        let folder = tempfile::tempdir().unwrap();
        let child = start(folder.path(), "eio", |command| {
            command.env("LD_PRELOAD", &library).env("POWER_EIO_AT", at.to_string());
        });
        let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let line =
            text.lines().find_map(|line| Some(&line[line.find("synced ")? + 7..])).unwrap_or_else(|| panic!("{text}"));
        let (acknowledged, unknown) = line.split_once(' ').unwrap();
        let (acknowledged, unknown): (u64, u64) = (acknowledged.parse().unwrap(), unknown.parse().unwrap());
        assert_eq!(acknowledged + unknown, 60);
        failures += unknown;
        let (clock, _) = Clock::manual(START);
        let Opened { store, .. } = open(folder.path(), clock, Settings::default()).unwrap();
        let count = store.read(|reader| Ok(reader.get_session(&key("a"))?.unwrap().message_count)).await.unwrap();
        assert!((acknowledged..=acknowledged + unknown).contains(&count), "{count} of {line}");
        store.read(openclaw_store::Reader::verify_chain).await.unwrap().unwrap();
    }
    assert_eq!(failures, 3, "each failed sync is told to its caller alone");
}

#[tokio::test]
async fn the_lock_ends_with_the_process_that_held_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), "hold", |_| {});
    let (held, holds) = mpsc::channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if line.contains("held") {
                held.send(()).unwrap();
            }
        }
    });
    holds.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(matches!(StateDir::claim(folder.path()), Err(Error::Locked { .. })));
    child.kill().unwrap();
    child.wait().unwrap();
    StateDir::claim(folder.path()).unwrap();
    assert!(fs::exists(folder.path().join("gateway.lock")).unwrap());
}

#[test]
fn an_open_umask_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("parent/state");
    let mut child = Command::new("sh")
        .args(["-c", "umask 000; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, &state)
        .env(TASK, "write")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("ack") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0);
    }
    let mode =
        |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
    assert_eq!((mode(&folder.path().join("parent")), mode(&state)), (0o700, 0o700));
    let files: Vec<_> = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
