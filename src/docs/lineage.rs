//! Where each node of the lineage lies: layers from left to right, few crossings, no node on another.
//!
//! Nodes stand in columns by their longest way from a source (Sugiyama, Tagawa and Toda 1981); the columns of a layer
//! stand together. An edge that passes a column gets a bend there, so that it goes between the nodes. Each column is
//! ordered by the mean place of its neighbours, left and right in turn, and the order with the fewest crossings stays.

use serde::Serialize;

/// Pixels, as all lengths here.
const HEIGHT: f64 = 28.0;
/// A character of a label, in a monospaced font of 12 pixels.
const CHARACTER: f64 = 7.3;
const PADDING: f64 = 12.0;
const BETWEEN_COLUMNS: f64 = 48.0;
const BETWEEN_ROWS: f64 = 12.0;
/// Room for the layers' names.
const HEADING: f64 = 34.0;
const MARGIN: f64 = 10.0;
const SWEEPS: usize = 24;

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

/// A node, or the bend of an edge in a column that it passes.
#[derive(Debug, Default)]
struct Item {
    /// `None` for a bend.
    node: Option<usize>,
    column: usize,
    left: Vec<usize>,
    right: Vec<usize>,
    /// Its place in the column, from the top.
    place: usize,
    /// The middle.
    y: f64,
}

#[derive(Debug, Default)]
struct Layout {
    items: Vec<Item>,
    /// Items from top to bottom.
    columns: Vec<Vec<usize>>,
    /// The items of each edge, from the parent to the child.
    ways: Vec<Vec<usize>>,
}

