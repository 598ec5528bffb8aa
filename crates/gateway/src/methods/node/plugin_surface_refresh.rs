//! `node.pluginSurface.refresh`: a new address for a page that a plugin hosts.

use crate::rpc::{Access, Later};

pub(crate) struct PluginSurfaceRefresh;

impl Later for PluginSurfaceRefresh {
    const NAME: &'static str = "node.pluginSurface.refresh";
    const ABOUT: &'static str = "A node asks for a new address of a page that a plugin hosts.";
    const ACCESS: Access = Access::Node;
    const WHY: &'static str = "this gateway hosts no pages of plugins";
}
