//! A way to a gateway through ssh, for one that listens on its own machine alone.
//!
//! `ssh -W` makes its standard input and output the byte stream to the gateway, so nothing listens on this machine and no
//! other program here can put itself in between. Everything is an argument of its own: no shell reads any of it.

use std::{
    ffi::OsString,
    fmt, io,
    path::PathBuf,
    pin::Pin,
    process::Stdio,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use openclaw_client::{Dial, GatewayUrl, Transport};
use openclaw_core::{Environment, Tasks};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, Join, ReadBuf},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Notify,
    time::timeout,
};

/// Most bytes of what ssh complains about; its end is kept, which says why ssh gave up.
const COMPLAINT: usize = 4096;
/// How long the rest of a complaint is waited for.
const LINGER: Duration = Duration::from_secs(1);
/// Longest name of a host or a user.
const NAME: usize = 255;

/// Where ssh goes: `[user@]host[:port]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Destination {
    user: Option<String>,
    host: String,
    port: Option<u16>,
}

impl FromStr for Destination {
    type Err = String;

    /// Takes what names a host and nothing that ssh, its configuration or a program that it runs could read otherwise.
    fn from_str(text: &str) -> Result<Self, String> {
        let (user, rest) = match text.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, text),
        };
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or("the bracket of the address is not closed")?;
                let port = match after {
                    "" => None,
                    after => Some(after.strip_prefix(':').ok_or("expected :port behind the bracket")?),
                };
                host.parse::<std::net::Ipv6Addr>().map_err(|_| "expected an IPv6 address in brackets")?;
                (host, port)
            }
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let is_plain = |name: &str, more: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
            !name.is_empty() && name.len() <= NAME && !name.starts_with('-') && name.chars().all(fits)
        };
        if user.is_some_and(|user| !is_plain(user, "._-")) {
            return Err(
                "a user is letters, digits, dots, dashes and underscores, and does not begin with a dash".into()
            );
        }
        if !rest.starts_with('[') && !is_plain(host, "._-") {
            return Err(
                "a host is letters, digits, dots, dashes and underscores, and does not begin with a dash".into()
            );
        }
        let port = match port.map(str::parse::<u16>) {
            None => None,
            Some(Ok(port @ 1..)) => Some(port),
            Some(_) => return Err("expected a port from 1 to 65535".into()),
        };
        Ok(Self { user: user.map(str::to_owned), host: host.to_owned(), port })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// How ssh is started.
#[derive(Clone, Debug)]
pub(super) struct Tunnel {
    pub(super) destination: Destination,
    pub(super) identity: Option<PathBuf>,
    pub(super) timeout: Duration,
}

/// What ssh complained about so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Complaint {
    text: Arc<Mutex<Vec<u8>>>,
    /// Told when there will be no more.
    whole: Arc<Notify>,
}

impl Complaint {
    /// Its last line, which says why it gave up. What was written just before the end may still be on its way.
    pub(super) async fn last(&self) -> Option<String> {
        let _ = timeout(LINGER, self.whole.notified()).await;
        let bytes = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&bytes);
        text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
    }
}

impl Tunnel {
    /// The arguments of ssh, for a gateway at this place as the far side sees it.
    fn arguments(&self, host: &str, port: u16) -> Vec<OsString> {
        let seconds = self.timeout.as_secs().max(1);
        let options = ["BatchMode=yes", "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no"];
        let mut arguments: Vec<OsString> = vec!["-T".into()];
        for option in options.map(str::to_owned).into_iter().chain([format!("ConnectTimeout={seconds}")]) {
            arguments.extend(["-o".into(), option.into()]);
        }
        if let Some(identity) = &self.identity {
            arguments.extend(["-i".into(), identity.into()]);
        }
        let Destination { user, host: far, port: far_port } = &self.destination;
        if let Some(port) = far_port {
            arguments.extend(["-p".into(), port.to_string().into()]);
        }
        let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        arguments.extend(["-W".into(), place.into(), "--".into()]);
        arguments.push(user.as_ref().map_or_else(|| far.clone(), |user| format!("{user}@{far}")).into());
        arguments
    }

