//! A model on loopback that speaks the OpenAI-compatible wire and writes down when it wrote.
//!
//! Each token is one write, as a real vendor sends it. It runs on a thread of its own, so that the client that measures
//! does not hold it up.

use std::{io, net::SocketAddr, thread};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::turn::{Journal, TOKEN, Times, Turn, now_us};

/// Name of the model, to be configured at the gateway.
pub(crate) const MODEL: &str = "lorem";
/// Longest request, bytes.
const LONGEST_REQUEST: usize = 16 * 1024 * 1024;
/// Connections served at once; a gateway pools far fewer.
const CONNECTIONS: usize = 256;

/// A running fake model; it ends with the process.
#[derive(Clone)]
pub(crate) struct Model {
    address: SocketAddr,
    journal: Journal,
}

impl Model {
    /// Starts it on a free port.
    pub(crate) fn start() -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").context("no port for the fake model")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let journal = Journal::default();
        let shared = journal.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("model".to_owned()).spawn(move || runtime.block_on(serve(listener, shared)))?;
        Ok(Self { address, journal })
    }

    /// Where a gateway finds it.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// When it worked on a turn.
    pub(crate) fn times(&self, run: &str) -> Option<Times> {
        self.journal.take(run)
    }
}

async fn serve(listener: std::net::TcpListener, journal: Journal) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                let journal = journal.clone();
                // An error ends one connection; the gateway reports what became of its run.
                connections.spawn(async move { drop(converse(accepted?.0, &journal).await); io::Result::Ok(()) });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers requests until the peer leaves.
async fn converse(mut stream: TcpStream, journal: &Journal) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    loop {
        let (head, length) = loop {
            if let Some(sizes) = request_size(&input)? {
                break sizes;
            }
            if stream.read_buf(&mut input).await? == 0 {
                return Ok(());
            }
        };
        while input.len() < head + length {
            ensure!(stream.read_buf(&mut input).await? > 0, "the request was cut");
        }
        let received = now_us();
        let turn = Turn::find(&String::from_utf8_lossy(&input[head..head + length]));
        let is_chat = input.starts_with(b"POST") && input[..head].windows(17).any(|part| part == b"/chat/completions");
        input.drain(..head + length);
        match turn {
            Some(turn) if is_chat => {
                let times = stream_turn(&mut stream, &turn, received).await?;
                journal.record(turn.run, times);
            }
            // Whatever else is asked (a list of models, say) has an honest empty answer.
            _ => {
                let body = r#"{"object":"list","data":[]}"#;
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).await?;
            }
        }
    }
}

async fn stream_turn(stream: &mut TcpStream, turn: &Turn, received: u64) -> Result<Times> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let token = chunk(&event(&format!(r#"{{"index":0,"delta":{{"content":"{TOKEN}"}},"finish_reason":null}}"#), ""));
    let start = Instant::now();
    let mut first = now_us();
    for index in 0..turn.tokens {
        if turn.pace_us > 0 {
            sleep_until(start + turn.due(index)).await;
        }
        if index == 0 {
            first = now_us();
        }
        stream.write_all(token.as_bytes()).await?;
    }
    let usage = format!(
        r#","usage":{{"prompt_tokens":10,"completion_tokens":{0},"total_tokens":{1}}}"#,
        turn.tokens,
        turn.tokens + 10
    );
    let end = event(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#, &usage) + "data: [DONE]\n\n";
    let last = now_us();
    stream.write_all((chunk(&end) + "0\r\n\r\n").as_bytes()).await?;
    Ok(Times { received, first, last })
}

fn event(choice: &str, usage: &str) -> String {
    format!(
        "data: {{\"id\":\"lorem-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"{MODEL}\",\"choices\":[{choice}]{usage}}}\n\n"
    )
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// Lengths of head and body once the head is complete.
fn request_size(input: &[u8]) -> Result<Option<(usize, usize)>> {
    ensure!(input.len() < LONGEST_REQUEST, "the request is too long");
    let Some(end) = input.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(&input[..end]).to_ascii_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length:")).map_or(Ok(0), |text| text.trim().parse())?;
    Ok(Some((end + 4, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_turn_is_streamed_token_by_token_and_written_down() {
        let model = Model::start().unwrap();
        let turn = Turn { run: "r".into(), tokens: 3, pace_us: 1 };
        let body = format!(r#"{{"messages":[{{"content":"{}"}}]}}"#, turn.message());
        let mut stream = TcpStream::connect(model.address).await.unwrap();
        for _ in 0..2 {
            let request = format!("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n0\r\n\r\n") {
                assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
            }
            let answer = String::from_utf8(answer).unwrap();
            assert_eq!(answer.matches(r#"{"content":"lorem "}"#).count(), 3);
            assert!(answer.contains(r#""completion_tokens":3"#) && answer.contains("data: [DONE]"));
        }
        let times = loop {
            match model.times("r") {
                Some(times) => break times,
                None => tokio::task::yield_now().await,
            }
        };
        assert!(times.received <= times.first && times.first <= times.last);
    }

    #[test]
    fn requests_are_measured_before_they_are_read() {
        assert_eq!(request_size(b"GET / HTTP/1.1\r\nA: b\r\n").unwrap(), None);
        assert_eq!(request_size(b"GET / HTTP/1.1\r\n\r\n").unwrap(), Some((18, 0)));
        assert_eq!(request_size(b"P / H\r\nContent-Length: 12\r\n\r\n").unwrap(), Some((29, 12)));
        assert!(request_size(b"P / H\r\nContent-Length: x\r\n\r\n").is_err());
    }
}
