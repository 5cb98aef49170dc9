//! Where each node of the lineage lies: layers from left to right, few crossings, no node on another.
//!
//! Nodes stand in columns by their longest way from a source (Sugiyama, Tagawa and Toda 1981); the columns of a layer
//! stand together. An edge that passes a column gets a bend there, so that it goes between the nodes. Each column is
//! ordered by the mean place of its neighbours, left and right in turn, and the order with the fewest crossings stays.

mod columns;
mod layout;

use serde::Serialize;

use columns::{columns, layers};
use layout::{Item, Layout};

/// Pixels, as all lengths here.
const HEIGHT: f64 = 28.0;
/// A character of a label, in a monospaced font of 12 pixels.
const CHARACTER: f64 = 7.3;
const PADDING: f64 = 12.0;
const BETWEEN_COLUMNS: f64 = 48.0;
/// Room for the layers' names.
const HEADING: f64 = 34.0;
const MARGIN: f64 = 10.0;

/// What is drawn as a box.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) label: String,
    /// The layer that it belongs to.
    pub(super) layer: String,
    /// Places in the list of nodes, all before the node's own.
    pub(super) parents: Vec<usize>,
}

/// A picture, in pixels from its upper left corner.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Drawing {
    pub(super) width: f64,
    pub(super) height: f64,
    /// From left to right; a single one where layers read each other in a circle.
    pub(super) layers: Vec<Layer>,
    pub(super) boxes: Vec<NodeBox>,
    pub(super) edges: Vec<Edge>,
}

/// Columns of one layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) x: f64,
    pub(super) width: f64,
}

/// A node's box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct NodeBox {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) layer: String,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A line from a parent to its child.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    /// In SVG's language of paths.
    pub(super) path: String,
}

/// Draws nodes of which each stands behind its parents.
pub(super) fn draw(nodes: &[Node]) -> Drawing {
    let layers = layers(nodes);
    let (columns, starts) = columns(nodes, &layers);
    let mut layout = Layout::of(nodes, &columns);
    layout.untangle();
    layout.settle();
    layout.drawing(nodes, &layers, &starts)
}

impl Layout {
    fn drawing(&self, nodes: &[Node], layers: &[String], starts: &[usize]) -> Drawing {
        let spans = self.spans(nodes);
        let boxes = self.items.iter().filter_map(|item| {
            let node = nodes.get(item.node?)?;
            let (x, width) = *spans.get(item.column)?;
            Some(NodeBox {
                id: node.id.clone(),
                label: node.label.clone(),
                layer: node.layer.clone(),
                x,
                y: item.y - HEIGHT / 2.0,
                width,
                height: HEIGHT,
            })
        });
        let named = |(layer, (from, to)): (&String, (&usize, &usize))| {
            let (x, _) = *spans.get(*from)?;
            let (last, width) = *spans.get(to.checked_sub(1)?)?;
            Some(Layer {
                name: layer.clone(),
                x,
                width: last + width - x,
            })
        };
        let bands = layers.iter().zip(starts.iter().zip(starts.iter().skip(1)));
        let bottom = self.items.iter().map(|item| item.y + item.height() / 2.0);
        Drawing {
            width: spans.last().map_or(0.0, |(x, width)| x + width) + MARGIN,
            height: bottom.fold(HEADING, f64::max) + MARGIN,
            layers: bands.filter_map(named).collect(),
            boxes: boxes.collect(),
            edges: self
                .ways
                .iter()
                .filter_map(|way| self.edge(way, nodes, &spans))
                .collect(),
        }
    }

    /// Left edge and width of each column: as wide as its longest label.
    fn spans(&self, nodes: &[Node]) -> Vec<(f64, f64)> {
        let mut x = MARGIN;
        let span = |items: &Vec<usize>| {
            let labels = items
                .iter()
                .filter_map(|item| nodes.get(self.items.get(*item)?.node?))
                .map(|node| node.label.chars().count());
            let width = (labels.max().unwrap_or(0) as f64 * CHARACTER + 2.0 * PADDING).round();
            let left = x;
            x += width + BETWEEN_COLUMNS;
            (left, width)
        };
        self.columns.iter().map(span).collect()
    }

