//! `poll`: asks people on a chat channel to choose.

use crate::methods::{channels, prelude::*};

params! {
    /// What to ask, whom and where.
    {
        /// Who is asked, as the channel names people and places.
        to: String,
        question: String,
        /// 2 to 12 answers to choose from.
        options: Vec<String>,
        /// The channel, such as `webhook`.
        #[serde(default)]
        channel: Option<String>,
        /// Names the poll. The same key again does not ask twice.
        idempotency_key: String,
    } understood { max_selections duration_seconds duration_hours silent is_anonymous thread_id account_id }
}

pub(crate) struct Poll;

impl Method for Poll {
    const NAME: &'static str = "poll";
    const ABOUT: &'static str = "Asks people on a chat channel to choose.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("message.sent");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = super::send::Reply;

    async fn call(_: Call, params: Params) -> Result<super::send::Reply, WireError> {
        channels::filled("to", &params.to)?;
        channels::filled("question", &params.question)?;
        channels::filled("idempotencyKey", &params.idempotency_key)?;
        if !(2..=12).contains(&params.options.len()) {
            return Err(WireError::params("options must name 2 to 12 answers"));
        }
        Err(channels::unsupported(params.channel.as_deref()))
    }
}
