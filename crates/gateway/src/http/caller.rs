//! Who asks over HTTP: the credential goes to the same verifier, throttle and audit as `connect`.
//!
//! A credential is shown in `Authorization: Bearer …`, an agent's token also in `X-Agent-Token`. One in the query shows
//! nothing: addresses stand in logs and histories.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Body, middleware::Next, response::IntoResponse};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use openclaw_auth::{Mode, Principal};
use openclaw_protocol::{Scope, WireError, detail};

use super::answer;
use crate::{
    access::{self, Changes, Counted, Wanted},
    admission::{self, Refused},
    agent_tokens,
    connection::Peer,
    state::State,
};

/// The scheme that is understood, in any case of letters.
const SCHEME: &str = "bearer ";
/// Scopes that a caller asks for, where nothing is asked of it in return.
const SCOPES: &str = "x-openclaw-scopes";
/// Another place for an agent's token.
const AGENT_TOKEN: &str = "x-agent-token";

/// Whoever sent a request, verified.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) principal: Arc<Principal>,
    pub(super) ip: IpAddr,
    /// Whether it proved that it knows the gateway's secret.
    pub(super) method: openclaw_auth::AuthMethod,
    /// What the request was counted for.
    pub(super) counted: Tally,
}

/// What a request was counted for, until it is known how it ended: by the status of the answer, or by the turn that took it.
#[derive(Clone, Default)]
pub(super) struct Tally(Arc<Mutex<Option<Counted>>>);

impl Tally {
    fn put(&self, counted: Counted) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
    }

    /// Takes it over from the answer.
    pub(super) fn take(&self) -> Option<Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Ends the count of each request by its answer.
pub(super) async fn counted(mut request: Request<Body>, next: Next) -> Response<Body> {
    let tally = Tally::default();
    request.extensions_mut().insert(tally.clone());
    let response = next.run(request).await;
    if let Some(counted) = tally.take() {
        counted.ended(response.status().is_success());
    }
    response
}

impl Caller {
    /// Refuses a caller without this scope.
    pub(super) fn needs(&self, scope: Scope) -> Result<(), Box<Response<Body>>> {
        if self.principal.may(scope) {
            return Ok(());
        }
        let error = WireError::missing_scope(scope);
        Err(Box::new(answer::refused(StatusCode::FORBIDDEN, "forbidden", &error.message)))
    }
}

/// The caller, when it shows a right credential; else the answer that says what is missing. `route` names the address for the audit.
pub(super) async fn caller(state: &State, parts: &Parts, route: &'static str) -> Result<Caller, Response<Body>> {
    let Some(peer) = parts.extensions.get::<Peer>() else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let counted = parts.extensions.get::<Tally>().cloned().unwrap_or_default();
    let mode = state.active().policy.mode;
    same_site(&parts.method, &parts.headers, mode).map_err(|refusal| *refusal)?;
    let shown = token(&parts.headers);
    let for_agent = parts.headers.get(AGENT_TOKEN).map(|value| value.to_str().unwrap_or_default().trim());
    if let Some(token) = for_agent.or(shown.filter(|token| token.starts_with(agent_tokens::PREFIX))) {
        let principal = admission::admit_agent(state, peer, token, claimed_agent(&parts.headers), route);
        return match principal {
            Ok(principal) => Ok(Caller {
                principal: Arc::new(principal),
                ip: peer.ip,
                method: openclaw_auth::AuthMethod::AgentToken,
                counted,
            }),
            Err(refused) => Err(turned_away(state, *refused).await),
        };
    }
    // Whoever has shown the secret has every right; whoever had nothing to show may ask for less.
    let asked = parts.headers.get(SCOPES).filter(|_| mode == Mode::None);
    let scopes = asked.and_then(|value| value.to_str().ok()).map(|words| {
        words.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    });
    match admission::admit_bearer(state, peer, shown, scopes.as_deref(), route).await {
        Ok((principal, method)) => Ok(Caller { principal: Arc::new(principal), ip: peer.ip, method, counted }),
        Err(refused) => Err(turned_away(state, *refused).await),
    }
}

/// As [`caller`], and with this scope.
pub(super) async fn caller_with(
    state: &Arc<State>,
    parts: &Parts,
    route: &'static str,
    scope: Scope,
) -> Result<Caller, Response<Body>> {
    let caller = caller(state, parts, route).await?;
    caller.needs(scope).map_err(|refusal| *refusal)?;
    guarded(state, &caller, route, scope).map_err(|refusal| *refusal)?;
    Ok(caller)
}

