//! `channels.start`, `channels.stop`, `channels.logout`: what an operator does with a channel's account.

use crate::methods::prelude::*;

/// Declares one of them.
macro_rules! control {
    ($module:ident $name:literal $about:literal $event:literal) => {
        #[doc = concat!("`", $name, "`: ", $about)]
        pub(in crate::methods) mod $module {
            use super::*;

            params! {
                /// Which account of which channel.
                {
                    /// The channel, such as `webhook`.
                    channel: String,
                } understood { account_id }
            }

            /// What became of it.
            #[derive(Serialize, JsonSchema)]
            pub(crate) struct Reply {
                channel: String,
            }

            pub(crate) struct Control;

            impl Method for Control {
                const NAME: &'static str = $name;
                const ABOUT: &'static str = $about;
                const ACCESS: Access = Access::Scope(Scope::Admin);
                const COST: u32 = 5;
                const AUDIT: Audit = Audit::Change($event);
                const REPEAT: Repeat = Repeat::Harmless;
                type Params = Params;
                type Reply = Reply;

                async fn call(_: Call, params: Params) -> Result<Reply, WireError> {
                    crate::methods::channels::filled("channel", &params.channel)?;
                    // Clients match the text (PROTOCOL §6.9).
                    Err(WireError::invalid(detail::UNSUPPORTED_CHANNEL, concat!("invalid ", $name, " channel")))
                }
            }
        }
    };
}

control!(logout "channels.logout" "Ends a channel's account." "channel.logged_out");
control!(start "channels.start" "Starts a channel's account." "channel.started");
control!(stop "channels.stop" "Stops a channel's account." "channel.stopped");
