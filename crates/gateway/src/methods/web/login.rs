//! `web.login.start` and `web.login.wait`.

use crate::methods::prelude::*;

/// Declares one of them.
macro_rules! login {
    ($module:ident $name:literal $about:literal understood { $($other:ident)* }) => {
        #[doc = concat!("`", $name, "`: ", $about)]
        pub(in crate::methods) mod $module {
            use super::*;

            params! {
                /// Which account, and how long to wait.
                {
                    /// Milliseconds.
                    #[serde(default)]
                    #[expect(dead_code, reason = "checked, and there is nothing to wait for")]
                    timeout_ms: Option<u64>,
                } understood { $($other)* }
            }

            /// How the login stands.
            #[derive(Serialize, JsonSchema)]
            pub(crate) struct Reply {
                message: String,
            }

            pub(crate) struct Login;

            impl Method for Login {
                const NAME: &'static str = $name;
                const ABOUT: &'static str = $about;
                const ACCESS: Access = Access::Scope(Scope::Admin);
                const COST: u32 = 5;
                const AUDIT: Audit = Audit::Change("channel.logged_in");
                const REPEAT: Repeat = Repeat::Harmless;
                type Params = Params;
                type Reply = Reply;

                async fn call(_: Call, _: Params) -> Result<Reply, WireError> {
                    Err(WireError::unavailable(detail::NOT_IMPLEMENTED, crate::methods::web::NONE))
                }
            }
        }
    };
}

login!(start "web.login.start" "Begins to log a channel in by a code." understood { force verbose account_id });
login!(wait "web.login.wait" "Waits until a channel is logged in by a code." understood { account_id current_qr_data_url });
