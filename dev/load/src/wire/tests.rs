use super::*;
use openclaw_websocket::{Message, WebSocket};
use tokio::net::TcpListener;

async fn pair() -> (Wire, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
    (Wire { stream: client.unwrap(), input: BytesMut::new(), output: Vec::new() }, server.unwrap().0)
}

#[tokio::test]
async fn frames_of_every_length_arrive_whole_in_both_directions() {
    let (mut wire, stream) = pair().await;
    let mut server = WebSocket::server(stream, &[], 1 << 20);
    for length in [0, 1, 125, 126, 65_535, 65_536, 300_000] {
        let text = "x".repeat(length);
        let (sent, got) = tokio::join!(wire.send(text.as_bytes()), server.recv());
        sent.unwrap();
        assert_eq!(got.unwrap(), Message::Text(text.clone().into()), "{length}");
        server.queue_text(&[text.as_bytes()]);
        let (flushed, got) = tokio::join!(server.flush(), wire.next());
        flushed.unwrap();
        assert_eq!(got.unwrap().len(), length);
    }
}

#[tokio::test]
async fn pings_are_answered_and_a_close_names_its_reason() {
    let (mut wire, stream) = pair().await;
    let mut server = WebSocket::server(stream, &[], 1 << 20);
    server.queue_ping(b"p");
    server.queue_text(&[b"a"]);
    server.flush().await.unwrap();
    assert_eq!(wire.next().await.unwrap(), "a");
    wire.send(b"b").await.unwrap();
    assert_eq!(server.recv().await.unwrap(), Message::Text("b".into()));
    assert_eq!(server.pongs_received(), 1);
    server.queue_close(1008, "slow consumer");
    server.flush().await.unwrap();
    assert_eq!(wire.next().await.unwrap_err().to_string(), "the server closed the connection: 1008 slow consumer");
}

#[tokio::test]
async fn masked_and_endless_frames_are_refused() {
    for (bytes, what) in [(vec![0x81, 0x81, 0], "masked"), (vec![0x81, 127, 1, 0, 0, 0, 0, 0, 0, 0], "frame of")] {
        let (mut wire, mut server) = pair().await;
        server.write_all(&bytes).await.unwrap();
        assert!(wire.next().await.unwrap_err().to_string().contains(what));
    }
    let (mut wire, server) = pair().await;
    drop(server);
    assert!(wire.next().await.unwrap_err().to_string().contains("ended"));
}

#[test]
fn replies_and_events_are_told_apart() {
    assert_eq!(reply_to(br#"{"type":"res","id":"17","ok":true,"payload":{}}"#), Some(17));
    assert_eq!(reply_to(br#"{"type":"res","id":"x","ok":true}"#), None);
    assert_eq!(reply_to(br#"{"type":"event","event":"tick"}"#), None);
    assert!(is_event(br#"{"type":"event","event":"chat","payload":{}}"#, "chat"));
    assert!(!is_event(br#"{"type":"event","event":"chats","payload":{}}"#, "chat"));
    assert!(is_ok(br#"{"type":"res","id":"1","ok":true}"#) && !is_ok(br#"{"type":"res","id":"1","ok":false}"#));
}
