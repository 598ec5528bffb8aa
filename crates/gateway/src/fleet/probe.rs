//! A look at a gateway before it is kept: whether it lets us in, how fast it is, which version, and what to know about the way there.

use std::{sync::Arc, time::Duration};

use openclaw_client::{Deadline, connect};
use openclaw_core::Secret;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::Instant;

use super::{Kept, Problem, clip, keeper, reach, reach::Purpose};
use crate::state::State;

/// What a test found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tested {
    /// Whether it let us in and answered.
    pub(crate) ok: bool,
    /// How long its answer took, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latency_ms: Option<u64>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// Whether that is one this gateway gets on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version_ok: Option<bool>,
    /// Protocol version that was agreed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) protocol: Option<u8>,
    /// Scopes that it gave us.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<String>,
    /// What is not wrong and should be known.
    pub(crate) warnings: Vec<String>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<Problem>,
}

/// Connects once, looks, and leaves.
pub(crate) async fn probe(state: &Arc<State>, id: &str, kept: &Kept, token: Option<Secret>) -> Tested {
    let mut tested = Tested {
        ok: false,
        latency_ms: None,
        version: None,
        version_ok: None,
        protocol: None,
        scopes: Vec::new(),
        warnings: warnings(kept),
        problem: None,
    };
    let options = match reach::options(state, id, kept, token, Purpose::introduce(state)).await {
        Ok(options) => options,
        Err(problem) => return Tested { problem: Some(problem), ..tested },
    };
    let connection = match connect(&options).await {
        Ok(connection) => connection,
        Err(error) => {
            tested.problem = Some(reach::problem(&error, &reach::own_device(state).await));
            return tested;
        }
    };
    let hello = connection.hello();
    let version = clip(&hello.server.version, 64);
    tested.version_ok = Some(keeper::gets_on(&version));
    tested.version = Some(version);
    tested.protocol = Some(hello.dialect.number());
    tested.scopes = hello.scopes.iter().take(32).map(|scope| clip(scope, 64)).collect();
    if hello.server.boot_id.as_deref() == Some(&state.boot_id) {
        tested.problem = Some(keeper::itself());
    } else {
        let began = Instant::now();
        let within = Deadline::After(Duration::from_secs(10));
        match connection.request_within("health", serde_json::json!({}), within).await {
            Ok(_) => {
                tested.ok = true;
                tested.latency_ms = Some(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
            }
            Err(error) => tested.problem = Some(keeper::silent(&error)),
        }
    }
    if tested.version_ok == Some(false) {
        tested
            .warnings
            .push("its version is older than 2026.2.9 or unknown; what it answers may not be understood".to_owned());
    }
    connection.close().await;
    tested
}

/// What should be known about the way to a gateway.
pub(crate) fn warnings(kept: &Kept) -> Vec<String> {
    let mut warnings = Vec::new();
    if kept.allow_self_signed {
        warnings.push(
            "any certificate is accepted: this weakens the transport, and whoever is in between can read the token"
                .to_owned(),
        );
    }
    if kept.address().is_some_and(|url| !url.is_secure() && !url.is_loopback()) {
        warnings
            .push("ws:// is not encrypted: whoever is in between can read the token and everything said".to_owned());
    }
    warnings
}
