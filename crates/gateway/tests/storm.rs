//! A storm of connections that misbehave, and what those who behave notice of it: nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use openclaw_core::{Secret, Tasks};
use openclaw_testkit::{
    gateway::{TOKEN, TestGateway},
    hostile::{Against, End, KINDS, Stage, storm},
};
use serde_json::json;

const HONEST: usize = 50;
const HOSTILE: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_hostile_connections_cost_no_honest_client_its_own() {
    let gateway = TestGateway::start().await;
    let (tasks, over, calls) = (Tasks::new(), Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (lost, gone) = (Arc::new(AtomicUsize::new(0)), Arc::new(tokio::sync::Semaphore::new(0)));
    for _ in 0..HONEST {
        let connection = gateway.connect().await;
        let (over, calls, lost, gone) = (Arc::clone(&over), Arc::clone(&calls), Arc::clone(&lost), Arc::clone(&gone));
        tasks.spawn("honest", async move {
            while !over.load(Ordering::Relaxed) {
                if connection.request("health", json!({})).await.is_err() {
                    lost.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                calls.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            gone.add_permits(1);
        });
    }
    let against = Against {
        address: gateway.authority().parse().unwrap(),
        token: Secret::new(TOKEN.to_owned()),
        patience: Duration::from_millis(500),
    };
    let told = storm(&against, HOSTILE, 300).await;
    over.store(true, Ordering::Relaxed);
    let _ = gone.acquire_many(u32::try_from(HONEST).unwrap()).await.unwrap();
    assert_eq!(lost.load(Ordering::Relaxed), 0, "{told:?}");
    assert!(calls.load(Ordering::Relaxed) >= HONEST, "they were served meanwhile");

    // It was one: each kind had its turn, and those that were to get in first did.
    assert_eq!(told.values().flat_map(|ends| ends.values()).sum::<usize>(), HOSTILE);
    for kind in KINDS.iter().filter(|kind| kind.stage == Stage::Admitted) {
        let ends = &told[kind.name];
        assert!(ends.iter().any(|(end, _)| *end != End::TurnedAway), "{}: {ends:?}", kind.name);
    }
    // And whoever comes afterwards is served like before.
    gateway.connect().await.request("health", json!({})).await.unwrap();
    gateway.stop().await;
}