    fn edge(&self, way: &[usize], nodes: &[Node], spans: &[(f64, f64)]) -> Option<Edge> {
        let items = || way.iter().filter_map(|item| self.items.get(*item));
        let end = |item: Option<&Item>| nodes.get(item?.node?).map(|node| node.id.clone());
        let mut path = String::new();
        let mut at: Option<(f64, f64)> = None;
        for item in items() {
            let (left, width) = *spans.get(item.column)?;
            let right = left + width;
            match at {
                None => path = format!("M{right} {}", item.y),
                Some((x, y)) => {
                    let middle = f64::midpoint(x, left);
                    path += &format!(" C{middle} {y} {middle} {} {left} {}", item.y, item.y);
                }
            }
            if at.is_some() && item.node.is_none() {
                path += &format!(" H{right}");
            }
            at = Some((right, item.y));
        }
        Some(Edge {
            from: end(items().next())?,
            to: end(items().next_back())?,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(name: &str, layer: &str, parents: &[usize]) -> Node {
        Node {
            id: name.to_owned(),
            label: name.to_owned(),
            layer: layer.to_owned(),
            parents: parents.to_vec(),
        }
    }

    fn found<'a>(drawing: &'a Drawing, id: &str) -> &'a NodeBox {
        drawing.boxes.iter().find(|node| node.id == id).unwrap()
    }

    fn crossings(nodes: &[Node]) -> usize {
        let (columns, _) = columns(nodes, &layers(nodes));
        let mut layout = Layout::of(nodes, &columns);
        layout.untangle();
        layout.crossings()
    }

    #[test]
    fn layers_stand_side_by_side_and_lines_that_need_not_cross_do_not() {
        let nodes = [
            node("a", "raw", &[]),
            node("b", "raw", &[]),
            node("c", "raw", &[]),
            node("of_c", "staging", &[2]),
            node("of_b", "staging", &[1]),
            node("of_a", "staging", &[0]),
            node("first", "trends", &[3]),
            node("second", "trends", &[6, 0]),
            node("lonely", "trends", &[]),
        ];
        let drawing = draw(&nodes);
        let names: Vec<&str> = drawing.layers.iter().map(|layer| layer.name.as_str()).collect();
        assert_eq!(names, ["raw", "staging", "trends"]);
        assert_eq!(found(&drawing, "lonely").x, found(&drawing, "first").x);
        assert!(found(&drawing, "second").x > found(&drawing, "first").x);
        assert_eq!(crossings(&nodes), 0);
    }

    #[test]
    fn layers_that_read_each_other_become_one() {
        let nodes = [node("a", "x", &[]), node("b", "y", &[0]), node("c", "x", &[1])];
        assert_eq!(draw(&nodes).layers.len(), 1);
        assert_left_to_right(&nodes);
    }

    fn assert_left_to_right(nodes: &[Node]) {
        let drawing = draw(nodes);
        for edge in &drawing.edges {
            let (from, to) = (found(&drawing, &edge.from), found(&drawing, &edge.to));
            assert!(from.x + from.width < to.x, "{edge:?} goes back");
        }
    }

    fn apart(a: &NodeBox, b: &NodeBox) -> bool {
        a.x + a.width < b.x || b.x + b.width < a.x || a.y + a.height < b.y || b.y + b.height < a.y
    }

    /// Any acyclic graph: each node may read any node before it, and belongs to any layer.
    fn graphs() -> impl Strategy<Value = Vec<Node>> {
        let node = (
            0..4_usize,
            proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
            1..30_usize,
        );
        proptest::collection::vec(node, 1..40).prop_map(|written| {
            let mut nodes: Vec<Node> = Vec::new();
            for (place, (layer, parents, length)) in written.into_iter().enumerate() {
                let mut parents: Vec<usize> = parents
                    .iter()
                    .filter(|_| place > 0)
                    .map(|parent| parent.index(place.max(1)))
                    .collect();
                parents.sort_unstable();
                parents.dedup();
                let name = format!("{place}{}", "m".repeat(length));
                nodes.push(self::node(&name, &format!("layer {layer}"), &parents));
            }
            nodes
        })
    }

    proptest! {
        #[test]
        fn nodes_lie_apart_and_edges_go_from_left_to_right(nodes in graphs()) {
            let drawing = draw(&nodes);
            prop_assert_eq!(drawing.boxes.len(), nodes.len());
            let parents: usize = nodes.iter().map(|node| node.parents.len()).sum();
            prop_assert_eq!(drawing.edges.len(), parents);
            for (place, a) in drawing.boxes.iter().enumerate() {
                prop_assert!(a.x >= 0.0 && a.y >= HEADING);
                prop_assert!(a.x + a.width <= drawing.width && a.y + a.height <= drawing.height);
                for b in drawing.boxes.iter().skip(place + 1) {
                    prop_assert!(apart(a, b), "{:?} lies on {:?}", a, b);
                }
            }
            assert_left_to_right(&nodes);
            prop_assert_eq!(draw(&nodes), drawing);
        }
    }
}
