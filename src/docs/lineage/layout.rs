//! How the nodes of each column stand one below the other.

use super::{HEADING, HEIGHT, MARGIN, Node};

const BETWEEN_ROWS: f64 = 12.0;
const SWEEPS: usize = 24;

/// A node, or the bend of an edge in a column that it passes.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// `None` for a bend.
    pub(super) node: Option<usize>,
    pub(super) column: usize,
    left: Vec<usize>,
    right: Vec<usize>,
    /// Its place in the column, from the top.
    place: usize,
    /// The middle.
    pub(super) y: f64,
}

#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) items: Vec<Item>,
    /// Items from top to bottom.
    pub(super) columns: Vec<Vec<usize>>,
    /// The items of each edge, from the parent to the child.
    pub(super) ways: Vec<Vec<usize>>,
}

#[derive(Debug, Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl Layout {
    pub(super) fn of(nodes: &[Node], columns: &[usize]) -> Self {
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
    pub(super) fn untangle(&mut self) {
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

    pub(super) fn crossings(&self) -> usize {
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
    pub(super) fn settle(&mut self) {
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
}

impl Item {
    pub(super) fn height(&self) -> f64 {
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
