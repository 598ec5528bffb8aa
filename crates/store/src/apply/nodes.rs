//! Nodes, what waits for an owner's decision about them, and work that waits for them.

use openclaw_core::record::{ApprovedSurface, Node, NodeAbout, NodeAsk, NodeRequest, NodeState, NodeTask, NodeWork};
use openclaw_protocol::NodeId;
use rusqlite::params;
use uuid::Uuid;

use super::Applying;
use crate::{
    change::{MAX_NODE_WORK, MAX_NODES, MAX_SETTING_BYTES, NodeChange, NodeOutcome, NodeSaid, Review},
    error::{Error, Fail},
    rows,
};

pub(super) fn apply(at: &Applying<'_>, change: &NodeChange) -> Result<NodeOutcome, Fail> {
    match change {
        NodeChange::Connected { said, review, request_id, silent } => {
            connected(at, said, *review, *request_id, *silent)
        }
        NodeChange::Announce { said, request_id, silent } => announce(at, said, *request_id, *silent),
        NodeChange::Approve { request_id, at: when, token_hash } => approve(at, *request_id, *when, token_hash),
        NodeChange::Reject { request_id } => {
            let request = request(at, *request_id)?;
            drop_request(at, &request.node_id)?;
            let node = node(at, &request.node_id)?;
            Ok(state(request.node_id.clone(), node, None, Some(request)))
        }
        NodeChange::Rename { node_id, name, about, at: when } => rename(at, node_id, name, about, *when),
        NodeChange::Seen { node_id, at: when, reason, connected } => {
            let known = node(at, node_id)?.map(|node| Node {
                last_seen_at: Some(*when),
                last_seen_reason: Some(reason.clone()),
                last_connected_at: if *connected { Some(*when) } else { node.last_connected_at },
                ..node
            });
            if let Some(node) = &known {
                put(at, node)?;
            }
            Ok(state(node_id.clone(), known, request_of(at, node_id)?, None))
        }
        NodeChange::Remove { node_id } => {
            let request = request_of(at, node_id)?;
            for table in ["nodes", "node_requests", "node_work"] {
                let sql = format!("DELETE FROM {table} WHERE node_id = ?1");
                at.connection.prepare_cached(&sql)?.execute([node_id.as_str()])?;
            }
            Ok(state(node_id.clone(), None, None, request))
        }
        NodeChange::Enqueue { work } => enqueue(at, work),
        NodeChange::Take { node_id, limit } => take(at, node_id, *limit),
        NodeChange::Acknowledge { node_id, ids } => acknowledge(at, node_id, ids),
    }
}

fn state(
    node_id: NodeId,
    node: Option<Node>,
    request: Option<NodeRequest>,
    settled: Option<NodeRequest>,
) -> NodeOutcome {
    NodeOutcome::State {
        state: Box::new(NodeState { node_id, node, request }),
        settled: settled.map(Box::new),
        fresh: false,
    }
}

fn connected(
    at: &Applying<'_>,
    said: &NodeSaid,
    review: Review,
    request_id: Uuid,
    silent: bool,
) -> Result<NodeOutcome, Fail> {
    let known = node(at, &said.node_id)?;
    let mut node = known.unwrap_or_else(|| Node::new(said.node_id.clone(), said.about.clone(), said.at));
    node.about = said.about.clone();
    node.last_connected_at = Some(said.at);
    node.last_seen_at = Some(said.at);
    node.last_seen_reason = Some("connect".to_owned());
    put(at, &node)?;
    let waits = request_of(at, &said.node_id)?;
    let asks = review == Review::Owner
        && !node.approved.as_ref().is_some_and(|approved| said.surface.is_within(&approved.surface));
    if !asks {
        // Somebody who announced the node is still owed an answer.
        let moot = waits.as_ref().is_some_and(|request| review == Review::Owner && request.ask == NodeAsk::Declared);
        let (waits, settled) = if moot { (None, waits) } else { (waits, None) };
        if settled.is_some() {
            drop_request(at, &said.node_id)?;
        }
        return Ok(state(said.node_id.clone(), Some(node), waits, settled));
    }
    ask(at, said, Some(node), waits, said.request(request_id, NodeAsk::Declared, silent))
}

