//! Durable transactions per second: half make a session of about 300 bytes, half append a message of 500 bytes to one of 1,000
//! sessions, every one with its audit record. `cargo run --release -p openclaw-store --example bench [folder] [seconds]`.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a measuring tool reads the clock, spawns and prints"
)]

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use openclaw_core::{
    Clock, Ids,
    record::{AuditEvent, Session, SessionSettings, Totals},
};
use openclaw_protocol::{AgentId, SessionKey};
use openclaw_store::{Change, Error, NewMessage, Opened, SessionQuery, Settings, StateDir, Store, Transaction};
use serde_json::json;

const HOT: usize = 1_000;

fn key(name: &str) -> SessionKey {
    SessionKey::new(format!("agent:main:{name}")).expect("the name is short")
}

fn transaction(change: Change) -> Transaction {
    let audit = AuditEvent {
        event: "session.changed".to_owned(),
        severity: "info".to_owned(),
        actor: "device:0123456789abcdef".to_owned(),
        ip: Some("127.0.0.1".to_owned()),
        method: Some("chat.send".to_owned()),
        target: Some("agent:main:main".to_owned()),
        outcome: "ok".to_owned(),
        reason: None,
        detail: json!({ "bytes": 500 }),
    };
    Transaction { changes: vec![change], audit, idempotency: None }
}

fn create(ids: &Ids, name: &str) -> Change {
    let session = Session {
        key: key(name),
        session_id: ids.uuid(),
        agent_id: AgentId::new("main").expect("the name is short"),
        label: None,
        created_at: 0,
        updated_at: 0,
        revision: 0,
        message_count: 0,
        settings: SessionSettings::default(),
        totals: Totals::default(),
        aborted_last_run: false,
    };
    Change::CreateSession { session }
}

fn append(ids: &Ids, name: &str) -> Change {
    let message =
        NewMessage { id: ids.uuid(), run_id: None, body: json!({ "role": "user", "content": "x".repeat(470) }) };
    let totals_add = Totals { input: 1, total_tokens: 1, ..Totals::default() };
    Change::AppendMessages { key: key(name), messages: vec![message], totals_add, aborted_last_run: None }
}

async fn measure(store: &Store, callers: usize, time: Duration) -> Result<(), Error> {
    let before = store.stats();
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for caller in 0..callers {
        let store = store.clone();
        tasks.spawn(async move {
            let ids = Ids::seeded((callers * 1_000 + caller) as u64);
            let mut times = Vec::new();
            for n in 0.. {
                if began.elapsed() >= time {
                    break;
                }
                let change = if n % 2 == 0 {
                    create(&ids, &format!("{callers}-{caller}-{n}"))
                } else {
                    append(&ids, &format!("hot{}", (caller * 7_919 + n) % HOT))
                };
                let start = Instant::now();
                store.write(transaction(change)).await?;
                times.push(start.elapsed());
            }
            Ok::<_, Error>(times)
        });
    }
    let mut times = Vec::new();
    for done in tasks.join_all().await {
        times.extend(done?);
    }
    let seconds = began.elapsed().as_secs_f64();
    times.sort();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
    let after = store.stats();
    println!(
        "{callers:>4} callers: {:>6.0} /s, p50 {:.2} ms, p99 {:.2} ms, mean batch {:.1}",
        times.len() as f64 / seconds,
        at(50),
        at(99),
        (after.transactions - before.transactions) as f64 / (after.commits - before.commits) as f64,
    );
    Ok(())
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("VmRSS: unknown").to_owned()
}

/// What the disk alone takes, to compare machines and moments.
fn sync_time(folder: &std::path::Path) -> Result<f64, Error> {
    let path = folder.join("gateway.bench");
    let measure = || -> std::io::Result<f64> {
        let mut file = std::fs::File::create(&path)?;
        let mut times = Vec::new();
        for _ in 0..200 {
            let start = Instant::now();
            std::io::Write::write_all(&mut file, &[0; 4_096])?;
            file.sync_all()?;
            times.push(start.elapsed());
        }
        times.sort();
        Ok(times[100].as_secs_f64() * 1e3)
    };
    let result = measure().map_err(|source| Error::Io { doing: "measure", path: path.clone(), source });
    let _ = std::fs::remove_file(&path);
    result
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join(format!("openclaw-bench-{}", std::process::id())), PathBuf::from);
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(3);
    let dir = StateDir::claim(&folder)?;
    let began = Instant::now();
    let Opened { store, .. } = Store::open(&dir, Clock::system(), Settings::default())?;
    println!("opened in {:.1} ms, {}", began.elapsed().as_secs_f64() * 1e3, memory());
    println!("4 KiB append and fsync: p50 {:.2} ms", sync_time(&folder)?);
    let ids = Ids::seeded(1);
    for n in 0..HOT {
        match store.write(transaction(create(&ids, &format!("hot{n}")))).await {
            Ok(_) | Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    for callers in [1, 8, 64, 256] {
        measure(&store, callers, Duration::from_secs(seconds)).await?;
    }
    let mut reads = Vec::new();
    for _ in 0..2_000 {
        let start = Instant::now();
        store.read(|reader| reader.list_sessions(&SessionQuery { limit: 20, ..SessionQuery::default() })).await?;
        reads.push(start.elapsed());
    }
    reads.sort();
    println!(
        "newest 20: p50 {:.3} ms, p99 {:.3} ms",
        reads[1_000].as_secs_f64() * 1e3,
        reads[1_980].as_secs_f64() * 1e3
    );
    let began = Instant::now();
    let records = store
        .read(openclaw_store::Reader::verify_chain)
        .await?
        .map_err(|bad| Error::Invalid { what: bad.to_string() })?;
    println!("verified {records} audit records in {:.0} ms", began.elapsed().as_secs_f64() * 1e3);
    println!("{}", memory());
    store.close().await
}
