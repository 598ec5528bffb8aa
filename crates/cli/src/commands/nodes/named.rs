//! Which node is meant: an identifier or its first characters, a name, or an address.

use clap::Args;
use openclaw_client::Connection;

use super::{LIST, Node, known};
use crate::{
    failure::{Exit, Failure},
    ids::{self, Candidate},
};

/// A node, as people name it.
#[derive(Args, Debug)]
pub(super) struct Named {
    /// The node: the first characters of its identifier, its name, or its address
    #[arg(value_name = "NODE", required_unless_present = "node")]
    named: Option<String>,
    /// The same
    #[arg(long, value_name = "NODE", conflicts_with = "named")]
    node: Option<String>,
}

impl Named {
    /// The one node that is meant.
    pub(super) async fn find(&self, gateway: &Connection) -> Result<Node, Failure> {
        let word = self.named.as_ref().or(self.node.as_ref()).map(String::as_str).unwrap_or_default();
        pick(&known(gateway).await?.read.nodes, word)
    }
}

/// An identifier and an address come first, then names, then the beginnings of identifiers. Among several, one that is
/// connected is meant.
fn pick(nodes: &[Node], word: &str) -> Result<Node, Failure> {
    let word = word.trim();
    let exactly = |node: &&Node| node.node_id == word || node.remote_ip.as_deref() == Some(word);
    let by_name = |node: &&Node| {
        node.display_name.as_deref().is_some_and(|name| name.trim().eq_ignore_ascii_case(word)) && !word.is_empty()
    };
    let begins = |node: &&Node| !word.is_empty() && node.node_id.starts_with(word);
    let whole: Vec<&Node> = nodes.iter().filter(exactly).collect();
    let named: Vec<&Node> = nodes.iter().filter(by_name).collect();
    let begun: Vec<&Node> = nodes.iter().filter(begins).collect();
    let found = [whole, named, begun].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    let connected: Vec<&Node> = found.iter().copied().filter(|node| node.connected).collect();
    match (found.as_slice(), connected.as_slice()) {
        ([one], _) | (_, [one]) => Ok((*one).clone()),
        ([], _) => Err(Failure::new(Exit::Failed, "NOT_FOUND", format!("no node is called \"{word}\""))
            .helped(format!("see them with: {LIST}"))),
        (many, _) => {
            let name = |node: &Node| node.display_name.clone().unwrap_or_default();
            let candidates: Vec<Candidate> =
                many.iter().map(|node| Candidate::new(&node.node_id, name(node))).collect();
            let candidates: Vec<&Candidate> = candidates.iter().collect();
            ids::one(&candidates, word, "node", LIST).map(|_| many[0].clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, name: &str, ip: &str, connected: bool) -> Node {
        let display_name = Some(name.to_owned()).filter(|name| !name.is_empty());
        Node { node_id: id.to_owned(), display_name, remote_ip: Some(ip.to_owned()), connected, ..Node::default() }
    }

    #[test]
    fn a_node_is_found_by_what_people_call_it() {
        let nodes = [
            node("abc1", "Build box", "10.0.0.1", true),
            node("abd2", "phone", "10.0.0.2", false),
            node("abd3", "phone", "10.0.0.3", true),
            node("x1", "twin", "10.0.0.4", false),
            node("x2", "twin", "10.0.0.5", false),
        ];
        let found = |word: &str| pick(&nodes, word).map(|node| node.node_id);
        for (word, id) in [
            ("abc1", "abc1"),
            ("abc", "abc1"),
            (" BUILD BOX ", "abc1"),
            ("10.0.0.2", "abd2"),
            ("phone", "abd3"),
            ("abd", "abd3"),
        ] {
            assert_eq!(found(word).unwrap(), id, "{word}");
        }
        let twins = found("twin").unwrap_err();
        assert_eq!((twins.exit, twins.candidates), (Exit::Usage, vec!["x1".to_owned(), "x2".to_owned()]));
        for nothing in ["", "q", "10.0.0.9"] {
            assert_eq!(found(nothing).unwrap_err().exit, Exit::Failed, "{nothing}");
        }
    }
}
