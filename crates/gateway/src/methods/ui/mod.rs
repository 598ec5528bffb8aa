//! What views of the official Control UI ask about parts that this gateway does not have. The answers are true: there
//! are none. Hellos do not list these methods, because views are offered for what a hello lists.

mod empty;
mod github;
mod openclaw;
mod sessions;
mod skills;
mod speech;
mod themes;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<empty::artifacts::Read>().unlisted(),
    Row::of::<empty::board::Read>().unlisted(),
    Row::of::<empty::channel_pairing::Read>().unlisted(),
    Row::of::<empty::discussion::Read>().unlisted(),
    Row::of::<empty::dream_diary::Read>().unlisted(),
    Row::of::<empty::memory::Read>().unlisted(),
    Row::of::<empty::mentions::Read>().unlisted(),
    Row::of::<empty::model_accounts::Read>().unlisted(),
    Row::of::<empty::plugin_catalog::Read>().unlisted(),
    Row::of::<empty::plugin_descriptors::Read>().unlisted(),
    Row::of::<empty::plugin_interfaces::Read>().unlisted(),
    Row::of::<empty::plugins::Read>().unlisted(),
    Row::of::<empty::portals::Read>().unlisted(),
    Row::of::<empty::progress_card::Read>().unlisted(),
    Row::of::<empty::pull_requests::Read>().unlisted(),
    Row::of::<empty::secrets::Read>().unlisted(),
    Row::of::<empty::task_suggestions::Read>().unlisted(),
    Row::of::<empty::tasks::Read>().unlisted(),
    Row::of::<empty::worktree_branches::Read>().unlisted(),
    Row::of::<empty::worktrees::Read>().unlisted(),
    Row::of::<github::tools::Read>().unlisted(),
    Row::of::<github::users::Read>().unlisted(),
    Row::of::<openclaw::history::Read>().unlisted(),
    Row::of::<openclaw::Chat>().unlisted(),
    Row::of::<sessions::catalog::Read>().unlisted(),
    Row::of::<sessions::companion::Read>().unlisted(),
    Row::of::<sessions::observer::Read>().unlisted(),
    Row::of::<sessions::viewers::Read>().unlisted(),
    Row::of::<skills::library::Read>().unlisted(),
    Row::of::<skills::proposals::Read>().unlisted(),
    Row::of::<skills::search::Read>().unlisted(),
    Row::of::<speech::catalog::Read>().unlisted(),
    Row::of::<speech::config::Read>().unlisted(),
    Row::of::<speech::personas::Read>().unlisted(),
    Row::of::<speech::providers::Read>().unlisted(),
    Row::of::<speech::status::Read>().unlisted(),
    Row::of::<speech::wake_words::Read>().unlisted(),
    Row::of::<themes::list::Read>().unlisted(),
];

/// What this gateway has none of: a list of it is empty.
#[derive(Debug)]
pub(crate) enum Nothing {}

impl Serialize for Nothing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl JsonSchema for Nothing {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Nothing".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::from(false)
    }
}

/// A list of what there is none of.
pub(crate) type Empty = [Nothing; 0];

/// Declares a method that only reads, in a module of its own: parameters that it uses, that it only checks, and that
/// clients may send besides; and what it answers.
macro_rules! read {
    (
        $about:literal
        $module:ident $name:literal $scope:ident
        params {
            uses { $($(#[$use_meta:meta])* $used:ident: $used_kind:ty,)* }
            checks { $($(#[$check_meta:meta])* $checked:ident: $checked_kind:ty,)* }
            understood { $($other:ident)* }
        }
        reply { $($(#[$field_meta:meta])* $field:ident: $kind:ty = $value:expr,)* }
    ) => {
        read! {
            $about
            $module $name $scope
            params {
                uses { $($(#[$use_meta])* $used: $used_kind,)* }
                checks { $($(#[$check_meta])* $checked: $checked_kind,)* }
                understood { $($other)* }
            }
            reply |_call, _params| { $($(#[$field_meta])* $field: $kind = $value,)* }
        }
    };
    (
        $about:literal
        $module:ident $name:literal $scope:ident
        params {
            uses { $($(#[$use_meta:meta])* $used:ident: $used_kind:ty,)* }
            checks { $($(#[$check_meta:meta])* $checked:ident: $checked_kind:ty,)* }
            understood { $($other:ident)* }
        }
        reply |$call:ident, $params:ident| { $($(#[$field_meta:meta])* $field:ident: $kind:ty = $value:expr,)* }
    ) => {
        #[doc = concat!("`", $name, "`: ", $about)]
        pub(in crate::methods) mod $module {
            use super::*;

            params! {
                #[doc = concat!("What `", $name, "` is asked.")]
                {
                    $($(#[$use_meta])* $used: $used_kind,)*
                    $(
                        $(#[$check_meta])*
                        #[expect(dead_code, reason = "checked, and nothing here depends on it")]
                        $checked: $checked_kind,
                    )*
                } understood { $($other)* }
            }

            #[doc = concat!("What `", $name, "` answers.")]
            #[derive(Serialize, JsonSchema)]
            #[serde(rename_all = "camelCase")]
            pub(crate) struct Reply {
                $($(#[$field_meta])* $field: $kind,)*
            }

            pub(crate) struct Read;

            impl Method for Read {
                const NAME: &'static str = $name;
                const ABOUT: &'static str = $about;
                const ACCESS: Access = Access::Scope(Scope::$scope);
                const COST: u32 = 1;
                const AUDIT: Audit = Audit::None;
                const REPEAT: Repeat = Repeat::Harmless;
                type Params = Params;
                type Reply = Reply;

                async fn call($call: Call, $params: Params) -> Result<Reply, WireError> {
                    Ok(Reply { $($field: $value,)* })
                }
            }
        }
    };
}
pub(super) use read;
