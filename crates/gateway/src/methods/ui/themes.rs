//! How the official Control UI looks: as it comes.

use super::read;
use crate::methods::prelude::*;

/// A look.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Theme {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    source: &'static str,
    modes: [&'static str; 2],
}

/// The look that is chosen.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Current {
    id: &'static str,
    mode: &'static str,
    scope: &'static str,
    overrides: NoOverrides,
}

/// Nothing is chosen by anybody.
#[derive(Serialize, JsonSchema)]
pub(crate) struct NoOverrides {}

const CLAW: Theme = Theme {
    id: "claw",
    name: "Claw",
    description: "The look that the Control UI comes with.",
    source: "builtin",
    modes: ["light", "dark"],
};

read! {
    "Looks of the Control UI: the one that it comes with."
    list "themes.list" Read
    params { uses {} checks {} understood {} }
    reply {
        current: Current = Current { id: "claw", mode: "system", scope: "gateway", overrides: NoOverrides {} },
        theme: Theme = CLAW,
        themes: [Theme; 1] = [CLAW],
    }
}
