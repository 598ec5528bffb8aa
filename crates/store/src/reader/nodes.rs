//! Looking nodes up.

use std::collections::BTreeMap;

use openclaw_core::record::{Node, NodeRequest, NodeState, NodeWork};
use openclaw_protocol::NodeId;
use rusqlite::params;

use super::Reader;
use crate::{error::Error, rows};

impl Reader {
    /// Everything that is kept about nodes, by identifier.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn nodes(&self) -> Result<Vec<NodeState>, Error> {
        let nodes: Vec<Node> =
            self.many("SELECT opened('nodes.doc', node_id, doc) FROM nodes", [], |row| rows::json(row, 0, "node"))?;
        let requests: Vec<NodeRequest> =
            self.many("SELECT opened('node_requests.doc', node_id, doc) FROM node_requests", [], |row| {
                rows::json(row, 0, "node request")
            })?;
        let mut states: BTreeMap<NodeId, NodeState> = nodes
            .into_iter()
            .map(|node| {
                (node.node_id.clone(), NodeState { node_id: node.node_id.clone(), node: Some(node), request: None })
            })
            .collect();
        for request in requests {
            let node_id = request.node_id.clone();
            let unknown = || NodeState { node_id: node_id.clone(), node: None, request: None };
            states.entry(node_id.clone()).or_insert_with(unknown).request = Some(request);
        }
        Ok(states.into_values().collect())
    }

    /// Work that waits for a node and has not expired, oldest first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn node_work(&self, node_id: &NodeId) -> Result<Vec<NodeWork>, Error> {
        let sql = "SELECT opened('node_work.doc', work_id, doc) FROM node_work WHERE node_id = ?1 AND expires > ?2 ORDER BY id";
        self.many(sql, params![node_id.as_str(), self.clock.now_ms()], |row| rows::json(row, 0, "node work"))
    }
}
