//! What a model lacks: descriptions, and a test of its key.

use crate::transform::{CatalogModel, CatalogTest, Materialization};

use super::Column;

/// What the model lacks, in words; nothing when it is described with every column and its key is tested.
///
/// The key is tested when a unique index or a `unique` test is on just its columns, and each of them has a `not_null`
/// test: the index lets nulls pass, and so does the test. The tests of a table look at all of its rows; those of a view
/// may look at the ones that came last.
pub(super) fn gaps(model: &CatalogModel, columns: &[Column]) -> Vec<String> {
    let mut gaps = Vec::new();
    if model.description.is_none() {
        gaps.push("no description".to_owned());
    }
    let undescribed: Vec<&str> = columns
        .iter()
        .filter(|column| !column.is_described)
        .map(|column| column.name.as_str())
        .collect();
    if !undescribed.is_empty() {
        gaps.push(format!("no description of {}", undescribed.join(", ")));
    }
    gaps.extend(gap_of_key(model));
    gaps
}

/// The columns that identify a row: those of the first unique index, else `unique_key`, else those of the first `unique`
/// test; none when nothing says it. An incremental model's `unique_key` may have several rows.
pub(super) fn key(model: &CatalogModel) -> Vec<String> {
    let index = model.indexes.iter().find(|index| index.is_unique);
    match (index, model.unique_key.as_slice()) {
        (Some(index), _) => index.columns.clone(),
        (None, []) => uniques(model).into_iter().next().unwrap_or_default(),
        (None, key) => key.to_vec(),
    }
}

fn gap_of_key(model: &CatalogModel) -> Option<String> {
    let key = key(model);
    if key.is_empty() {
        return Some("nothing says what identifies a row".to_owned());
    }
    if !uniques(model).iter().any(|unique| is_same_set(unique, &key)) {
        return Some(format!("its key ({}) is not tested to be unique", key.join(", ")));
    }
    let is_tested = |column: &&String| {
        let mut tests = whole_tests(model, "not_null");
        tests.any(|test| test.column.as_ref() == Some(*column))
    };
    let nullable: Vec<&str> = key
        .iter()
        .filter(|column| !is_tested(column))
        .map(String::as_str)
        .collect();
    match nullable.as_slice() {
        [] => None,
        columns => Some(format!(
            "its key is not tested to be not null: {}",
            columns.join(", ")
        )),
    }
}

/// Sets of columns that a unique index or a `unique` test is on, indexes first.
fn uniques(model: &CatalogModel) -> Vec<Vec<String>> {
    let indexes = model.indexes.iter().filter(|index| index.is_unique);
    let indexes = indexes.map(|index| index.columns.clone());
    let tests = whole_tests(model, "unique").filter_map(|test| test.column.as_deref());
    indexes.chain(tests.map(columns_of)).collect()
}

/// Tests of a kind that look at every row; of a view, also those that look at some.
fn whole_tests<'a>(model: &'a CatalogModel, kind: &'a str) -> impl Iterator<Item = &'a CatalogTest> {
    let is_view = model.materialization == Materialization::View;
    let tests = model.tests.iter();
    tests.filter(move |test| test.kind == kind && (is_view || test.filter.is_none()))
}

/// The columns of `(a, b)` or `a`.
fn columns_of(expression: &str) -> Vec<String> {
    let bare = expression.trim();
    let bare = bare
        .strip_prefix('(')
        .and_then(|bare| bare.strip_suffix(')'))
        .unwrap_or(bare);
    bare.split(',').map(|column| column.trim().to_owned()).collect()
}

fn is_same_set(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|column| b.contains(column))
}
