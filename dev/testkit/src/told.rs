//! Where alerts arrive: a mail server and a web server on loopback that keep what they are sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use openclaw_core::Tasks;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_rustls::TlsAcceptor;

/// A mail as the server got it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// `MAIL FROM`, without brackets.
    pub from: String,
    /// `RCPT TO`, without brackets.
    pub to: Vec<String>,
    /// Head and body.
    pub data: String,
    /// Whether it came over TLS.
    pub over_tls: bool,
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

/// A mail server that takes everything, and changes to TLS where it was started so.
#[derive(Debug)]
pub struct FakeMailServer {
    port: u16,
    authority: Option<String>,
    kept: Arc<Kept>,
}

/// What it keeps, and what it is told to do.
#[derive(Debug, Default)]
struct Kept {
    mails: Arrivals<Mail>,
    commands: Arrivals<String>,
    refusals: Mutex<VecDeque<String>>,
}

impl FakeMailServer {
    /// Listens on a loopback port, and offers no TLS.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start() -> Self {
        Self::listening(None, None).await
    }

    /// Listens on a loopback port and changes to TLS when it is asked to, as `localhost`. Nobody logs in before that.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start_with_tls() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(["localhost".to_owned()]).expect("a name").signed_by(&key, &authority);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions of the provider")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.expect("a certificate").der().clone()], key)
            .expect("a certificate and its key");
        Self::listening(Some(TlsAcceptor::from(Arc::new(config))), Some(authority.pem())).await
    }

    async fn listening(tls: Option<TlsAcceptor>, authority: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let server = Self { port, authority, kept: Arc::default() };
        let kept = Arc::clone(&server.kept);
        Tasks::new().spawn("mail server", async move {
            while let Ok((stream, _)) = listener.accept().await {
                // One after the other; a client that goes away in the middle ends its turn.
                let _ = serve(stream, tls.as_ref(), &kept).await;
            }
        });
        server
    }

    /// The certificate of whoever vouches for it, PEM.
    ///
    /// # Panics
    /// When it was started without TLS.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.authority.as_deref().expect("it was started with TLS")
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its URL, with these parameters behind it.
    #[must_use]
    pub fn url(&self, parameters: &str) -> String {
        format!("smtp://127.0.0.1:{}{parameters}", self.port)
    }

    /// Answers the next `MAIL` with this line instead of taking it.
    pub fn refuse_next(&self, line: &str) {
        self.kept.refusals.lock().unwrap_or_else(PoisonError::into_inner).push_back(line.to_owned());
    }

    /// Waits until so many mails have come.
    pub async fn mails(&self, count: usize) -> Vec<Mail> {
        self.kept.mails.at_least(count).await
    }

    /// Waits until so many commands have come.
    pub async fn commands(&self, count: usize) -> Vec<String> {
        self.kept.commands.at_least(count).await
    }
}

async fn serve(mut stream: TcpStream, tls: Option<&TlsAcceptor>, kept: &Kept) -> std::io::Result<()> {
    stream.write_all(b"220 fake ESMTP\r\n").await?;
    let offer = if tls.is_some() { "250-fake\r\n250-STARTTLS\r\n250 8BITMIME" } else { "250-fake\r\n250 8BITMIME" };
    let changes = converse(stream, offer, false, kept).await?;
    if let (Some(stream), Some(tls)) = (changes, tls) {
        let stream = tls.accept(stream).await?;
        converse(stream, "250-fake\r\n250-AUTH PLAIN\r\n250 8BITMIME", true, kept).await?;
    }
    Ok(())
}

/// Takes commands to the end, or until it is to change to TLS: then the stream comes back.
async fn converse<S>(stream: S, offer: &str, over_tls: bool, kept: &Kept) -> std::io::Result<Option<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    let mut mail = Mail::default();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let command = line.trim_end();
        kept.commands.put(command.to_owned());
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let inside =
            || command.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(it, _)| it).to_owned();
        let answer = match verb.as_str() {
            "EHLO" => offer.to_owned(),
            "STARTTLS" if offer.contains("STARTTLS") => {
                stream.write_all(b"220 go on\r\n").await?;
                stream.flush().await?;
                // What was sent in the clear behind it is nobody's.
                return Ok(stream.buffer().is_empty().then(|| stream.into_inner()));
            }
            "AUTH" if offer.contains("AUTH") => "235 welcome".to_owned(),
            "MAIL" => {
                let refusal = kept.refusals.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                mail = Mail { from: inside(), over_tls, ..Mail::default() };
                refusal.unwrap_or_else(|| "250 ok".to_owned())
            }
            "RCPT" => {
                mail.to.push(inside());
                "250 ok".to_owned()
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                stream.flush().await?;
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await? == 0 || line.trim_end_matches(['\r', '\n']) == "." {
                        break;
                    }
                    let text = line.trim_end_matches(['\r', '\n']);
                    mail.data.push_str(text.strip_prefix('.').unwrap_or(text));
                    mail.data.push('\n');
                }
                kept.mails.put(std::mem::take(&mut mail));
                "250 taken".to_owned()
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                stream.flush().await?;
                return Ok(None);
            }
            "RSET" | "NOOP" => "250 ok".to_owned(),
            _ => "502 not here".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        stream.flush().await?;
    }
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
