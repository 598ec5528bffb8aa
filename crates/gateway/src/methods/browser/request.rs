//! `browser.request`: a request to the browser's service (spec 003).

use openclaw_protocol::Scope;

use crate::rpc::{Access, Later};

pub(crate) struct Request;

impl Later for Request {
    const NAME: &'static str = "browser.request";
    const ABOUT: &'static str = "Sends a request to the browser that agents drive.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const WHY: &'static str = "no browser can be driven by this gateway yet";
}
