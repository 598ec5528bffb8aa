//! `gateway.controlUi.root`: another interface in the place of the built-in page.

#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

use std::{fs, os::unix::fs::symlink, path::Path};

use openclaw_testkit::gateway::{TOKEN, TestGateway};
use serde_json::{Value, json};

const INDEX: &str = "<!doctype html><html lang=\"en\"><head><link rel=\"icon\" href=\"./favicon.svg\"></head><body>\
                     <script>boot()</script><script type=\"module\" src=\"./assets/index-DsEuFQRE.js\"></script></body></html>";

fn bundle(folder: &Path) {
    fs::create_dir_all(folder.join("assets")).unwrap();
    fs::write(folder.join("index.html"), INDEX).unwrap();
    fs::write(folder.join("assets/index-DsEuFQRE.js"), "run()").unwrap();
    fs::write(folder.join("favicon.svg"), "<svg/>").unwrap();
    fs::write(folder.join("manifest.webmanifest"), "{}").unwrap();
    fs::write(folder.join("big.bin"), vec![7; 300_000]).unwrap();
    fs::write(folder.join(".secret"), "hidden").unwrap();
    fs::create_dir(folder.join("empty.dir")).unwrap();
}

async fn serving(folder: &Path) -> TestGateway {
    TestGateway::with_config(json!({ "gateway": { "controlUi": { "root": folder } } })).await
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|line| {
        line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn files_of_the_folder_are_served_with_their_types() {
    let folder = tempfile::tempdir().unwrap();
    bundle(folder.path());
    let gateway = serving(folder.path()).await;
    for (path, kind, cache) in [
        ("/assets/index-DsEuFQRE.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/favicon.svg?v=1", "image/svg+xml", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
    ] {
        let answer = gateway.get(path, "").await;
        assert_eq!((status(&answer), header(&answer, "content-type")), ("200", Some(kind)), "{path}: {answer}");
        assert_eq!(header(&answer, "cache-control"), Some(cache), "{path}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
    }
    let big = gateway.get("/big.bin", "").await;
    assert_eq!((header(&big, "content-length"), body(&big).len()), (Some("300000"), 300_000));
}

#[tokio::test]
async fn the_start_page_is_made_ready_and_answers_the_interfaces_own_paths() {
    let folder = tempfile::tempdir().unwrap();
    bundle(folder.path());
    let gateway = serving(folder.path()).await;
    for path in ["/", "/index.html", "/chat", "/agents/main/files", "/sessions"] {
        let answer = gateway.get(path, "").await;
        assert_eq!(
            (status(&answer), header(&answer, "content-type")),
            ("200", Some("text/html; charset=utf-8")),
            "{path}"
        );
        assert!(body(&answer).contains("<html data-openclaw-control-ui-base-path=\"\""), "{answer}");
        assert!(body(&answer).contains("src=\"/assets/index-DsEuFQRE.js\""), "{answer}");
        let policy = header(&answer, "content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self'") && policy.contains("'sha256-"), "{policy}");
    }
    for path in ["/no/such.js", "/favicon.png", "/empty.dir", "/v1/nothing", "/api/nothing", "/hooks/nothing", "/rpc"] {
        assert_ne!(status(&gateway.get(path, "").await), "200", "{path}");
    }
    let health = gateway.get("/health", "").await;
    assert!(body(&health).contains("\"ok\":true"), "{health}");
}

#[tokio::test]
async fn what_was_seen_before_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    bundle(folder.path());
    let gateway = serving(folder.path()).await;
    for path in ["/", "/favicon.svg"] {
        let etag = header(&gateway.get(path, "").await, "etag").unwrap().to_owned();
        let again = gateway.get(path, &format!("If-None-Match: {etag}\r\n")).await;
        assert_eq!((status(&again), body(&again)), ("304", ""), "{path}");
    }
    let etag = header(&gateway.get("/favicon.svg", "").await, "etag").unwrap().to_owned();
    fs::write(folder.path().join("favicon.svg"), "<svg>other</svg>").unwrap();
    assert_eq!(status(&gateway.get("/favicon.svg", &format!("If-None-Match: {etag}\r\n")).await), "200");
}

#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.txt"), "outside").unwrap();
    let folder = tempfile::tempdir().unwrap();
    bundle(folder.path());
    symlink(outside.path().join("secret.txt"), folder.path().join("link.txt")).unwrap();
    symlink(outside.path(), folder.path().join("out")).unwrap();
    symlink("loop.txt", folder.path().join("loop.txt")).unwrap();
    symlink("favicon.svg", folder.path().join("inside.svg")).unwrap();
    let gateway = serving(folder.path()).await;
    for path in [
        "/link.txt",
        "/out/secret.txt",
        "/loop.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/.secret",
        "/assets/../../secret.txt",
        "/a%00.txt",
        "//etc/passwd.txt",
        "/%ff.txt",
    ] {
        let answer = gateway.get(path, "").await;
        assert!(["404", "400"].contains(&status(&answer)) && !answer.contains("outside"), "{path}: {answer}");
    }
    assert_eq!(status(&gateway.get("/inside.svg", "").await), "200", "a link that stays inside");
    let posted = gateway
        .tcp(
            format!(
                "POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                gateway.authority()
            )
            .as_bytes(),
        )
        .await;
    assert_eq!(status(&posted), "404");
}

#[tokio::test]
async fn a_folder_that_is_gone_is_said_and_the_built_in_page_comes_back_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = serving(folder.path()).await;
    let answer = gateway.get("/", "").await;
    assert!(status(&answer) == "503" && body(&answer).contains("gateway.controlUi.root"), "{answer}");
    gateway.edit(&json!({}));
    gateway.reload().await;
    assert_eq!(status(&gateway.get("/", "").await), "200");
    assert_eq!(status(&gateway.get("/assets/gateway.css", "").await), "200");
}

#[tokio::test]
async fn what_the_interface_asks_first_is_for_those_with_the_credential() {
    let gateway = TestGateway::start().await;
    assert_eq!(status(&gateway.get("/control-ui-config.json", "").await), "401");
    assert_eq!(status(&gateway.get(&format!("/control-ui-config.json?token={TOKEN}"), "").await), "401");
    for path in ["/control-ui-config.json", "/__openclaw/control-ui-config.json"] {
        let answer = gateway.get(path, &format!("Authorization: Bearer {TOKEN}\r\n")).await;
        let told: Value = serde_json::from_str(body(&answer)).unwrap();
        assert_eq!(
            (status(&answer), &told["basePath"], &told["assistantAgentId"]),
            ("200", &json!(""), &json!("main")),
            "{answer}"
        );
        assert_eq!(told["terminalEnabled"], json!(false));
    }
}
