//! Kills the real program under load, again and again: nothing that was answered is lost.
//!
//! `OPENCLAW_CRASH_ROUNDS` says how often; 5 unless told otherwise. Run with `--nocapture` for the figures.

#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]
#![expect(
    clippy::disallowed_methods,
    reason = "a real process is started in real time, as often as the environment says"
)]
#![expect(clippy::disallowed_macros, reason = "the figures are for whoever runs it")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use openclaw_client::{ClientInfo, Connection, Credentials, Deadline, Handles, Options, RequestError, connect};
use openclaw_core::{Clock, Ids, Secret, cron::OccurrenceState, record::RunState};
use openclaw_protocol::{RunId, SessionKey};
use openclaw_store::{Reader, Settings, StateDir, Store, cron::OccurrenceQuery};
use serde_json::{Value, json};
use uuid::Uuid;

const TOKEN: &str = "crash-test-token-0123456789abcdef";
const WRITERS: usize = 8;
/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_answered_is_lost_by_kills() {
    let rounds = std::env::var("OPENCLAW_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let home = Home::new();
    let mut promised: Vec<Promised> = (0..WRITERS).map(Promised::of).collect();
    let (mut starts, mut interrupted) = (Vec::new(), 0);
    for round in 0..rounds {
        let (mut gateway, took) = home.start();
        starts.push(took);
        let admin = connect(&home.options()).await.expect("the gateway serves");
        for writer in &promised {
            interrupted += writer.is_served(&admin).await;
        }
        let mut tasks = tokio::task::JoinSet::new();
        for writer in promised.drain(..) {
            let connection = connect(&home.options()).await.expect("the gateway serves");
            tasks.spawn(writer.write(connection, round));
        }
        let random = u64::from_le_bytes(Ids::system().bytes());
        tokio::time::sleep(Duration::from_millis(30 + random % 400)).await;
        gateway.kill().unwrap();
        gateway.wait().unwrap();
        while let Some(writer) = tasks.join_next().await {
            promised.push(writer.unwrap());
        }
        home.holds(&promised).await;
    }
    let (mut gateway, took) = home.start();
    starts.push(took);
    let admin = connect(&home.options()).await.unwrap();
    for writer in &promised {
        interrupted += writer.is_served(&admin).await;
    }
    gateway.kill().unwrap();
    gateway.wait().unwrap();
    starts.sort();
    let answered: u64 = promised.iter().map(|writer| writer.answered).sum();
    println!(
        "{rounds} kills, {answered} answered changes kept, {interrupted} runs seen interrupted; start after a kill: median {:?}, worst {:?}",
        starts[starts.len() / 2],
        starts.last().unwrap(),
    );
    assert!(answered > 0);
}

/// A change of the configuration that was answered is there after a kill, whole, and so is its entry in the history.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_configuration_is_torn_and_no_change_of_it_lost_by_kills() {
    let rounds = std::env::var("OPENCLAW_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let home = Home::new();
    let interval = |config: &Value| config["config"]["gateway"]["tickIntervalMs"].as_u64().unwrap_or_default();
    let (mut answered, mut next) = (0, 1_000);
    for _ in 0..rounds {
        let (mut gateway, _) = home.start();
        let admin = connect(&home.options()).await.expect("the gateway serves");
        let config: Value = admin.call("config.get", json!({})).await.unwrap();
        let found = interval(&config);
        // What was answered last, or what was on its way when the gateway was killed.
        assert!(found == answered || found == next - 1, "{found} instead of {answered} or {}", next - 1);
        assert_eq!((&config["valid"], &config["appliedConfigHash"]), (&json!(true), &config["hash"]), "{config}");
        let history: Value = admin.call("config.history", json!({ "limit": 1 })).await.unwrap();
        assert_eq!(history["entries"][0]["hash"], config["hash"], "{history}");
        answered = found;
        let wait = Duration::from_millis(20 + u64::from_le_bytes(Ids::system().bytes()) % 200);
        let writing = async {
            loop {
                let value = next;
                next += 1;
                let params = json!({ "path": "gateway.tickIntervalMs", "value": value });
                let Ok(made) = admin.call::<Value>("config.set", params).await else { break };
                assert_eq!(interval(&made), value, "{made}");
                answered = value;
            }
        };
        let killing = async {
            tokio::time::sleep(wait).await;
            gateway.kill().unwrap();
            gateway.wait().unwrap();
        };
        tokio::join!(writing, killing);
        let left: Vec<_> = fs::read_dir(home.state()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        println!("killed after {wait:?}: {answered} answered; {left:?}");
    }
    assert!(answered > 0, "no change was answered in {rounds} rounds");
}

/// What was asked waits on after a kill, and what was decided stays decided.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_were_asked_and_what_they_decided_is_there_after_kills() {
    let rounds = std::env::var("OPENCLAW_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let home = Home::new();
    let mut decided: BTreeMap<String, &str> = BTreeMap::new();
    let (mut asked, mut next): (Vec<String>, u64) = (Vec::new(), 0);
    for _ in 0..rounds {
        let (mut gateway, _) = home.start();
        let mut options = home.options();
        options.caps = vec!["approvals".to_owned()];
        let (asker, people) = (connect(&options).await.unwrap(), connect(&options).await.unwrap());
        for (id, decision) in &decided {
            let known: Value = people.call("approval.get", json!({ "id": id })).await.unwrap();
            assert_eq!(known["approval"]["decision"], json!(decision), "{known}");
        }
        // What was asked before the kill can still be answered, unless its answer came through without being told.
        let open: Vec<String> = asked.drain(..).filter(|id| !decided.contains_key(id)).collect();
        for id in open {
            let known: Value = people.call("approval.get", json!({ "id": id })).await.unwrap();
            if known["approval"]["status"] == "pending" {
                people.request("exec.approval.resolve", json!({ "id": id, "decision": "deny" })).await.unwrap();
                decided.insert(id, "deny");
            }
        }
        let wait = Duration::from_millis(20 + u64::from_le_bytes(Ids::system().bytes()) % 200);
        let working = async {
            loop {
                next += 1;
                let id = format!("a{next}");
                let ask = json!({ "id": id, "command": "ls", "twoPhase": true });
                let (told, accepted) = tokio::sync::oneshot::channel();
                let waiting = asker.request_with("exec.approval.request", ask, Deadline::Never, |_| {
                    let _ = told.send(());
                });
                let answering = async {
                    if accepted.await.is_err() {
                        return Ok(());
                    }
                    asked.push(id.clone());
                    let decision = ["allow-once", "deny"][usize::try_from(next % 2).unwrap()];
                    people.request("exec.approval.resolve", json!({ "id": id, "decision": decision })).await?;
                    decided.insert(id.clone(), decision);
                    Ok::<(), RequestError>(())
                };
                if let (Err(_), _) | (_, Err(_)) = tokio::join!(waiting, answering) {
                    return;
                }
            }
        };
        let killing = async {
            tokio::time::sleep(wait).await;
            gateway.kill().unwrap();
            gateway.wait().unwrap();
        };
        tokio::join!(working, killing);
    }
    println!("{rounds} kills, {} decisions kept", decided.len());
    assert!(!decided.is_empty());
}

/// Jobs of every second that tell something, each in a session of its own: with those that ask, 1,000 times in 20 rounds.
const TELLING: usize = 20;
/// Jobs of every second that ask an agent.
const ASKING: usize = 2;

/// Jobs of every second over kills: each time of each job ran once, or a row says that and why it did not. A round takes at
/// most five seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_time_of_a_job_runs_twice_or_is_forgotten_by_kills() {
    let asked: Option<usize> = std::env::var("OPENCLAW_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok());
    // A session keeps a hundred events, and every one of them is counted here.
    let rounds = asked.unwrap_or(5).min(30);
    let home = Home::new();
    let every = json!({ "kind": "every", "everyMs": 1000 });
    let tells = |at: usize| {
        json!({
            "name": format!("tells {at}"), "schedule": every, "sessionTarget": "main", "sessionKey": told(at).as_str(),
            "wakeMode": "next-heartbeat", "payload": { "kind": "systemEvent", "text": "tick" },
        })
    };
    let asks = json!({
        "name": "asks", "schedule": every, "sessionTarget": "isolated", "payload": { "kind": "agentTurn", "message": "tick" },
    });
    let mut jobs: Vec<(Uuid, i64)> = Vec::new();
    for round in 0..rounds {
        let (mut gateway, _) = home.start();
        if round == 0 {
            let admin = connect(&home.options()).await.expect("the gateway serves");
            for job in (0..TELLING).map(tells).chain((0..ASKING).map(|_| asks.clone())) {
                let job: Value = admin.call("cron.add", job).await.unwrap();
                jobs.push((job["id"].as_str().unwrap().parse().unwrap(), job["createdAtMs"].as_i64().unwrap()));
            }
        }
        let random = u64::from_le_bytes(Ids::system().bytes());
        tokio::time::sleep(Duration::from_millis(1500 + random % 1500)).await;
        gateway.kill().unwrap();
        gateway.wait().unwrap();
        // Some times pass without a gateway.
        tokio::time::sleep(Duration::from_millis(1000 + random % 1000)).await;
    }
    // Once more, so that what was claimed last comes to its end.
    let (mut gateway, _) = home.start();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    gateway.kill().unwrap();
    gateway.wait().unwrap();

    let copy = tempfile::tempdir().unwrap();
    copy_database(&home.state(), copy.path());
    let claim = StateDir::claim(copy.path()).unwrap();
    let store = Store::open(&claim, Clock::system(), Settings::default()).unwrap().store;
    let mut decided = 0;
    for (at, (job_id, made)) in jobs.into_iter().enumerate() {
        let query =
            OccurrenceQuery { job_id: Some(job_id), limit: 1000, ascending: true, ..OccurrenceQuery::default() };
        let (ended, open) = store
            .read(move |reader| Ok((reader.cron_occurrences(&query)?.rows, reader.cron_open_of(job_id)?)))
            .await
            .unwrap();
        let mut times: Vec<i64> = open.iter().map(|occurrence| occurrence.scheduled).collect();
        let (mut ran, mut missed, mut interrupted) = (0, 0, 0);
        for occurrence in &ended {
            match occurrence.passed {
                Some(passed) => {
                    missed += passed.count;
                    times.extend((0..i64::try_from(passed.count).unwrap()).map(|step| passed.first + step * 1000));
                }
                None => {
                    times.push(occurrence.scheduled);
                    ran += 1;
                    interrupted += usize::from(occurrence.state == OccurrenceState::Interrupted);
                    let run_id = RunId::new(occurrence.run_id.clone()).unwrap();
                    let run = store.read(move |reader| reader.get_run(&run_id)).await.unwrap();
                    let ends = match occurrence.state {
                        OccurrenceState::Ok => RunState::Final,
                        _ => RunState::Interrupted,
                    };
                    assert_eq!(run.map(|run| run.state), (at >= TELLING).then_some(ends), "{occurrence:?}");
                }
            }
        }
        times.sort_unstable();
        let expected: Vec<i64> = (1..=i64::try_from(times.len()).unwrap()).map(|step| made + step * 1000).collect();
        assert_eq!(times, expected, "every time once");
        decided += times.len();
        if at < TELLING {
            let key = told(at);
            let events = store.read(move |reader| reader.system_events(&key)).await.unwrap();
            assert_eq!(events.len(), ran, "what was told was told once");
        }
        println!("{rounds} kills, job {at}: {ran} ran ({interrupted} interrupted), {missed} recorded as not run");
        assert!(ran > 0);
    }
    println!("{rounds} kills: {decided} times decided about");
    // A round lasts two and a half seconds at least.
    assert!(decided >= rounds * 50, "{decided} times in {rounds} rounds");
    store.close().await.unwrap();
}

/// Where a job tells something.
fn told(at: usize) -> SessionKey {
    SessionKey::new(format!("agent:main:told-{at}")).unwrap()
}

/// What one writer was promised.
struct Promised {
    name: usize,
    answered: u64,
    next: u64,
    /// Labels that were set: session, number.
    labels: BTreeMap<String, u64>,
    created: Vec<String>,
    /// Messages put into the writer's one session: answered and tried.
    injected: (u64, u64),
    /// Runs that were accepted, and whether their end was told.
    runs: BTreeMap<String, bool>,
    last_run: Option<String>,
}

impl Promised {
    fn of(name: usize) -> Self {
        Self {
            name,
            answered: 0,
            next: 0,
            labels: BTreeMap::new(),
            created: Vec::new(),
            injected: (0, 0),
            runs: BTreeMap::new(),
            last_run: None,
        }
    }

    fn key(&self, what: &str) -> String {
        format!("agent:main:w{}-{what}", self.name)
    }

    /// Writes until the gateway is gone.
    async fn write(mut self, connection: Connection, round: u64) -> Self {
        while self.one(&connection, round).await.is_ok() {
            self.answered += 1;
        }
        self
    }

    async fn one(&mut self, connection: &Connection, round: u64) -> Result<(), RequestError> {
        self.next += 1;
        let n = self.next;
        match n % 4 {
            0 => {
                let key = self.key(&format!("patched{}", n % 5));
                let label = format!("{key} {n}");
                connection.request("sessions.patch", json!({ "key": key, "label": label })).await?;
                self.labels.insert(key, n);
            }
            1 => {
                let key = self.key(&format!("created{n}"));
                connection.request("sessions.create", json!({ "key": key })).await?;
                self.created.push(key);
            }
            2 => {
                self.injected.1 += 1;
                let key = self.key("injected");
                connection.request("chat.inject", json!({ "sessionKey": key, "message": "kept" })).await?;
                self.injected.0 += 1;
            }
            _ => {
                let (key, run) = (self.key(&format!("chat{round}")), format!("w{}-{n}", self.name));
                let ask = json!({ "sessionKey": key, "message": "hello", "idempotencyKey": run });
                connection.request("chat.send", ask).await?;
                self.runs.insert(run.clone(), false);
                self.last_run = Some(run.clone());
                if n % 8 == 3 {
                    let end: Value = connection.call("agent.wait", json!({ "runId": run })).await?;
                    assert_eq!(end["status"], "ok", "{end}");
                    self.runs.insert(run, true);
                }
            }
        }
        Ok(())
    }

    /// The gateway itself knows how the last run ended, and does not run it again. Counts it when it was cut.
    async fn is_served(&self, admin: &Connection) -> u64 {
        let Some(run) = &self.last_run else { return 0 };
        let end: Value = admin.call("agent.wait", json!({ "runId": run, "timeoutMs": 0 })).await.unwrap();
        assert_ne!(end["status"], "timeout", "{end}");
        let cut = end["stopReason"] == "interrupted";
        assert!(cut || end["status"] == "ok", "{end}");
        u64::from(cut)
    }
}

struct Home {
    folder: tempfile::TempDir,
    port: u16,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Free a moment ago, and seldom taken since.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let state = folder.path().join(".openclaw");
        fs::DirBuilder::new().mode(0o700).create(&state).unwrap();
        let config = json!({
            "gateway": { "port": port, "auth": { "mode": "token", "token": TOKEN } }, "metrics": { "enabled": false },
        });
        fs::write(state.join("openclaw.json"), config.to_string()).unwrap();
        fs::set_permissions(state.join("openclaw.json"), fs::Permissions::from_mode(0o600)).unwrap();
        Self { folder, port }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join(".openclaw")
    }

    fn start(&self) -> (Killed, Duration) {
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_openclaw"))
            .args(["gateway", "run"])
            .env_clear()
            .env("HOME", self.folder.path())
            .env("OLLAMA_HOST", "127.0.0.1:1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = lines.by_ref().map_while(Result::ok).any(|line| line.contains("Gateway is listening"));
        let took = began.elapsed();
        assert!(listening, "the gateway does not start again");
        assert!(took < PATIENCE, "starting took {took:?}");
        // A full pipe would hold the gateway up.
        std::thread::spawn(move || lines.for_each(drop));
        (Killed(child), took)
    }

    fn options(&self) -> Options {
        let url = format!("ws://127.0.0.1:{}", self.port).parse().unwrap();
        let mut options = Options::new(url, ClientInfo::new("cli", "cli"), Handles::system());
        options.credentials = Credentials { token: Some(Secret::new(TOKEN)), ..Credentials::default() };
        options.scopes = vec!["operator.admin".to_owned()];
        options
    }

    /// Opens a copy of what the killed gateway left behind and compares it with what was promised.
    async fn holds(&self, promised: &[Promised]) {
        let copy = tempfile::tempdir().unwrap();
        copy_database(&self.state(), copy.path());
        let claim = StateDir::claim(copy.path()).unwrap();
        let store = Store::open(&claim, Clock::system(), Settings::default()).unwrap().store;
        let session = |key: String| SessionKey::new(key).unwrap();
        for writer in promised {
            let labels = writer.labels.clone();
            let created = writer.created.clone();
            let runs = writer.runs.clone();
            let (answered, tried) = writer.injected;
            let injected = session(writer.key("injected"));
            let read = store.read(move |reader| {
                for (key, least) in labels {
                    let label = reader.get_session(&session(key.clone()))?.and_then(|found| found.label);
                    let number = label.as_deref().and_then(|label| label.rsplit(' ').next()?.parse::<u64>().ok());
                    assert!(number >= Some(least), "{key}: {label:?} instead of {least}");
                }
                for key in created {
                    assert!(reader.get_session(&session(key.clone()))?.is_some(), "{key} is gone");
                }
                let count = reader.get_session(&injected)?.map_or(0, |found| found.message_count);
                assert!((answered..=tried).contains(&count), "{count} messages, {answered} answered of {tried}");
                for (run, told) in runs {
                    let found = reader.get_run(&RunId::new(run.clone()).unwrap())?;
                    let state = found.unwrap_or_else(|| panic!("{run} is gone")).state;
                    assert!(state == RunState::Final || (state == RunState::Interrupted && !told), "{run}: {state:?}");
                }
                Ok(())
            });
            read.await.unwrap();
        }
        let chain = store.read(Reader::verify_chain).await.unwrap();
        assert!(chain.is_ok(), "the audit chain is broken: {chain:?}");
        store.close().await.unwrap();
    }
}

fn copy_database(from: &Path, to: &Path) {
    for name in ["gateway.sqlite", "gateway.sqlite-wal", "audit.key"] {
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

/// A gateway that does not outlive the test.
struct Killed(Child);

impl Killed {
    fn kill(&mut self) -> std::io::Result<()> {
        self.0.kill()
    }

    fn wait(&mut self) -> std::io::Result<std::process::ExitStatus> {
        self.0.wait()
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = self.wait();
    }
}
