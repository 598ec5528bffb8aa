//! `skills.bins`: the programs that skills need, for a node that looks whether it has them.

use crate::rpc::{Access, Later};

pub(crate) struct Bins;

impl Later for Bins {
    const NAME: &'static str = "skills.bins";
    const ABOUT: &'static str = "Names the programs that skills need.";
    const ACCESS: Access = Access::Node;
    const WHY: &'static str = "no skill can be installed yet";
}
