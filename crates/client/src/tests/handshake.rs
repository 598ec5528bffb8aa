use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use openclaw_protocol::Dialect;

use super::*;
use crate::{ConnectError, Credentials, DeviceIdentity, End, Prospect, Protocol, Stage, connect};

#[tokio::test(start_paused = true)]
async fn a_client_signs_the_challenge_and_reads_the_hello() {
    let diary = Diary::default();
    let seen = diary.clone();
    let mut options = gateway(move |mut gateway, _| {
        let seen = seen.clone();
        async move {
            seen.write(gateway.greet().await);
            gateway.idle().await;
        }
    });
    let identity = Arc::new(DeviceIdentity::generate(&Ids::seeded(3), &Clock::manual(NOW).0));
    options.identity = Some(Arc::clone(&identity));
    options.credentials =
        Credentials { token: secret("t0ken"), password: None, device_token: secret("dev"), ..Credentials::default() };
    options.scopes = vec!["operator.write".to_owned(), "operator.read".to_owned()];
    let connection = connect(&options).await.unwrap();
    let hello = connection.hello();
    assert_eq!((connection.dialect(), hello.server.conn_id.as_str()), (Dialect::V4, "c-1"));
    assert_eq!(
        (hello.methods.as_slice(), hello.scopes.as_slice()),
        (["health".into()].as_slice(), ["operator.read".into()].as_slice())
    );
    assert!(!format!("{options:?} {connection:?} {hello:?}").contains("t0ken"));

    let params = &diary.lines()[0];
    assert_eq!(params["auth"], json!({"token": "t0ken"}), "the device token is kept back");
    assert_eq!(
        (&params["minProtocol"], &params["maxProtocol"], &params["role"]),
        (&json!(4), &json!(4), &json!("operator"))
    );
    let device = &params["device"];
    let text = format!(
        "v3|{}|cli|cli|operator|operator.write,operator.read|{NOW}|t0ken|n-1|{}|",
        identity.device_id(),
        std::env::consts::OS
    );
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(device[name].as_str().unwrap()).unwrap();
    let key = VerifyingKey::from_bytes(&bytes("publicKey").try_into().unwrap()).unwrap();
    key.verify(text.as_bytes(), &Signature::from_slice(&bytes("signature")).unwrap()).unwrap();
    assert_eq!(
        (&device["id"], &device["signedAt"], &device["nonce"]),
        (&json!(identity.device_id()), &json!(NOW), &json!("n-1"))
    );
    assert_eq!(connection.close().await, End::Local);
}

