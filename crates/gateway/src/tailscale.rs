//! Publishes the gateway through Tailscale on this machine, and asks it who somebody is (SPEC-NOTES 15).
//!
//! Tailscale gets a listener of its own, so that only what came through it can carry its headers. Everything is done with its command
//! line; when that fails the gateway serves this machine all the same, and says what is missing.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use openclaw_auth::TailscaleProblem;
use openclaw_config::TailscaleMode;
use openclaw_core::Environment;
use serde::Deserialize;
use tokio::{io::AsyncReadExt, net::TcpListener, process::Command, sync::Semaphore, time::Instant};
use tracing::{info, warn};

use crate::{
    connection::{Attribution, Carried, Door, Peer},
    listener::{self, Doorkeeper},
    state::State,
};

/// How long its command line may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that is read of an answer, bytes.
const LONGEST: u64 = 1 << 20;
/// How long an answer about an address is believed. A login that was taken away ends for new connections after that.
const FRESH: Duration = Duration::from_secs(60);
/// Addresses that are remembered.
const REMEMBERED: usize = 256;
/// Questions that are asked at once.
const AT_ONCE: usize = 4;
/// How far from the gateway's own port that of Tailscale's listener is tried first: a route that outlives the gateway leads to it.
const APART: u16 = 7;
/// Both spellings of the header with the login.
const LOGIN: [&str; 2] = ["tailscale-user-login", "x-tailscale-user-login"];
/// What Serve itself adds.
const SERVE: [&str; 3] = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"];

/// Tailscale, as it is configured and found here.
#[derive(Debug)]
pub(crate) struct Tailscale {
    mode: TailscaleMode,
    reset_on_exit: bool,
    program: Option<PathBuf>,
    variables: Vec<(&'static str, String)>,
    asking: Semaphore,
    known: Mutex<HashMap<IpAddr, (String, Instant)>>,
    /// The address that it is published at, or why it is not.
    published: Mutex<Option<Result<String, String>>>,
}

/// What `tailscale status --json` says, as far as it matters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    #[serde(default)]
    backend_state: String,
    #[serde(rename = "Self")]
    own: Option<Own>,
}

#[derive(Deserialize)]
struct Own {
    #[serde(rename = "DNSName", default)]
    name: String,
}

/// What `tailscale whois --json` says, as far as it matters.
#[derive(Deserialize)]
struct Whois {
    #[serde(rename = "UserProfile")]
    user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    #[serde(rename = "LoginName", default)]
    login: String,
}

impl Tailscale {
    pub(crate) fn new(mode: TailscaleMode, reset_on_exit: bool, environment: &Environment) -> Self {
        let path = environment.get("PATH").unwrap_or_default();
        let program = path.split(':').filter(|folder| folder.starts_with('/'));
        let program = program.map(|folder| PathBuf::from(folder).join("tailscale")).find(|file| file.is_file());
        let variables = ["PATH", "HOME"].map(|name| environment.get(name).map(|value| (name, value.to_owned())));
        Self {
            mode,
            reset_on_exit,
            program,
            variables: variables.into_iter().flatten().collect(),
            asking: Semaphore::new(AT_ONCE),
            known: Mutex::default(),
            published: Mutex::default(),
        }
    }

    /// Where it is published, and what keeps it from being. `None` when it is not to be.
    pub(crate) fn published(&self) -> Option<Result<String, String>> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_published(&self, published: Option<Result<String, String>>) {
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = published;
    }

