//! What pages of HTML have in common: how templates are rendered, the policy of a page that stands alone, and in `page/`
//! the files that they share. Debug builds read files from the sources whenever they are asked for.

mod escape;
mod filters;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest, Sha256};

/// The head of a page, macros and a style sheet.
#[derive(Debug, Embed)]
#[folder = "src/html/page"]
pub struct Shared;

/// Finds a file by its name: one of a room's own, else one that is [`Shared`].
pub type Find = fn(&str) -> Option<EmbeddedFile>;

/// The templates among these files. All their names end in `.html`, so that everything they show is escaped.
///
/// # Errors
/// None that a caller can bring about.
pub fn environment(find: Find) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.set_loader(move |name| Ok(text_of(find, name)));
    environment.set_formatter(escape::write_escaped);
    filters::add(&mut environment);
    Ok(environment)
}

/// The text of these files, one after the other.
///
/// # Errors
/// When there is no such file.
pub fn text(find: Find, names: &[&str]) -> Result<String, Error> {
    let missing = |name| Error::new(ErrorKind::TemplateNotFound, format!("there is no {name}"));
    names
        .iter()
        .map(|name| text_of(find, name).ok_or_else(|| missing(name)))
        .collect()
}

/// Allows a page's own style sheet and scripts by their hashes, and nothing else.
#[must_use]
pub fn policy(style: &str, scripts: &[String]) -> String {
    let hash = |text: &str| format!(" 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    let scripts: String = scripts.iter().map(|script| hash(script)).collect();
    format!(
        "default-src 'none'; style-src{}; script-src{scripts}; base-uri 'none'; form-action 'none'",
        hash(style)
    )
}

fn text_of(find: Find, name: &str) -> Option<String> {
    String::from_utf8(find(name)?.data.into_owned()).ok()
}