fn announce(at: &Applying<'_>, said: &NodeSaid, request_id: Uuid, silent: bool) -> Result<NodeOutcome, Fail> {
    let (node, waits) = (node(at, &said.node_id)?, request_of(at, &said.node_id)?);
    ask(at, said, node, waits, said.request(request_id, NodeAsk::Announced, silent))
}

/// Keeps a request unless the same waits already.
fn ask(
    at: &Applying<'_>,
    said: &NodeSaid,
    node: Option<Node>,
    waits: Option<NodeRequest>,
    request: NodeRequest,
) -> Result<NodeOutcome, Fail> {
    if let Some(same) = waits.clone().filter(|waits| waits.surface == request.surface && waits.ask == request.ask) {
        return Ok(state(said.node_id.clone(), node, Some(same), None));
    }
    put_request(at, &request)?;
    Ok(NodeOutcome::State {
        state: Box::new(NodeState { node_id: said.node_id.clone(), node, request: Some(request) }),
        settled: waits.map(Box::new),
        fresh: true,
    })
}

fn approve(at: &Applying<'_>, request_id: Uuid, when: i64, token_hash: &str) -> Result<NodeOutcome, Fail> {
    let request = request(at, request_id)?;
    let known = node(at, &request.node_id)?;
    let mut node = known.unwrap_or_else(|| Node::new(request.node_id.clone(), request.about.clone(), when));
    node.approved = Some(ApprovedSurface { surface: request.surface.clone(), at: when });
    if request.ask == NodeAsk::Announced {
        node.token_hash = Some(token_hash.to_owned());
    }
    put(at, &node)?;
    drop_request(at, &request.node_id)?;
    Ok(state(request.node_id.clone(), Some(node), None, Some(request)))
}

fn rename(at: &Applying<'_>, node_id: &NodeId, name: &str, about: &NodeAbout, when: i64) -> Result<NodeOutcome, Fail> {
    let known = node(at, node_id)?.unwrap_or_else(|| Node::new(node_id.clone(), about.clone(), when));
    let node = Node { name: Some(name.to_owned()), ..known };
    put(at, &node)?;
    Ok(state(node_id.clone(), Some(node), request_of(at, node_id)?, None))
}

