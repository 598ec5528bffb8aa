//! Approvals as clients see them.

use openclaw_core::approval::{Approval, Decision, ExecRequest, How, PluginRequest, Questions, Subject, shown};
use openclaw_protocol::event::{
    AnswersShown, ApprovalRequested, ApprovalResolved, ApprovalSnapshot, ApprovalSource, Asked, CommandAnalysis,
    ExecAsked, OptionShown, PluginAsked, Presentation, QuestionRecord, QuestionResolved, QuestionShown, Resolver,
};

/// Characters of a preview.
const PREVIEW: usize = 240;

fn words(decisions: &[Decision]) -> Vec<&'static str> {
    decisions.iter().map(|decision| decision.as_str()).collect()
}

fn text(text: Option<&String>) -> Option<String> {
    text.map(|text| shown(text))
}

fn asked(approval: &Approval) -> Option<Asked> {
    match &approval.subject {
        Subject::Exec(request) => Some(Asked::Exec(exec(approval, request))),
        Subject::Plugin(request) => Some(Asked::Plugin(plugin(approval, request))),
        Subject::Question(_) => None,
    }
}

fn exec(approval: &Approval, request: &ExecRequest) -> ExecAsked {
    let analysis = &request.analysis;
    ExecAsked {
        command: shown(&request.command),
        command_argv: request.argv.as_ref().map(|argv| argv.iter().map(|word| shown(word)).collect()),
        env_keys: request.env.clone(),
        cwd: text(request.cwd.as_ref()),
        node_id: text(request.node_id.as_ref()),
        host: text(request.host.as_ref()),
        security: request.security.map(openclaw_core::approval::Security::as_str),
        ask: request.ask.map(openclaw_core::approval::Ask::as_str),
        warning_text: text(request.warning.as_ref()),
        command_analysis: CommandAnalysis {
            command_count: analysis.command_count,
            nested_command_count: analysis.nested_command_count,
            risk_kinds: analysis.risk_kinds.clone(),
            warning_lines: analysis.warning_lines.iter().map(|line| shown(line)).collect(),
        },
        allowed_decisions: words(&request.allowed),
        agent_id: approval.agent_id.clone(),
        resolved_path: text(request.resolved_path.as_ref()),
        session_key: approval.session_key.clone(),
        session_id: request.session_id.clone(),
        run_id: approval.run_id.clone(),
        tool_call_id: request.tool_call_id.clone(),
    }
}

fn plugin(approval: &Approval, request: &PluginRequest) -> PluginAsked {
    PluginAsked {
        title: shown(&request.title),
        description: shown(&request.description),
        detail: text(request.detail.as_ref()),
        severity: request.severity.clone(),
        plugin_id: text(request.plugin_id.as_ref()),
        tool_name: text(request.tool_name.as_ref()),
        tool_call_id: request.tool_call_id.clone(),
        allowed_decisions: words(&request.allowed),
        agent_id: approval.agent_id.clone(),
        session_key: approval.session_key.clone(),
    }
}

/// As `….approval.requested` and the lists show it; `None` for questions.
pub(crate) fn requested(approval: &Approval) -> Option<ApprovalRequested> {
    Some(ApprovalRequested {
        approval_kind: approval.kind().as_str(),
        id: approval.id.clone(),
        request: asked(approval)?,
        created_at_ms: approval.created_at,
        expires_at_ms: approval.expires_at,
        asked_on: None,
        reviewers: approval.reviewers.clone().into(),
    })
}

/// As `….approval.resolved` tells it; `None` while it waits, and for questions.
pub(super) fn resolved(approval: &Approval) -> Option<ApprovalResolved> {
    let ending = approval.ending.as_ref()?;
    let decision = approval.decision();
    Some(ApprovalResolved {
        approval_kind: approval.kind().as_str(),
        id: approval.id.clone(),
        decision: decision.unwrap_or(Decision::Deny).as_str(),
        resolved_by: ending.by.as_ref().map(|by| by.name.clone()),
        ts: ending.at,
        reason: decision.is_none().then(|| reason_word(&ending.how)),
        request: asked(approval)?,
        reviewers: approval.reviewers.clone().into(),
    })
}

/// Why it ended: a word of the official `ApprovalTerminalReason`.
pub(crate) const fn reason_word(how: &How) -> &'static str {
    match how {
        How::Decided(_) | How::Answered(_) | How::Withdrawn => "user",
        How::Expired => "timeout",
        How::RunAborted => "run-aborted",
        How::NoRoute => "no-route",
    }
}

