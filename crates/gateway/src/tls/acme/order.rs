//! One certificate from an authority: account, order, proofs, request, answer.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, BodyWrapper, BytesResponse, ChallengeType, Error, HttpClient,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use zeroize::Zeroizing;

use super::Acme;
use crate::{
    egress::Place,
    tls::{
        proof::{Proofs, Shown},
        write_private,
    },
};

/// Bytes of an answer. A chain of certificates is a few thousand.
const MOST_BYTES: usize = 256 * 1024;
/// How an order is looked at while the authority works.
const PATIENCE: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(250)).backoff(1.5).timeout(Duration::from_secs(120));

/// Key and certificates, PEM.
///
/// # Errors
/// What went wrong, for people. Parts of it may be a stranger's words.
pub(super) async fn place(acme: &Acme, proofs: &Arc<Proofs>) -> Result<Zeroizing<Vec<u8>>, String> {
    let account = account(acme).await?;
    let names: Vec<_> = acme.settings.domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = match account.new_order(&NewOrder::new(&names)).await {
        Ok(order) => order,
        Err(error) => return Err(forgotten(acme, &error).await),
    };
    let shown = prove(&mut order, proofs).await?;
    let ready = order.poll_ready(&PATIENCE).await;
    if !matches!(ready, Ok(OrderStatus::Ready)) {
        let found = refusals(&mut order).await;
        let why = ready.err().map_or_else(|| "the order was refused".to_owned(), |error| said(&error));
        return Err(if found.is_empty() { why } else { found });
    }
    drop(shown);
    let made = |error: rcgen::Error| format!("no request could be made: {error}");
    let key = KeyPair::generate().map_err(made)?;
    let mut params = CertificateParams::new(acme.settings.domains.clone()).map_err(made)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).map_err(made)?;
    order.finalize_csr(request.der()).await.map_err(|error| said(&error))?;
    let chain = order.poll_certificate(&PATIENCE).await.map_err(|error| said(&error))?;
    let mut pair = Zeroizing::new(key.serialize_pem().into_bytes());
    pair.extend_from_slice(chain.as_bytes());
    Ok(pair)
}

/// The account of an earlier time, else a new one.
async fn account(acme: &Acme) -> Result<Account, String> {
    let http = || Box::new(Guarded { allowed: acme.settings.allow_private_addresses.clone().into() });
    let path = acme.account();
    let file = |error: std::io::Error| format!("{} cannot be used: {error}", path.display());
    match tokio::fs::read(&path).await.map(Zeroizing::new) {
        Ok(text) => {
            let credentials: AccountCredentials =
                serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            let known = Account::builder_with_http(http()).from_credentials(credentials).await;
            return known.map_err(|error| said(&error));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(file(error)),
    }
    let contact = acme.settings.email.as_ref().map(|email| format!("mailto:{email}"));
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let wanted = NewAccount {
        contact: &contact,
        terms_of_service_agreed: acme.settings.agree_to_terms,
        only_return_existing: false,
    };
    let directory = acme.settings.directory.clone();
    let made = Account::builder_with_http(http()).create(&wanted, directory, None).await;
    let (account, credentials) = made.map_err(|error| said(&error))?;
    let text = Zeroizing::new(serde_json::to_vec(&credentials).map_err(|error| error.to_string())?);
    let (folder, kept) = (acme.folder.clone(), path.clone());
    let written = tokio::task::spawn_blocking(move || {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        write_private(&kept, &text)
    });
    written.await.map_err(|error| error.to_string())?.map_err(file)?;
    Ok(account)
}

/// An account that the authority does not know any more is made anew the next time.
async fn forgotten(acme: &Acme, error: &Error) -> String {
    if let Error::Api(problem) = error
        && problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:accountDoesNotExist")
    {
        let _ = tokio::fs::remove_file(acme.account()).await;
    }
    said(error)
}

/// Shows what the authority looks for, and says that it is there. What comes back is to be held while it looks.
async fn prove(order: &mut Order, proofs: &Arc<Proofs>) -> Result<Vec<Shown>, String> {
    let mut shown = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(|error| said(&error))?;
        let name = authorization.identifier().to_string();
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            other => return Err(format!("the authority does not certify {name}: {other:?}")),
        }
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(format!("the authority does not certify {name} by tls-alpn-01, and no other way is there"));
        };
        let digest = challenge.key_authorization().digest();
        let digest = digest.as_ref().try_into().map_err(|_| "the proof has a wrong length".to_owned())?;
        shown.push(proofs.show(&name.to_ascii_lowercase(), digest).map_err(|error| error.to_string())?);
        challenge.set_ready().await.map_err(|error| said(&error))?;
    }
    Ok(shown)
}

/// What the authority says about names that it could not prove.
async fn refusals(order: &mut Order) -> String {
    let mut found = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let name = authorization.identifier().to_string();
        let Ok(state) = authorization.refresh().await else { continue };
        let details = state.challenges.iter().filter_map(|challenge| challenge.error.as_ref()?.detail.clone());
        found.extend(details.map(|detail| format!("{name} is not proved: {detail}")));
    }
    if !found.is_empty() {
        found.push("the authority connects to port 443 of the name, which must lead to the gateway".to_owned());
    }
    found.join("; ")
}

fn said(error: &Error) -> String {
    match error {
        Error::Api(problem) => {
            let details = problem.subproblems.iter().filter_map(|sub| sub.detail.clone());
            let all: Vec<_> = problem.detail.clone().into_iter().chain(details).collect();
            let kind = problem.r#type.as_deref().unwrap_or("no reason");
            format!("the authority refused ({kind}): {}", all.join("; "))
        }
        Error::Json(_) => "the authority's answer cannot be read; is this its directory?".to_owned(),
        Error::Timeout(_) => "the authority did not finish in time".to_owned(),
        other => other.to_string(),
    }
}

/// Asks through the one way out, each address judged anew.
struct Guarded {
    allowed: Arc<[String]>,
}

impl HttpClient for Guarded {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let other = |error: crate::egress::Failed| Error::Other(Box::new(error));
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            let place = Place::find(&head.uri.to_string(), &allowed).await.map_err(other)?;
            let answer = place.ask(head.method, head.headers, body, MOST_BYTES).await.map_err(other)?;
            Ok(BytesResponse::from(answer.map(Full::new)))
        })
    }
}
