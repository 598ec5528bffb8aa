//! What is watched, who is told, and what becomes of it, as the operator sees it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    sync::mpsc,
    time::Duration,
};

use openclaw_testkit::told::FakeMailServer;
use serde_json::{Value, json};

use crate::home::Home;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A home whose alerts go to this port, with these addresses allowed.
fn home(port: u16, allowed: &str) -> Home {
    let home = Home::new();
    home.write_config(&format!(
        "{{ gateway: {{ port: {}, auth: {{ mode: 'token', token: '{TOKEN}' }} }}, metrics: {{ enabled: false }},
           logging: {{ file: 'logs/gateway.log', security: {{ alertOnFailures: true }} }},
           security: {{ storage: {{ logPermissions: '640' }}, monitoring: {{ enabled: true,
             anomalyDetection: {{ enabled: true, metrics: ['authentication_failures'] }},
             alerting: {{ enabled: true, channels: ['webhook'], webhookUrl: 'https://127.0.0.1:{port}/', {allowed} }} }} }} }}",
        home.port
    ));
    home
}

/// Asks with a wrong token.
fn fail(home: &Home) {
    let told = home.run(&["gateway", "call", "health", "--token", "not-the-token-0123456789"]);
    assert_ne!(told.code, Some(0), "{}", told.told());
}

/// Runs a command until its JSON is as wanted.
fn until(home: &Home, arguments: &[&str], wanted: impl Fn(&Value) -> bool) -> Value {
    let mut json = Value::Null;
    for _ in 0..150 {
        json = home.run(arguments).json();
        if wanted(&json) {
            return json;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("{json}");
}

#[test]
fn alerts_that_do_not_arrive_are_told_by_status_and_doctor() {
    let home = home(9, "");
    let quiet = home.run(&["security", "status"]);
    assert!(quiet.out.contains("Watched     authentication_failures, within 1h 0m"), "{}", quiet.told());
    assert!(quiet.out.contains("Alerts      by webhook\n"), "{}", quiet.told());
    let gateway = home.gateway(&[]);
    fail(&home);
    let json = until(&home, &["security", "status", "--json"], |json| {
        json["posture"]["monitoring"]["alerting"]["failed"] == json!(1)
    });
    let alerting = &json["posture"]["monitoring"]["alerting"];
    assert_eq!((&alerting["last"]["event"], &alerting["sent"]), (&json!("auth.failure"), &json!(0)), "{json}");
    assert_eq!(alerting["failing"][0]["channel"], json!("webhook"), "{json}");
    let told = home.run(&["security", "status"]);
    assert!(told.out.contains("in 7 days 0 arrived, 1 did not"), "{}", told.told());
    let doctor = home.run(&["doctor"]);
    assert!(doctor.code == Some(2) && doctor.out.contains("alerts.undelivered: alerts by webhook do not arrive"));
    assert!(doctor.out.contains("127.0.0.1, which is no public address"), "{}", doctor.told());

    // The log is in its file too, as the operator wants it, and holds no token.
    let file = home.state().join("logs/gateway.log");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("Gateway is listening") && text.contains("An alert was not delivered"), "{text}");
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{text}");
    assert!(!text.contains(TOKEN) && !text.contains("not-the-token"), "{text}");
    let mode = |name: &str| std::fs::metadata(home.state().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("logs/gateway.log"), mode("logs/security.jsonl"), mode("alert-webhook.key")),
        (0o640, 0o600, 0o600)
    );
    drop(gateway);
}

#[test]
fn an_alert_that_arrives_is_told_by_status() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let home = home(port, "allowPrivateAddresses: ['127.0.0.1']");
    let config = home.state().join("openclaw.json");
    let text = std::fs::read_to_string(&config).unwrap().replace("'https://127", "'http://127");
    std::fs::write(&config, text).unwrap();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            if tell.send((head, body)).is_err() {
                return;
            }
        }
    });
    let _gateway = home.gateway(&[]);
    fail(&home);
    let (head, body) = told.recv_timeout(Duration::from_secs(30)).unwrap();
    assert!(head.to_ascii_lowercase().contains("x-openclaw-signature: sha256="), "{head}");
    let alert: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&alert["event"], &alert["severity"]), (&json!("auth.failure"), &json!("warn")), "{alert}");
    until(&home, &["security", "status", "--json"], |json| {
        json["posture"]["monitoring"]["alerting"]["sent"] == json!(1)
    });
    assert!(!home.run(&["doctor"]).out.contains("alerts.undelivered"));
}

#[test]
fn a_log_that_cannot_be_written_keeps_the_gateway_from_starting() {
    let home = Home::new();
    for (keys, words) in
        [("file: 'logs'", "logging.file: cannot write"), ("security: {}", "logging.security: cannot write")]
    {
        home.write_config(&format!(
            "{{ gateway: {{ port: {}, auth: {{ mode: 'token', token: '{TOKEN}' }} }}, logging: {{ {keys} }} }}",
            home.port
        ));
        let _ = std::fs::create_dir_all(home.state().join("logs/security.jsonl"));
        let told = home.run(&["gateway", "run"]);
        assert!(told.code != Some(0) && told.err.contains(words), "{}", told.told());
    }
}

#[test]
fn an_alert_is_mailed_over_tls_that_the_server_changes_to_and_only_to_one_that_is_vouched_for() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mails = runtime.block_on(FakeMailServer::start_with_tls());
    let mut home = Home::new();
    home.write_config(&format!(
        "{{ gateway: {{ port: {}, auth: {{ mode: 'token', token: '{TOKEN}' }} }}, metrics: {{ enabled: false }},
           logging: {{ security: {{ alertOnFailures: true }} }},
           security: {{ monitoring: {{ enabled: true, alerting: {{ enabled: true, channels: ['email'],
             recipients: ['ann@example.com', 'ben@example.com'],
             smtp: {{ url: 'smtp://alerts:hunter2hunter2@localhost:{}?tls=required', from: 'gateway@example.com' }} }} }} }} }}",
        home.port,
        mails.port()
    ));
    // Nobody vouches for it yet: it hears no password and gets no mail.
    let gateway = home.gateway(&[]);
    fail(&home);
    let heard = runtime.block_on(mails.commands(4)).join("\n");
    drop(gateway);
    assert!(heard.contains("STARTTLS") && !heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");

    let authority = home.path().join("mail-authority.pem");
    std::fs::write(&authority, mails.authority()).unwrap();
    home.set("SSL_CERT_FILE", authority.to_str().unwrap());
    let _gateway = home.gateway(&[]);
    fail(&home);
    let mail = runtime.block_on(mails.mails(1)).remove(0);
    assert_eq!((mail.from.as_str(), mail.over_tls), ("gateway@example.com", true));
    assert_eq!(mail.to, ["ann@example.com", "ben@example.com"]);
    assert!(mail.data.contains("auth.failure") && mail.data.contains("Subject: [OpenClaw "), "{}", mail.data);
    assert!(!mail.data.contains(TOKEN) && !mail.data.contains("not-the-token"), "{}", mail.data);
    let heard = runtime.block_on(mails.commands(6)).join("\n");
    assert!(heard.contains("AUTH PLAIN"), "{heard}");
    until(&home, &["security", "status", "--json"], |json| {
        json["posture"]["monitoring"]["alerting"]["sent"].as_i64().is_some_and(|sent| sent > 0)
    });
}
