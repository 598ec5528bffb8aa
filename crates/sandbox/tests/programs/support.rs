use std::time::Duration;

use openclaw_core::{Ids, Tasks};
use openclaw_sandbox::{Collected, Host, Limits, Plan, Program, Request, Rules};

/// Rules that allow every folder.
pub(crate) fn rules() -> Rules {
    Rules { base: [("PATH", "/usr/bin:/bin")].into_iter().collect(), ..Rules::default() }
}

pub(crate) fn shell(script: &str) -> Plan {
    let args = vec!["-c".to_owned(), script.to_owned()];
    Plan::make(Request { command: "sh".to_owned(), args, ..Request::default() }, &rules()).unwrap()
}

pub(crate) fn host() -> (Host, Tasks) {
    let tasks = Tasks::new();
    (Host::new(tasks.clone(), None), tasks)
}

pub(crate) async fn start(host: &Host, plan: Plan, limits: Limits) -> Program {
    host.start(plan, Ids::system().uuid(), limits).await.unwrap()
}

/// Runs a script to its end.
pub(crate) async fn run(script: &str, limits: Limits) -> Collected {
    let (host, _tasks) = host();
    let program = start(&host, shell(script), limits).await;
    within(program.collect(1 << 20)).await
}

pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), work).await.expect("this ends within 30 s")
}

/// Takes the first line.
pub(crate) async fn line(program: &mut Program) -> String {
    let mut line = Vec::new();
    while !line.contains(&b'\n') {
        line.extend_from_slice(&within(program.output.recv()).await.expect("a line").bytes);
    }
    String::from_utf8(line).unwrap().lines().next().unwrap().to_owned()
}

/// Whether a process with this number is there and not merely waiting to be collected.
pub(crate) fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat[stat.rfind(')').unwrap()..].starts_with(") Z"))
}

/// Waits until the process is gone.
pub(crate) async fn gone(pid: &str) {
    within(async {
        while lives(pid) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}