fn put(at: &Applying<'_>, node: &Node) -> Result<(), Fail> {
    room(at, "nodes", &node.node_id)?;
    let doc = rows::text(node, "node", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached(
            "INSERT INTO nodes(node_id, doc) VALUES(?1, sealed('nodes.doc', ?1, ?2))
             ON CONFLICT(node_id) DO UPDATE SET doc = excluded.doc",
        )?
        .execute([node.node_id.as_str(), &doc])?;
    Ok(())
}

fn put_request(at: &Applying<'_>, request: &NodeRequest) -> Result<(), Fail> {
    room(at, "node_requests", &request.node_id)?;
    let doc = rows::text(request, "node request", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached("INSERT OR REPLACE INTO node_requests(node_id, request_id, doc) VALUES(?1, ?2, sealed('node_requests.doc', ?1, ?3))")?
        .execute(params![request.node_id.as_str(), request.request_id.to_string(), doc])?;
    Ok(())
}

fn room(at: &Applying<'_>, table: &'static str, node_id: &NodeId) -> Result<(), Fail> {
    let sql = format!("SELECT count(*) FROM {table} WHERE node_id <> ?1");
    let others: usize = at.connection.prepare_cached(&sql)?.query_row([node_id.as_str()], |row| row.get(0))?;
    if others >= MAX_NODES {
        return Err(Error::Limit { what: "nodes", max: MAX_NODES }.into());
    }
    Ok(())
}

fn drop_request(at: &Applying<'_>, node_id: &NodeId) -> Result<(), Fail> {
    at.connection.prepare_cached("DELETE FROM node_requests WHERE node_id = ?1")?.execute([node_id.as_str()])?;
    Ok(())
}

fn node(at: &Applying<'_>, node_id: &NodeId) -> Result<Option<Node>, Fail> {
    Ok(rows::one(
        at.connection,
        "SELECT opened('nodes.doc', node_id, doc) FROM nodes WHERE node_id = ?1",
        [node_id.as_str()],
        |row| rows::json(row, 0, "node"),
    )??)
}

fn request_of(at: &Applying<'_>, node_id: &NodeId) -> Result<Option<NodeRequest>, Fail> {
    Ok(rows::one(
        at.connection,
        "SELECT opened('node_requests.doc', node_id, doc) FROM node_requests WHERE node_id = ?1",
        [node_id.as_str()],
        |row| rows::json(row, 0, "node request"),
    )??)
}

fn request(at: &Applying<'_>, request_id: Uuid) -> Result<NodeRequest, Fail> {
    let sql = "SELECT opened('node_requests.doc', node_id, doc) FROM node_requests WHERE request_id = ?1";
    let found = rows::one(at.connection, sql, [request_id.to_string()], |row| rows::json(row, 0, "node request"))??;
    Ok(found.ok_or_else(|| Error::not_found("node request", request_id))?)
}

/// Work that has not expired, oldest first.
fn waiting(at: &Applying<'_>, node_id: &NodeId) -> Result<Vec<NodeWork>, Fail> {
    at.connection.prepare_cached("DELETE FROM node_work WHERE expires <= ?1")?.execute([at.ts])?;
    let mut statement = at
        .connection
        .prepare_cached("SELECT opened('node_work.doc', work_id, doc) FROM node_work WHERE node_id = ?1 ORDER BY id")?;
    let mut found = statement.query([node_id.as_str()])?;
    let mut work = Vec::new();
    while let Some(row) = found.next()? {
        work.push(rows::json(row, 0, "node work")?);
    }
    Ok(work)
}

fn enqueue(at: &Applying<'_>, work: &NodeWork) -> Result<NodeOutcome, Fail> {
    let waiting = waiting(at, &work.node_id)?;
    let same = |other: &&NodeWork| match (&work.task, &other.task) {
        (NodeTask::Command { key, .. }, NodeTask::Command { key: other, .. }) => key == other,
        (task, other) => task == other,
    };
    if let Some(known) = waiting.iter().find(same) {
        return Ok(NodeOutcome::Queued { work: Box::new(known.clone()), fresh: false });
    }
    if waiting.len() >= MAX_NODE_WORK {
        return Err(Error::Limit { what: "work that waits for a node", max: MAX_NODE_WORK }.into());
    }
    let doc = rows::text(work, "node work", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached(
            "INSERT INTO node_work(work_id, node_id, expires, doc) VALUES(?1, ?2, ?3, sealed('node_work.doc', ?1, ?4))",
        )?
        .execute(params![work.id.to_string(), work.node_id.as_str(), work.expires_at, doc])?;
    Ok(NodeOutcome::Queued { work: Box::new(work.clone()), fresh: true })
}

fn take(at: &Applying<'_>, node_id: &NodeId, limit: usize) -> Result<NodeOutcome, Fail> {
    let mut work = waiting(at, node_id)?;
    work.retain(|work| !matches!(work.task, NodeTask::Command { .. }));
    work.sort_by_key(|work| work.priority);
    let more = work.len() > limit;
    work.truncate(limit);
    forget(at, node_id, work.iter().map(|work| work.id))?;
    Ok(NodeOutcome::Taken { work, more })
}

fn acknowledge(at: &Applying<'_>, node_id: &NodeId, ids: &[Uuid]) -> Result<NodeOutcome, Fail> {
    forget(at, node_id, ids.iter().copied())?;
    let commands = |work: &&NodeWork| matches!(work.task, NodeTask::Command { .. });
    Ok(NodeOutcome::Acknowledged { remaining: waiting(at, node_id)?.iter().filter(commands).count() })
}

fn forget(at: &Applying<'_>, node_id: &NodeId, ids: impl Iterator<Item = Uuid>) -> Result<(), Fail> {
    let mut statement = at.connection.prepare_cached("DELETE FROM node_work WHERE node_id = ?1 AND work_id = ?2")?;
    for id in ids {
        statement.execute([node_id.as_str(), &id.to_string()])?;
    }
    Ok(())
}
