//! The gateway's page is opened, signed in.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::json;

use crate::home::Home;

fn redeem(home: &Home, code: &str) -> String {
    let body = json!({ "code": code }).to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", home.port)).unwrap();
    let head = format!(
        "POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        home.port,
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_link_signs_one_browser_in_once() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let ran = home.run(&["dashboard"]);
    assert_eq!((ran.code, ran.out.lines().count()), (Some(0), 1), "{}", ran.told());
    let code = ran.out.trim().strip_prefix("http://127.0.0.1:PORT/#login=").expect("a link to the page").to_owned();
    assert_eq!(redeem(&home, &code), "200");
    assert_eq!(redeem(&home, &code), "403", "it works once");

    let json = home.run(&["dashboard", "--json"]).json();
    assert_eq!((&json["ok"], &json["opened"]), (&json!(true), &json!(false)), "{json}");
    assert!(json["expiresAtMs"].is_i64() && json["url"].as_str().unwrap().contains("/#login="), "{json}");
    let log = home.run(&["logs", "--json"]);
    assert!(!log.out.contains(&code), "a link is a secret");
}

#[test]
fn without_a_credential_the_page_is_just_the_page() {
    let home = Home::new();
    let _gateway = home.gateway(&["--auth", "none"]);
    assert_eq!(home.run(&["dashboard"]).told(), "exit 0\n--- out\nhttp://127.0.0.1:PORT/\n");
}
