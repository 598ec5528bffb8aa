//! `openclaw gateway run`

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::{Args, ValueEnum};
use openclaw_config::{AuthMode, Config, FileMode, Level, LoadRequest, LogFormat, Logging, Overrides, Period};
use openclaw_core::{Clock, Environment, Ids, Secret, Tasks};
use openclaw_gateway::{FollowLogging, LogFile, LogRing, RunError, Running};
use openclaw_store::StateDir;
use tokio::signal::unix::{SignalKind, signal};
use tracing::warn;
use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt, reload, util::SubscriberInitExt};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
};

/// How long the runtime waits for threads that are at work when the gateway has stopped.
const RUNTIME_GRACE: Duration = Duration::from_secs(2);

/// Run the gateway until it is told to stop
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway run
  openclaw gateway run --port 19000 --config gateway.yml
  openclaw gateway run --allow-unconfigured      try it, and leave no configuration behind")]
pub(crate) struct Run {
    /// Port to listen on [default: 18789]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Where to listen: loopback, lan, tailnet, auto, custom, or an address [default: loopback]
    #[arg(long, value_name = "WHERE")]
    bind: Option<String>,
    /// How clients prove themselves
    #[arg(long, value_enum, value_name = "MODE")]
    auth: Option<Auth>,
    /// Token that clients must show
    #[arg(long)]
    token: Option<String>,
    /// Password that clients must show
    #[arg(long)]
    password: Option<String>,
    /// Configuration file, .json, .json5, .yml or .yaml
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Run without a configuration file: none is made, and a token of this run alone is used
    #[arg(long)]
    allow_unconfigured: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Auth {
    None,
    Token,
    Password,
    TrustedProxy,
}

impl Auth {
    const fn mode(self) -> AuthMode {
        match self {
            Self::None => AuthMode::None,
            Self::Token => AuthMode::Token,
            Self::Password => AuthMode::Password,
            Self::TrustedProxy => AuthMode::TrustedProxy,
        }
    }
}

impl Run {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        let environment = self.environment(&context.local.environment);
        let home = context.local.home.clone();
        let paths = openclaw_config::paths(&environment, home.as_deref())?;
        // The claim comes first: it says whose folder it is before anything is written into it.
        let state_dir = StateDir::claim(&paths.state_dir).map_err(|error| cannot_start(&error))?;
        let ids = Ids::system();
        let mut overrides = Overrides {
            port: self.port,
            bind: self.bind.clone(),
            auth_mode: self.auth.map(Auth::mode),
            token: self.token.clone().map(Secret::new),
            password: self.password.clone().map(Secret::new),
            ..Overrides::default()
        };
        if self.config.is_none() && !paths.config_file.exists() && !self.has_secret(&environment) {
            let token = ids.token();
            if self.allow_unconfigured {
                overrides.token = Some(token);
            } else {
                openclaw_config::write_initial(&paths.config_file, &token)?;
            }
        }
        let load = LoadRequest { config_path: self.config, overrides, environment: environment.clone(), home };
        let config = openclaw_config::load(&load)?;
        let clock = Clock::system();
        let (log, follow_logging) = log(&config.config.logging, &clock, &context.output);
        if let Some(path) = config.config.log_file(state_dir.path(), load.home.as_deref()) {
            log.also_to(log_file(&config.config, &path, &clock)?);
        }
        for notice in &config.notices {
            warn!(path = notice.path.as_str(), "{}", notice.message);
        }
        let options = openclaw_gateway::Options {
            config,
            load,
            state_dir,
            environment,
            clock,
            ids,
            tasks: Tasks::new(),
            log,
            follow_logging,
            guard: Some(guard()),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(Exit::Failed, "RUNTIME", format!("no runtime: {error}")))?;
        let done = runtime.block_on(serve(options, &mut context.output));
        runtime.shutdown_timeout(RUNTIME_GRACE);
        done
    }

    /// The environment, in which a configuration named on the command line is the one.
    fn environment(&self, environment: &Environment) -> Environment {
        let Some(config) = self.config.as_ref().and_then(|path| path.to_str()) else { return environment.clone() };
        environment.iter().chain([("OPENCLAW_CONFIG_PATH", config)]).collect()
    }

    /// Whether somebody has decided how clients prove themselves, without a configuration file.
    fn has_secret(&self, environment: &Environment) -> bool {
        self.auth == Some(Auth::None)
            || self.token.is_some()
            || self.password.is_some()
            || ["OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD"]
                .iter()
                .any(|name| environment.get(name).is_some())
    }
}

