//! An authority that signs certificates (ACME, RFC 8555) on loopback. It believes nothing: signatures and nonces of requests are
//! checked, and a name is proved only by a handshake with the gateway (RFC 8737).

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use jiff::tz::TimeZone;
use openclaw_core::{Clock, Tasks};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa, KeyPair, SanType,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpSocket, TcpStream},
};
use x509_parser::{extensions::GeneralName, prelude::FromDer};

use crate::anyone;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Connections that may wait to be taken.
const WAITING: u32 = 64;
/// What a proof is called in a certificate.
const ACME_IDENTIFIER: &str = "1.3.6.1.5.5.7.1.31";

/// Where an authority will be: the port is kept from others, and whoever connects is refused.
pub struct Place {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Place {
    /// Takes a loopback port.
    ///
    /// # Panics
    /// When no port can be had.
    #[must_use]
    pub fn take() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a loopback port");
        let address = socket.local_addr().expect("a bound socket has an address");
        Self { socket, address }
    }

    /// Where its directory will be.
    #[must_use]
    pub fn directory(&self) -> String {
        directory(self.address)
    }

    /// The authority comes.
    ///
    /// # Panics
    /// When the port cannot be listened on.
    #[must_use]
    pub fn opens(self, clock: Clock) -> FakeAuthority {
        FakeAuthority::on(self.socket.listen(WAITING).expect("a port of its own"), self.address, clock)
    }
}

fn directory(address: SocketAddr) -> String {
    format!("http://{address}/directory")
}

/// An authority on loopback. Dropping it closes its port.
pub struct FakeAuthority {
    address: SocketAddr,
    state: Arc<State>,
    tasks: Tasks,
}

struct State {
    base: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
    clock: Clock,
    tasks: Tasks,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    asked: Vec<String>,
    nonces: HashSet<String>,
    given: u64,
    accounts: Vec<Account>,
    orders: Vec<Order>,
    /// Where a name leads to, as DNS would say.
    leads: HashMap<String, SocketAddr>,
    days: i64,
    /// The next proof is spoiled.
    spoil: bool,
}

struct Account {
    point: Vec<u8>,
    thumbprint: String,
    contact: Value,
}

struct Order {
    account: usize,
    names: Vec<Name>,
    certificate: Option<String>,
    looked_since: bool,
}

struct Name {
    name: String,
    status: &'static str,
    why: Option<String>,
}

/// Status, kind and words of a refusal.
struct Refusal(u16, &'static str, String);

type Answer = Result<(u16, Option<String>, Body), Refusal>;

enum Body {
    Json(Value),
    Pem(String),
    Nothing,
}

impl FakeAuthority {
    /// Listens on a loopback port. What it signs is good from the beginning of the day of this clock.
    ///
    /// # Panics
    /// When no port can be had.
    #[must_use]
    pub fn start(clock: Clock) -> Self {
        Place::take().opens(clock)
    }

    fn on(listener: TcpListener, address: SocketAddr, clock: Clock) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let tasks = Tasks::new();
        let inner = Mutex::new(Inner { days: 90, ..Inner::default() });
        let base = format!("http://{address}");
        let state = Arc::new(State { base, issuer, clock, tasks: tasks.clone(), inner });
        let serving = Arc::clone(&state);
        tasks.spawn("fake authority", async move {
            let stop = serving.tasks.stop_token();
            while let Some(Ok((stream, _))) = stop.run_until_cancelled(listener.accept()).await {
                let state = Arc::clone(&serving);
                serving.tasks.spawn("fake authority connection", async move {
                    let _ = state.converse(stream).await;
                });
            }
        });
        Self { address, state, tasks }
    }

    /// Its directory.
    #[must_use]
    pub fn directory(&self) -> String {
        directory(self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this name leads there.
    pub fn leads(&self, name: &str, to: SocketAddr) {
        self.state.inner().leads.insert(name.to_owned(), to);
    }

    /// From now on no name leads anywhere; whoever looks waits.
    pub fn leads_nowhere(&self) {
        self.state.inner().leads.clear();
    }

    /// From now on certificates are good for so many days.
    pub fn signs_for(&self, days: i64) {
        self.state.inner().days = days;
    }

    /// The next proof is not what it looked for.
    pub fn spoils_next(&self) {
        self.state.inner().spoil = true;
    }

    /// What it was asked: method and path, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state.inner().asked.clone()
    }

    /// Certificates that it signed.
    #[must_use]
    pub fn signed(&self) -> usize {
        self.state.inner().orders.iter().filter(|order| order.certificate.is_some()).count()
    }

    /// The addresses that accounts named, one entry for each account.
    #[must_use]
    pub fn contacts(&self) -> Vec<Value> {
        self.state.inner().accounts.iter().map(|account| account.contact.clone()).collect()
    }

    /// Its own certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> rustls::pki_types::CertificateDer<'static> {
        self.state.issuer.der().clone()
    }

    /// Closes its port.
    pub async fn stop(self) {
        self.tasks.shutdown(Duration::from_secs(5)).await;
    }
}

