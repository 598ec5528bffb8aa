//! Certificates that an authority signs: asked for, proved, served, renewed, and what is served when that fails.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use std::{net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use openclaw_client::{Connection, Tls, connect};
use openclaw_core::{Clock, ManualClock};
use openclaw_testkit::{
    acme::{FakeAuthority, Place},
    anyone,
    gateway::{Setup, TestGateway},
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

const NAME: &str = "gateway.example.test";
const OTHER: &str = "agents.example.test";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn clock() -> (Clock, ManualClock) {
    // Clients look at their own clock, by which what is signed now and what is signed 61 days later must both hold.
    Clock::manual(Clock::system().now_ms() - 61 * DAY_MS)
}

fn config(directory: &str) -> Value {
    json!({ "gateway": { "tls": { "enabled": true, "acme": {
        "domains": [NAME, OTHER], "directory": directory, "email": "ops@example.test", "agreeToTerms": true,
        "allowPrivateAddresses": ["127.0.0.0/8"],
    } } } })
}

fn setup(directory: &str, clock: &Clock) -> Setup {
    Setup { config: config(directory), clock: clock.clone(), ..Setup::default() }
}

fn address(gateway: &TestGateway) -> SocketAddr {
    gateway.authority().parse().unwrap()
}

async fn started(authority: &FakeAuthority, setup: Setup) -> (TestGateway, Connection) {
    let gateway = TestGateway::with(setup).await;
    for name in [NAME, OTHER] {
        authority.leads(name, address(&gateway));
    }
    let connection = trusting(&gateway).await;
    (gateway, connection)
}

/// A connection to whatever certificate it shows now.
async fn trusting(gateway: &TestGateway) -> Connection {
    let mut options = gateway.options();
    let fingerprint = gateway.tls_fingerprint().expect("it speaks TLS");
    options.tls = Tls::Fingerprint(fingerprint.parse().expect("a fingerprint"));
    connect(&options).await.unwrap()
}

/// What `status` says of certificates, once it is as wanted.
async fn until(connection: &Connection, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut tls = Value::Null;
    for _ in 0..600 {
        let status = connection.request("status", json!({})).await.unwrap();
        tls = serde_json::from_str::<Value>(status.get()).unwrap()["tls"].take();
        if wanted(&tls) {
            return tls;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it does not become so: {tls}");
}

/// The same once what an authority signed is shown, and it is not this.
async fn renewed(connection: &Connection, former: &str) -> (String, i64) {
    let tls = until(connection, |tls| {
        tls["fingerprint"] != former && tls["acme"]["notAfter"] == tls["notAfter"] && tls["acme"]["problem"].is_null()
    })
    .await;
    (tls["fingerprint"].as_str().unwrap().to_owned(), tls["notAfter"].as_i64().unwrap())
}

/// Asks for this name, believing this authority alone.
async fn believing(authority: &FakeAuthority, gateway: &TestGateway, name: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address(gateway)).await?;
    let named = ServerName::try_from(name.to_owned()).unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(named, stream).await?;
    let request = format!("GET /health HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// So many records of this event are in the trail; they come a moment after what they tell of.
async fn audited(connection: &Connection, event: &str, count: usize) {
    let mut list = Value::Null;
    for _ in 0..200 {
        let page = connection.request("audit.records.list", json!({ "events": [event], "limit": 50 })).await.unwrap();
        list = serde_json::from_str(page.get()).unwrap();
        if list["records"].as_array().is_some_and(|records| records.len() >= count) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(list["records"].as_array().map(Vec::len), Some(count), "{list}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_got_served_renewed_before_its_end_and_kept_over_restarts() {
    let (time, hand) = clock();
    let authority = FakeAuthority::start(time.clone());
    let (gateway, connection) = started(&authority, setup(&authority.directory(), &time)).await;
    let (first, not_after) = renewed(&connection, "").await;
    assert!(not_after > time.now_ms() + 88 * DAY_MS, "{not_after}");
    for name in [NAME, OTHER] {
        let answer = believing(&authority, &gateway, name).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    }
    assert!(believing(&authority, &gateway, "stranger.example.test").await.is_err());
    assert_eq!(authority.contacts(), [json!(["mailto:ops@example.test"])]);
    let beside = std::fs::read_to_string(gateway.dir().join("state/gateway.json")).unwrap();
    assert!(beside.contains(&first), "programs beside it are told: {beside}");
    // Nobody who asks for the way of proving sees a proof when none is wanted.
    let stream = TcpStream::connect(address(&gateway)).await.unwrap();
    assert!(anyone::shown(NAME, stream, &[b"acme-tls/1"]).await.is_err());

    let folder = gateway.dir().join("state/tls/acme");
    assert_eq!(mode(&folder), 0o700);
    let folder = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    for file in ["pair.pem", "account.json"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }

    hand.advance_ms(61 * DAY_MS);
    let (second, later) = renewed(&connection, &first).await;
    assert!(later > not_after + 50 * DAY_MS && authority.signed() == 2, "{later}");
    connection.request("health", json!({})).await.expect("connections stay");
    audited(&connection, "tls.certificate.obtained", 2).await;

    drop(connection);
    let gateway = gateway.restart(setup(&authority.directory(), &time)).await;
    assert_eq!(gateway.tls_fingerprint(), Some(second), "it is served from the first moment on");
    let connection = trusting(&gateway).await;
    until(&connection, |tls| tls["acme"]["nextAt"].as_i64().is_some_and(|at| at > time.now_ms())).await;
    assert_eq!((authority.signed(), authority.contacts().len()), (2, 1), "nothing was asked for again");
    // The names were changed: what is there is not good for the new one.
    let mut wider = setup(&authority.directory(), &time);
    wider.config["gateway"]["tls"]["acme"]["domains"] = json!([NAME, OTHER, "third.example.test"]);
    drop(connection);
    authority.leads_nowhere();
    let gateway = gateway.restart(wider).await;
    for name in [NAME, OTHER, "third.example.test"] {
        authority.leads(name, address(&gateway));
    }
    let connection = trusting(&gateway).await;
    renewed(&connection, &gateway.tls_fingerprint().unwrap()).await;
    believing(&authority, &gateway, "third.example.test").await.unwrap();
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_authority_is_not_reached_what_was_there_is_served_and_it_is_said() {
    let (time, hand) = clock();
    let place = Place::take();
    let gateway = TestGateway::with(setup(&place.directory(), &time)).await;
    let own = gateway.tls_fingerprint().unwrap();
    let connection = trusting(&gateway).await;
    let tls = until(&connection, |tls| tls["acme"]["problem"].is_string()).await;
    assert!(tls["acme"]["problem"].as_str().unwrap().contains("is not reached"), "{tls}");
    assert_eq!((&tls["fingerprint"], &tls["problem"]), (&json!(own), &Value::Null), "its own is served");
    assert_eq!(tls["acme"]["nextAt"], json!(time.now_ms() + 5 * 60 * 1000));
    let mut health = Value::Null;
    for _ in 0..200 {
        let reply = connection.request("health", json!({})).await.unwrap();
        health = serde_json::from_str(reply.get()).unwrap();
        if health["certificate"]["problem"].is_string() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(health["certificate"]["problem"].as_str().unwrap().contains("is not reached"), "{health}");

    // It comes, spoils the first proof, and then signs.
    let authority = place.opens(time.clone());
    for name in [NAME, OTHER] {
        authority.leads(name, address(&gateway));
    }
    authority.spoils_next();
    hand.advance_ms(5 * 60 * 1000);
    let tls =
        until(&connection, |tls| tls["acme"]["problem"].as_str().is_some_and(|why| why.contains("not proved"))).await;
    let why = tls["acme"]["problem"].as_str().unwrap();
    assert!(why.contains("another key or token") && why.contains("port 443"), "{why}");
    // A series of failures is told once.
    audited(&connection, "tls.certificate.failed", 1).await;
    hand.advance_ms(10 * 60 * 1000);
    let (signed, not_after) = renewed(&connection, &own).await;

    // It goes for good: what it signed is served to its end and after it.
    authority.stop().await;
    hand.advance_ms(not_after - time.now_ms() + DAY_MS);
    let tls = until(&connection, |tls| tls["acme"]["problem"].is_string()).await;
    assert_eq!(tls["fingerprint"], json!(signed), "{tls}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_before_agreement_while_tls_is_off_or_within_ones_own_network() {
    let (time, _hand) = clock();
    let authority = FakeAuthority::start(time.clone());
    let folder = tempfile::tempdir().unwrap();
    let mut unasked = config(&authority.directory());
    unasked["gateway"]["tls"]["acme"]["agreeToTerms"] = json!(false);
    let file = folder.path().join("openclaw.json");
    std::fs::write(&file, unasked.to_string()).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let request = openclaw_config::LoadRequest {
        config_path: Some(file),
        environment: [("OPENCLAW_GATEWAY_TOKEN", "test-token-0123456789abcdef0123456789")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
        home: Some(folder.path().to_path_buf()),
        ..openclaw_config::LoadRequest::default()
    };
    let Err(refused) = openclaw_config::load(&request) else { panic!("it is not agreed to") };
    let refused = format!("{refused} {refused:?}");
    assert!(refused.contains("gateway.tls.acme.agreeToTerms"), "{refused}");

    let mut off = setup(&authority.directory(), &time);
    off.config["gateway"]["tls"]["enabled"] = json!(false);
    let gateway = TestGateway::with(off).await;
    gateway.connect().await.request("health", json!({})).await.unwrap();
    gateway.stop().await;

    let mut within = setup(&format!("https://{}/directory", authority.address()), &time);
    within.config["gateway"]["tls"]["acme"]["allowPrivateAddresses"] = json!([]);
    let gateway = TestGateway::with(within).await;
    let connection = trusting(&gateway).await;
    let tls = until(&connection, |tls| tls["acme"]["problem"].is_string()).await;
    assert!(tls["acme"]["problem"].as_str().unwrap().contains("127.0.0.1, which is no public address"), "{tls}");
    assert_eq!(authority.asked(), [""; 0]);
    gateway.stop().await;
}

#[tokio::test]
async fn what_an_authority_signed_and_somebody_spoiled_gives_way_to_its_own() {
    let (time, _hand) = clock();
    let authority = FakeAuthority::start(time.clone());
    let (gateway, connection) = started(&authority, setup(&authority.directory(), &time)).await;
    let (signed, _) = renewed(&connection, "").await;
    let folder = std::fs::read_dir(gateway.dir().join("state/tls/acme")).unwrap().next().unwrap().unwrap().path();
    drop(connection);
    authority.leads_nowhere();
    let gateway = gateway
        .restart_after(setup(&authority.directory(), &time), || {
            std::fs::write(folder.join("pair.pem"), "spoiled").unwrap();
        })
        .await;
    assert_ne!(gateway.tls_fingerprint(), Some(signed));
    for name in [NAME, OTHER] {
        authority.leads(name, address(&gateway));
    }
    let connection = trusting(&gateway).await;
    renewed(&connection, &gateway.tls_fingerprint().unwrap()).await;
    assert_eq!(authority.signed(), 2, "it is asked anew");
    gateway.stop().await;
}
