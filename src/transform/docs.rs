//! `{% docs NAME %}` blocks of .md files, and descriptions that quote them.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior};

use super::TransformError;
use super::blocks::tags;
use super::context::refused;
use super::files::SourceFile;

/// The project's doc blocks, and what renders a description with them.
#[derive(Debug)]
pub(super) struct Docs {
    environment: Environment<'static>,
}

/// A doc block: its file and its text.
type Block = (String, String);

impl Docs {
    /// Reads every .md file under `paths`.
    pub(super) fn read(
        files: &[SourceFile],
        (paths, project): (&[String], &str),
    ) -> Result<Docs, TransformError> {
        let mut blocks = BTreeMap::new();
        for file in files
            .iter()
            .filter(|file| file.is_markdown() && file.is_under(paths))
        {
            add_blocks(file, &mut blocks)?;
        }
        let (blocks, project) = (Arc::new(blocks), project.to_owned());
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(true);
        environment.add_function("doc", move |first: String, second: Option<String>| {
            let name = match second {
                Some(name) if first == project => name,
                Some(_) => {
                    return Err(refused(format!(
                        "doc of another package, `{first}`, is not supported"
                    )));
                }
                None => first,
            };
            let unknown = || {
                refused(format!(
                    "doc('{name}') names no block {{% docs {name} %}} of a .md file"
                ))
            };
            blocks
                .get(&name)
                .map(|(_, text)| text.clone())
                .ok_or_else(unknown)
        });
        Ok(Docs { environment })
    }

    /// A description with its doc blocks, trimmed; none where it is empty.
    pub(super) fn describe(
        &self,
        file: &SourceFile,
        description: Option<String>,
    ) -> Result<Option<String>, TransformError> {
        let Some(text) = description else {
            return Ok(None);
        };
        let text = match text.contains("{{") || text.contains("{%") {
            false => text,
            true => self.environment.render_str(&text, ()).map_err(|error| {
                let detail = error
                    .detail()
                    .map_or_else(|| error.kind().to_string(), str::to_owned);
                file.error(format!("description `{}`: {detail}", text.trim()))
            })?,
        };
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }
}

fn add_blocks(file: &SourceFile, blocks: &mut BTreeMap<String, Block>) -> Result<(), TransformError> {
    let mut open = None;
    for tag in tags(&file.text) {
        match (tag.word, open.take()) {
            ("docs", None) if !tag.rest.is_empty() => open = Some((tag.rest.to_owned(), tag.end)),
            ("docs", _) => {
                return Err(file.error("a `docs` block needs a name, and `enddocs` before the next"));
            }
            ("enddocs", Some((name, from))) => {
                let text = file.text.get(from..tag.start).unwrap_or_default().trim();
                let block = (file.path.clone(), text.to_owned());
                if let Some((first, _)) = blocks.insert(name.clone(), block) {
                    return Err(TransformError::Duplicate {
                        what: format!("docs block `{name}`"),
                        first,
                        second: file.path.clone(),
                    });
                }
            }
            ("enddocs", None) => return Err(file.error("`enddocs` without `docs`")),
            (_, still) => open = still,
        }
    }
    match open {
        Some((name, _)) => Err(file.error(format!("docs block `{name}` has no `enddocs`"))),
        None => Ok(()),
    }
}
