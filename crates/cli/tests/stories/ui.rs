//! The page is served alone, for a gateway elsewhere (specification 001's second container; T05).

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
};

use insta::assert_snapshot;

use crate::home::Home;

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves a page and tells where, from what it printed.
fn served(home: &Home, arguments: &[&str]) -> (Served, u16, String) {
    let folder = home.path().join("page");
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    std::fs::write(
        folder.join("index.html"),
        "<!doctype html>\n<html>\n<head>\n<title>page</title>\n</head>\n</html>\n",
    )
    .unwrap();
    std::fs::write(folder.join("assets/a-12345678.js"), "run()").unwrap();
    let all = [&["ui", "--port", "0", "--root", folder.to_str().unwrap()], arguments].concat();
    let mut child = home.command(&all).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line
        .split("http://127.0.0.1:")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .and_then(|port| port.parse().ok());
    (Served(child), port.unwrap_or_else(|| panic!("{line}")), line)
}

fn ask(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(format!("{request} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_page_learns_its_gateway_from_the_program_and_from_nothing_else() {
    let mut home = Home::new();
    home.set("GATEWAY_URL", "https://gateway.example");
    let (_served, port, line) = served(&home, &[]);
    assert!(line.ends_with("and speaks with wss://gateway.example:443\n"), "{line}");
    for path in ["/", "/sessions", "/?gatewayUrl=ws://evil.example:9"] {
        let page = ask(port, &format!("GET {path}"));
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
        assert!(page.contains("<meta name=\"openclaw-gateway-url\" content=\"wss://gateway.example:443\">"), "{page}");
        assert!(page.contains("connect-src 'self' wss://gateway.example:443;") && !page.contains("evil"), "{page}");
        for header in ["x-frame-options: DENY", "x-content-type-options: nosniff", "referrer-policy: no-referrer"] {
            assert!(page.to_lowercase().contains(&header.to_lowercase()), "{header}: {page}");
        }
    }
    assert!(ask(port, "GET /assets/a-12345678.js").ends_with("run()"));
    assert!(ask(port, "GET /healthz").contains("\"ok\":true"));
    for (request, status) in
        [("GET /api/status", "404"), ("POST /rpc/health", "404"), ("GET /../token", "404"), ("POST /", "405")]
    {
        let answer = ask(port, request);
        assert_eq!(answer.split(' ').nth(1), Some(status), "{request}: {answer}");
    }
    let (_other, _, line) = served(&home, &["--gateway-url", "ws://127.0.0.1:4321", "--json"]);
    assert!(line.contains("\"gatewayUrl\":\"ws://127.0.0.1:4321\""), "the flag goes before the variable: {line}");
}

#[test]
fn without_a_page_or_with_a_bad_address_it_says_what_to_do() {
    let home = Home::new();
    assert_snapshot!(home.run(&["ui", "--port", "0", "--root", "/nonexistent"]).told(), @r"
    exit 1
    --- err
    error: /nonexistent/index.html: No such file or directory (os error 2)
      help: --root names a folder with index.html, such as ui/dist
    ");
    assert_snapshot!(home.run(&["ui", "--gateway-url", "ws://h:1/?token=hunter2"]).told(), @r"
    exit 2
    --- err
    error: the gateway's address must have neither a query nor a fragment
      help: a token is typed into the page, or given to a browser as http://…/#token=…
    ");
    assert_eq!(home.run(&["ui", "--gateway-url", "gateway"]).code, Some(2));
}
