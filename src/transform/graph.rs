//! Which model needs which: build order, and what lies how far upstream or downstream.

use std::collections::{BTreeMap, BTreeSet};

use super::TransformError;

/// Every model with the models that it refers to.
pub(super) type Needs = BTreeMap<String, BTreeSet<String>>;

/// The models so that each stands after what it needs; by name where that leaves a choice.
pub(super) fn order(needs: &Needs) -> Result<Vec<String>, TransformError> {
    let mut ordered = Vec::with_capacity(needs.len());
    for name in needs.keys() {
        visit(name, needs, &mut Vec::new(), &mut ordered)?;
    }
    Ok(ordered)
}

fn visit<'a>(
    name: &'a str,
    needs: &'a Needs,
    path: &mut Vec<&'a str>,
    ordered: &mut Vec<String>,
) -> Result<(), TransformError> {
    if ordered.iter().any(|done| done == name) {
        return Ok(());
    }
    if path.contains(&name) {
        let circle = path.iter().skip_while(|step| **step != name).chain([&name]);
        return Err(TransformError::Cycle(
            circle.map(|step| (*step).to_owned()).collect(),
        ));
    }
    path.push(name);
    for needed in needs.get(name).into_iter().flatten() {
        visit(needed, needs, path, ordered)?;
    }
    path.pop();
    ordered.push(name.to_owned());
    Ok(())
}

/// Nodes and what each needs, in both directions.
#[derive(Debug)]
pub(super) struct Graph {
    needs: Needs,
    needed_by: Needs,
}

/// How far to go along the edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Steps {
    All,
    AtMost(usize),
}

impl Graph {
    pub(super) fn new(needs: Needs) -> Graph {
        let mut needed_by = Needs::new();
        for (name, needed) in &needs {
            for needed in needed {
                needed_by.entry(needed.clone()).or_default().insert(name.clone());
            }
        }
        Graph { needs, needed_by }
    }

    pub(super) fn nodes(&self) -> BTreeSet<String> {
        self.needs.keys().cloned().collect()
    }

    /// Everything that the nodes need, directly or within so many steps.
    pub(super) fn ancestors(&self, nodes: &BTreeSet<String>, steps: Steps) -> BTreeSet<String> {
        reached(&self.needs, nodes, steps)
    }

    /// Everything that needs one of the nodes, directly or within so many steps.
    pub(super) fn descendants(&self, nodes: &BTreeSet<String>, steps: Steps) -> BTreeSet<String> {
        reached(&self.needed_by, nodes, steps)
    }
}

fn reached(edges: &Needs, nodes: &BTreeSet<String>, steps: Steps) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = nodes.clone();
    let mut taken = 0;
    while !open.is_empty() && (steps == Steps::All || steps != Steps::AtMost(taken)) {
        let next = open.iter().filter_map(|name| edges.get(name)).flatten();
        open = next.filter(|name| !found.contains(*name)).cloned().collect();
        found.extend(open.iter().cloned());
        taken += 1;
    }
    found
}
