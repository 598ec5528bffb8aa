//! May this command run? The policy first, then what people allowed for good, then people.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_config::{ExecMode, ExecTool};
use openclaw_core::{
    approval::{
        self, Approval, Ask, Decision, Ending, ExecRequest, Grant, GrantState, How, Person, Plan, Reason, Security,
        Subject, Verdict, Wanted, plan_hash,
    },
    record::AuditEvent,
};
use openclaw_protocol::WireError;
use openclaw_store::{ApprovalChange, Change, Reader, Transaction};

use super::Waiting;
use crate::{fault, hub::ConnNumber, state::State};

/// A command that somebody wants to run.
#[derive(Debug)]
pub(crate) struct ExecAsk {
    /// Name of the approval, if people must be asked.
    pub(crate) id: String,
    /// Who wants it.
    pub(crate) asked_by: Person,
    /// On which connection; `None` for the gateway's own work.
    pub(crate) asker: Option<ConnNumber>,
    /// The command line.
    pub(crate) command: String,
    /// Its words, when they are known.
    pub(crate) argv: Option<Vec<String>>,
    /// The folder.
    pub(crate) cwd: Option<String>,
    /// Where: `gateway`, `node`, `sandbox`.
    pub(crate) host: Option<String>,
    /// On which node.
    pub(crate) node_id: Option<String>,
    /// The program.
    pub(crate) resolved_path: Option<String>,
    /// Variables besides. Their values are bound, not kept.
    pub(crate) env: BTreeMap<String, String>,
    /// The asker's own policy, which can only be stricter.
    pub(crate) wanted: Wanted,
    /// The asker's warning.
    pub(crate) warning: Option<String>,
    /// For which agent.
    pub(crate) agent_id: Option<String>,
    /// In which session, canonical.
    pub(crate) session_key: Option<String>,
    /// Transcript of the session.
    pub(crate) session_id: Option<String>,
    /// In which run.
    pub(crate) run_id: Option<String>,
    /// Call of a tool.
    pub(crate) tool_call_id: Option<String>,
    /// People may not allow it for good.
    pub(crate) once_only: bool,
    /// How long people have, milliseconds.
    pub(crate) timeout_ms: i64,
    /// Wait even when nobody is connected who could answer.
    pub(crate) without_reviewer: bool,
    /// Devices that are asked; everybody who may answer when empty.
    pub(crate) reviewers: Vec<String>,
    /// Tell nobody; whoever looks finds it.
    pub(crate) quiet: bool,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Permit {
    /// It may run. [`Decision::AllowAlways`] when people allowed it for good before.
    Allowed(Decision, Reason),
    /// The policy refuses it.
    Refused(Reason),
    /// People are asked; whether somebody is there who could answer.
    Asked(Waiting, bool),
    /// People had to be asked and nobody is there. It is kept as refused.
    NoRoute(Arc<Approval>),
}

/// Why nobody was asked.
pub(crate) const PERMIT_FOR_NOBODY: &str = "people must be asked, and nobody is connected who could answer; connect a client with operator.approvals (and, in \
     protocol 4, the capability approvals or exec-approvals)";

/// What the policy says about a plan.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What it says.
    pub(crate) verdict: Verdict,
    /// What it would say if nobody were there.
    pub(crate) alone: Verdict,
    /// When people are asked, the asker's own policy included.
    pub(crate) ask: Ask,
    /// What people allowed for good, when that still holds.
    pub(crate) grant: Option<Grant>,
}

/// What `tools.exec` of the configuration says.
fn configured(exec: &ExecTool) -> Wanted {
    match exec.mode {
        Some(ExecMode::Deny) => Wanted { security: Some(Security::Deny), ask: None },
        Some(ExecMode::Allowlist) => Wanted { security: Some(Security::Allowlist), ask: Some(Ask::Off) },
        Some(ExecMode::Ask | ExecMode::Auto) => Wanted { security: Some(Security::Allowlist), ask: Some(Ask::OnMiss) },
        Some(ExecMode::Full) => Wanted { security: Some(Security::Full), ask: Some(Ask::Off) },
        None => Wanted {
            security: exec.security.map(|security| match security {
                openclaw_config::ExecSecurity::Deny => Security::Deny,
                openclaw_config::ExecSecurity::Allowlist => Security::Allowlist,
                openclaw_config::ExecSecurity::Full => Security::Full,
            }),
            ask: exec.ask.map(|ask| match ask {
                openclaw_config::ExecAsk::Off => Ask::Off,
                openclaw_config::ExecAsk::OnMiss => Ask::OnMiss,
                openclaw_config::ExecAsk::Always => Ask::Always,
            }),
        },
    }
}

impl Checked {
    /// Asks the policy and the standing permissions. Changes nothing.
    ///
    /// # Errors
    /// When the policy file cannot be used: then nothing may run.
    pub(crate) async fn new(state: &State, plan: &Plan<'_>, wanted: Wanted) -> Result<Self, WireError> {
        let file = state.approvals.policy.read().await?;
        let hash = plan_hash(plan);
        let grant = state.store.read(move |reader: &Reader| reader.grant_for(&hash)).await;
        let now = state.clock.now_ms();
        let grant = grant.map_err(|error| fault::store(&error))?.filter(|grant| grant.state(now) == GrantState::Active);
        let active = state.active();
        let exec = &active.loaded.config.tools.exec;
        let effective = file.policy.effective(plan.agent_id, configured(exec)).with(wanted);
        let effective = effective.strict(exec.strict_inline_eval.unwrap_or(false));
        let home = state.approvals.policy.home();
        Ok(Self {
            verdict: approval::decide(&effective, plan, grant.is_some(), home),
            alone: effective.without_people(plan, grant.is_some(), home),
            ask: effective.ask,
            grant,
        })
    }
}

