//! Questions that agents ask people.

mod get;
mod list;
mod request;
mod resolve;
mod wait_answer;

use openclaw_core::approval::{Kind, QuestionProblem};
use openclaw_protocol::{WireError, detail};

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<get::Get>(),
    Row::of::<list::List>(),
    Row::of::<request::Request>(),
    Row::of::<resolve::Resolve>(),
    Row::of::<wait_answer::WaitAnswer>(),
];

/// What this family is about.
const KINDS: &[Kind] = &[Kind::Question];

fn unknown() -> WireError {
    WireError::not_found("unknown question id; question.list names those that wait")
}

fn bad(problem: &QuestionProblem) -> WireError {
    let path = format!("params.{}", problem.at.replace('/', "."));
    WireError::params(problem.to_string()).with("path", path)
}

/// Somebody else was faster, or nobody was in time.
fn over(status: &'static str) -> WireError {
    WireError::invalid(detail::CONFLICT, format!("these questions are over: {status}")).with("status", status)
}
