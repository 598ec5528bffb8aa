//! Programs on the gateway's machine, from a terminal; and none of them outlives the gateway.

use std::{
    io::{BufRead, BufReader, Read},
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::home::{Gateway, Home, Ran};

const CONFIG: &str = r#"{
    gateway: {auth: {token: "a-token-for-this-story-0123456789"}},
    spawn: {allow: ["sh", "cat"], limits: {graceMs: 500}},
}"#;

fn home() -> Home {
    let home = Home::new();
    home.write_config(CONFIG);
    home
}

fn spawn(home: &Home, script: &str) -> Ran {
    home.run(&["spawn", "run", "--", "sh", "-c", script])
}

/// Command lines of processes that begin so, with their numbers.
fn running(command: &str) -> Vec<(u32, String)> {
    let lines = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let entry = entry.ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        Some((entry.file_name().to_str()?.parse().ok()?, String::from_utf8_lossy(&line).replace('\0', " ")))
    });
    lines.filter(|(_, line)| line.starts_with(command)).collect()
}

/// The guard of this gateway; other tests have theirs.
fn guard_of(gateway: &Gateway) -> Option<u32> {
    let is_child = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name of the program may hold anything, so what counts begins behind its last bracket: state, then parent.
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok());
        parent == Some(gateway.pid())
    };
    running("openclaw-guard").into_iter().map(|(pid, _)| pid).find(|pid| is_child(*pid))
}

fn until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_program_runs_as_if_it_were_here() {
    let home = home();
    let _gateway = home.gateway(&[]);
    let ran = home.run(&[
        "spawn",
        "run",
        "-e",
        "AGENT_NAME=agent1",
        "--cwd",
        "/usr",
        "--",
        "sh",
        "-c",
        "echo hi from $AGENT_NAME in $PWD; echo oops >&2; exit 7",
    ]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(7), "hi from agent1 in /usr\n", "oops\n"));
    assert_eq!(spawn(&home, "kill -SEGV $$").code, Some(128 + 11));
    let refused = home.run(&["spawn", "run", "--", "rm", "-rf", "/"]);
    assert_eq!(
        (refused.code, refused.err.contains("spawn.allow does not list it")),
        (Some(1), true),
        "{}",
        refused.told()
    );
    let json = home.run(&["spawn", "run", "--json", "--", "sh", "-c", "echo out; echo err >&2"]);
    assert_eq!(
        (json.code, json.json()["stdout"].as_str(), json.json()["stderr"].as_str()),
        (Some(0), Some("out\n"), Some("err\n"))
    );
}

#[test]
fn what_it_writes_arrives_byte_for_byte() {
    let home = home();
    let _gateway = home.gateway(&[]);
    let folder = home.path().join("bytes");
    let bytes: Vec<u8> = (0..1_500_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    std::fs::write(&folder, &bytes).unwrap();
    let output = home.command(&["spawn", "run", "--", "cat", folder.to_str().unwrap()]).output().unwrap();
    assert_eq!(
        (output.status.code(), output.stdout == bytes),
        (Some(0), true),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_program_is_left_alone_seen_again_and_ended() {
    let home = home();
    let _gateway = home.gateway(&[]);
    let detached = home.run(&["spawn", "run", "--detach", "--json", "--", "sh", "-c", "echo working; exec sleep 4000"]);
    let id = detached.json()["spawnId"].as_str().unwrap().to_owned();
    until("its output", || home.run(&["spawn", "output", &id[..8]]).out == "working\n");
    let list = home.run(&["spawn", "list", "--active"]);
    assert!(list.out.contains(&id[..8]) && list.out.contains("sh -c echo working; exec sleep 4000"), "{}", list.told());
    let killed = home.run(&["spawn", "kill", &id[..8]]);
    assert_eq!((killed.code, killed.out), (Some(0), format!("{id} killed (SIGTERM)\n")));
    assert_eq!(home.run(&["spawn", "list", "--active"]).out, "no program runs\n");
    assert_eq!(home.run(&["spawn", "kill", "ffffffff"]).code, Some(1));
}

#[test]
fn an_interrupt_is_passed_on_and_the_second_is_final() {
    let home = home();
    let _gateway = home.gateway(&[]);
    for (script, again) in [
        ("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done", false),
        ("trap '' TERM; echo ready; while :; do sleep 1; done", true),
    ] {
        let mut run = home.command(&["spawn", "run", "--", "sh", "-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(run.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        kill_process(Pid::from_child(&run), Signal::INT).unwrap();
        if again {
            std::thread::sleep(Duration::from_millis(100));
            kill_process(Pid::from_child(&run), Signal::INT).unwrap();
        }
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        assert_eq!((run.wait().unwrap().code(), rest.as_str()), (Some(130), if again { "" } else { "bye\n" }));
    }
}

/// Starts programs that fork, leave their group, and wipe their environment.
fn family(home: &Home, seconds: u32) {
    let script = format!(
        "sleep {seconds}1 & setsid sleep {seconds}2 & sh -c 'setsid sleep {seconds}3 &' ; env -i sleep {seconds}4 & echo up; exec sleep {seconds}5"
    );
    let detached = home.run(&["spawn", "run", "--detach", "--json", "--", "sh", "-c", &script]);
    assert_eq!(detached.code, Some(0), "{}", detached.told());
    until("the whole family", || running(&format!("sleep {seconds}")).len() == 5);
}

#[test]
fn no_program_outlives_a_gateway_that_is_killed() {
    let home = home();
    let mut gateway = home.gateway(&[]);
    family(&home, 500);
    let guard = guard_of(&gateway).expect("a guard");
    gateway.kill();
    until("everything is gone", || running("sleep 500").is_empty());
    until("and the guard with it", || running("openclaw-guard").iter().all(|(pid, _)| *pid != guard));
    let _gateway = home.gateway(&[]);
    let list = home.run(&["spawn", "list", "--json"]).json();
    assert_eq!(
        (list["spawns"][0]["status"].as_str(), &list["running"]),
        (Some("lost"), &serde_json::json!(0)),
        "{list}"
    );
}

#[test]
fn what_outlived_gateway_and_guard_is_ended_at_the_next_start() {
    let home = home();
    let mut gateway = home.gateway(&[]);
    family(&home, 600);
    let own = guard_of(&gateway).expect("a guard");
    kill_process(Pid::from_raw(own.try_into().unwrap()).unwrap(), Signal::KILL).unwrap();
    gateway.kill();
    std::thread::sleep(Duration::from_millis(200));
    assert!(running("sleep 600").len() >= 4, "nobody is there to end them");
    // Somebody else's, which looks alike.
    let mut other = std::process::Command::new("sleep").arg("6009").spawn().unwrap();
    let _gateway = home.gateway(&[]);
    assert_eq!(running("sleep 600"), [(other.id(), "sleep 6009 ".to_owned())]);
    other.kill().unwrap();
    other.wait().unwrap();
    let list = home.run(&["spawn", "list", "--json"]).json();
    assert_eq!(list["spawns"][0]["status"], "lost", "{list}");
    assert!(list["spawns"][0]["error"].as_str().unwrap().contains("5 of its processes"), "{list}");
}