/// Allows, refuses, or asks people. `audit` tells of the asker; its event is set here.
///
/// # Errors
/// When the policy cannot be used, too much waits, or the store fails: then nothing may run.
pub(crate) async fn permit(state: &State, ask: ExecAsk, audit: AuditEvent) -> Result<Permit, WireError> {
    let plan = Plan {
        agent_id: ask.agent_id.as_deref(),
        host: ask.host.as_deref(),
        node_id: ask.node_id.as_deref(),
        command: &ask.command,
        argv: ask.argv.as_deref(),
        cwd: ask.cwd.as_deref(),
        resolved_path: ask.resolved_path.as_deref(),
        env: &ask.env,
    };
    let checked = Checked::new(state, &plan, ask.wanted).await?;
    match checked.verdict {
        Verdict::Allow(reason) => return allowed(state, &checked, reason, audit).await,
        Verdict::Deny(reason) => return Ok(refused(state, reason, audit)),
        Verdict::Ask => {}
    }
    // Nobody is told of what is quiet, so whoever asked shows it to people in its own way.
    let reviewer = !ask.quiet && state.hub.has_reviewer(false, ask.asker, &ask.reviewers.clone().into());
    let waits = ask.quiet || ask.without_reviewer;
    if !reviewer
        && !waits
        && let Verdict::Allow(reason) = checked.alone
    {
        return allowed(state, &checked, reason, audit).await;
    }
    let analysis = approval::analyse(&ask.command, ask.argv.as_deref());
    // What is asked about every time, and code that stands in the command, is not allowed for good.
    let once_only = ask.once_only || checked.ask == Ask::Always || analysis.has("inline-eval");
    let allowed: Vec<Decision> =
        Decision::ALL.into_iter().filter(|decision| *decision != Decision::AllowAlways || !once_only).collect();
    let now = state.clock.now_ms();
    let hash = plan_hash(&plan);
    let asker = ask.asker.map(ConnNumber::number);
    let approval = Approval {
        id: ask.id,
        subject: Subject::Exec(Box::new(ExecRequest {
            command: ask.command,
            argv: ask.argv,
            cwd: ask.cwd,
            host: ask.host,
            node_id: ask.node_id,
            resolved_path: ask.resolved_path,
            env: ask.env.into_keys().collect(),
            security: ask.wanted.security,
            ask: ask.wanted.ask,
            warning: ask.warning,
            analysis,
            allowed,
            plan: hash,
            session_id: ask.session_id,
            tool_call_id: ask.tool_call_id,
        })),
        asked_by: ask.asked_by,
        agent_id: ask.agent_id,
        session_key: ask.session_key,
        run_id: ask.run_id,
        created_at: now,
        expires_at: now.saturating_add(ask.timeout_ms),
        ending: None,
        reviewers: ask.reviewers,
        quiet: ask.quiet,
        redeemed_at: None,
    };
    if reviewer || waits {
        let audit = AuditEvent { event: "approval.requested".to_owned(), target: Some(approval.id.clone()), ..audit };
        return Ok(Permit::Asked(state.approvals.ask(approval, asker, audit).await?, reviewer));
    }
    let audit = AuditEvent {
        event: "exec.denied".to_owned(),
        severity: "warn".to_owned(),
        target: Some(approval.id.clone()),
        outcome: "denied".to_owned(),
        reason: Some("nobody is connected who could answer".to_owned()),
        ..audit
    };
    let ending = Some(Ending { at: now, how: How::NoRoute, by: None });
    Ok(Permit::NoRoute(state.approvals.ask(Approval { ending, ..approval }, asker, audit).await?.approval))
}

async fn allowed(state: &State, checked: &Checked, reason: Reason, audit: AuditEvent) -> Result<Permit, WireError> {
    let audit = AuditEvent { event: "exec.allowed".to_owned(), reason: Some(reason.about().to_owned()), ..audit };
    let Some(grant) = checked.grant.as_ref().filter(|_| reason == Reason::Granted) else {
        state.audit_detached(audit);
        return Ok(Permit::Allowed(Decision::AllowOnce, reason));
    };
    let audit = AuditEvent { target: Some(format!("grant:{}", grant.id)), ..audit };
    let used = ApprovalChange::UseGrant { id: grant.id.clone(), at: state.clock.now_ms() };
    let written = state.store.write(Transaction { changes: vec![Change::Approval(used)], audit, idempotency: None });
    written.await.map_err(|error| fault::store(&error))?;
    Ok(Permit::Allowed(Decision::AllowAlways, reason))
}

fn refused(state: &State, reason: Reason, audit: AuditEvent) -> Permit {
    state.audit_detached(AuditEvent {
        event: "exec.denied".to_owned(),
        severity: "warn".to_owned(),
        outcome: "denied".to_owned(),
        reason: Some(reason.about().to_owned()),
        ..audit
    });
    Permit::Refused(reason)
}
