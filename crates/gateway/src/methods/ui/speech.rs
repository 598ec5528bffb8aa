//! Speaking and listening: the gateway does neither.

use super::{Empty, Nothing, read};
use crate::methods::prelude::*;

/// Who could speak or listen.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Voices {
    ready: bool,
    providers: Empty,
}

const NONE: Voices = Voices { ready: false, providers: [] };

read! {
    "Ways to talk with an agent: none."
    catalog "talk.catalog" Read
    params { uses {} checks {} understood {} }
    reply {
        modes: Empty = [],
        transports: Empty = [],
        brains: Empty = [],
        speech: Voices = NONE,
        transcription: Voices = NONE,
        realtime: Voices = NONE,
    }
}

/// What talking needs to know.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TalkConfig {
    session: TalkSession,
}

/// Where talking happens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TalkSession {
    main_key: &'static str,
}

read! {
    "How to talk with an agent: nothing is configured, so there are no secrets either."
    config "talk.config" Read
    params { uses {} checks {} understood { include_secrets } }
    reply { config: TalkConfig = TalkConfig { session: TalkSession { main_key: "main" } }, }
}

read! {
    "Whether text is spoken: it is not."
    status "tts.status" Read
    params { uses {} checks {} understood {} }
    reply {
        enabled: bool = false,
        auto: &'static str = "off",
        provider: &'static str = "",
        persona: Option<Nothing> = None,
        personas: Empty = [],
        fallback_provider: Option<Nothing> = None,
        fallback_providers: Empty = [],
        provider_states: Empty = [],
    }
}

read! {
    "Who could speak text: nobody."
    providers "tts.providers" Read
    params { uses {} checks {} understood {} }
    reply { providers: Empty = [], active: Option<Nothing> = None, }
}

read! {
    "Voices that text could be spoken with: none."
    personas "tts.personas" Read
    params { uses {} checks {} understood {} }
    reply { active: Option<Nothing> = None, personas: Empty = [], }
}

read! {
    "Words that wake an agent up when they are spoken: none."
    wake_words "voicewake.get" Read
    params { uses {} checks {} understood {} }
    reply { triggers: Empty = [], }
}
