//! What the command line says when it is not a gateway that answers, or one of another age, or a folder is not its own.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use futures_util::{SinkExt, StreamExt};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::home::Home;

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_of_another_age_is_told_with_both_versions() {
    let home = Home::new();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", home.port)).await.unwrap();
    // A gateway that speaks a protocol of the future alone.
    let served = openclaw_core::Tasks::new();
    served.spawn("future gateway", async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            let challenge = json!({"type": "event", "event": "connect.challenge", "payload": {"nonce": "n", "ts": 1}});
            socket.send(Message::text(challenge.to_string())).await.unwrap();
            let Some(Ok(Message::Text(connect))) = socket.next().await else { continue };
            let connect: Value = serde_json::from_str(&connect).unwrap();
            let error = json!({
                "code": "INVALID_REQUEST", "message": "protocol mismatch",
                "details": {"code": "PROTOCOL_MISMATCH", "expectedProtocol": 9},
            });
            let refusal = json!({"type": "res", "id": connect["id"], "ok": false, "error": error});
            socket.send(Message::text(refusal.to_string())).await.unwrap();
            let _ = socket.close(None).await;
        }
    });
    let url = format!("ws://127.0.0.1:{}", home.port);
    assert_snapshot!(home.run(&["health", "--url", &url]).told(), @r#"
    exit 4
    --- err
    error: ws://127.0.0.1:PORT does not speak protocol 4: protocol mismatch
      help: update the older of the two: `openclaw version` here says VERSION, on the gateway's host it may say another
    "#);
    assert_snapshot!(home.run(&["health", "--url", &url, "--json"]).told(), @r#"
    exit 4
    --- out
    {"ok":false,"error":{"code":"PROTOCOL_MISMATCH","message":"ws://127.0.0.1:PORT does not speak protocol 4: protocol mismatch","hint":"update the older of the two: `openclaw version` here says VERSION, on the gateway's host it may say another"}}
    "#);
}

#[test]
fn another_program_on_the_port_is_no_gateway() {
    let home = Home::new();
    let listener = TcpListener::bind(("127.0.0.1", home.port)).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        }
    });
    let url = format!("ws://127.0.0.1:{}", home.port);
    assert_snapshot!(home.run(&["status", "--url", &url]).told(), @r#"
    exit 3
    --- err
    error: ws://127.0.0.1:PORT is not a gateway: it answered HTTP 200 OK hi
      help: check the port; on the gateway's host run: openclaw gateway status
    "#);
}

#[test]
fn a_state_directory_that_is_not_ours_keeps_the_gateway_from_starting() {
    let mut home = Home::new();
    std::fs::create_dir(home.state()).unwrap();
    std::fs::write(home.state().join("exec-approvals.json"), "{}").unwrap();
    assert_snapshot!(home.run(&["gateway"]).told(), @r#"
    exit 1
    --- err
    error: the gateway does not start: ~/.openclaw holds "exec-approvals.json", which this gateway did not write; run `openclaw import`, or set OPENCLAW_STATE_DIR to another folder
    "#);
    assert_snapshot!(home.run(&["gateway", "--json"]).told(), @r#"
    exit 1
    --- out
    {"ok":false,"error":{"code":"STATE","message":"the gateway does not start: ~/.openclaw holds \"exec-approvals.json\", which this gateway did not write; run `openclaw import`, or set OPENCLAW_STATE_DIR to another folder","hint":null}}
    "#);
    home.set("OPENCLAW_STATE_DIR", "/proc/nowhere");
    assert_snapshot!(home.run(&["gateway"]).told(), @r#"
    exit 1
    --- err
    error: the gateway does not start: cannot write to /proc/nowhere: No such file or directory (os error 2); make it writable, or set OPENCLAW_STATE_DIR to another folder
    "#);
    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    home.set("OPENCLAW_STATE_DIR", file.to_str().unwrap());
    assert_snapshot!(home.run(&["gateway"]).told(), @r#"
    exit 1
    --- err
    error: the gateway does not start: ~/file is not a folder; move it away, or set OPENCLAW_STATE_DIR to another folder
    "#);
}

#[test]
fn an_unknown_word_gets_the_nearest_one() {
    let home = Home::new();
    assert_snapshot!(home.run(&["sesions"]).told(), @r#"
    exit 2
    --- err
    error: unrecognized subcommand 'sesions'
      usage: openclaw [OPTIONS] <COMMAND>
      help: did you mean "sessions"?
    "#);
    assert_snapshot!(home.run(&["devices", "aprove", "x", "--json"]).told(), @r#"
    exit 2
    --- out
    {"ok":false,"error":{"code":"USAGE","message":"unrecognized subcommand 'aprove'","hint":"did you mean \"approve\"?"}}
    "#);
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["gateway", "call", "sesions.list"]).told(), @r#"
    exit 1
    --- err
    error: sesions.list: unknown method: sesions.list
      help: openclaw gateway call sessions.list
    "#);
}
