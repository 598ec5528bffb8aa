//! `gateways.call`: calls a method of another gateway, with the caller's own rights.

use std::time::Duration;

use openclaw_core::record::AuditEvent;
use openclaw_store::Transaction;
use serde_json::value::RawValue;

use crate::{access::Changes, fleet::workspace_under, methods::prelude::*, rpc};

/// Longest time that an answer is waited for, milliseconds.
const LONGEST_MS: u64 = 600_000;
const USUAL_MS: u64 = 60_000;

params! {
    /// What to call where.
    {
        /// The gateway, as `gateways.list` says.
        id: String,
        /// The method.
        method: String,
        /// Its parameters.
        #[serde(default)]
        params: serde_json::Map<String, Value>,
        /// How long its answer is waited for; 60 s unless said, 10 min at most.
        #[serde(default)]
        #[schemars(range(min = 1, max = 600_000))]
        timeout_ms: Option<u64>,
    } understood {}
}

/// The answer of that gateway, as it came.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Reply(Box<RawValue>);

impl JsonSchema for Reply {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Answer".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "The answer of that gateway, as it came." })
    }
}

pub(crate) struct Through;

impl Method for Through {
    const NAME: &'static str = "gateways.call";
    const ABOUT: &'static str = "Calls a method of another gateway. The caller needs the scope here that the method needs, and has no more there.";
    const ACCESS: Access = Access::Resolved(Scope::Read, needs);
    /// What it calls is charged instead.
    const COST: u32 = 0;
    const AUDIT: Audit = Audit::Change("gateway.called");
    const REPEAT: Repeat = Repeat::Fresh;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let raw = sent(&params.params)?;
        // Before anything else, so that no mistake is for free.
        let (changes, mut counted) = rpc::admit_elsewhere(&call, &params.method, &raw)?;
        counted.begins();
        let id = params.id.clone();
        let outcome = forward(&call, params, raw, changes).await;
        counted.ended(outcome.is_ok());
        if !state.hub.has(call.conn().number) {
            // Over HTTP there is nobody who would come back to it.
            state.fleet.detach(call.conn().number, &id);
        }
        outcome.map(Reply)
    }
}

fn sent(params: &serde_json::Map<String, Value>) -> Result<Box<RawValue>, WireError> {
    serde_json::value::to_raw_value(params)
        .map_err(|error| WireError::params(format!("the parameters cannot be sent: {error}")))
}

fn record(call: &Call, id: &str, method: &str) -> AuditEvent {
    call.audit("gateway.called", Through::NAME, Some(id.to_owned()), json!({ "method": method }))
}

async fn forward(
    call: &Call,
    params: Params,
    mut raw: Box<RawValue>,
    changes: Changes,
) -> Result<Box<RawValue>, WireError> {
    let state = call.state();
    let Params { id, method, mut params, timeout_ms } = params;
    let after = timeout_ms.unwrap_or(USUAL_MS);
    if !(1..=LONGEST_MS).contains(&after) {
        return Err(WireError::params(format!("invalid gateways.call params: timeoutMs must be 1 to {LONGEST_MS}"))
            .with("path", "params.timeoutMs"));
    }
    let seen = state.fleet.get(&id)?;
    if let (Some(root), "agents.create") = (&seen.kept.workspace_root, method.as_str()) {
        let text = |name: &str| params.get(name).and_then(Value::as_str);
        let folder = workspace_under(root, text("name").unwrap_or_default(), text("workspace"))?;
        params.insert("workspace".to_owned(), folder.into());
        raw = sent(&params)?;
    }
    if changes == Changes::Something {
        // Before it goes out: what was done there by whom must be known here even when this gateway dies meanwhile.
        let record = Transaction { changes: Vec::new(), audit: record(call, &id, &method), idempotency: None };
        state.store.write(record).await.map_err(|error| fault::store(&error))?;
    }
    let outcome = state.fleet.call(call, &id, &method, &raw, Duration::from_millis(after)).await;
    if let (Changes::Something, Err(error)) = (changes, &outcome) {
        let mut audit = record(call, &id, &method);
        audit.outcome = "failed".to_owned();
        audit.reason = Some(error.details.code.to_string());
        state.audit_detached(audit);
    }
    outcome
}

/// The scope of the method that is called there.
fn needs(params: &RawValue) -> Scope {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        method: std::borrow::Cow<'a, str>,
        #[serde(borrow, default)]
        params: Option<&'a RawValue>,
    }
    match serde_json::from_str::<Named<'_>>(params.get()) {
        Ok(named) => rpc::needed_elsewhere(&named.method, named.params),
        // The handler says what is wrong with it.
        Err(_) => Scope::Read,
    }
}