/// Roles, rates and the audit for what is no method. What goes on to a method is counted there.
pub(super) fn guarded(
    state: &Arc<State>,
    caller: &Caller,
    route: &'static str,
    scope: Scope,
) -> Result<(), Box<Response<Body>>> {
    let (method, changes) = match route {
        "GET /sessions/{key}/history" => return permitted(state, caller, route, "chat.history", scope),
        "POST /tools/invoke" => ("tools.invoke", Changes::Nothing),
        "POST /v1/embeddings" => ("chat.send", Changes::Nothing),
        "POST /api/config/apply" => ("config.apply", Changes::Something),
        _ if route.starts_with("POST /v1/") => ("chat.send", Changes::Something),
        _ => (route, Changes::Nothing),
    };
    let wanted = Wanted { method, needs: Some(scope), cost: 1, params: None };
    match access::admit(state, &caller.principal, &wanted, changes) {
        Ok(mut counted) => {
            // Whoever hangs up before the answer has asked all the same.
            counted.begins();
            caller.counted.put(counted);
            Ok(())
        }
        Err(error) => Err(refused(state, caller, route, &error)),
    }
}

fn permitted(
    state: &State,
    caller: &Caller,
    route: &'static str,
    method: &str,
    scope: Scope,
) -> Result<(), Box<Response<Body>>> {
    let Some(guard) = state.active().guard.clone() else { return Ok(()) };
    let wanted = Wanted { method, needs: Some(scope), cost: 1, params: None };
    guard.permit(&caller.principal, &wanted).map_err(|error| refused(state, caller, route, &error))
}

fn refused(state: &State, caller: &Caller, route: &'static str, error: &WireError) -> Box<Response<Body>> {
    state.refused_caller(caller.ip, &caller.principal, route, error);
    Box::new(match error.retry_after_ms {
        Some(wait_ms) if error.details.code == detail::RATE_LIMITED => {
            answer::refused_for_now("rate_limited", &error.message, wait_ms)
        }
        _ if error.details.code == detail::AUDIT_UNAVAILABLE => {
            answer::refused(StatusCode::SERVICE_UNAVAILABLE, "audit_unavailable", &error.message)
        }
        _ => answer::refused(StatusCode::FORBIDDEN, "forbidden", &error.message),
    })
}

/// Refuses what another site makes a browser send (T04). Browsers say so themselves; who does not say is no browser.
/// Where a proxy knows the user by a cookie, that holds for whatever a browser sends.
fn same_site(method: &Method, headers: &HeaderMap, mode: Mode) -> Result<(), Box<Response<Body>>> {
    let changes = !matches!(*method, Method::GET | Method::HEAD) || mode == Mode::TrustedProxy;
    if changes && headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        let text = "another site may not make a browser send this";
        return Err(Box::new(answer::refused(StatusCode::FORBIDDEN, "cross_site_request", text)));
    }
    Ok(())
}

/// The bearer token.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| token.trim())
}

/// The agent that a caller says it is; only for the log.
fn claimed_agent(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-openclaw-agent-id")?.to_str().ok()
}

async fn turned_away(state: &State, refused: Refused) -> Response<Body> {
    state.metrics.auth_failures.inc();
    if let Some(delay) = refused.delay {
        tokio::time::sleep(delay).await;
    }
    let error = refused.error;
    if error.details.code == detail::LOCKED_DOWN {
        return answer::refused(StatusCode::SERVICE_UNAVAILABLE, "locked_down", &error.message);
    }
    if let Some(wait_ms) = error.retry_after_ms {
        return answer::refused_for_now("rate_limited", &error.message, wait_ms);
    }
    if error.details.code == "CONTROL_UI_ORIGIN_NOT_ALLOWED" {
        return answer::refused(StatusCode::FORBIDDEN, "origin_not_allowed", &error.message);
    }
    if error.details.code == "PASSKEY_REQUIRED" {
        return answer::refused(StatusCode::UNAUTHORIZED, "passkey_required", &error.message);
    }
    // What a proxy lacks is said to whoever set it up.
    let of_proxy = |word: &str| word.starts_with("trusted_proxy_") || word == "proxy_attribution_required";
    let reason = error.details.members.iter().find(|(name, _)| *name == "authReason");
    if reason.and_then(|(_, word)| word.as_str()).is_some_and(of_proxy) {
        return answer::refused(StatusCode::UNAUTHORIZED, "unauthorized", &error.message);
    }
    if error.details.code.starts_with("AUTH_ACCESS_TOKEN_") {
        let mut response =
            answer::refused(StatusCode::UNAUTHORIZED, token_problem(&error.details.code), &error.message);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"openclaw\""));
        return response;
    }
    let message = "Unauthorized: send the gateway's token or password as `Authorization: Bearer …`";
    let mut response = answer::refused(StatusCode::UNAUTHORIZED, "unauthorized", message);
    let challenge = HeaderValue::from_static("Bearer realm=\"openclaw\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// What is wrong with an access token, as clients over HTTP read it.
fn token_problem(code: &str) -> &'static str {
    match code {
        "AUTH_ACCESS_TOKEN_EXPIRED" => "access_token_expired",
        "AUTH_ACCESS_TOKEN_REVOKED" => "access_token_revoked",
        _ => "unauthorized",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_what_follows_the_scheme() {
        for (value, expected) in [
            ("Bearer secret", Some("secret")),
            ("bearer  secret ", Some("secret")),
            ("Basic c2VjcmV0", None),
            ("Bearer", None),
            ("Bearer ", Some("")),
            ("secret", None),
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(token(&headers), expected, "{value}");
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
