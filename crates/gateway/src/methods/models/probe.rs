//! `models.probe`: asks a provider for a word, to see whether it answers.

use std::time::Duration;

use futures_util::StreamExt;
use openclaw_agents::{Delta, Error, Keyed, Message, ModelRef, Request, Role, failover::Reason};
use openclaw_store::Transaction;
use tokio::time::Instant;

use crate::methods::prelude::*;

/// How long an answer may take when nothing is said, and at most, milliseconds.
const TIMEOUT_MS: u64 = 8_000;
const LONGEST_MS: u64 = 60_000;
/// Tokens that an answer may have.
const TOKENS: u32 = 8;
/// Characters of an error.
const CHARACTERS: usize = 500;

params! {
    /// Whom to ask.
    {
        /// The provider's id.
        provider: String,
        /// Only this key, `key-1`, `key-2`, … as `models.authStatus` names them.
        #[serde(default)]
        profile_id: Option<String>,
        /// How long each answer may take, 1 to 60,000 ms; 8,000 when absent.
        #[serde(default)]
        timeout_ms: Option<u64>,
        /// Whose model is asked for, when it is one of this provider; the default agent's when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
    } understood {}
}

/// How a provider answers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    provider: String,
    /// Of the first key that answers, else of the first.
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Each key that was tried.
    results: Vec<Tried>,
}

/// How a key does.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Tried {
    profile_id: String,
    label: String,
    status: Status,
    /// Until the first sign of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// An answer.
    Ok,
    /// The key is not good.
    Auth,
    /// Too much was asked already.
    RateLimit,
    /// Something must be paid.
    Billing,
    /// Nothing in time.
    Timeout,
    /// The model is not there, or does not understand.
    Format,
    /// Something else.
    Unknown,
    /// The provider has no model that could be asked.
    NoModel,
}

pub(crate) struct Probe;

impl Method for Probe {
    const NAME: &'static str = "models.probe";
    const ABOUT: &'static str = "Really asks a provider for a word with each of its keys. That costs a few tokens.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("models.probed");
    const REPEAT: Repeat = Repeat::Fresh;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let bad = |name: &str, problem: String| {
            let text = format!("invalid models.probe params: at /{name}: {problem}");
            Err(WireError::params(text).with("path", format!("params.{name}")))
        };
        let timeout = params.timeout_ms.unwrap_or(TIMEOUT_MS);
        if !(1..=LONGEST_MS).contains(&timeout) {
            return bad("timeoutMs", format!("must be 1 to {LONGEST_MS}, found {timeout}"));
        }
        let agent = state.agent(params.agent_id.as_ref().unwrap_or(&state.default_agent()))?;
        let registry = state.active().registry.clone();
        let provider = params.provider;
        if !registry.providers().any(|id| id == provider) {
            let known: Vec<&str> = registry.providers().collect();
            return bad("provider", format!("must be one of {}, found \"{provider}\"", known.join(", ")));
        }
        let own = Some(state.agent_model(&agent)).filter(|model| model.provider == provider);
        let first = || {
            let known = registry.models().iter().find(|model| model.provider == provider)?;
            Some(ModelRef::new(&known.provider, &known.id))
        };
        let Some(model) = own.or_else(first) else {
            let error =
                Some(format!("{provider} has no known model; name one under models.providers.{provider}.models"));
            return Ok(Reply { provider, status: Status::NoModel, latency_ms: None, error, results: Vec::new() });
        };
        let (keys, _) = registry.resolve(&model).map_err(|error| WireError::not_found(error.to_string()))?;
        let named = |at: usize| format!("key-{}", at + 1);
        let mut results = Vec::new();
        for (at, keyed) in keys.iter().enumerate() {
            if params.profile_id.as_ref().is_some_and(|wanted| *wanted != named(at)) {
                continue;
            }
            let (status, latency_ms, error) = ask(keyed, &model, Duration::from_millis(timeout)).await;
            results.push(Tried {
                label: format!("{model} with {}", named(at)),
                profile_id: named(at),
                status,
                latency_ms,
                error,
            });
        }
        if results.is_empty() {
            return bad("profileId", format!("must be key-1 to key-{}", keys.len()));
        }
        let detail = json!({ "model": model.to_string(), "keys": results.len() });
        let audit = call.audit("models.probed", Self::NAME, Some(provider.clone()), detail);
        let kept = state.store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await;
        kept.map_err(|error| fault::store(&error))?;
        let best = results.iter().find(|tried| tried.status == Status::Ok).or(results.first()).cloned();
        let (status, latency_ms, error) =
            best.map_or((Status::Unknown, None, None), |best| (best.status, best.latency_ms, best.error));
        Ok(Reply { provider, status, latency_ms, error, results })
    }
}

/// What is wrong when a provider does not answer with a word in this time.
pub(in crate::methods) async fn problem(keyed: &Keyed, model: &ModelRef, timeout: Duration) -> Option<String> {
    match ask(keyed, model, timeout).await {
        (Status::Ok, ..) => None,
        (_, _, error) => Some(error.unwrap_or_else(|| "it did not answer".to_owned())),
    }
}

async fn ask(keyed: &Keyed, model: &ModelRef, timeout: Duration) -> (Status, Option<u64>, Option<String>) {
    let request = Request {
        model: model.model.clone(),
        messages: vec![Message::text(Role::User, "Answer with the word OK.")],
        max_tokens: TOKENS,
        ..Request::default()
    };
    let began = Instant::now();
    let answer = async {
        let mut answer = keyed.provider.stream(request).await?;
        while let Some(delta) = answer.next().await {
            if !matches!(delta?, Delta::Started { .. }) {
                break;
            }
        }
        Ok::<(), Error>(())
    };
    let answered = tokio::time::timeout(timeout, answer).await;
    let latency = u64::try_from(began.elapsed().as_millis()).ok();
    match answered {
        Ok(Ok(())) => (Status::Ok, latency, None),
        Err(_) => (Status::Timeout, None, Some(format!("no answer within {} ms", timeout.as_millis()))),
        Ok(Err(error)) => {
            let status = match Reason::of(&error) {
                Reason::Auth | Reason::Forbidden => Status::Auth,
                Reason::Billing => Status::Billing,
                Reason::RateLimit | Reason::Overloaded => Status::RateLimit,
                Reason::Timeout => Status::Timeout,
                Reason::Format | Reason::ModelNotFound => Status::Format,
                _ => Status::Unknown,
            };
            (status, None, Some(error.to_string().chars().take(CHARACTERS).collect()))
        }
    }
}
