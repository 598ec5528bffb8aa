//! `config.diff`: what differs between two states of the configuration.

use openclaw_config::{ChangeError, Difference, HistoryError};

use crate::{methods::prelude::*, reload::Failure};

params! {
    /// Which two.
    {
        /// An entry of `config.history`, or the beginning of its id; the one before the newest when absent.
        #[serde(default)]
        from: Option<String>,
        /// Another one; the file as it is when absent.
        #[serde(default)]
        to: Option<String>,
    } understood {}
}

/// Where the two differ.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    differences: Vec<Differs>,
}

/// One place that differs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Differs {
    /// Where, as it is written.
    path: String,
    /// What was there; absent when nothing was. A secret is replaced by a marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    /// What is there then; absent when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

impl From<Difference> for Differs {
    fn from(Difference { path, before, after }: Difference) -> Self {
        Self { path, before, after }
    }
}

pub(crate) struct Diff;

impl Method for Diff {
    const NAME: &'static str = "config.diff";
    const ABOUT: &'static str =
        "What differs between two states of the configuration; secrets are replaced by a marker.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let Params { from, to } = params;
        let differences = call.state().reload.look_up(move |file| {
            let from = match from {
                Some(from) => from,
                None => {
                    let before = file.history(2)?.into_iter().nth(1).ok_or(HistoryError::NothingBefore)?;
                    before.id.to_string()
                }
            };
            file.diff(&from, to.as_deref())
        });
        let differences = differences.await?.map_err(|error: ChangeError| Failure::from(error))?;
        Ok(Reply { differences: differences.into_iter().map(Differs::from).collect() })
    }
}
