//! What the gateway remembers at the end of a day, by its own word.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{client::key, history::Found, link::Link, spec::SESSIONS};

/// How long an answer may take in good weather.
const PATIENCE: Duration = Duration::from_secs(15);
/// Pages of the audit trail, and looks at what waits.
const ROUNDS: usize = 60;

/// Ends what still waits for people, and looks at everything that was changed.
pub(crate) async fn all(link: &mut Link<'_>, devices: impl Iterator<Item = &String>) -> Result<Found, String> {
    let mut found = Found::default();
    for _ in 0..ROUNDS {
        let waiting = call(link, "exec.approval.list", json!({})).await?;
        let waiting: Vec<String> = waiting.as_array().into_iter().flatten().filter_map(|one| text(one, "id")).collect();
        if waiting.is_empty() {
            break;
        }
        for id in waiting {
            let params = json!({ "id": id, "kind": "exec", "decision": "deny" });
            // It may be over meanwhile.
            let _ = exchange(link, "approval.resolve", &params, &id, "deny").await?;
        }
    }
    for session in 0..SESSIONS {
        let row = call(link, "sessions.describe", json!({ "key": key(session) })).await?;
        found.labels.extend(text(&row["session"], "label").map(|label| (key(session), label)));
        let history = call(link, "chat.history", json!({ "sessionKey": key(session), "limit": 1000 })).await?;
        let lines = history["messages"].as_array().into_iter().flatten();
        found.texts.extend(lines.map(|line| (key(session), said(line))));
    }
    let list = call(link, "device.pair.list", json!({})).await?;
    found.devices.extend(devices.filter(|device| may_come_in(&list, device)).cloned());
    let mut cursor = Value::Null;
    for _ in 0..ROUNDS {
        let page = call(link, "approval.history", with(json!({ "limit": 100 }), &cursor)).await?;
        for one in page["items"].as_array().into_iter().flatten() {
            let how = ending(one);
            found.approvals.push((text(one, "id").unwrap_or_default(), how));
        }
        cursor = page["nextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    let events = json!(["device.*", "approval.*", "chat.injected", "session.patched", "auth.token.rotated"]);
    for _ in 0..ROUNDS {
        let page = call(link, "audit.records.list", with(json!({ "limit": 500, "events": events }), &cursor)).await?;
        for one in page["records"].as_array().into_iter().flatten() {
            found.records.push((text(one, "event").unwrap_or_default(), text(one, "target").unwrap_or_default()));
        }
        found.trail = text(&page["chain"], "state").unwrap_or_default();
        cursor = page["nextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    Ok(found)
}

fn with(mut params: Value, cursor: &Value) -> Value {
    if !cursor.is_null() {
        params["cursor"] = cursor.clone();
    }
    params
}

fn text(of: &Value, name: &str) -> Option<String> {
    of[name].as_str().map(str::to_owned)
}

/// How an approval ended: a decision of people, or why there is none. What nobody could answer is shown as refused, too.
pub(crate) fn ending(shown: &Value) -> String {
    let reason = text(shown, "reason").filter(|reason| reason != "user");
    reason.or_else(|| text(shown, "decision")).unwrap_or_default()
}

/// The text of a line.
fn said(line: &Value) -> String {
    match &line["content"] {
        Value::String(text) => text.clone(),
        parts => parts.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str()).collect(),
    }
}

fn may_come_in(list: &Value, device: &str) -> bool {
    let paired = list["paired"].as_array().into_iter().flatten().find(|one| one["deviceId"] == device);
    paired.is_some_and(|one| {
        one["tokens"].as_array().is_some_and(|tokens| tokens.iter().all(|token| token["revokedAtMs"].is_null()))
    })
}

async fn call(link: &mut Link<'_>, method: &str, params: Value) -> Result<Value, String> {
    let mut answer = exchange(link, method, &params, "", "").await?;
    if answer["ok"] != true {
        return Err(format!("{method} is refused in good weather: {answer}"));
    }
    Ok(answer["payload"].take())
}

async fn exchange(
    link: &mut Link<'_>,
    method: &str,
    params: &Value,
    about: &str,
    value: &str,
) -> Result<Value, String> {
    let id = link.send(method, params, about, value).await?;
    loop {
        let frame = timeout(PATIENCE, link.frame()).await.map_err(|_| format!("{method} is not answered"))??;
        if frame["id"] == id {
            return Ok(frame);
        }
    }
}
