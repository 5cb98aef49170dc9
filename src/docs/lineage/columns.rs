//! Which column each node stands in.

use super::Node;

/// The layers so that none is read by one before it; one layer without a name where that cannot be.
pub(super) fn layers(nodes: &[Node]) -> Vec<String> {
    let layer_of = |node: &usize| nodes.get(*node).map(|node| node.layer.as_str());
    let mut open: Vec<&str> = Vec::new();
    for node in nodes {
        if !open.contains(&node.layer.as_str()) {
            open.push(&node.layer);
        }
    }
    let mut ordered: Vec<String> = Vec::new();
    while !open.is_empty() {
        let waits = |layer: &&str| {
            let mut parents = nodes
                .iter()
                .filter(|node| node.layer == **layer)
                .flat_map(|node| node.parents.iter().filter_map(layer_of));
            parents.any(|parent| parent != *layer && open.contains(&parent))
        };
        let Some(next) = open.iter().position(|layer| !waits(layer)) else {
            return vec![String::new()];
        };
        ordered.push(open.remove(next).to_owned());
    }
    ordered
}

/// The column of each node, and the first column of each layer with the one after the last.
pub(super) fn columns(nodes: &[Node], layers: &[String]) -> (Vec<usize>, Vec<usize>) {
    let mut columns = vec![0; nodes.len()];
    let mut starts = vec![0];
    let mut next = 0;
    for layer in layers {
        let base = next;
        for (place, node) in nodes.iter().enumerate() {
            if node.layer != *layer && layers.len() > 1 {
                continue;
            }
            let behind = node.parents.iter().filter_map(|parent| columns.get(*parent));
            let column = behind.map(|column| column + 1).fold(base, usize::max);
            next = next.max(column + 1);
            if let Some(own) = columns.get_mut(place) {
                *own = column;
            }
        }
        starts.push(next);
    }
    (columns, starts)
}
