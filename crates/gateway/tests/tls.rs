//! The same port behind TLS.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use openclaw_client::{ConnectError, Fingerprint, Tls, connect};
use openclaw_testkit::gateway::{Setup, TestGateway, gateway_options};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

fn pinned(gateway: &TestGateway) -> Tls {
    Tls::Fingerprint(gateway.tls_fingerprint().expect("it speaks TLS").parse().expect("a fingerprint"))
}

#[tokio::test]
async fn a_certificate_is_made_once_and_serves_wss_and_https() {
    let tls = || Setup {
        config: json!({ "gateway": { "tls": { "enabled": true, "autoGenerate": true } } }),
        ..Setup::default()
    };
    let gateway = TestGateway::with(tls()).await;
    assert!(gateway.url().starts_with("wss://") && gateway.login_url().unwrap().starts_with("https://"));
    let mut options = gateway.options();
    options.tls = pinned(&gateway);
    let connection = connect(&options).await.unwrap();
    let reply = connection.request("health", json!({})).await.unwrap();
    assert!(reply.get().contains(r#""ok":true"#), "{reply}");
    let key = gateway.dir().join("state/tls/key.pem");
    assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);

    let first = gateway.tls_fingerprint().unwrap();
    let gateway = gateway.restart(tls()).await;
    assert_eq!(gateway.tls_fingerprint(), Some(first), "clients that pinned it stay");
}

#[tokio::test]
async fn who_trusts_another_certificate_or_only_known_authorities_does_not_connect() {
    let config = json!({ "gateway": { "tls": { "enabled": true, "autoGenerate": true } } });
    let gateway = TestGateway::with_config(config).await;
    let mut options = gateway.options();
    let failure = connect(&options).await.unwrap_err();
    let shown = gateway.tls_fingerprint().unwrap();
    assert!(
        matches!(failure, ConnectError::Tls { fingerprint: Some(seen), .. } if seen.to_string() == shown),
        "{failure}"
    );
    options.tls = Tls::Fingerprint(Fingerprint([7; 32]));
    assert!(matches!(connect(&options).await, Err(ConnectError::Tls { .. })));
}

/// A certificate for localhost that an authority of its own signed, written where the configuration points to.
fn certificate(folder: &Path, name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let (certificate, key) = signed(&authority);
    write(folder, &format!("{name}.crt"), &certificate.pem(), 0o644);
    write(folder, &format!("{name}.key"), &key.serialize_pem(), 0o600);
    write(folder, &format!("{name}-ca.crt"), &authority.pem(), 0o644);
    authority
}

fn signed(authority: &CertifiedIssuer<'static, KeyPair>) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    (CertificateParams::new(names).unwrap().signed_by(&key, authority).unwrap(), key)
}

fn write(folder: &Path, name: &str, text: &str, mode: u32) {
    std::fs::write(folder.join(name), text).unwrap();
    std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
}

fn named(folder: &Path, cert: &str, key: &str) -> Value {
    json!({ "gateway": { "tls": { "enabled": true, "cert": folder.join(cert), "key": folder.join(key) } } })
}

#[tokio::test]
async fn a_client_certificate_is_asked_for_where_an_authority_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let authority = certificate(folder.path(), "gateway");
    let mut config = named(folder.path(), "gateway.crt", "gateway.key");
    config["gateway"]["tls"]["ca"] = json!(folder.path().join("gateway-ca.crt"));
    let gateway = TestGateway::with_config(config).await;

    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let builder = || {
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots.clone())
    };
    let (certificate, key) = signed(&authority);
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let known = builder().with_client_auth_cert(vec![certificate.der().clone()], key).unwrap();
    let answer = asked(&gateway, known).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let stranger = asked(&gateway, builder().with_no_client_auth()).await;
    assert!(stranger.is_err(), "{stranger:?}");
}