async fn serve(options: openclaw_gateway::Options, output: &mut Output) -> Done {
    let no_signals = |error| Failure::new(Exit::Failed, "SIGNAL", format!("no signals: {error}"));
    // Listened for before the start, so that a stop during it is not lost.
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(no_signals)?;
    let state_dir = options.state_dir.path().display().to_string();
    let running = openclaw_gateway::start(options).await.map_err(refused)?;
    if output.live {
        greet(output, &running, &state_dir)?;
    }
    let reason = loop {
        tokio::select! {
            _ = terminate.recv() => break "SIGTERM",
            _ = interrupt.recv() => break "SIGINT",
            _ = hangup.recv() => {
                // The terminal is gone, and with it whoever started the gateway.
                if output.live && !std::io::stdout().is_terminal() {
                    break "SIGHUP";
                }
                running.reload("SIGHUP").await;
            }
        }
    };
    tokio::select! {
        () = running.stop(reason) => Ok(Exit::Ok),
        // Asked twice: whoever asks does not want to wait.
        _ = terminate.recv() => Ok(Exit::Interrupted),
        _ = interrupt.recv() => Ok(Exit::Interrupted),
    }
}

/// What a person wants to know who has just started it. The link is a secret, so it goes to a terminal alone.
fn greet(output: &mut Output, running: &Running, state_dir: &str) -> std::io::Result<()> {
    let link = running.login_url().unwrap_or_else(|| running.page_url());
    output.facts([
        ("Open", Text::toned(Tone::Strong, link).and(" (works once)")),
        ("Gateway", format!("{} (protocol 4, 3 and 1)", running.url()).into()),
        ("Model", running.default_model().into()),
        ("State", state_dir.into()),
    ])?;
    output.line("Talk to it: openclaw agent --message \"Hello\". Stop it: Ctrl-C.")?;
    output.flush()
}

/// This program, whatever its file is called by now.
pub(crate) fn guard() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("openclaw"))
}

/// The log, and what follows changes of its settings.
fn log(logging: &Logging, clock: &Clock, output: &Output) -> (Arc<LogRing>, FollowLogging) {
    let (json, live) = (output.json, output.live);
    let format = move |logging: &Logging| match logging.format {
        _ if json => openclaw_gateway::LogFormat::Json,
        Some(LogFormat::Json) => openclaw_gateway::LogFormat::Json,
        Some(LogFormat::Text) => openclaw_gateway::LogFormat::Text,
        None if live => openclaw_gateway::LogFormat::Text,
        None => openclaw_gateway::LogFormat::Json,
    };
    let log = LogRing::new(clock.clone(), format(logging));
    let (filter, level) = reload::Layer::new(filter(logging.level));
    // It can only be set once, and this is the only place that does.
    let _ = tracing_subscriber::registry().with(filter).with(log.layer()).try_init();
    let ring = Arc::clone(&log);
    let follow = move |logging: &Logging| {
        ring.set_format(format(logging));
        // Fails only when there is no log any more.
        let _ = level.reload(self::filter(logging.level));
    };
    (log, Arc::new(follow))
}

/// The file that the log is also written to.
fn log_file(config: &Config, path: &Path, clock: &Clock) -> Result<LogFile, Failure> {
    let storage = config.security.storage.as_ref();
    let mode = storage.and_then(|storage| storage.log_permissions).map_or(0o600, FileMode::bits);
    let retention = storage.and_then(|storage| storage.log_retention).map(Period::duration);
    LogFile::open(path, mode, retention, clock.now_ms()).map_err(|error| {
        let cause = format!("the gateway does not start: logging.file: cannot write {}: {error}", path.display());
        Failure::new(Exit::Configuration, "LOG_FILE", cause)
    })
}

const fn filter(level: Level) -> LevelFilter {
    match level {
        Level::Silent => LevelFilter::OFF,
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    }
}

fn cannot_start(error: &openclaw_store::Error) -> Failure {
    let failure = Failure::new(Exit::Failed, "STATE", format!("the gateway does not start: {error}"));
    match error {
        openclaw_store::Error::Locked { .. } => failure.helped("openclaw gateway status"),
        _ => failure,
    }
}

fn refused(error: RunError) -> Failure {
    let cause = format!("the gateway does not start: {error}");
    match error {
        RunError::Unsupported { .. } | RunError::Address { .. } | RunError::Rule { .. } | RunError::Password(_) => {
            Failure::new(Exit::Configuration, "CONFIG", cause)
        }
        RunError::SecurityLog(_) => Failure::new(Exit::Configuration, "LOG_FILE", cause),
        RunError::Tls(_) => Failure::new(Exit::Configuration, "TLS", cause),
        RunError::Keys(_) => Failure::new(Exit::Configuration, "KEYS", cause),
        RunError::Store(error) => cannot_start(&error),
        RunError::Listen { .. } => Failure::new(Exit::Failed, "LISTEN", cause),
        RunError::Models(_) => Failure::new(Exit::Failed, "MODELS", cause),
    }
}
