//! `openclaw system presence`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    output::{Column, Output, Table},
    reach::Target,
    show,
    watch::{Picture, Watch},
};

/// Show who is connected
#[derive(Args, Debug)]
pub(super) struct Presence {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    watch: Watch,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry {
    host: Option<String>,
    ip: Option<String>,
    mode: Option<String>,
    platform: Option<String>,
    version: Option<String>,
    text: Option<String>,
    ts: Option<i64>,
}

impl Presence {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for Presence {
    type Facts = Answer<Vec<Entry>>;

    async fn ask(&self, gateway: &Connection) -> Result<Answer<Vec<Entry>>, Failure> {
        ask(gateway, "system-presence", Nothing {}).await
    }

    fn show(&self, output: &mut Output, facts: &Answer<Vec<Entry>>) -> Done {
        facts.show(output, |output, entries| {
            let now = Clock::system().now_ms();
            let mut table = Table::new([
                Column::words("HOST"),
                Column::whole("MODE"),
                Column::whole("IP"),
                Column::whole("PLATFORM"),
                Column::whole("VERSION"),
                Column::whole("SEEN"),
                Column::words("ABOUT"),
            ]);
            for entry in entries {
                table.row([
                    show::text(entry.host.as_ref()),
                    show::text(entry.mode.as_ref()),
                    show::text(entry.ip.as_ref()),
                    show::text(entry.platform.as_ref()),
                    show::text(entry.version.as_ref()),
                    show::age(now, entry.ts).into(),
                    show::text(entry.text.as_ref()),
                ]);
            }
            output.table(&table)
        })
    }
}
