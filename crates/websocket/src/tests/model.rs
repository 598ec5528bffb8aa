//! Against another implementation as the client, in both directions, with every split.

use super::wire::*;
use crate::{Error, Message, WebSocket};
use futures_util::{SinkExt, StreamExt};
use proptest::prelude::*;
use tokio::io::duplex;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self,
        protocol::{
            CloseFrame, Role,
            frame::{
                Frame,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};

/// What the client does next.
#[derive(Clone, Debug)]
enum Act {
    Text(String),
    Binary(Vec<u8>),
    /// A text in fragments, with pings between them.
    Fragments(Vec<String>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

fn act() -> impl Strategy<Value = Act> {
    let bytes = || prop_oneof![4 => prop::collection::vec(any::<u8>(), 0..300), 1 => prop::collection::vec(any::<u8>(), 60_000..80_000)];
    prop_oneof![
        any::<String>().prop_map(Act::Text),
        bytes().prop_map(Act::Binary),
        prop::collection::vec(any::<String>(), 1..5).prop_map(Act::Fragments),
        prop::collection::vec(any::<u8>(), 0..125).prop_map(Act::Ping),
        prop::collection::vec(any::<u8>(), 0..125).prop_map(Act::Pong),
    ]
}

fn frames(act: &Act) -> Vec<tungstenite::Message> {
    match act.clone() {
        Act::Text(text) => vec![tungstenite::Message::text(text)],
        Act::Binary(bytes) => vec![tungstenite::Message::binary(bytes)],
        Act::Ping(bytes) => vec![tungstenite::Message::Ping(bytes.into())],
        Act::Pong(bytes) => vec![tungstenite::Message::Pong(bytes.into())],
        Act::Fragments(texts) => {
            let count = texts.len();
            let fragment = |(i, text): (usize, String)| {
                let opcode = OpCode::Data(if i == 0 { Data::Text } else { Data::Continue });
                let frame = Frame::message(text.into_bytes(), opcode, i + 1 == count);
                [tungstenite::Message::Frame(frame), tungstenite::Message::Ping(vec![i as u8].into())]
            };
            texts.into_iter().enumerate().flat_map(fragment).collect()
        }
    }
}

fn meant(act: &Act) -> Option<tungstenite::Message> {
    match act.clone() {
        Act::Text(text) => Some(tungstenite::Message::text(text)),
        Act::Binary(bytes) => Some(tungstenite::Message::binary(bytes)),
        Act::Fragments(texts) => Some(tungstenite::Message::text(texts.concat())),
        Act::Ping(_) | Act::Pong(_) => None,
    }
}

/// Echoes until the client closes, as the gateway's loop does; answers how many frames came.
async fn echo(mut socket: WebSocket<tokio::io::DuplexStream>) -> Result<u64, Error> {
    loop {
        match socket.recv().await? {
            Message::Text(text) => socket.queue_text(&[&text[..text.len() / 2], &text[text.len() / 2..]]),
            Message::Binary(bytes) => socket.queue_binary(&[&bytes]),
            Message::Close(frame) => {
                socket.close(frame.map_or(1005, |frame| frame.code), "").await;
                return Ok(socket.frames_received());
            }
        }
        if !socket.has_complete_frame() {
            socket.flush().await?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn echoes_to_tungstenite(acts in prop::collection::vec(act(), 0..12), room in prop_oneof![1..20_usize, 1000..100_000_usize]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (heard, frames_received) = runtime.block_on(async {
            let (client, server) = duplex(room);
            let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
            let (mut sink, stream) = client.split();
            let speak = async {
                for message in acts.iter().flat_map(frames) {
                    sink.send(message).await.expect("the server reads");
                }
                let frame = CloseFrame { code: CloseCode::Normal, reason: "done".into() };
                sink.send(tungstenite::Message::Close(Some(frame))).await.expect("the server reads");
            };
            let listen = stream.map(|message| message.expect("frames that another implementation takes")).collect::<Vec<_>>();
            let ((), heard, frames) = tokio::join!(speak, listen, echo(WebSocket::server(server, &[], 25 << 20)));
            (heard, frames.expect("frames that are within the protocol"))
        });
        let sent = acts.iter().map(|act| frames(act).len() as u64).sum::<u64>() + 1;
        prop_assert_eq!(frames_received, sent);
        let (control, mut messages): (Vec<_>, Vec<_>) = heard.into_iter().partition(|m| m.is_ping() || m.is_pong());
        prop_assert!(control.iter().all(tungstenite::Message::is_pong));
        prop_assert!(matches!(messages.pop(), Some(tungstenite::Message::Close(_))));
        prop_assert_eq!(messages, acts.iter().filter_map(meant).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_in_any_split_mean_the_same(
        parts in prop::collection::vec(
            prop_oneof![
                8 => (prop::sample::select(vec![0_u8, 1, 2, 8, 9, 10, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a]), prop::collection::vec(any::<u8>(), 0..200))
                    .prop_map(|(first, payload)| frame(first, &payload)),
                8 => "[a-zé]{0,90}".prop_map(|text| frame(FIN | TEXT, text.as_bytes())),
                1 => prop::collection::vec(any::<u8>(), 0..40),
            ],
            0..8,
        ),
        cuts in prop::collection::vec(1..400_usize, 1..20),
    ) {
        let input = parts.concat();
        let whole = hear([input.clone()], 1000);
        let mut rest = &input[..];
        let pieces = cuts.iter().cycle().map_while(|cut| {
            let (piece, later) = rest.split_at((*cut).min(rest.len()));
            rest = later;
            (!piece.is_empty()).then(|| piece.to_vec())
        });
        let split = hear(pieces.collect::<Vec<_>>(), 1000);
        prop_assert_eq!(split, whole);
    }
}