/// The official `ApprovalSnapshot`; `None` for questions.
pub(crate) fn snapshot(approval: &Approval) -> Option<ApprovalSnapshot> {
    let presentation = match &approval.subject {
        Subject::Exec(request) => {
            let command_text = shown(&request.command);
            let long = command_text.chars().count() > PREVIEW;
            let warnings = request.warning.iter().chain(&request.analysis.warning_lines);
            let warnings: Vec<String> = warnings.map(|line| shown(line)).collect();
            Presentation::Exec {
                command_preview: long.then(|| command_text.chars().take(PREVIEW).chain(['…']).collect()),
                command_text,
                warning_text: (!warnings.is_empty()).then(|| warnings.join("\n")),
                host: text(request.host.as_ref()),
                node_id: text(request.node_id.as_ref()),
                agent_id: approval.agent_id.clone(),
                allowed_decisions: words(&request.allowed),
            }
        }
        Subject::Plugin(request) => Presentation::Plugin {
            title: shown(&request.title),
            description: shown(&request.description),
            detail: text(request.detail.as_ref()),
            severity: request.severity.clone(),
            plugin_id: text(request.plugin_id.as_ref()),
            tool_name: text(request.tool_name.as_ref()),
            agent_id: approval.agent_id.clone(),
            allowed_decisions: words(&request.allowed),
        },
        Subject::Question(_) => return None,
    };
    let ending = approval.ending.as_ref();
    let (status, decision) = match ending.map(|ending| &ending.how) {
        None => ("pending", None),
        Some(How::Decided(Decision::Deny) | How::NoRoute) => ("denied", Some(Decision::Deny)),
        Some(How::Decided(decision)) => ("allowed", Some(*decision)),
        Some(How::Expired) => ("expired", None),
        Some(How::RunAborted | How::Answered(_) | How::Withdrawn) => ("cancelled", None),
    };
    Some(ApprovalSnapshot {
        id: approval.id.clone(),
        url_path: format!("/approve/{}", encoded(&approval.id)),
        status,
        created_at_ms: approval.created_at,
        expires_at_ms: approval.expires_at,
        presentation,
        resolved_at_ms: ending.map(|ending| ending.at),
        decision: decision.map(Decision::as_str),
        reason: ending.map(|ending| reason_word(&ending.how)),
        source: ending
            .map(|_| ApprovalSource { agent_id: approval.agent_id.clone(), session_key: approval.session_key.clone() }),
        resolver: ending.map(|ending| match &ending.by {
            None => Resolver { kind: "system", id: None },
            Some(by) => match &by.device_id {
                Some(id) => Resolver { kind: "device", id: Some(id.clone()) },
                None => Resolver { kind: "runtime", id: Some(by.name.clone()).filter(|name| !name.is_empty()) },
            },
        }),
    })
}

/// A part of a path.
fn encoded(id: &str) -> String {
    id.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
        path
    })
}

/// The official `QuestionRecord`.
pub(crate) fn question_record(approval: &Approval) -> QuestionRecord {
    let none = Questions { questions: Vec::new() };
    let Questions { questions } = match &approval.subject {
        Subject::Question(questions) => questions,
        _ => &none,
    };
    let ending = approval.ending.as_ref();
    QuestionRecord {
        id: approval.id.clone(),
        questions: questions
            .iter()
            .map(|question| QuestionShown {
                question_id: question.question_id.clone(),
                header: shown(&question.header),
                question: shown(&question.question),
                options: question
                    .options
                    .iter()
                    .map(|option| OptionShown {
                        label: option.label.clone(),
                        description: text(option.description.as_ref()),
                    })
                    .collect(),
                multi_select: question.multi_select,
                is_other: question.is_other,
            })
            .collect(),
        agent_id: approval.agent_id.clone(),
        session_key: approval.session_key.clone(),
        run_id: approval.run_id.clone(),
        created_at_ms: approval.created_at,
        expires_at_ms: approval.expires_at,
        status: question_status(approval),
        answers: answers(approval),
        resolved_by: ending.and_then(|ending| ending.by.as_ref()).map(|by| by.name.clone()),
    }
}

/// `pending`, `answered`, `cancelled` or `expired`.
pub(crate) fn question_status(approval: &Approval) -> &'static str {
    match approval.ending.as_ref().map(|ending| &ending.how) {
        None => "pending",
        Some(How::Answered(_)) => "answered",
        Some(How::Expired) => "expired",
        Some(_) => "cancelled",
    }
}

/// What was answered.
pub(crate) fn answers(approval: &Approval) -> Option<AnswersShown> {
    match &approval.ending.as_ref()?.how {
        How::Answered(answers) => Some(AnswersShown { answers: answers.clone() }),
        _ => None,
    }
}

pub(super) fn question_resolved(approval: &Approval) -> QuestionResolved {
    QuestionResolved { id: approval.id.clone(), status: question_status(approval), answers: answers(approval) }
}