    /// What opens byte streams through it, and what ssh says when that fails.
    pub(super) fn dial(self, environment: &Environment, tasks: &Tasks) -> (Dial, Complaint) {
        let complaint = Complaint::default();
        // Nothing of the gateways of this machine is any of the far side's business.
        let variables = environment.iter().filter(|(name, _)| !name.starts_with("OPENCLAW_"));
        let variables: Vec<(String, String)> =
            variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let (heard, tasks) = (complaint.clone(), tasks.clone());
        let dial = Dial::from_fn(move |url: GatewayUrl| {
            let mut command = Command::new("ssh");
            command.args(self.arguments(url.host(), url.port()));
            command.env_clear().envs(variables.iter().cloned());
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
            let (heard, tasks) = (heard.clone(), tasks.clone());
            async move {
                let whole = Arc::clone(&heard.whole);
                let through = through(command, heard, &tasks).inspect_err(|_| whole.notify_one())?;
                Ok(Box::new(through) as Box<dyn Transport>)
            }
        });
        (dial, complaint)
    }
}

fn through(mut command: Command, heard: Complaint, tasks: &Tasks) -> io::Result<Through> {
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(error.kind(), "there is no program ssh here"),
        _ => error,
    })?;
    let missing = || io::Error::other("ssh has no input and output");
    let (input, output) = (child.stdin.take().ok_or_else(missing)?, child.stdout.take().ok_or_else(missing)?);
    let mut errors = child.stderr.take().ok_or_else(missing)?;
    tasks.spawn("what ssh complains about", async move {
        let mut piece = [0; 512];
        while let Ok(length @ 1..) = errors.read(&mut piece).await {
            let mut kept = heard.text.lock().unwrap_or_else(PoisonError::into_inner);
            keep_end(&mut kept, &piece[..length]);
        }
        heard.whole.notify_one();
    });
    Ok(Through { stream: tokio::io::join(output, input), _child: child })
}

fn keep_end(kept: &mut Vec<u8>, piece: &[u8]) {
    kept.extend_from_slice(piece);
    let over = kept.len().saturating_sub(COMPLAINT);
    kept.drain(..over);
}

/// A byte stream through ssh, which ends with it.
struct Through {
    stream: Join<ChildStdout, ChildStdin>,
    _child: Child,
}

impl AsyncRead for Through {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Through {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn t43_a_destination_is_a_name_and_nothing_that_ssh_reads_otherwise() {
        for text in
            ["host", "me@host", "me@host:22", "me@10.0.0.1", "gate-way.example.com:2222", "me@[::1]:22", "[fe80::1]"]
        {
            let destination: Destination = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(destination.to_string(), text.replace(['[', ']'], ""));
        }
        for text in [
            "",
            "@",
            "me@",
            "@host",
            "-oProxyCommand=touch /tmp/pwned",
            "me@-oProxyCommand=x",
            "-l@host",
            "-me@host",
            "host -oProxyCommand=x",
            "host;id",
            "$(id)",
            "`id`",
            "host|id",
            "host\nProxyCommand x",
            "host\0",
            "a@b@c",
            "me%h@host",
            "host%eth0",
            "host:0",
            "host:65536",
            "host:22:22",
            "host:",
            "host:-1",
            "[::1",
            "[::1]22",
            "[not-an-address]",
            "[-oProxyCommand=x]",
            "h\u{f6}st",
            "host/..",
        ] {
            assert!(text.parse::<Destination>().is_err(), "{text:?}");
        }
        assert!("x".repeat(NAME + 1).parse::<Destination>().is_err());
    }

    #[tokio::test]
    async fn of_a_long_complaint_the_end_is_told() {
        let complaint = Complaint::default();
        let heard = |piece: &[u8]| {
            let mut kept = complaint.text.lock().unwrap();
            keep_end(&mut kept, piece);
            kept.len()
        };
        for _ in 0..200 {
            heard("a banner that nobody asked for \u{1f512}\n".as_bytes());
        }
        assert_eq!(heard(b"Permission denied (publickey).\r\n"), COMPLAINT);
        complaint.whole.notify_one();
        assert_eq!(complaint.last().await.as_deref(), Some("Permission denied (publickey)."));
    }

    #[test]
    fn the_destination_stands_behind_the_end_of_the_options() {
        let tunnel = Tunnel {
            destination: "me@host:2222".parse().unwrap(),
            identity: Some("/keys/-odd".into()),
            timeout: Duration::from_millis(300),
        };
        let arguments = tunnel.arguments("::1", 18789);
        let expected = "-T -o BatchMode=yes -o ForwardAgent=no -o ForwardX11=no -o PermitLocalCommand=no -o ConnectTimeout=1 \
                        -i /keys/-odd -p 2222 -W [::1]:18789 -- me@host";
        assert_eq!(arguments.join(OsStr::new(" ")), expected);
    }
}
