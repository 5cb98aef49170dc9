//! Which model needs which: build order and selection.

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

/// The models that a selection names: `MODEL`, `+MODEL` with all it needs, `MODEL+` with all that need it, or
/// several of these separated by spaces. All models without a selection.
pub(super) fn select(needs: &Needs, selection: Option<&str>) -> Result<BTreeSet<String>, TransformError> {
    let Some(selection) = selection else {
        return Ok(needs.keys().cloned().collect());
    };
    let mut selected = BTreeSet::new();
    for term in selection.split_whitespace() {
        let (name, with_needed) = term.strip_prefix('+').map_or((term, false), |rest| (rest, true));
        let (name, with_dependents) = name.strip_suffix('+').map_or((name, false), |rest| (rest, true));
        if !needs.contains_key(name) {
            return Err(TransformError::UnknownSelection(term.to_owned()));
        }
        selected.insert(name.to_owned());
        if with_needed {
            selected.extend(needed(needs, name));
        }
        if with_dependents {
            selected.extend(
                needs
                    .keys()
                    .filter(|model| needed(needs, model).contains(name))
                    .cloned(),
            );
        }
    }
    match selected.is_empty() {
        true => Err(TransformError::UnknownSelection(selection.to_owned())),
        false => Ok(selected),
    }
}

/// Everything that a model needs, directly or not.
fn needed(needs: &Needs, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        for needed in needs.get(name).into_iter().flatten() {
            if found.insert(needed.clone()) {
                open.push(needed);
            }
        }
    }
    found
}
