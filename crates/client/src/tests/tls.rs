use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{ConnectError, Fingerprint, Prospect, Tls, connect};

/// A gateway behind TLS with this certificate.
fn behind_tls(certificate: CertificateDer<'static>, key: &KeyPair, host: &str) -> Options {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let dial = Dial::from_fn(move |_| {
        let acceptor = acceptor.clone();
        async move {
            let (near, far) = duplex(64 * 1024);
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(far).await else { return };
                let mut socket = accept_async(stream).await.unwrap();
                let challenge = json!({"type": "event", "event": "connect.challenge", "payload": {"nonce": "n"}});
                socket.send(Message::text(challenge.to_string())).await.unwrap();
                let Some(Ok(Message::Text(connect))) = socket.next().await else { return };
                let connect: Value = serde_json::from_str(&connect).unwrap();
                let answer = json!({"type": "res", "id": connect["id"], "ok": true, "payload": hello(4)});
                socket.send(Message::text(answer.to_string())).await.unwrap();
                while socket.next().await.is_some_and(|message| message.is_ok()) {}
            });
            Ok(Box::new(near) as Box<dyn Transport>)
        }
    });
    Options { url: format!("wss://{host}:18789").parse().unwrap(), ..options(dial) }
}

fn self_signed() -> (CertificateDer<'static>, KeyPair) {
    let made = rcgen::generate_simple_self_signed(["gateway.example".to_owned()]).unwrap();
    (made.cert.der().clone(), made.signing_key)
}

#[tokio::test(start_paused = true)]
async fn an_unknown_certificate_is_refused_and_its_fingerprint_told() {
    let (certificate, key) = self_signed();
    let fingerprint = Fingerprint::of(&certificate);
    let failure = connect(&behind_tls(certificate, &key, "gateway.example")).await.unwrap_err();
    assert!(matches!(failure, ConnectError::Tls { fingerprint: Some(seen), .. } if seen == fingerprint), "{failure}");
    assert!(failure.next_step().unwrap().contains(&fingerprint.to_string()));
    assert_eq!(failure.prospect(), Prospect::Slow);
}

#[tokio::test(start_paused = true)]
async fn the_self_signed_toggle_takes_any_certificate_for_any_name() {
    let (certificate, key) = self_signed();
    for host in ["gateway.example", "other.example", "192.0.2.1", "[2001:db8::1]"] {
        let mut options = behind_tls(certificate.clone(), &key, host);
        options.tls = Tls::AllowSelfSigned;
        connect(&options).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_pin_takes_its_own_certificate_and_no_other() {
    let (certificate, key) = self_signed();
    let mut options = behind_tls(certificate.clone(), &key, "whatever.example");
    options.tls = Tls::Fingerprint(Fingerprint::of(&certificate).to_string().parse().unwrap());
    connect(&options).await.unwrap();
    options.tls = Tls::Fingerprint(Fingerprint([7; 32]));
    let failure = connect(&options).await.unwrap_err().to_string();
    assert!(failure.contains(&format!("but {} is pinned", "07".repeat(32))), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn an_extra_authority_vouches_for_its_certificates_and_names() {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["gateway.example".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    for (host, welcome) in [("gateway.example", true), ("other.example", false)] {
        let mut options = behind_tls(certificate.der().clone(), &key, host);
        options.tls = Tls::Platform { extra: vec![authority.der().clone()] };
        assert_eq!(connect(&options).await.is_ok(), welcome, "{host}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_without_tls_is_told_apart() {
    let plain = speaks("HTTP/1.1 400 Bad Request\r\n\r\n");
    let options = Options { url: "wss://gateway.example:1".parse().unwrap(), ..plain };
    let failure = connect(&options).await.unwrap_err();
    assert!(matches!(failure, ConnectError::Tls { fingerprint: None, .. }), "{failure}");
    assert!(failure.next_step().unwrap().contains("speaks TLS"));
}
