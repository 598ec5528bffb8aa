//! A long life: many clients that do a little of everything, come and go, and a configuration that changes.

use std::{cell::Cell, rc::Rc, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{Line, chat, reload, sessions::ask};
use crate::{
    effort::Effort,
    figures::{Figures, Meter},
    login::Identity,
    server::{Launcher, Server, Target},
    slope::slope,
};

/// Clients at the same time.
const CLIENTS: usize = 200;
/// Pause of each client between two calls.
const PAUSE: Duration = Duration::from_millis(500);
/// Calls of a client before it leaves and comes back.
const STAY: u64 = 120;
/// Time between two edits of the configuration.
const EDIT: Duration = Duration::from_secs(60);
/// Samples of a whole soak.
const SAMPLES: u32 = 360;
/// The first part, while caches fill, is not looked at: one in so many.
const WARM_UP: usize = 3;

/// Parameters of call number so many of client number so many.
type Params = fn(usize, u64) -> String;

/// What a client does, in turn. A turn of a model is taken beside these.
const CALLS: [(&str, Params); 4] = [
    ("ping", |_, _| "{}".to_owned()),
    ("health", |_, _| "{}".to_owned()),
    ("sessions.list", |_, _| r#"{"limit":20}"#.to_owned()),
    ("sessions.patch", |client, call| {
        format!(r#"{{"key":"agent:main:load-soak-{client}","label":"Soak {client} {call}"}}"#)
    }),
];

/// Lives for as long as the effort says and looks at memory and descriptors all the while.
pub(super) async fn soak(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = Rc::new(launcher.start(target).await?);
    let until = Instant::now() + effort.soak;
    let calls = Rc::new(Cell::new(0_u32));
    let meter = Meter::start(server.tree())?;
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn_local(live(Rc::clone(&server), number, until, Rc::clone(&calls)));
    }
    let talk = talk(launcher, &server, until);
    let edits = edit(&server, until);
    let samples = sample(&server, until, effort.soak / SAMPLES);
    let (edited, samples, ()) = tokio::try_join!(edits, samples, talk)?;
    while let Some(client) = clients.join_next().await {
        client??;
    }
    let all = meter.stop(usize::try_from(calls.get())?)?;
    eprintln!("  {} of {} edits took effect", edited.0, edited.1);
    let looked_at = &samples[samples.len() / WARM_UP..];
    let line = |pick: fn(&Sample) -> f64| {
        let points: Vec<_> = looked_at.iter().map(|sample| (sample.at, pick(sample))).collect();
        let found = slope(&points);
        Figures {
            per_hour: found.map(|slope| slope.per_hour),
            per_hour_error: found.map(|slope| slope.error),
            ..Figures::default()
        }
    };
    Ok(vec![
        ("calls", all),
        ("memory, KiB", line(|sample| sample.rss_kib)),
        ("descriptors", line(|sample| sample.descriptors)),
    ])
}

/// One client's life: connects, calls, leaves, and again.
async fn live(server: Rc<Server>, number: usize, until: Instant, calls: Rc<Cell<u32>>) -> Result<()> {
    // Not all at the same moment.
    sleep(PAUSE * u32::try_from(number)? / u32::try_from(CLIENTS)?).await;
    let mut call = 0;
    while Instant::now() < until {
        let mut wire = server.connect(&Identity::Backend).await?;
        for _ in 0..STAY {
            let turn = usize::try_from(call)?.wrapping_add(number) % CALLS.len();
            let (method, params) = CALLS[turn];
            ask(&mut wire, call, method, &params(number, call)).await?;
            calls.set(calls.get().saturating_add(1));
            call += 1;
            sleep(PAUSE).await;
            if Instant::now() >= until {
                break;
            }
        }
    }
    Ok(())
}

/// A conversation that goes on all the while, begun anew before it becomes long.
async fn talk(launcher: &Launcher, server: &Server, until: Instant) -> Result<()> {
    let mut wire = server.connect(&Identity::Backend).await?;
    let mut number = 0_u64;
    while Instant::now() < until {
        chat::turn(&mut wire, launcher, chat::SESSION, &format!("soak-{number}")).await.context("a turn failed")?;
        number += 1;
        if number.is_multiple_of(20) {
            let params = format!(r#"{{"key":"{}"}}"#, chat::SESSION);
            ask(&mut wire, number, "sessions.reset", &params).await?;
        }
        sleep(PAUSE * 4).await;
    }
    Ok(())
}

/// Edits the configuration once a minute; returns how many edits took effect, and how many there were.
async fn edit(server: &Server, until: Instant) -> Result<(u32, u32)> {
    let mut asker = server.connect(&Identity::Backend).await?;
    let (mut effective, mut all) = (0, 0);
    let mut next = Instant::now() + EDIT;
    while next < until {
        sleep_until(next).await;
        all += 1;
        effective += u32::from(reload::edit(server, &mut asker).await?);
        next += EDIT;
    }
    Ok((effective, all))
}

/// What was seen at one moment.
struct Sample {
    at: Duration,
    rss_kib: f64,
    descriptors: f64,
}

async fn sample(server: &Server, until: Instant, every: Duration) -> Result<Vec<Sample>> {
    let start = Instant::now();
    let mut samples = Vec::new();
    while Instant::now() < until {
        sleep(every).await;
        #[expect(clippy::cast_precision_loss, reason = "both counts are far below 2^52")]
        samples.push(Sample {
            at: start.elapsed(),
            rss_kib: server.tree().memory()?.rss as f64,
            descriptors: server.tree().descriptors()? as f64,
        });
    }
    Ok(samples)
}
