//! What every method needs.

pub(super) use openclaw_protocol::{AgentId, Dialect, RunId, Scope, SessionKey, WireError, detail};
pub(super) use schemars::JsonSchema;
pub(super) use serde::{Deserialize, Serialize};
pub(super) use serde_json::{Value, json};

pub(super) use crate::{
    call::Call,
    fault,
    rpc::{Access, Audit, Method, Repeat},
};

/// A parameter that clients send and this gateway does not need. Its value is not looked at.
#[derive(Debug, Default)]
pub(super) struct Understood;

impl<'de> Deserialize<'de> for Understood {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl JsonSchema for Understood {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Understood".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "Understood and not needed." })
    }
}

/// Declares the parameters of a method: those it uses, and those that clients may send besides. Anything else is refused.
macro_rules! params {
    ($(#[$meta:meta])* { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* } understood { $($other:ident)* }) => {
        $(#[$meta])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub(crate) struct Params {
            $($(#[$field_meta])* $field: $kind,)*
            $(
                #[serde(default)]
                #[expect(dead_code, reason = "sent by clients, not needed here")]
                $other: Understood,
            )*
        }
    };
}
pub(super) use params;

/// A field that is absent, `null`, or a value: leave it, clear it, set it.
pub(super) fn clearable<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}
