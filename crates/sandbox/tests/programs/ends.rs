use std::time::Duration;

use openclaw_core::Ids;
use openclaw_sandbox::{Limits, Outcome, Plan, Request, StartError, StopReason};

use tokio::time::Instant;

use crate::support::{gone, host, line, lives, rules, run, shell, start, within};

#[tokio::test]
async fn a_program_runs_with_its_arguments_variables_and_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (host, _tasks) = host();
    let request = Request {
        command: "sh".to_owned(),
        args: [
            "-c",
            "printf '%s|' \"$0\" \"$@\" \"$AGENT_NAME\" \"$PWD\"; echo oops >&2; exit 7",
            "a b",
            "$(id)",
            "`id`; id\n",
        ]
        .map(str::to_owned)
        .to_vec(),
        env: [("AGENT_NAME".to_owned(), "agent1".to_owned())].into_iter().collect(),
        cwd: Some(folder.path().display().to_string()),
    };
    let program = start(&host, Plan::make(request, &rules()).unwrap(), Limits::default()).await;
    assert!(program.trace.pid > 1 && program.trace.started > 0);
    let done = within(program.collect(1000)).await;
    let real = folder.path().canonicalize().unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), format!("a b|$(id)|`id`; id\n|agent1|{}|", real.display()));
    assert_eq!(done.stderr, b"oops\n");
    let ended = done.ended.unwrap();
    assert_eq!((ended.outcome, ended.stopped, ended.left_behind), (Outcome::Exited(7), None, 0));
    assert_eq!(host.running(), 0);
}

#[tokio::test]
async fn it_inherits_no_secret_and_gains_no_rights() {
    let done = run("env; grep NoNewPrivs /proc/self/status; ulimit -c", Limits::default()).await;
    let text = String::from_utf8(done.stdout).unwrap();
    let names: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    assert!(
        names.iter().all(|name| ["PATH", "PWD", "_", "OLDPWD", "SHLVL", "OPENCLAW_SPAWN_ID"].contains(name)),
        "{text}"
    );
    assert!(text.contains("NoNewPrivs:\t1") && text.ends_with("\n0\n"), "{text}");
}

#[tokio::test]
async fn what_the_system_refuses_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    let (host, _tasks) = host();
    for (command, words) in [
        (write("garbage", b"\x7fELFnonsense"), "cannot be started"),
        (write("lost", b"#!/no/such/interpreter\n"), "first line"),
    ] {
        let plan = Plan::make(Request { command: command.clone(), ..Request::default() }, &rules()).unwrap();
        let error = host.start(plan, Ids::system().uuid(), Limits::default()).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(words) && text.contains(&command), "{text}");
    }
    assert_eq!(host.running(), 0);
}

#[tokio::test]
async fn asked_to_end_it_may_clean_up_and_the_signal_is_told() {
    let (host, _tasks) = host();
    let mut program = start(
        &host,
        shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"),
        Limits::default(),
    )
    .await;
    assert_eq!(line(&mut program).await, "ready");
    program.control.stop(StopReason::Asked);
    program.control.stop(StopReason::Time);
    let done = within(program.collect(1000)).await;
    assert_eq!(done.stdout, b"bye\n");
    assert_eq!(
        (done.ended.unwrap().outcome, done.ended.unwrap().stopped),
        (Outcome::Exited(3), Some(StopReason::Asked))
    );

    let mut program = start(&host, shell("echo ready; exec sleep 1000"), Limits::default()).await;
    line(&mut program).await;
    program.control.stop(StopReason::Asked);
    let ended = within(program.ended).await.unwrap();
    assert_eq!(ended.outcome, Outcome::Signalled(15));
}

#[tokio::test]
async fn who_ignores_the_request_is_ended_after_its_grace() {
    let (host, _tasks) = host();
    let limits = Limits { grace: Duration::from_millis(300), ..Limits::default() };
    let mut program =
        start(&host, shell("trap '' TERM INT HUP; echo ready; while :; do sleep 1000; done"), limits).await;
    line(&mut program).await;
    let asked = Instant::now();
    program.control.stop(StopReason::Asked);
    let ended = within(program.ended).await.unwrap();
    assert_eq!((ended.outcome, ended.stopped), (Outcome::Signalled(9), Some(StopReason::Asked)));
    assert!(asked.elapsed() >= Duration::from_millis(300), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_program_that_was_stopped_can_be_ended() {
    let (host, _tasks) = host();
    let mut program = start(&host, shell("echo ready; kill -STOP $$; sleep 1000"), Limits::default()).await;
    line(&mut program).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    program.control.stop(StopReason::Asked);
    assert_eq!(within(program.ended).await.unwrap().outcome, Outcome::Signalled(15));
}

#[tokio::test]
async fn children_grandchildren_and_those_who_left_the_group_go_with_it() {
    let (host, _tasks) = host();
    // One in the group, one in a session of its own, one whose parents are gone, one that wiped its environment in the group.
    let script = "sleep 1001 & a=$!; setsid sleep 1002 & sh -c 'setsid sh -c \"echo \\$\\$; exec sleep 1003\" &' ; env -i sleep 1004 & echo $a $!; sleep 1000";
    for natural in [false, true] {
        let script = if natural { script.replace("sleep 1000", "sleep 0.3") } else { script.to_owned() };
        let mut program = start(&host, shell(&script), Limits::default()).await;
        let mut text = String::new();
        while text.split_whitespace().count() < 3 {
            text += std::str::from_utf8(&within(program.output.recv()).await.unwrap().bytes).unwrap();
        }
        let pids: Vec<&str> = text.split_whitespace().collect();
        assert!(pids.iter().all(|pid| lives(pid)), "{text}");
        if !natural {
            program.control.stop(StopReason::Asked);
        }
        let ended = within(program.ended).await.unwrap();
        assert!(ended.left_behind >= 1, "{ended:?}");
        for pid in pids {
            gone(pid).await;
        }
    }
    let sleepers = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let line = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    let sleepers: Vec<String> = sleepers.filter(|line| line.starts_with("sleep 100")).collect();
    assert!(
        !sleepers
            .iter()
            .any(|line| ["sleep 1001 ", "sleep 1002 ", "sleep 1003 ", "sleep 1004 "].contains(&line.as_str())),
        "{sleepers:?}"
    );
}

#[tokio::test]
async fn a_grandchild_that_keeps_the_output_open_does_not_keep_the_program() {
    let begun = Instant::now();
    let done = run("sleep 1000 & exit 0", Limits::default()).await;
    assert_eq!(done.ended.unwrap().outcome, Outcome::Exited(0));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn when_the_gateway_stops_its_programs_end_and_none_is_started() {
    let (host, tasks) = host();
    let mut program = start(&host, shell("trap '' TERM; echo $$; while :; do sleep 1; done"), Limits::default()).await;
    let pid = line(&mut program).await;
    assert_eq!(within(tasks.shutdown(Duration::from_secs(10))).await, 0);
    assert_eq!(program.ended.await.unwrap().stopped, Some(StopReason::Shutdown));
    gone(&pid).await;
    let refused = host.start(shell("true"), Ids::system().uuid(), Limits::default()).await;
    assert!(matches!(refused, Err(StartError::Stopping)));
}