#[tokio::test(start_paused = true)]
async fn a_setup_code_is_shown_and_signed_only_where_there_is_nothing_else() {
    let diary = Diary::default();
    let seen = diary.clone();
    let mut options = gateway(move |mut gateway, _| {
        let seen = seen.clone();
        async move {
            seen.write(gateway.greet().await);
            gateway.idle().await;
        }
    });
    let identity = Arc::new(DeviceIdentity::generate(&Ids::seeded(3), &Clock::manual(NOW).0));
    options.identity = Some(Arc::clone(&identity));
    options.credentials = Credentials { setup_code: secret("c0de"), ..Credentials::default() };
    connect(&options).await.unwrap();
    options.credentials.device_token = secret("dev");
    connect(&options).await.unwrap();
    assert!(!format!("{options:?}").contains("c0de"));
    let lines = diary.lines();
    assert_eq!(
        (&lines[0]["auth"], &lines[1]["auth"]),
        (&json!({"bootstrapToken": "c0de"}), &json!({"deviceToken": "dev"}))
    );
    let text =
        format!("v3|{}|cli|cli|operator|operator.read|{NOW}|c0de|n-1|{}|", identity.device_id(), std::env::consts::OS);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(lines[0]["device"][name].as_str().unwrap()).unwrap();
    let key = VerifyingKey::from_bytes(&bytes("publicKey").try_into().unwrap()).unwrap();
    key.verify(text.as_bytes(), &Signature::from_slice(&bytes("signature")).unwrap()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_secrets_and_keys_nothing_is_said_about_them() {
    let diary = Diary::default();
    let seen = diary.clone();
    let options = gateway(move |mut gateway, _| {
        let seen = seen.clone();
        async move {
            seen.write(gateway.greet().await);
            gateway.idle().await;
        }
    });
    connect(&options).await.unwrap();
    let expected = json!({
        "minProtocol": 4,
        "maxProtocol": 4,
        "client": {
            "id": "cli", "mode": "cli", "version": openclaw_protocol::VERSION, "platform": std::env::consts::OS,
        },
        "role": "operator",
        "scopes": ["operator.read"],
    });
    assert_eq!(diary.lines(), [expected]);
}

/// A gateway that refuses with this error and closes like this.
fn refusing(error: Value, code: u16, reason: &'static str) -> Options {
    gateway(move |mut gateway, _| {
        let error = error.clone();
        async move {
            gateway.challenge().await;
            let connect = gateway.request().await.unwrap();
            gateway.refuse(&connect, error, code, reason).await;
            gateway.idle().await;
        }
    })
}

#[tokio::test(start_paused = true)]
async fn refusals_are_typed_and_say_what_trying_again_promises() {
    let detail = |code: &str| json!({"code": "INVALID_REQUEST", "message": "no", "details": {"code": code}});
    for (error, close, prospect, step) in [
        (detail("AUTH_TOKEN_MISMATCH"), 1008, Prospect::Slow, "token"),
        (detail("AUTH_RATE_LIMITED"), 1008, Prospect::Final, "wait"),
        (detail("DEVICE_AUTH_SIGNATURE_INVALID"), 1008, Prospect::Final, ""),
        (detail("DEVICE_IDENTITY_REQUIRED"), 1008, Prospect::Final, "device identity"),
        (detail("CONTROL_UI_ORIGIN_NOT_ALLOWED"), 1008, Prospect::Final, "allowedOrigins"),
        (detail("SOMETHING_ELSE"), 4001, Prospect::Final, ""),
        (detail("SOMETHING_ELSE"), 1008, Prospect::Retry, ""),
        (json!({"code": "UNAVAILABLE", "message": "starting", "retryable": true}), 1013, Prospect::Retry, "later"),
        (
            json!({"code": "NOT_PAIRED", "message": "pairing required", "details": {"code": "PAIRING_REQUIRED", "requestId": "r-1"}}),
            1008,
            Prospect::Slow,
            "openclaw devices approve r-1",
        ),
        (json!({"message": "Origin not allowed (open it elsewhere)"}), 1008, Prospect::Final, ""),
        (json!("odd"), 1008, Prospect::Retry, ""),
        (Value::Null, 1008, Prospect::Retry, ""),
    ] {
        let failure = connect(&refusing(error.clone(), close, "no")).await.unwrap_err();
        assert!(matches!(failure, ConnectError::Refused { .. }), "{failure}");
        assert_eq!(failure.prospect(), prospect, "{error}");
        assert!(failure.next_step().unwrap_or_default().contains(step), "{error}: {:?}", failure.next_step());
    }
}

#[tokio::test(start_paused = true)]
async fn another_protocol_is_tried_once_when_the_options_say_so() {
    let mismatch =
        || json!({"code": "INVALID_REQUEST", "message": "protocol mismatch", "details": {"expectedProtocol": 3}});
    let mut options = gateway(move |mut gateway, _| async move {
        gateway.challenge().await;
        let connect = gateway.request().await.unwrap();
        if connect["params"]["minProtocol"] == json!(3) {
            assert_eq!(connect["params"]["auth"], json!({"token": "dev"}), "protocol 3 has one place for tokens");
            gateway.answer(&connect, hello(3)).await;
            gateway.idle().await;
        } else {
            gateway.refuse(&connect, mismatch(), 1002, "protocol mismatch").await;
        }
    });
    options.credentials.device_token = secret("dev");
    let failure = connect(&options).await.unwrap_err();
    assert!(matches!(failure, ConnectError::ProtocolMismatch { min: 4, max: 4, .. }), "{failure}");
    assert_eq!(failure.to_string(), "ws://127.0.0.1:18789 does not speak protocol 4: protocol mismatch");

    options.protocol = Protocol { fallback: Some(3), ..Protocol::default() };
    assert_eq!(connect(&options).await.unwrap().dialect(), Dialect::V3);
}

#[tokio::test(start_paused = true)]
async fn the_device_token_is_shown_when_the_gateway_asks_for_it() {
    let diary = Diary::default();
    let seen = diary.clone();
    let mut options = gateway(move |mut gateway, number| {
        let seen = seen.clone();
        async move {
            gateway.challenge().await;
            let connect = gateway.request().await.unwrap();
            seen.write(connect["params"]["auth"].clone());
            let error = json!({"code": "INVALID_REQUEST", "message": "unauthorized", "details": {"code": "AUTH_TOKEN_MISMATCH", "canRetryWithDeviceToken": true}});
            match number {
                1 => gateway.answer(&connect, hello(4)).await,
                _ => gateway.refuse(&connect, error, 1008, "unauthorized").await,
            }
            gateway.idle().await;
        }
    });
    options.credentials =
        Credentials { token: secret("old"), password: None, device_token: secret("dev"), ..Credentials::default() };
    connect(&options).await.unwrap();
    assert_eq!(diary.lines(), [json!({"token": "old"}), json!({"deviceToken": "dev"})]);
    // It is not tried for ever.
    assert!(matches!(connect(&options).await.unwrap_err(), ConnectError::Refused { .. }));
    assert_eq!(diary.lines().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn every_step_has_its_deadline() {
    let never = options(Dial::from_fn(|_| std::future::pending()));
    let mute = options(Dial::from_fn(|_| async {
        let (near, far) = duplex(1024);
        std::mem::forget(far);
        Ok(Box::new(near) as Box<dyn Transport>)
    }));
    let no_challenge = gateway(|mut gateway, _| async move {
        gateway.idle().await;
    });
    let no_hello = gateway(|mut gateway, _| async move {
        gateway.challenge().await;
        gateway.idle().await;
    });
    for (options, step, seconds) in [
        (never, Stage::Dial, 10),
        (mute, Stage::Upgrade, 10),
        (no_challenge, Stage::Challenge, 15),
        (no_hello, Stage::Hello, 30),
    ] {
        let begun = tokio::time::Instant::now();
        match connect(&options).await.unwrap_err() {
            ConnectError::Timeout { stage, after, .. } => {
                assert_eq!((stage, after), (step, Duration::from_secs(seconds)));
                assert_eq!(begun.elapsed().as_secs(), seconds);
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_gateway_is_called_so() {
    let sends = |message: Message| {
        gateway(move |mut gateway, _| {
            let message = message.clone();
            async move {
                gateway.raw(message).await;
                gateway.idle().await;
            }
        })
    };
    for (options, what) in [
        (speaks("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope"), "it answered HTTP 404"),
        (speaks("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "it answered HTTP 200"),
        (speaks("220 mail.example ESMTP\r\n\r\n"), "does not answer as a WebSocket server"),
        (sends(Message::text("hello there")), "something else than a gateway's frame"),
        (sends(Message::text(r#"{"type":"event","event":"connect.challenge","payload":{"nonce":" "}}"#)), "no nonce"),
    ] {
        let failure = connect(&options).await.unwrap_err();
        assert!(matches!(failure, ConnectError::NotAGateway { .. }), "{failure:?}");
        assert!(failure.to_string().contains(what), "{failure}");
    }
    let busy = connect(&speaks("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nfull")).await.unwrap_err();
    assert_eq!(busy.prospect(), Prospect::Retry);
    assert!(busy.to_string().contains("HTTP 503"), "{busy}");
}

#[tokio::test(start_paused = true)]
async fn an_end_before_the_hello_tells_how_it_came() {
    let closing = gateway(|mut gateway, _| async move {
        gateway.challenge().await;
        gateway.request().await;
        gateway.raw(crate::socket::close(1012, "service restart")).await;
        gateway.idle().await;
    });
    let failure = connect(&closing).await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "ws://127.0.0.1:18789 ended the connection before the gateway's hello: the gateway closed it with 1012: service restart"
    );
    let dropping = gateway(|mut gateway, _| async move { gateway.challenge().await });
    let failure = connect(&dropping).await.unwrap_err();
    assert!(matches!(failure, ConnectError::Ended { end: End::Broken { .. }, .. }), "{failure:?}");
    assert_eq!(failure.prospect(), Prospect::Retry);
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_names_the_command() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let options = Options { url: GatewayUrl::local(port), ..options(Dial::tcp()) };
    let failure = connect(&options).await.unwrap_err();
    assert!(matches!(failure, ConnectError::Unreachable { .. }), "{failure}");
    assert_eq!(failure.next_step().unwrap(), "start it with: openclaw gateway");
}

#[tokio::test(start_paused = true)]
async fn a_program_that_stops_connects_no_more() {
    let options = options(Dial::from_fn(|_| std::future::pending::<io::Result<Box<dyn Transport>>>()));
    options.handles.tasks.shutdown(Duration::ZERO).await;
    assert!(matches!(connect(&options).await.unwrap_err(), ConnectError::Stopped));
}
