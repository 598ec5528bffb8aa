//! `openclaw gateway stop`

use std::time::Duration;

use clap::Args;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde::Serialize;
use tokio::time::{sleep, timeout};

use crate::{
    app::Context,
    commands::milliseconds,
    failure::{Done, Exit, Failure},
    reach::{self, Target},
};

/// Time between two looks at the process.
const PAUSE: Duration = Duration::from_millis(20);

/// Stop this machine's gateway and wait until it is gone
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw gateway stop

The gateway of this state directory is stopped, and no other. Work at hand is finished or reported as interrupted.")]
pub(crate) struct Stop {
    /// Most time to wait, milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "15000")]
    timeout: Duration,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed {
    ok: bool,
    pid: u32,
}

impl Stop {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let none = || {
            Failure::new(Exit::Unreachable, "NOT_RUNNING", "no gateway of this state directory runs")
                .helped("openclaw gateway status")
        };
        let running = context.local.running().ok_or_else(none)?;
        let tls_fingerprint = running.tls_fingerprint.as_deref().and_then(|text| text.parse().ok());
        let target = Target { url: Some(running.url.clone()), tls_fingerprint, ..Target::default() };
        // The process number may belong to somebody else by now: only the gateway that wrote the file is stopped.
        let gateway = match reach::gateway(context, &target, Some(self.timeout)).await {
            Ok(gateway) => gateway,
            Err(failure) if failure.exit == Exit::Unreachable => return Err(none()),
            Err(failure) => return Err(failure),
        };
        let same = gateway.hello().server.boot_id == running.boot_id;
        gateway.close().await;
        let pid = i32::try_from(running.pid).ok().and_then(Pid::from_raw).filter(|_| same).ok_or_else(none)?;
        kill_process(pid, Signal::TERM).map_err(|error| {
            Failure::new(
                Exit::Failed,
                "SIGNAL",
                format!("the gateway (process {}) cannot be told to stop: {error}", running.pid),
            )
        })?;
        let gone = async {
            while test_kill_process(pid).is_ok()
                && context.local.running().is_some_and(|now| now.boot_id == running.boot_id)
            {
                sleep(PAUSE).await;
            }
        };
        let sign = context.output.progress("waiting until the gateway has finished its work");
        if sign.during(timeout(self.timeout, gone)).await.is_err() {
            let cause = format!("the gateway (process {}) is still finishing its work", running.pid);
            return Err(Failure::new(Exit::Failed, "TIMEOUT", cause).helped("wait, or allow more time with --timeout"));
        }
        let output = &mut context.output;
        if output.json {
            output.value(&Printed { ok: true, pid: running.pid })?;
        } else {
            output.line(format!("stopped the gateway (process {})", running.pid))?;
        }
        Ok(Exit::Ok)
    }
}
