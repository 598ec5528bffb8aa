//! `openclaw gateway list-tokens`

use clap::Args;
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::ask,
    commands::devices::setup,
    failure::{Done, Exit},
    output::{Column, Table, Text},
    reach::{self, Target},
    show,
};

/// List the tokens that let somebody in, and never a token itself
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway list-tokens
  openclaw gateway list-tokens --json

Make a named one with: openclaw gateway call gateway.token.create --params '{\"name\":\"ci\",\"scopes\":[\"operator.read\"]}'")]
pub(crate) struct ListTokens {
    #[command(flatten)]
    target: Target,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    tokens: Vec<Named>,
    shared: Option<Shared>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shared {
    kind: String,
    fingerprint: Option<String>,
    from: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    name: String,
    fingerprint: String,
    scopes: Vec<String>,
    created_at_ms: Option<i64>,
    expires_at_ms: Option<i64>,
    status: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Agents {
    tokens: Vec<Agent>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Agent {
    agent_id: String,
    fingerprint: String,
    created_at_ms: Option<i64>,
    status: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Devices {
    paired: Vec<Device>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Device {
    device_id: String,
    tokens: Vec<DeviceToken>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DeviceToken {
    role: String,
    scopes: Vec<String>,
    created_at_ms: Option<i64>,
    expires_at_ms: Option<i64>,
    last_used_at_ms: Option<i64>,
    revoked_at_ms: Option<i64>,
}

/// One token, as `--json` prints it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    kind: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at_ms: Option<i64>,
    status: String,
}

#[derive(Serialize)]
struct Listed {
    tokens: Vec<Row>,
}

impl ListTokens {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let known = ask::<Known>(&gateway, "gateway.token.list", Nothing {}).await?.read;
        let agents = ask::<Agents>(&gateway, "agents.token.list", Nothing {}).await?.read;
        let devices = ask::<Devices>(&gateway, "device.pair.list", Nothing {}).await?.read;
        let codes = setup::codes(&gateway).await?.read;
        gateway.close().await;
        let now = Clock::system().now_ms();
        let listed = Listed { tokens: rows(known, agents, devices, codes, now) };
        let output = &mut context.output;
        if output.json {
            output.value(&listed)?;
            return Ok(Exit::Ok);
        }
        let mut table = Table::new([
            Column::whole("KIND"),
            Column::whole("ID"),
            Column::whole("FINGERPRINT"),
            Column::whole("SCOPES"),
            Column::whole("CREATED"),
            Column::whole("EXPIRES"),
            Column::whole("STATUS"),
        ]);
        for row in &listed.tokens {
            let scopes: Vec<&str> = row.scopes.iter().map(|scope| scope.trim_start_matches("operator.")).collect();
            table.row([
                Text::from(row.kind),
                Text::from(&row.id),
                show::text(row.fingerprint.as_ref()),
                Text::from(scopes.join(", ")),
                show::age(now, row.created_at_ms).into(),
                Text::from(row.expires_at_ms.map_or_else(|| "never".to_owned(), |at| show::time(Some(at)))),
                Text::from(&row.status),
            ]);
        }
        output.table(&table)?;
        Ok(Exit::Ok)
    }
}

fn rows(known: Known, agents: Agents, devices: Devices, codes: setup::Listed, now: i64) -> Vec<Row> {
    let shared = known.shared.map(|shared| Row {
        kind: if shared.kind == "password" { "password" } else { "shared" },
        id: shared.from,
        fingerprint: shared.fingerprint,
        scopes: vec!["operator.admin".to_owned()],
        status: "live".to_owned(),
        ..Row::default()
    });
    let named = known.tokens.into_iter().map(|token| Row {
        kind: "named",
        id: token.name,
        fingerprint: Some(token.fingerprint),
        scopes: token.scopes,
        created_at_ms: token.created_at_ms,
        expires_at_ms: token.expires_at_ms,
        status: token.status,
        ..Row::default()
    });
    let agents = agents.tokens.into_iter().map(|token| Row {
        kind: "agent",
        id: token.agent_id,
        fingerprint: Some(token.fingerprint),
        scopes: vec!["operator.read".to_owned(), "operator.write".to_owned()],
        created_at_ms: token.created_at_ms,
        status: token.status,
        ..Row::default()
    });
    let devices = devices.paired.into_iter().flat_map(|device| {
        let id = device.device_id;
        device.tokens.into_iter().map(move |token| Row {
            kind: "device",
            id: id.chars().take(12).collect(),
            role: Some(token.role),
            scopes: token.scopes,
            created_at_ms: token.created_at_ms,
            expires_at_ms: token.expires_at_ms,
            last_used_at_ms: token.last_used_at_ms,
            status: match (token.revoked_at_ms, token.expires_at_ms) {
                (Some(_), _) => "revoked",
                (None, Some(at)) if at <= now => "expired",
                _ => "live",
            }
            .to_owned(),
            ..Row::default()
        })
    });
    let codes = codes.codes.into_iter().map(|code| Row {
        kind: "setup",
        id: code.setup_id.chars().take(12).collect(),
        fingerprint: Some(code.fingerprint),
        role: Some(code.roles.join(", ")),
        scopes: code.scopes,
        created_at_ms: code.created_at_ms,
        expires_at_ms: code.expires_at_ms,
        status: code.status,
        ..Row::default()
    });
    shared.into_iter().chain(named).chain(agents).chain(devices).chain(codes).collect()
}
