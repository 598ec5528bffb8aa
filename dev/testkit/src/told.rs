//! Where alerts arrive: a mail server and a web server on loopback that keep what they are sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use openclaw_core::Tasks;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A mail as the server got it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// `MAIL FROM`, without brackets.
    pub from: String,
    /// `RCPT TO`, without brackets.
    pub to: Vec<String>,
    /// Head and body.
    pub data: String,
}

/// A POST as the server got it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Post {
    /// The value of a header; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Things that arrive.
#[derive(Debug)]
struct Arrivals<T> {
    got: Mutex<Vec<T>>,
    bell: Notify,
}

impl<T> Default for Arrivals<T> {
    fn default() -> Self {
        Self { got: Mutex::default(), bell: Notify::new() }
    }
}

impl<T: Clone> Arrivals<T> {
    fn put(&self, thing: T) {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).push(thing);
        self.bell.notify_waiters();
    }

    fn all(&self) -> Vec<T> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn at_least(&self, count: usize) -> Vec<T> {
        let enough = async {
            loop {
                let rung = self.bell.notified();
                let all = self.all();
                if all.len() >= count {
                    return all;
                }
                rung.await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), enough).await.expect("it arrives within 30 s")
    }
}

/// A mail server that takes everything and offers no TLS.
#[derive(Debug)]
pub struct FakeMailServer {
    port: u16,
    mails: Arc<Arrivals<Mail>>,
    commands: Arc<Arrivals<String>>,
    refusals: Arc<Mutex<VecDeque<String>>>,
}

impl FakeMailServer {
    /// Listens on a loopback port.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let server = Self { port, mails: Arc::default(), commands: Arc::default(), refusals: Arc::default() };
        let (mails, commands, refusals) =
            (Arc::clone(&server.mails), Arc::clone(&server.commands), Arc::clone(&server.refusals));
        Tasks::new().spawn("mail server", async move {
            while let Ok((stream, _)) = listener.accept().await {
                // One after the other; a client that goes away in the middle ends its turn.
                let _ = converse(stream, &mails, &commands, &refusals).await;
            }
        });
        server
    }

    /// Its URL, with these parameters behind it.
    #[must_use]
    pub fn url(&self, parameters: &str) -> String {
        format!("smtp://127.0.0.1:{}{parameters}", self.port)
    }

    /// Answers the next `MAIL` with this line instead of taking it.
    pub fn refuse_next(&self, line: &str) {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).push_back(line.to_owned());
    }

    /// Waits until so many mails have come.
    pub async fn mails(&self, count: usize) -> Vec<Mail> {
        self.mails.at_least(count).await
    }

    /// Waits until so many commands have come.
    pub async fn commands(&self, count: usize) -> Vec<String> {
        self.commands.at_least(count).await
    }
}

async fn converse(
    stream: TcpStream,
    mails: &Arrivals<Mail>,
    commands: &Arrivals<String>,
    refusals: &Mutex<VecDeque<String>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 fake ESMTP\r\n").await?;
    let mut mail = Mail::default();
    while let Some(line) = lines.next_line().await? {
        commands.put(line.clone());
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let inside =
            || line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(it, _)| it).to_owned();
        let answer = match verb.as_str() {
            "EHLO" => "250-fake\r\n250 8BITMIME".to_owned(),
            "MAIL" => {
                let refusal = refusals.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                mail = Mail { from: inside(), ..Mail::default() };
                refusal.unwrap_or_else(|| "250 ok".to_owned())
            }
            "RCPT" => {
                mail.to.push(inside());
                "250 ok".to_owned()
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.data.push('\n');
                }
                mails.put(std::mem::take(&mut mail));
                "250 taken".to_owned()
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "RSET" | "NOOP" => "250 ok".to_owned(),
            _ => "502 not here".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// A web server that takes POSTs.
#[derive(Debug)]
pub struct FakeReceiver {
    port: u16,
    posts: Arc<Arrivals<Post>>,
    answers: Arc<Mutex<VecDeque<String>>>,
}

impl FakeReceiver {
    /// Listens on a loopback port. It answers 204, unless something else is said.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let server = Self { port, posts: Arc::default(), answers: Arc::default() };
        let (posts, answers) = (Arc::clone(&server.posts), Arc::clone(&server.answers));
        Tasks::new().spawn("receiver", async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = take(stream, &posts, &answers).await;
            }
        });
        server
    }

    /// Its URL with this scheme.
    #[must_use]
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}/alerts", self.port)
    }

    /// Answers the next POST with this status line, such as `503 Service Unavailable`.
    pub fn answer_next(&self, status: &str) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push_back(status.to_owned());
    }

    /// Waits until so many have come.
    pub async fn posts(&self, count: usize) -> Vec<Post> {
        self.posts.at_least(count).await
    }

    /// What has come until now.
    #[must_use]
    pub fn so_far(&self) -> Vec<Post> {
        self.posts.all()
    }
}

async fn take(stream: TcpStream, posts: &Arrivals<Post>, answers: &Mutex<VecDeque<String>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut post = Post::default();
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        post.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = post.header("content-length").parse().unwrap_or_default();
    post.body = vec![0; length];
    stream.read_exact(&mut post.body).await?;
    let answer = answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let status = answer.unwrap_or_else(|| "204 No Content".to_owned());
    stream.write_all(format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
    posts.put(post);
    Ok(())
}