    /// Runs its command line; what it printed.
    async fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let program = self.program.as_ref().ok_or("the program `tailscale` is not on the search path; install it")?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let whole = async {
            let mut child = command.spawn()?;
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
            let read_out = async {
                match stdout {
                    Some(pipe) => pipe.take(LONGEST).read_to_end(&mut out).await.map(drop),
                    None => Ok(()),
                }
            };
            let read_err = async {
                match stderr {
                    Some(pipe) => pipe.take(LONGEST).read_to_end(&mut err).await.map(drop),
                    None => Ok(()),
                }
            };
            tokio::try_join!(read_out, read_err)?;
            Ok::<_, io::Error>((child.wait().await?, out, err))
        };
        let named = || format!("tailscale {}", arguments.join(" "));
        match tokio::time::timeout(PATIENCE, whole).await {
            Err(_) => Err(format!("`{}` did not end within {} s", named(), PATIENCE.as_secs())),
            Ok(Err(error)) => Err(format!("`{}` cannot be run: {error}", named())),
            Ok(Ok((status, out, _))) if status.success() => Ok(String::from_utf8_lossy(&out).into_owned()),
            Ok(Ok((status, out, err))) => {
                let said = if err.is_empty() { out } else { err };
                let said: String = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
                Err(format!("`{}` ended with {status}: {}", named(), said.chars().take(300).collect::<String>()))
            }
        }
    }

    async fn publish(&self, target: SocketAddr) -> Result<String, String> {
        let status: Status = serde_json::from_str(&self.run(&["status", "--json"]).await?)
            .map_err(|error| format!("`tailscale status --json` cannot be read: {error}"))?;
        if status.backend_state != "Running" {
            return Err(format!("Tailscale is {:?} and not running; run `tailscale up`", status.backend_state));
        }
        let target = format!("http://{target}");
        self.run(&[self.mode.word(), "--bg", "--yes", &target]).await?;
        let name = status.own.map(|own| own.name.trim_end_matches('.').to_owned()).unwrap_or_default();
        Ok(format!("https://{name}/"))
    }

    /// Takes the publication back, where that is wanted; also one that was under way. To be called when nothing publishes any more.
    pub(crate) async fn withdraw(&self) {
        if self.mode == TailscaleMode::Off || !self.reset_on_exit || matches!(self.published(), Some(Err(_))) {
            return;
        }
        self.set_published(None);
        match self.run(&[self.mode.word(), "--yes", "--https=443", "--set-path=/", "off"]).await {
            Ok(_) => info!("No longer published through Tailscale"),
            Err(error) => warn!(error, "the publication through Tailscale could not be taken back"),
        }
    }

    /// Whether it was to be published when it started.
    pub(crate) fn is_wanted(&self) -> bool {
        self.mode != TailscaleMode::Off
    }

    /// Takes the publication back at once, whatever is to become of it at a stop.
    ///
    /// # Errors
    /// What the command line said. Nothing is done where nothing is published.
    pub(crate) async fn take_back(&self) -> Result<(), String> {
        if !self.is_wanted() || self.published().is_none() {
            return Ok(());
        }
        self.set_published(None);
        self.run(&[self.mode.word(), "--yes", "--https=443", "--set-path=/", "off"]).await.map(drop)
    }

    /// The login behind an address of the tailnet.
    async fn whois(&self, ip: IpAddr) -> Option<String> {
        let now = Instant::now();
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((login, _)) = known.get(&ip).filter(|(_, since)| now.duration_since(*since) < FRESH) {
                return Some(login.clone());
            }
        }
        let _place = self.asking.acquire().await.ok()?;
        let answer = self.run(&["whois", "--json", &ip.to_string()]).await;
        let answer = answer.map_err(|error| warn!(error, "Tailscale was asked about an address in vain")).ok()?;
        let login = serde_json::from_str::<Whois>(&answer).ok()?.user?.login;
        if login.is_empty() {
            return None;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (_, since)| now.duration_since(*since) < FRESH);
        if known.len() < REMEMBERED {
            known.insert(ip, (login.clone(), now));
        }
        Some(login)
    }
}

/// Opens Tailscale's own listener and has it published, when the configuration says so.
pub(crate) async fn start(state: &Arc<State>, doorkeeper: &Arc<Doorkeeper>) {
    let tailscale = &state.tailscale;
    if tailscale.mode == TailscaleMode::Off {
        return;
    }
    let port = state.active().loaded.config.gateway.listening_port();
    let preferred = if port == 0 { 0 } else { port.checked_add(APART).unwrap_or(0) };
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, preferred)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
    };
    let listener = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let address = listener.map(|(address, listener)| {
        let serving = listener::listen(listener, Door::Tailscale, Arc::clone(doorkeeper), Arc::clone(state));
        state.tasks.spawn("tailscale", serving);
        address
    });
    // Its command line may take seconds, for which nobody else shall wait.
    let publishing = Arc::clone(state);
    state.tasks.spawn("publication", async move {
        let tailscale = &publishing.tailscale;
        let published = async {
            match address {
                Ok(address) => tailscale.publish(address).await,
                Err(error) => Err(format!("no listener could be opened for it: {error}")),
            }
        };
        let published = tokio::select! {
            () = publishing.tasks.stopping() => return,
            published = published => published,
        };
        match &published {
            Ok(url) => info!(mode = tailscale.mode.word(), url, "Published through Tailscale"),
            Err(error) => warn!(mode = tailscale.mode.word(), error, "Not published through Tailscale"),
        }
        tailscale.set_published(Some(published));
    });
}

/// Who Tailscale says is there; `None` where it is not asked, because the connection did not come through it.
pub(crate) fn word<'a>(state: &'a State, peer: &Peer) -> BoxFuture<'a, Option<Result<String, TailscaleProblem>>> {
    let came = peer.carried.as_deref().filter(|carried| carried.door == Door::Tailscale);
    let claimed =
        came.filter(|_| state.active().policy.allow_tailscale).map(|carried| claimed(carried, peer.attribution));
    Box::pin(async move {
        let (ip, login) = match claimed? {
            Ok(claimed) => claimed,
            Err(problem) => return Some(Err(problem)),
        };
        let Some(known) = state.tailscale.whois(ip).await else { return Some(Err(TailscaleProblem::WhoisFailed)) };
        let same = known.eq_ignore_ascii_case(&login);
        Some(if same { Ok(known) } else { Err(TailscaleProblem::IdentityMismatch) })
    })
}

/// The address and the login that the headers name.
fn claimed(carried: &Carried, attribution: Attribution) -> Result<(IpAddr, String), TailscaleProblem> {
    let values = |name: &'static str| -> Vec<&str> {
        carried.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim()).collect()
    };
    let logins: Vec<&str> = LOGIN.into_iter().flat_map(values).collect();
    let [login] = logins[..] else { return Err(TailscaleProblem::IdentityMissing) };
    if login.is_empty() {
        return Err(TailscaleProblem::IdentityMissing);
    }
    // Each once: a second line would be somebody else's.
    if SERVE.into_iter().any(|name| values(name).iter().filter(|value| !value.is_empty()).count() != 1) {
        return Err(TailscaleProblem::ProxyMissing);
    }
    match attribution {
        Attribution::Proxied(ip) => Ok((ip, login.to_owned())),
        Attribution::Direct | Attribution::Unknown => Err(TailscaleProblem::ProxyMissing),
    }
}
