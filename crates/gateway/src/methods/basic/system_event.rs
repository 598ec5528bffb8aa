//! `system-event`: a program says how it is; others see it in the list of who is there, and the default agent is told with its
//! next turn.

use openclaw_protocol::hello::PresenceEntry;

use super::wake::{checked, target};
use crate::{cron::SystemEvents, methods::prelude::*};

params! {
    /// What is said, and by whom.
    {
        /// One line.
        text: String,
        /// Verified nowhere: what the caller says of itself.
        #[serde(default)]
        device_id: Option<String>,
        /// Tells two windows of one program apart.
        #[serde(default)]
        instance_id: Option<String>,
        /// Host name.
        #[serde(default)]
        host: Option<String>,
        /// Address.
        #[serde(default)]
        ip: Option<String>,
        /// For example `node`.
        #[serde(default)]
        mode: Option<String>,
        /// Version of the program.
        #[serde(default)]
        version: Option<String>,
        /// For example `linux`.
        #[serde(default)]
        platform: Option<String>,
        /// For example `iPhone`.
        #[serde(default)]
        device_family: Option<String>,
        /// For example `MacBookPro18,3`.
        #[serde(default)]
        model_identifier: Option<String>,
        /// Seconds since the person's last input.
        #[serde(default)]
        last_input_seconds: Option<u64>,
        /// Why it is said.
        #[serde(default)]
        reason: Option<String>,
    } understood { roles scopes tags }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
}

pub(crate) struct SystemEvent;

impl Method for SystemEvent {
    const NAME: &'static str = "system-event";
    const ABOUT: &'static str =
        "Says how a program is: in the list of who is there, and to the default agent with its next turn.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 3;
    const AUDIT: Audit = Audit::Change("system.event");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let text = checked(Self::NAME, &params.text)?;
        let key = target(&call, Self::NAME, None, None)?;
        let audit = call.audit("system.event", Self::NAME, Some(key.to_string()), json!({ "bytes": text.len() }));
        SystemEvents::tell(state, &key, text.clone(), audit).await?;
        let word =
            |value: Option<String>| value.map(|value| value.chars().filter(|c| !c.is_control()).take(200).collect());
        let entry = PresenceEntry {
            host: word(params.host),
            ip: word(params.ip),
            version: word(params.version),
            platform: word(params.platform),
            device_family: word(params.device_family),
            model_identifier: word(params.model_identifier),
            mode: word(params.mode),
            last_input_seconds: params.last_input_seconds,
            reason: word(params.reason),
            text: word(Some(text)),
            ts: call.now_ms(),
            device_id: word(params.device_id),
            instance_id: word(params.instance_id),
            ..PresenceEntry::default()
        };
        state.presence.said(entry);
        Ok(Reply { ok: true })
    }
}