impl Drop for FakeAuthority {
    fn drop(&mut self) {
        self.tasks.stop_token().cancel();
    }
}

fn bad(words: impl Into<String>) -> Refusal {
    Refusal(400, "malformed", words.into())
}

fn decoded(value: &Value, what: &str) -> Result<Vec<u8>, Refusal> {
    BASE64.decode(value.as_str().unwrap_or_default()).map_err(|_| bad(format!("{what} is no base64url")))
}

impl State {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn nonce(&self) -> String {
        let mut inner = self.inner();
        inner.given += 1;
        let nonce = BASE64.encode(Sha256::digest(format!("{}{}", self.base, inner.given)));
        inner.nonces.insert(nonce.clone());
        nonce
    }

    async fn converse(self: Arc<Self>, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let (mut length, mut kind) = (0, String::new());
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap_or_default(),
                "content-type" => value.clone_into(&mut kind),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        self.inner().asked.push(format!("{method} {path}"));
        let (status, location, body) = match self.answer(&method, &path, &kind, &body) {
            Ok(answer) => answer,
            Err(Refusal(status, kind, words)) => {
                let kind = format!("urn:ietf:params:acme:error:{kind}");
                (status, None, Body::Json(json!({ "type": kind, "detail": words, "status": status })))
            }
        };
        let (kind, text) = match body {
            Body::Json(json) if status >= 400 => ("application/problem+json", json.to_string()),
            Body::Json(json) => ("application/json", json.to_string()),
            Body::Pem(pem) => ("application/pem-certificate-chain", pem),
            Body::Nothing => ("text/plain", String::new()),
        };
        let location = location.map(|url| format!("location: {url}\r\n")).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status} x\r\nreplay-nonce: {}\r\ncontent-type: {kind}\r\n{location}content-length: {}\r\nconnection: close\r\n\r\n",
            self.nonce(),
            text.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(text.as_bytes()).await?;
        stream.shutdown().await
    }

    /// Connects to where the name leads and looks for the proof. A name that leads nowhere may do so in a moment.
    async fn looks(&self, name: &str, digest: &[u8]) -> Result<(), String> {
        let to = loop {
            let to = self.inner().leads.get(name).copied();
            match to {
                Some(to) => break to,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        let stream = TcpStream::connect(to).await.map_err(|error| format!("cannot connect: {error}"))?;
        let shown = anyone::shown(name, stream, &[b"acme-tls/1"]).await;
        is_proof(name, &shown.map_err(|error| format!("no handshake: {error}"))?, digest)
    }

    fn answer(self: &Arc<Self>, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("GET", ["directory"]) => {
                let url = |name: &str| format!("{}/{name}", self.base);
                let directory = json!({
                    "newNonce": url("new-nonce"), "newAccount": url("new-account"), "newOrder": url("new-order"),
                    "revokeCert": url("revoke"), "keyChange": url("key-change"),
                    "meta": { "termsOfService": url("terms") },
                });
                Ok((200, None, Body::Json(directory)))
            }
            ("HEAD", ["new-nonce"]) => Ok((200, None, Body::Nothing)),
            ("POST", _) if kind != "application/jose+json" => Err(bad("the body must be JOSE")),
            ("POST", parts) => {
                let (account, payload) = self.opened(path, body)?;
                self.posted(parts, account, &payload)
            }
            _ => Err(Refusal(404, "malformed", format!("there is no {method} {path}"))),
        }
    }

    /// The account that signed a request, and what it says. A new account brings its key with it.
    fn opened(&self, path: &str, body: &[u8]) -> Result<(Signer, Value), Refusal> {
        let outer: Value = serde_json::from_slice(body).map_err(|_| bad("the body is no JSON"))?;
        let protected = decoded(&outer["protected"], "protected")?;
        let head: Value = serde_json::from_slice(&protected).map_err(|_| bad("the head is no JSON"))?;
        if head["alg"] != "ES256" {
            return Err(Refusal(400, "badSignatureAlgorithm", "only ES256".to_owned()));
        }
        if head["url"] != format!("{}{path}", self.base) {
            return Err(Refusal(401, "unauthorized", "it was signed for another address".to_owned()));
        }
        if !self.inner().nonces.remove(head["nonce"].as_str().unwrap_or_default()) {
            return Err(Refusal(400, "badNonce", "this nonce was not given, or is used up".to_owned()));
        }
        let signer = if path == "/new-account" {
            let jwk = &head["jwk"];
            let (x, y) = (decoded(&jwk["x"], "x")?, decoded(&jwk["y"], "y")?);
            let canonical = format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
                jwk["x"].as_str().unwrap_or_default(),
                jwk["y"].as_str().unwrap_or_default()
            );
            let thumbprint = BASE64.encode(Sha256::digest(canonical));
            Signer { number: None, point: [&[4][..], &x, &y].concat(), thumbprint }
        } else {
            let inner = self.inner();
            let number = head["kid"].as_str().and_then(|kid| kid.rsplit('/').next()?.parse::<usize>().ok());
            let known = number.and_then(|number| Some((number, inner.accounts.get(number)?)));
            let unknown = || Refusal(400, "accountDoesNotExist", "there is no such account".to_owned());
            let (number, account) = known.ok_or_else(unknown)?;
            Signer { number: Some(number), point: account.point.clone(), thumbprint: account.thumbprint.clone() }
        };
        let text =
            [outer["protected"].as_str().unwrap_or_default(), ".", outer["payload"].as_str().unwrap_or_default()]
                .concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &signer.point)
            .verify(text.as_bytes(), &decoded(&outer["signature"], "signature")?)
            .map_err(|_| Refusal(401, "unauthorized", "the signature is wrong".to_owned()))?;
        let payload = decoded(&outer["payload"], "payload")?;
        let payload =
            if payload.is_empty() { Value::Null } else { serde_json::from_slice(&payload).unwrap_or_default() };
        Ok((signer, payload))
    }

    fn posted(self: &Arc<Self>, parts: &[&str], signer: Signer, payload: &Value) -> Answer {
        let number = |text: &str| text.parse::<usize>().map_err(|_| bad("no such number"));
        if parts == ["new-account"] {
            if payload["termsOfServiceAgreed"] != true {
                return Err(Refusal(403, "userActionRequired", "agree to the terms".to_owned()));
            }
            let mut inner = self.inner();
            let contact = payload["contact"].clone();
            inner.accounts.push(Account { point: signer.point, thumbprint: signer.thumbprint, contact });
            let url = format!("{}/account/{}", self.base, inner.accounts.len() - 1);
            return Ok((201, Some(url), Body::Json(json!({ "status": "valid" }))));
        }
        let account = signer.number.unwrap_or_default();
        if parts == ["new-order"] {
            let names = payload["identifiers"].as_array().cloned().unwrap_or_default();
            let names = names.iter().map(|identifier| Name {
                name: identifier["value"].as_str().unwrap_or_default().to_owned(),
                status: "pending",
                why: None,
            });
            let mut inner = self.inner();
            inner.orders.push(Order { account, names: names.collect(), certificate: None, looked_since: false });
            let at = inner.orders.len() - 1;
            return Ok((201, Some(format!("{}/order/{at}", self.base)), Body::Json(self.order(&mut inner, at))));
        }
        let at = number(parts.get(1).copied().unwrap_or_default())?;
        let mut inner = self.inner();
        if inner.orders.get(at).is_none_or(|order| order.account != account) {
            return Err(Refusal(403, "unauthorized", "this is another account's".to_owned()));
        }
        match parts {
            ["order", _] => Ok((200, None, Body::Json(self.order(&mut inner, at)))),
            ["authz", _, name] => Ok((200, None, Body::Json(self.authorization(&inner, at, number(name)?)?))),
            ["challenge", _, name] => {
                let name = number(name)?;
                let asked = inner.orders[at]
                    .names
                    .get(name)
                    .map(|name| name.name.clone())
                    .ok_or_else(|| bad("no such name"))?;
                let proof = format!("{}.{}", token(at, name), signer.thumbprint);
                let spoiled = std::mem::take(&mut inner.spoil);
                let digest = Sha256::digest(if spoiled { String::new() } else { proof });
                let state = Arc::clone(self);
                self.tasks.spawn("fake authority proof", async move {
                    let looked = tokio::time::timeout(Duration::from_secs(10), state.looks(&asked, &digest)).await;
                    let outcome = looked.unwrap_or_else(|_| Err("it took too long".to_owned()));
                    let mut inner = state.inner();
                    let name = &mut inner.orders[at].names[name];
                    (name.status, name.why) = outcome.map_or_else(|why| ("invalid", Some(why)), |()| ("valid", None));
                });
                Ok((200, None, Body::Json(self.challenge(&inner, at, name))))
            }
            ["finalize", _] => {
                let request = decoded(&payload["csr"], "csr")?;
                self.sign(&mut inner, at, request)?;
                Ok((200, None, Body::Json(self.order(&mut inner, at))))
            }
            ["certificate", _] => {
                let chain = inner.orders[at].certificate.clone().ok_or_else(|| bad("it is not signed yet"))?;
                Ok((200, None, Body::Pem(chain)))
            }
            _ => Err(Refusal(404, "malformed", "there is no such thing".to_owned())),
        }
    }

    fn order(&self, inner: &mut Inner, at: usize) -> Value {
        let order = &mut inner.orders[at];
        let all = |status: &str| order.names.iter().all(|name| name.status == status);
        let status = if order.names.iter().any(|name| name.status == "invalid") {
            "invalid"
        } else if order.certificate.is_some() {
            // Signing takes a while: the first look finds it at work.
            if std::mem::replace(&mut order.looked_since, true) { "valid" } else { "processing" }
        } else if all("valid") {
            "ready"
        } else {
            "pending"
        };
        let names: Vec<_> = order.names.iter().map(|name| json!({ "type": "dns", "value": name.name })).collect();
        let urls: Vec<_> = (0..order.names.len()).map(|name| format!("{}/authz/{at}/{name}", self.base)).collect();
        let mut shown = json!({
            "status": status, "identifiers": names, "authorizations": urls, "finalize": format!("{}/finalize/{at}", self.base),
        });
        if status == "valid" {
            shown["certificate"] = json!(format!("{}/certificate/{at}", self.base));
        }
        shown
    }

    fn authorization(&self, inner: &Inner, at: usize, name: usize) -> Result<Value, Refusal> {
        let known = inner.orders[at].names.get(name).ok_or_else(|| bad("no such name"))?;
        Ok(json!({
            "status": known.status, "identifier": { "type": "dns", "value": known.name },
            "challenges": [
                { "type": "http-01", "status": "pending", "url": format!("{}/other/{at}/{name}", self.base), "token": "other" },
                self.challenge(inner, at, name),
            ],
        }))
    }

    fn challenge(&self, inner: &Inner, at: usize, name: usize) -> Value {
        let known = &inner.orders[at].names[name];
        let mut shown = json!({
            "type": "tls-alpn-01", "status": known.status, "url": format!("{}/challenge/{at}/{name}", self.base),
            "token": token(at, name),
        });
        if let Some(why) = &known.why {
            shown["error"] = json!({ "type": "urn:ietf:params:acme:error:unauthorized", "detail": why });
        }
        shown
    }

    fn sign(&self, inner: &mut Inner, at: usize, request: Vec<u8>) -> Result<(), Refusal> {
        let days = inner.days;
        let order = &mut inner.orders[at];
        if order.names.iter().any(|name| name.status != "valid") {
            return Err(Refusal(403, "orderNotReady", "not every name is proved".to_owned()));
        }
        let wrong = |what: String| Refusal(400, "badCSR", what);
        // Its signature is checked there.
        let mut request =
            CertificateSigningRequestParams::from_der(&request.into()).map_err(|error| wrong(error.to_string()))?;
        let names = request.params.subject_alt_names.iter().map(|name| match name {
            SanType::DnsName(name) => name.as_str().to_owned(),
            other => format!("{other:?}"),
        });
        let (wanted, ordered): (HashSet<_>, HashSet<_>) =
            (names.collect(), order.names.iter().map(|name| name.name.clone()).collect());
        if wanted != ordered {
            return Err(wrong(format!("{wanted:?} is not what was ordered")));
        }
        let day = |ms: i64| {
            let date = jiff::Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(TimeZone::UTC).date();
            let part = |number: i8| u8::try_from(number).unwrap_or(1);
            rcgen::date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
        };
        let now = self.clock.now_ms();
        request.params.not_before = day(now);
        request.params.not_after = day(now + days * DAY_MS);
        let signed = request.signed_by(&self.issuer).map_err(|error| wrong(error.to_string()))?;
        order.certificate = Some(signed.pem() + &self.issuer.pem());
        Ok(())
    }
}

