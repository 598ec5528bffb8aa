//! `openclaw node identity`

use std::path::PathBuf;

use clap::Args;
use openclaw_client::{DeviceIdentity, Handles};
use serde::Serialize;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    local::Local,
};

/// Print the identifier and the key of this node
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw node identity
  openclaw node identity --json")]
pub(super) struct Identity {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    device_id: &'a str,
    public_key: String,
    path: String,
}

impl Identity {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let path = file(&context.local)?;
        let identity = DeviceIdentity::load(&path).map_err(|error| {
            Failure::new(Exit::Failed, "IDENTITY", error.to_string()).helped("openclaw node run makes one")
        })?;
        let output = &mut context.output;
        if output.json {
            let told = Told {
                device_id: identity.device_id(),
                public_key: identity.public_key(),
                path: path.display().to_string(),
            };
            output.value(&told)?;
        } else {
            output.line(identity.device_id())?;
        }
        Ok(Exit::Ok)
    }
}

/// Where the node's key is. The command line and the gateway have keys of their own.
pub(super) fn file(local: &Local) -> Result<PathBuf, Failure> {
    Ok(local.paths()?.state_dir.join("identity").join("node.json"))
}

/// The node's key, made when there is none.
pub(super) fn load_or_create(local: &Local, handles: &Handles) -> Result<DeviceIdentity, Failure> {
    DeviceIdentity::load_or_create(&file(local)?, &handles.ids, &handles.clock)
        .map_err(|error| Failure::new(Exit::Failed, "IDENTITY", error.to_string()))
}