async fn asked(gateway: &TestGateway, config: ClientConfig) -> std::io::Result<String> {
    let stream = TcpStream::connect(gateway.authority()).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn files_that_cannot_be_served_keep_it_from_starting_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path(), "one");
    certificate(folder.path(), "two");
    write(folder.path(), "open.key", &std::fs::read_to_string(folder.path().join("one.key")).unwrap(), 0o644);
    write(folder.path(), "noise", "no certificate at all", 0o600);
    for (cert, key, said) in [
        ("none.crt", "one.key", &["gateway.tls.certPath", "none.crt"][..]),
        ("one.crt", "none.key", &["gateway.tls.keyPath", "none.key"]),
        ("one.crt", "open.key", &["gateway.tls.keyPath", "open.key", "chmod 600"]),
        ("noise", "one.key", &["gateway.tls.certPath", "noise", "PEM"]),
        ("one.crt", "noise", &["gateway.tls.keyPath", "noise", "PEM"]),
        ("one.crt", "two.key", &["is keyPath the key of the certificate"]),
    ] {
        let state = tempfile::tempdir().unwrap();
        let setup = Setup { config: named(folder.path(), cert, key), ..Setup::default() };
        let refused = openclaw_gateway::start(gateway_options(state.path(), &setup)).await;
        let refused = refused.err().unwrap_or_else(|| panic!("{cert} and {key} are served")).to_string();
        for word in said {
            assert!(refused.contains(word), "{word} in {refused}");
        }
        assert!(!refused.contains("PRIVATE KEY"), "{refused}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_served_and_one_that_cannot_be_leaves_the_former() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path(), "gateway");
    let gateway = TestGateway::with_config(named(folder.path(), "gateway.crt", "gateway.key")).await;
    let first = gateway.tls_fingerprint().unwrap();
    let mut options = gateway.options();
    options.tls = pinned(&gateway);
    let old = connect(&options).await.unwrap();
    let address_file = gateway.dir().join("state/gateway.json");

    // A certificate without its key, as a renewal that broke off leaves it.
    certificate(folder.path(), "next");
    let next = std::fs::read_to_string(folder.path().join("next.crt")).unwrap();
    write(folder.path(), "gateway.crt", &next, 0o644);
    let problem = until(&old, |status| status["tls"]["problem"].as_str().map(str::to_owned)).await;
    assert!(problem.contains("is keyPath the key of the certificate"), "{problem}");
    assert_eq!(gateway.tls_fingerprint(), Some(first.clone()));
    connect(&options).await.expect("the former pair is served");

    // The key follows, and both are one.
    let key = std::fs::read_to_string(folder.path().join("next.key")).unwrap();
    write(folder.path(), "gateway.key", &key, 0o600);
    let second = until(&old, |status| {
        let shown = status["tls"]["fingerprint"].as_str().filter(|shown| *shown != first)?;
        status["tls"]["problem"].is_null().then(|| shown.to_owned())
    })
    .await;
    assert!(matches!(connect(&options).await, Err(ConnectError::Tls { .. })), "the former one is gone");
    options.tls = pinned(&gateway);
    connect(&options).await.unwrap();
    let told = std::fs::read_to_string(address_file).unwrap();
    assert!(told.contains(&second) && !told.contains(&first), "programs beside it are told: {told}");
    old.request("health", json!({})).await.expect("connections stay");
}

async fn until(connection: &openclaw_client::Connection, found: impl Fn(&Value) -> Option<String>) -> String {
    for _ in 0..200 {
        let status = connection.request("status", json!({})).await.unwrap();
        if let Some(found) = found(&serde_json::from_str(status.get()).unwrap()) {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it did not come");
}

#[tokio::test]
async fn versions_before_1_2_are_not_spoken_and_1_2_and_1_3_are() {
    let config = json!({ "gateway": {
        "tls": { "enabled": true, "autoGenerate": true },
        "http": { "securityHeaders": { "strictTransportSecurity": "max-age=300" } },
    } });
    let gateway = TestGateway::with_config(config).await;
    let certificate = std::fs::read(gateway.dir().join("state/tls/certificate.pem")).unwrap();
    let certificate = rustls::pki_types::CertificateDer::from_pem_slice(&certificate).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let answer = asked(&gateway, config).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{version:?}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("strict-transport-security: max-age=300"), "{answer}");
    }
    for minor in [0u8, 1, 2] {
        // SSL 3.0, TLS 1.0 and 1.1, with every suite that they have in common with anything.
        let mut hello = vec![3, minor];
        hello.extend([7; 32]);
        hello.push(0);
        hello.extend([0, 6, 0xc0, 0x13, 0xc0, 0x14, 0x00, 0x2f, 1, 0]);
        let length = u8::try_from(hello.len()).unwrap();
        let mut bytes = vec![22, 3, minor, 0, length + 4, 1, 0, 0, length];
        bytes.extend(hello);
        let mut stream = TcpStream::connect(gateway.authority()).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert_eq!(answer.first(), Some(&21), "an alert, not a handshake: {answer:?}");
    }
}