/// Whoever signed a request.
struct Signer {
    number: Option<usize>,
    point: Vec<u8>,
    thumbprint: String,
}

fn token(order: usize, name: usize) -> String {
    BASE64.encode(Sha256::digest(format!("token {order} {name}")))
}

/// Looks whether this is the proof.
fn is_proof(name: &str, shown: &anyone::Shown, digest: &[u8]) -> Result<(), String> {
    if shown.protocol.as_deref() != Some(b"acme-tls/1") {
        return Err("it does not speak acme-tls/1".to_owned());
    }
    let (_, read) = x509_parser::certificate::X509Certificate::from_der(&shown.certificate)
        .map_err(|error| format!("no certificate: {error}"))?;
    let names = read.subject_alternative_name().ok().flatten().map(|names| names.value.general_names.clone());
    if !matches!(names.as_deref(), Some([GeneralName::DNSName(only)]) if only.eq_ignore_ascii_case(name)) {
        return Err("the certificate is for something else".to_owned());
    }
    let proof = read.extensions().iter().find(|extension| extension.oid.to_id_string() == ACME_IDENTIFIER);
    let proof = proof.filter(|extension| extension.critical).ok_or("the certificate holds no proof")?;
    if proof.value != [&[4, 32][..], digest].concat() {
        return Err("the proof is for another key or token".to_owned());
    }
    Ok(())
}
