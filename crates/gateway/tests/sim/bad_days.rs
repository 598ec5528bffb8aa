//! Days on which everything goes wrong that may: cut and slow networks, a clock that jumps, clients that come and go, devices
//! that are withdrawn while they speak. Whatever happens, [`crate::invariants`] hold.
//!
//! A day is made from its number, so one that fails can be lived through again:
//!
//! ```sh
//! OPENCLAW_SIM_SEED=17 cargo test -p openclaw-gateway --test sim bad_days
//! ```
//!
//! `OPENCLAW_SIM_DAYS` says how many are tried, from the number `OPENCLAW_SIM_FIRST` on. What is done when is the same each
//! time. The store's thread is real, and the network stands still until it has written what somebody waits for; but which of
//! two tasks that may both go on is first can differ, as it may in a process.

use std::{
    path::Path,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use openclaw_core::{Clock, Ids};
use openclaw_gateway::{Running, start_on};
use openclaw_testkit::gateway::{Setup, gateway_options};
use serde_json::json;

use crate::{
    PORT, Simulated,
    client::Client,
    history::What,
    link::{Day, Phase},
    spec::{CALM_MS, MENDED_MS, Spec, Weather},
};

/// How far the simulation goes at once. Messages take at least this long, and an idle step costs as much as a busy one.
const STEP: Duration = Duration::from_millis(50);
/// When a day must have come to its end.
const LAST_MS: u64 = CALM_MS + 60_000;
/// The gateway's clock when the day begins.
const MORNING_MS: i64 = 1_800_000_000_000;
/// Days of a push.
const DAYS: u64 = 20;
/// Entries that are shown of a day that failed.
const SHOWN: usize = 80;

/// Looks at whether the store has written.
const PATIENCE: usize = 500_000;

/// How a day went.
struct Lived {
    violations: Vec<String>,
    /// For people, when there are some.
    told: String,
    entries: usize,
    connections: usize,
    answers: usize,
    events: usize,
}

#[test]
fn whatever_happens_on_bad_days_nothing_is_lost_doubled_or_told_to_the_wrong() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let one = number("OPENCLAW_SIM_SEED");
    let first = one.or_else(|| number("OPENCLAW_SIM_FIRST")).unwrap_or(1);
    let days = if one.is_some() { 1 } else { number("OPENCLAW_SIM_DAYS").unwrap_or(DAYS) };
    let next = AtomicU64::new(first);
    let failed = Mutex::new(Vec::new());
    let sums = Mutex::new([0; 4]);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= first + days || !failed.lock().unwrap().is_empty() {
                        return;
                    }
                    let lived = live(&Spec::new(seed));
                    let counts = [lived.entries, lived.connections, lived.answers, lived.events];
                    sums.lock().unwrap().iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                    if !lived.violations.is_empty() {
                        failed.lock().unwrap().push(lived.told);
                    }
                }
            });
        }
    });
    let [entries, connections, answers, events] = *sums.lock().unwrap();
    #[expect(clippy::disallowed_macros, reason = "figures for whoever runs this with --nocapture")]
    {
        println!(
            "{days} days from {first} on: {entries} entries, {connections} connections, {answers} answers, {events} events"
        );
    }
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Lives through a day.
fn live(spec: &Spec) -> Lived {
    // Where nothing has to be synced a day takes seconds rather than minutes; what a disk does is tried elsewhere.
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.expect("a temporary folder");
    let now = Arc::new(AtomicI64::new(MORNING_MS));
    let shown = Arc::clone(&now);
    let clock = Clock::from_fn(move || shown.load(Relaxed));
    let seeds = (0..spec.clients.len()).map(|at| spec.seed.wrapping_mul(1_000).wrapping_add(at as u64));
    let seeds: Vec<u64> = seeds.collect();
    let devices = spec.clients.iter().zip(&seeds).map(|(client, seed)| Client::device_id(client, *seed)).collect();
    let day = Rc::new(Day::new(clock.clone(), devices));
    let mut sim = turmoil::Builder::new()
        .simulation_duration(Duration::from_millis(LAST_MS * 2))
        .tick_duration(STEP)
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(20))
        .tcp_capacity(64)
        .enable_tokio_io()
        .enable_random_order()
        .rng_seed(spec.seed)
        .build();
    let running = host(&mut sim, dir.path(), &clock, spec.seed);
    for (at, client) in spec.clients.iter().enumerate() {
        let client = Client::new(at, client.clone(), Rc::clone(&day), seeds[at]);
        sim.client(name(at), async move {
            client.live().await;
            Ok(())
        });
    }
    let mut weather = spec.weather.iter().copied().peekable();
    let mut jumped = 0;
    loop {
        let at_ms = u64::try_from(sim.elapsed().as_millis()).unwrap_or(u64::MAX);
        while let Some((_, weather)) = weather.next_if(|(when, _)| *when <= at_ms) {
            jumped += change(&sim, weather);
        }
        now.store(MORNING_MS + i64::try_from(at_ms).unwrap_or_default() + jumped, Relaxed);
        turn(&sim, &day, spec, at_ms);
        let over = match sim.step() {
            Ok(over) => over,
            Err(error) => {
                day.history.borrow_mut().fail(format!("the simulation fails: {error}"));
                break;
            }
        };
        // The time of the network stands still while something is written; a disk that is stuck is no matter of this test.
        for _ in 0..PATIENCE {
            if running.lock().unwrap().as_ref().is_none_or(|running| running.unwritten() == 0) {
                break;
            }
            std::thread::sleep(Duration::from_micros(20));
        }
        if at_ms > LAST_MS {
            day.history.borrow_mut().fail("the day has no end".to_owned());
        }
        if over || !day.history.borrow().violations().is_empty() {
            break;
        }
    }
    let mut history = day.history.borrow_mut();
    if history.violations().is_empty() {
        history.end();
    }
    let violations = history.violations().to_vec();
    let told = format!(
        "day {seed}: {violations}\n\n{spec}\nlast of all:\n{newest}\nto live through it again:\n  OPENCLAW_SIM_SEED={seed} cargo test -p \
         openclaw-gateway --test sim bad_days\n",
        seed = spec.seed,
        violations = violations.join("; "),
        newest = history.newest(SHOWN),
    );
    Lived {
        violations,
        told,
        entries: history.len(),
        connections: history.count(|what| matches!(what, What::Hello { .. })),
        answers: history.count(|what| matches!(what, What::Answer { .. })),
        events: history.count(|what| matches!(what, What::Event { .. })),
    }
}

