//! What was answered is there after a restart, under many writers at once.

use openclaw_testkit::gateway::{Setup, TestGateway};
use serde_json::{Value, json};

use crate::audit;

#[tokio::test]
async fn what_eight_writers_were_promised_is_there_after_a_restart() {
    let gateway = TestGateway::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let connection = gateway.connect().await;
        tasks.spawn(async move {
            for at in 0..20 {
                let key = format!("w{writer}-{at}");
                connection.request("sessions.patch", json!({ "key": key, "label": key })).await.unwrap();
                let line = json!({ "sessionKey": key, "message": "kept" });
                connection.request("chat.inject", line).await.unwrap();
                let turn = json!({ "sessionKey": key, "message": "hello", "idempotencyKey": format!("run-{key}") });
                connection.request("chat.send", turn).await.unwrap();
                let end: Value = connection.call("agent.wait", json!({ "runId": format!("run-{key}") })).await.unwrap();
                assert_eq!(end["status"], "ok", "{end}");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let gateway = gateway.restart(Setup::default()).await;
    let connection = gateway.connect().await;
    for writer in 0..8 {
        for at in 0..20 {
            let key = format!("w{writer}-{at}");
            let found: Value = connection.call("sessions.describe", json!({ "key": key })).await.unwrap();
            assert_eq!(
                (&found["session"]["label"], &found["session"]["messageCount"]),
                (&json!(key), &json!(3)),
                "{found}"
            );
        }
    }
    // Every change has its record, and the chain holds.
    let records = audit::records(&gateway).await;
    for (event, count) in [("session.patched", 160), ("chat.injected", 160), ("run.accepted", 160), ("run.final", 160)]
    {
        assert_eq!(records.iter().filter(|record| record.event.event == event).count(), count, "{event}");
    }
}
