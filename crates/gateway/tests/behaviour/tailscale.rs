//! The gateway behind Tailscale on this machine, which a script plays.

use openclaw_testkit::{
    gateway::{Raw, Setup, TOKEN, TestGateway},
    tailscale::FakeTailscale,
};
use serde_json::{Value, json};

use crate::devices::{Device, code, connect};

async fn published(fake: &FakeTailscale, tailscale: Value, auth: Value) -> TestGateway {
    TestGateway::with(Setup {
        config: json!({ "gateway": { "tailscale": tailscale, "auth": auth } }),
        environment: vec![("PATH".to_owned(), fake.folder().display().to_string())],
        ..Setup::default()
    })
    .await
}

/// Where Tailscale was told to lead its clients.
async fn door(fake: &FakeTailscale) -> String {
    fake.asked_for(" --bg --yes http://").await
}

/// What `status` says once it is known what became of the publication.
async fn status(gateway: &TestGateway) -> String {
    let connection = gateway.connect().await;
    loop {
        let status = connection.request("status", json!({})).await.unwrap().get().to_owned();
        if !status.contains(r#""tailscale":null"#) {
            return status;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Connects a device through the door, with these headers; the answer.
async fn through(door: &str, device: &Device, headers: &[(&'static str, &str)], auth: &Value) -> Value {
    let mut raw = Raw::open(&format!("ws://{door}"), headers).await;
    let nonce = raw.challenge().await;
    let now = openclaw_core::Clock::system().now_ms();
    connect(&mut raw, &device.params_at(now, &nonce, auth, &["operator.read"])).await
}

const SERVE: [(&str, &str); 3] =
    [("x-forwarded-for", "100.64.0.7"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "box.tail.ts.net")];

#[tokio::test]
async fn serve_is_asked_for_at_the_start_and_taken_back_at_the_stop() {
    let fake = FakeTailscale::new();
    let gateway = published(&fake, json!({ "mode": "serve", "resetOnExit": true }), json!({})).await;
    let status = status(&gateway).await;
    assert!(status.contains("https://box.tail.ts.net/"), "{status}");
    let (own, led_to) = (gateway.authority(), door(&fake).await);
    assert!(led_to.starts_with("127.0.0.1:") && led_to != own, "a listener of its own");
    gateway.stop().await;
    assert_eq!(fake.asked().last().unwrap(), "serve --yes --https=443 --set-path=/ off");

    let fake = FakeTailscale::new();
    let gateway = published(&fake, json!({ "mode": "serve" }), json!({})).await;
    door(&fake).await;
    gateway.stop().await;
    assert!(fake.asked().last().unwrap().starts_with("serve --bg"), "it stays where that is not wanted");
}

#[tokio::test]
async fn funnel_is_asked_for_with_a_password_only() {
    let fake = FakeTailscale::new();
    let auth = json!({ "mode": "password", "token": null, "password": "correct horse battery staple" });
    let gateway = published(&fake, json!({ "mode": "funnel" }), auth).await;
    let door = door(&fake).await;
    assert!(fake.asked().iter().any(|line| line.starts_with("funnel --bg --yes http://127.0.0.1:")));
    // From the internet comes no login, and one that is made up counts for nothing.
    let headers = [&SERVE[..], &[("tailscale-user-login", "ann@example.com")]].concat();
    let device = Device::new();
    let answer = through(&door, &device, &headers, &json!({})).await;
    assert_eq!(code(&answer), "PAIRING_REQUIRED", "{answer}");
    assert!(!fake.asked().iter().any(|line| line.starts_with("whois")), "nobody is asked");
    drop(gateway);
}

#[tokio::test]
async fn a_login_counts_at_its_own_door_with_serves_headers_and_when_tailscale_knows_it() {
    let fake = FakeTailscale::new();
    let gateway = published(&fake, json!({ "mode": "serve" }), json!({})).await;
    let door = door(&fake).await;
    // The user's first device is an owner's to approve; after that whose it is is known.
    let device = Device::new();
    for spelling in ["tailscale-user-login", "x-tailscale-user-login"] {
        let answer =
            through(&door, &device, &[&SERVE[..], &[(spelling, "ann@example.com")]].concat(), &json!({})).await;
        assert_eq!(code(&answer), "PAIRING_REQUIRED", "{answer}");
    }
    let admin = gateway.connect().await;
    let asked: Value = serde_json::from_str(admin.request("device.pair.list", json!({})).await.unwrap().get()).unwrap();
    let request = asked["pending"][0]["requestId"].clone();
    admin.request("device.pair.approve", json!({ "requestId": request })).await.unwrap();
    let known = [&SERVE[..], &[("tailscale-user-login", "ann@example.com")]].concat();
    let answer = through(&door, &device, &known, &json!({})).await;
    assert_eq!(answer["ok"], true, "{answer}");
    // T23: what is wrong stays wrong.
    let answer = through(&door, &device, &known, &json!({ "token": "wrong" })).await;
    assert_eq!(code(&answer), "AUTH_TOKEN_MISMATCH", "{answer}");

    // A page without a device shows what of the login was believed.
    let page = json!({
        "minProtocol": 4, "maxProtocol": 4, "role": "operator", "scopes": ["operator.admin"], "auth": {},
        "client": { "id": "gateway-client", "version": "1", "platform": "linux", "mode": "ui" },
    });
    let other = |name: &'static str, value: &'static str| {
        let mut headers: Vec<(&'static str, &str)> = known.clone();
        headers.retain(|(known, _)| *known != name);
        headers.push((name, value));
        headers
    };
    let without = |name: &str| known.iter().copied().filter(|(known, _)| *known != name).collect::<Vec<_>>();
    for (headers, wanted) in [
        (known.clone(), "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"),
        (without("tailscale-user-login"), "AUTH_TAILSCALE_IDENTITY_MISSING"),
        (without("x-forwarded-proto"), "AUTH_TAILSCALE_PROXY_MISSING"),
        (without("x-forwarded-host"), "AUTH_TAILSCALE_PROXY_MISSING"),
        (other("tailscale-user-login", "eve@example.com"), "AUTH_TAILSCALE_IDENTITY_MISMATCH"),
        (other("x-forwarded-for", "100.64.0.9"), "AUTH_TAILSCALE_WHOIS_FAILED"),
        ([&known[..], &[("x-tailscale-user-login", "eve@example.com")]].concat(), "AUTH_TAILSCALE_IDENTITY_MISSING"),
    ] {
        let mut raw = Raw::open(&format!("ws://{door}"), &headers).await;
        let answer = raw.shake(&page).await;
        assert_eq!(code(&answer), wanted, "{headers:?}: {answer}");
    }
    // T25: the same headers mean nothing at the ordinary door.
    let direct = gateway.get("/", "tailscale-user-login: ann@example.com\r\nx-forwarded-for: 100.64.0.7\r\n").await;
    assert!(direct.starts_with("HTTP/1.1 403"), "{direct}");
    // And never over HTTP, where the token is asked for as ever.
    let lines: String = known.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    for (credential, wanted) in [(String::new(), "401"), (format!("Authorization: Bearer {TOKEN}\r\n"), "200")] {
        let request =
            format!("GET /metrics HTTP/1.1\r\nHost: box.tail.ts.net\r\nConnection: close\r\n{lines}{credential}\r\n");
        assert_eq!(asked_at(&door, &request).await, wanted);
    }
    let bare = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(asked_at(&door, bare).await, "403", "whoever does not come through Tailscale has no business there");
}

async fn asked_at(door: &str, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(door).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn without_tailscale_the_gateway_serves_this_machine_and_says_what_is_missing() {
    let fake = FakeTailscale::new();
    fake.says("NeedsLogin");
    let gateway = published(&fake, json!({ "mode": "serve" }), json!({})).await;
    let told = status(&gateway).await;
    assert!(told.contains("tailscale up") && !fake.asked().iter().any(|line| line.starts_with("serve")), "{told}");
    let gateway = TestGateway::with(Setup {
        config: json!({ "gateway": { "tailscale": { "mode": "serve" } } }),
        environment: vec![("PATH".to_owned(), "/nonexistent".to_owned())],
        ..Setup::default()
    })
    .await;
    let told = status(&gateway).await;
    assert!(told.contains("install it"), "{told}");
}
