//! Where a configuration is looked at and changed: in its file, or by the gateway that runs on it.

use std::path::PathBuf;

use openclaw_client::Connection;
use openclaw_config::ConfigFile;

use crate::{
    app::Context,
    failure::{Exit, Failure},
    reach::{self, Target, Whose},
};

/// The file, or a gateway.
pub(crate) enum Place {
    /// Nobody has it in force, or nobody needs to know.
    File(Box<ConfigFile>),
    /// This one has it in force.
    Gateway(Connection),
}

/// Whether a change goes past a gateway that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    Yes,
    No,
}

/// Where to look: this machine's configuration is read from its file, another gateway is asked for its own.
pub(super) async fn looking(context: &Context, target: &Target, file: Option<PathBuf>) -> Result<Place, Failure> {
    if file.is_none() {
        let found = reach::find(&context.local, target)?;
        if found.whose == Whose::Other {
            return Ok(Place::Gateway(reach::connected(context, target, &found, None).await?));
        }
    }
    Ok(Place::File(Box::new(context.local.config_file(file)?)))
}

/// Where to change: by the gateway that has the configuration in force, when there is one that can.
pub(crate) async fn changing(
    context: &Context,
    target: &Target,
    file: Option<PathBuf>,
    past: Past,
    method: &str,
) -> Result<Place, Failure> {
    let local = || context.local.config_file(file.clone());
    if file.is_some() || past == Past::Yes {
        return Ok(Place::File(Box::new(local()?)));
    }
    let found = reach::find(&context.local, target)?;
    let own = found.whose == Whose::Own;
    if own && context.local.running().is_none() {
        return Ok(Place::File(Box::new(local()?)));
    }
    match reach::connected(context, target, &found, None).await {
        // One of another age sees the change in the file.
        Ok(gateway) if own && !gateway.hello().methods.iter().any(|known| known == method) => {
            gateway.close().await;
            Ok(Place::File(Box::new(local()?)))
        }
        Ok(gateway) => Ok(Place::Gateway(gateway)),
        Err(failure) if own && failure.exit == Exit::Unreachable => Ok(Place::File(Box::new(local()?))),
        Err(failure) if own => Err(failure.helped("pass its --token, or change the file past it: --offline")),
        Err(failure) => Err(failure),
    }
}