fn name(client: usize) -> String {
    format!("client-{client}")
}

/// Starts the gateway; it is there when it serves.
fn host(sim: &mut turmoil::Sim<'_>, dir: &Path, clock: &Clock, seed: u64) -> Arc<Mutex<Option<Running>>> {
    let running = Arc::new(Mutex::new(None));
    let (told, dir, clock) = (Arc::clone(&running), dir.to_path_buf(), clock.clone());
    sim.host("gateway", move || {
        let (told, dir, clock) = (Arc::clone(&told), dir.clone(), clock.clone());
        async move {
            // The peers are not on its machine, so the secret must be enough for those without a key.
            let config = json!({ "gateway": { "auth": { "deviceAuth": { "requireSignature": false } } } });
            let mut options = gateway_options(&dir, &Setup { config, clock, ..Setup::default() });
            options.ids = Ids::seeded(seed);
            let listener = Simulated(turmoil::net::TcpListener::bind(("0.0.0.0", PORT)).await?);
            let address = std::net::SocketAddr::from(([127, 0, 0, 1], PORT));
            let started = start_on(options, vec![(address, listener)]).await?;
            *told.lock().unwrap() = Some(started);
            std::future::pending::<()>().await;
            Ok(())
        }
    });
    running
}

/// Changes the weather; by how much the clock jumps.
fn change(sim: &turmoil::Sim<'_>, weather: Weather) -> i64 {
    match weather {
        Weather::Partition(client) => sim.partition(name(client), "gateway"),
        Weather::Deaf { client, from_client: true } => sim.partition_oneway(name(client), "gateway"),
        Weather::Deaf { client, .. } => sim.partition_oneway("gateway", name(client)),
        Weather::Mend(client) => sim.repair(name(client), "gateway"),
        Weather::Hold(client) => sim.hold(name(client), "gateway"),
        Weather::Release(client) => sim.release(name(client), "gateway"),
        Weather::Latency { client, most_ms } => {
            sim.set_link_max_message_latency(name(client), "gateway", Duration::from_millis(most_ms));
        }
        Weather::Clock { by_ms } => return by_ms,
    }
    0
}

/// Goes over to the next phase of the day when it is time for it.
fn turn(sim: &turmoil::Sim<'_>, day: &Day, spec: &Spec, at_ms: u64) {
    let clients = spec.clients.len();
    match day.phase.get() {
        Phase::Storm if at_ms >= MENDED_MS => {
            for client in 0..clients {
                sim.release(name(client), "gateway");
                sim.set_link_max_message_latency(name(client), "gateway", Duration::from_millis(20));
            }
            day.phase.set(Phase::Mended);
            day.note(at_ms, usize::MAX, 0, What::Mended { clients });
        }
        Phase::Mended if at_ms >= CALM_MS => {
            day.phase.set(Phase::Calm);
            day.note(at_ms, usize::MAX, 0, What::Calm);
        }
        _ => {}
    }
}