#[derive(Debug, Clone, Copy)]
enum Side {
    Left,
    Right,
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

/// The layers so that none is read by one before it; one layer without a name where that cannot be.
fn layers(nodes: &[Node]) -> Vec<String> {
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
fn columns(nodes: &[Node], layers: &[String]) -> (Vec<usize>, Vec<usize>) {
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

impl Layout {
    fn of(nodes: &[Node], columns: &[usize]) -> Self {
        let mut layout = Layout::default();
        for (node, column) in columns.iter().enumerate() {
            layout.add(Some(node), *column);
        }
        for (child, node) in nodes.iter().enumerate() {
            for parent in &node.parents {
                layout.connect(*parent, child);
            }
        }
        layout
    }

    fn add(&mut self, node: Option<usize>, column: usize) -> usize {
        while self.columns.len() <= column {
            self.columns.push(Vec::new());
        }
        let item = self.items.len();
        let mut place = 0;
        if let Some(items) = self.columns.get_mut(column) {
            place = items.len();
            items.push(item);
        }
        self.items.push(Item {
            node,
            column,
            place,
            ..Item::default()
        });
        item
    }

    /// Leads an edge from `parent` to `child`, with a bend in each column between them.
    fn connect(&mut self, parent: usize, child: usize) {
        let (from, to) = (self.column_of(parent), self.column_of(child));
        let mut way = vec![parent];
        way.extend((from + 1..to).map(|column| self.add(None, column)));
        way.push(child);
        for (left, right) in way.iter().zip(way.iter().skip(1)) {
            if let Some(item) = self.items.get_mut(*left) {
                item.right.push(*right);
            }
            if let Some(item) = self.items.get_mut(*right) {
                item.left.push(*left);
            }
        }
        self.ways.push(way);
    }

    fn column_of(&self, item: usize) -> usize {
        self.items.get(item).map_or(0, |item| item.column)
    }

    /// Orders the columns so that few edges cross.
    fn untangle(&mut self) {
        let (mut best, mut fewest) = (self.columns.clone(), self.crossings());
        for sweep in 0..SWEEPS {
            let count = self.columns.len();
            for step in 0..count {
                match sweep % 2 {
                    0 => self.reorder(step, Side::Left),
                    _ => self.reorder(count - 1 - step, Side::Right),
                }
            }
            let crossings = self.crossings();
            if crossings < fewest {
                (best, fewest) = (self.columns.clone(), crossings);
            }
        }
        for (column, items) in best.into_iter().enumerate() {
            self.place(column, items);
        }
    }

    fn reorder(&mut self, column: usize, side: Side) {
        let Some(items) = self.columns.get(column) else {
            return;
        };
        let mut sorted: Vec<(f64, usize)> = items
            .iter()
            .enumerate()
            .map(|(place, item)| (self.pull(*item, side).unwrap_or(place as f64), *item))
            .collect();
        // a stable sort: what pulls alike stays in order
        sorted.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        self.place(column, sorted.into_iter().map(|(_, item)| item).collect());
    }

    /// The mean place of an item's neighbours on a side.
    fn pull(&self, item: usize, side: Side) -> Option<f64> {
        let item = self.items.get(item)?;
        let neighbours = match side {
            Side::Left => &item.left,
            Side::Right => &item.right,
        };
        let places = neighbours.iter().filter_map(|other| self.items.get(*other));
        mean(places.map(|other| other.place as f64))
    }

    fn place(&mut self, column: usize, items: Vec<usize>) {
        for (place, item) in items.iter().enumerate() {
            if let Some(item) = self.items.get_mut(*item) {
                item.place = place;
            }
        }
        if let Some(standing) = self.columns.get_mut(column) {
            *standing = items;
        }
    }

    fn crossings(&self) -> usize {
        let crossings = |items: &Vec<usize>| {
            let mut lines: Vec<(usize, usize)> = Vec::new();
            for item in items.iter().filter_map(|item| self.items.get(*item)) {
                let ends = item.right.iter().filter_map(|other| self.items.get(*other));
                lines.extend(ends.map(|end| (item.place, end.place)));
            }
            let cross = |(line, (a, b)): (usize, &(usize, usize))| {
                let rest = lines.iter().skip(line + 1);
                rest.filter(|(c, d)| (a < c && b > d) || (a > c && b < d)).count()
            };
            lines.iter().enumerate().map(cross).sum::<usize>()
        };
        self.columns.iter().map(crossings).sum()
    }

    /// Moves the items of each column towards their neighbours, as far as they keep their order and distance.
    fn settle(&mut self) {
        for sweep in 0..SWEEPS {
            for step in 0..self.columns.len() {
                let column = match sweep % 2 {
                    0 => step,
                    _ => self.columns.len() - 1 - step,
                };
                self.settle_column(column);
            }
        }
        let top = self.items.iter().map(Item::top).fold(f64::INFINITY, f64::min);
        for item in &mut self.items {
            item.y = (item.y - top + HEADING + MARGIN).round();
        }
    }

    fn settle_column(&mut self, column: usize) {
        let items = self.columns.get(column).cloned().unwrap_or_default();
        let mut down: Vec<f64> = Vec::with_capacity(items.len());
        let known: Vec<&Item> = items.iter().filter_map(|item| self.items.get(*item)).collect();
        let wanted = |item: &Item| {
            let neighbours = item.left.iter().chain(&item.right);
            mean(
                neighbours
                    .filter_map(|other| self.items.get(*other))
                    .map(|other| other.y),
            )
            .unwrap_or(item.y)
        };
        let mut above: Option<(f64, &Item)> = None;
        for item in &known {
            let least = above.map_or(f64::NEG_INFINITY, |(y, above)| y + above.distance(item));
            let y = wanted(item).max(least);
            down.push(y);
            above = Some((y, item));
        }
        let mut up: Vec<f64> = Vec::with_capacity(items.len());
        let mut below: Option<(f64, &Item)> = None;
        for item in known.iter().rev() {
            let most = below.map_or(f64::INFINITY, |(y, below)| y - below.distance(item));
            let y = wanted(item).min(most);
            up.push(y);
            below = Some((y, item));
        }
        // both keep the distances, and so does their mean
        let middle: Vec<f64> = down
            .iter()
            .zip(up.iter().rev())
            .map(|(a, b)| f64::midpoint(*a, *b))
            .collect();
        for (item, y) in items.iter().zip(middle) {
            if let Some(item) = self.items.get_mut(*item) {
                item.y = y;
            }
        }
    }

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
            to: end(items().last())?,
            path,
        })
    }
}

impl Item {
    fn height(&self) -> f64 {
        self.node.map_or(0.0, |_| HEIGHT)
    }

    fn top(&self) -> f64 {
        self.y - self.height() / 2.0
    }

    /// How far apart the middles of two neighbours in a column are at least.
    fn distance(&self, other: &Item) -> f64 {
        f64::midpoint(self.height(), other.height()) + BETWEEN_ROWS
    }
}

fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for number in numbers {
        sum += number;
        count += 1.0;
    }
    (count > 0.0).then(|| sum / count)
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
