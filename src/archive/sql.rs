//! The archive's SQL: templates in `sql/`, rendered for a table.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::ArchiveError;
use super::tables::Table;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/archive/sql");

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_loader(|name| {
        let file = FILES.get_file(name).and_then(|file| file.contents_utf8());
        Ok(file.map(str::to_owned))
    });
    environment.add_filter("identifier", |name: String| {
        format!("\"{}\"", name.replace('"', "\"\""))
    });
    environment
});

/// `sql/{name}`, rendered for a table and the columns that a file has of it.
pub(super) fn render(name: &str, table: &Table, columns: &[&str]) -> Result<String, ArchiveError> {
    let context = context! {
        table => table.name,
        key => table.key.iter().copied().collect::<Value>(),
        columns => columns.iter().copied().collect::<Value>(),
    };
    let rendered = TEMPLATES
        .get_template(name)
        .and_then(|template| template.render(context));
    rendered.map_err(ArchiveError::cannot("render", name))
}
