//! Behind a real reverse proxy that knows its users, and a password that is kept as a hash.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::home::Home;

/// The proxy, until it is dropped.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts nginx as its own master in the foreground, so that ending the child ends it.
#[expect(clippy::disallowed_macros, reason = "what is skipped is said aloud")]
fn nginx(home: &Home, port: u16) -> Option<Nginx> {
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|file| std::path::Path::new(file).exists());
    let Some(program) = program else {
        eprintln!("SKIPPED: there is no nginx on this machine; install the package `nginx`");
        return None;
    };
    let folder = home.path().join("nginx");
    std::fs::create_dir(&folder).unwrap();
    // One process and no daemon; what it writes stays in its folder. The client's own words about itself are overwritten.
    let text = format!(
        r#"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{gateway};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $http_connection;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For 203.0.113.9;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-Forwarded-User ann@example.com;
    }}
  }}
}}
"#,
        folder = folder.display(),
        gateway = home.port,
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(program);
    command.args(["-e", "stderr", "-p"]).arg(&folder).arg("-c").arg(&file);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if child.try_wait().unwrap().is_some() || began.elapsed() > Duration::from_secs(20) {
            let _ = child.kill();
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("nginx does not listen: {said}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(Nginx(child))
}

fn asked(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    // An upgraded connection stays open; its first frame is all that is wanted.
    while !String::from_utf8_lossy(&answer).contains("connect.challenge") {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&chunk[..read]),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn behind_nginx_its_user_is_let_in_and_whoever_goes_around_it_is_not() {
    let home = Home::new();
    home.write_config(
        r#"{gateway: {trustedProxies: ["127.0.0.1"], auth: {mode: "trusted-proxy", password: "the password of this machine",
            trustedProxy: {userHeader: "X-Forwarded-User", requiredHeaders: ["X-Forwarded-Proto"], allowUsers: ["ann@example.com"], allowLoopback: true}}},
            metrics: {enabled: false}}"#,
    );
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(_nginx) = nginx(&home, port) else { return };
    let _gateway = home.gateway(&[]);

    let get =
        |headers: &str| format!("GET /metrics HTTP/1.1\r\nHost: mc.example.com\r\nConnection: close\r\n{headers}\r\n");
    let answer = asked(port, &get(""));
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("openclaw_gateway_"), "{answer}");
    let forged = asked(port, &get("X-Forwarded-User: eve@example.com\r\nX-Forwarded-For: 127.0.0.1\r\n"));
    assert!(forged.starts_with("HTTP/1.1 200"), "the proxy overwrites what its client says: {forged}");
    let capped = asked(port, &get("x-openclaw-scopes: operator.pairing\r\n"));
    assert!(capped.starts_with("HTTP/1.1 403"), "a client may ask for less: {capped}");
    let upgrade = "GET / HTTP/1.1\r\nHost: mc.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    assert!(asked(port, upgrade).contains("connect.challenge"));

    let around = asked(home.port, &get("X-Forwarded-User: ann@example.com\r\n").replace("mc.example.com", "localhost"));
    assert!(around.starts_with("HTTP/1.1 401"), "{around}");
    // The command line beside it takes the password from the configuration.
    let ran = home.run(&["health", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
}

#[test]
fn a_password_is_hashed_and_only_the_password_lets_in() {
    let home = Home::new();
    let hash = |password: &str| {
        let mut child =
            home.command(&["gateway", "hash-password"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(hash("short\n"), (Some(2), String::new()));
    let (code, hash) = hash("correct horse battery staple\n");
    assert!(code == Some(0) && hash.starts_with("$argon2id$v=19$") && hash.lines().count() == 1, "{hash}");
    // At a terminal, which `script` makes, nothing of it is shown.
    let mut script = home.program("script");
    script.args(["-qec", concat!(env!("CARGO_BIN_EXE_openclaw"), " gateway hash-password"), "/dev/null"]);
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = String::new();
    for prompt in ["Password: ", "The same again: "] {
        let mut byte = [0];
        while !shown.ends_with(prompt) {
            output.read_exact(&mut byte).unwrap();
            shown.push(char::from(byte[0]));
        }
        // The terminal stops echoing just after the prompt is there.
        std::thread::sleep(Duration::from_millis(500));
        input.write_all(b"correct horse battery staple\n").unwrap();
    }
    output.read_to_string(&mut shown).unwrap();
    child.wait().unwrap();
    assert!(shown.contains("$argon2id$"), "{shown}");
    assert!(!shown.contains("staple"), "{shown}");
    home.write_config(&format!(
        r#"{{gateway: {{auth: {{mode: "password", password: "{}"}}}}, metrics: {{enabled: false}}}}"#,
        hash.trim()
    ));
    let _gateway = home.gateway(&[]);
    let ran = home.run(&["health", "--password", "correct horse battery staple", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    let ran = home.run(&["health", "--password", "wrong horse battery staple"]);
    assert_eq!(ran.code, Some(4), "{}", ran.told());
    let ran = home.run(&["health", "--password", hash.trim()]);
    assert_eq!(ran.code, Some(4), "the hash is no password: {}", ran.told());
}
