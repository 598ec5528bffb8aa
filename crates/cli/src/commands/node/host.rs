//! What this node does when the gateway asks: each command in a task of its own, so that one does not wait for another.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use openclaw_client::{Event, Supervised};
use openclaw_core::{Environment, Tasks};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::which::{BINS, which};

/// What this node can do.
pub(super) const COMMANDS: [&str; 1] = ["system.which"];
/// Commands at work.
const AT_WORK: usize = 64;

/// The node at work. Clones are the same.
#[derive(Clone)]
pub(super) struct NodeHost(Arc<Inner>);

struct Inner {
    environment: Environment,
    gateway: Supervised,
    tasks: Tasks,
    at_work: AtomicUsize,
}

/// `node.invoke.request`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    id: String,
    node_id: String,
    command: String,
    #[serde(default, rename = "paramsJSON")]
    params_json: Option<String>,
}

/// `node.invoke.result`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: String,
    node_id: String,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

/// Why nothing was done: a word and a text.
type Refused = (&'static str, String);

impl NodeHost {
    pub(super) fn new(environment: Environment, gateway: Supervised, tasks: Tasks) -> Self {
        Self(Arc::new(Inner { environment, gateway, tasks, at_work: AtomicUsize::new(0) }))
    }

    /// Takes an event of the gateway; what it has to do goes on by itself.
    pub(super) fn take(&self, event: &Event) {
        if event.name != "node.invoke.request" {
            return;
        }
        let Ok(asked) = event.read::<Asked>() else { return };
        let host = self.clone();
        self.0.tasks.spawn("node command", async move {
            let done = if host.0.at_work.fetch_add(1, Ordering::Relaxed) < AT_WORK {
                host.work(&asked).await
            } else {
                Err(("BUSY", format!("{AT_WORK} commands are at work here")))
            };
            host.0.at_work.fetch_sub(1, Ordering::Relaxed);
            let (ok, payload, error) = match done {
                Ok(payload) => (true, Some(payload), None),
                Err((code, message)) => (false, None, Some(json!({ "code": code, "message": message }))),
            };
            let told = Told { id: asked.id, node_id: asked.node_id, ok, payload, error };
            // A gateway that is gone has told its caller so already.
            let _ = host.0.gateway.request("node.invoke.result", told).await;
        });
    }

    async fn work(&self, asked: &Asked) -> Result<Value, Refused> {
        #[derive(Deserialize)]
        struct Bins {
            bins: Vec<String>,
        }
        if asked.command != "system.which" {
            return Err(("UNAVAILABLE", format!("this node does not offer {}", asked.command)));
        }
        let invalid = |what: String| ("INVALID_REQUEST", format!("system.which params: {what}"));
        let params = asked.params_json.as_deref().unwrap_or("{}");
        let Bins { bins } = serde_json::from_str(params).map_err(|error| invalid(error.to_string()))?;
        if bins.len() > BINS {
            return Err(invalid(format!("at most {BINS} bins can be looked for at once")));
        }
        let path = self.0.environment.get("PATH").map(str::to_owned);
        let found = tokio::task::spawn_blocking(move || which(&bins, path.as_deref())).await;
        let found = found.map_err(|error| ("UNAVAILABLE", error.to_string()))?;
        Ok(json!({ "bins": found }))
    }
}
