//! Views as HTML, with MiniJinja.

mod filters;

use std::sync::LazyLock;

use minijinja::value::{Kwargs, Serde, merge_maps};
use minijinja::{Environment, Error, Value, context};
use serde::Serialize;

use super::{Freshness, NAVIGATION, Query, View, files};
use crate::html;

static ENVIRONMENT: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(environment);

/// What stands around a view.
#[derive(Debug, Default, Serialize)]
pub struct Frame {
    /// How fresh the data is; none when the database does not answer.
    pub freshness: Option<Freshness>,
    /// Whether the data is the sandbox's.
    pub in_sandbox: bool,
}

/// A page with a view in its frame.
///
/// # Errors
/// When a template is wrong, which no query and no database can bring about.
pub fn page<V: View>(view: &V, query: &Query, frame: &Frame) -> Result<String, Error> {
    let context = context! {
        title => view.title(),
        path => V::PATH,
        template => V::TEMPLATE,
        view => Value::from(Serde(view)),
        ..merge_maps([query.context(), served()])
    };
    render("frame.html", context, frame)
}

/// The page of a view while nothing is published: it says what to do.
///
/// # Errors
/// When a template is wrong.
pub fn empty<V: View>(frame: &Frame) -> Result<String, Error> {
    let context = context! {
        title => "No data yet",
        path => V::PATH,
        template => "empty.html",
        query => context! { values => context! {}, wrong => context! {} },
        ..served()
    };
    render("frame.html", context, frame)
}

/// A page that says why there is no view: `title` is what has happened, `text` what to do.
///
/// # Errors
/// When a template is wrong.
pub fn notice(title: &str, text: &str, frame: &Frame) -> Result<String, Error> {
    let context = context! {
        title => title,
        path => "",
        template => "notice.html",
        view => context! { text => text },
        ..served()
    };
    render("frame.html", context, frame)
}

/// How links and downloads lead to other addresses of the server.
fn served() -> Value {
    context! {
        standalone => false,
        navigation => Value::from(Serde(NAVIGATION)),
        at => Value::from_function(|path: String| path),
        csv => Value::from_function(|address: String, _rows: Value| address),
    }
}

/// A template with what all have: `frame` and `version`.
pub(super) fn render(template: &str, context: Value, frame: &Frame) -> Result<String, Error> {
    let context = context! {
        frame => Value::from(Serde(frame)),
        version => env!("CARGO_PKG_VERSION"),
        ..context
    };
    // templates that are read anew with every page can be changed without a compiler
    if cfg!(debug_assertions) {
        return environment()?.get_template(template)?.render(context);
    }
    let environment = ENVIRONMENT
        .as_ref()
        .map_err(|error| Error::new(error.kind(), error.to_string()))?;
    environment.get_template(template)?.render(context)
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = html::environment(files::embedded)?;
    filters::add(&mut environment);
    Ok(environment)
}

impl Query {
    /// What templates find of it: `query` and `again(page=3)`, the address of the same page with another value; `none`
    /// takes a value away.
    pub(super) fn context(&self) -> Value {
        let asked = self.clone();
        context! {
            query => Value::from(Serde(self)),
            again => Value::from_function(move |changes: Kwargs| again(&asked, &changes)),
        }
    }
}

fn again(asked: &Query, changes: &Kwargs) -> Result<String, Error> {
    let change = |name: &str| {
        let value: Value = changes.get(name)?;
        Ok((name.to_owned(), (!value.is_none()).then(|| value.to_string())))
    };
    let changes: Result<Vec<_>, Error> = changes.args().map(change).collect();
    Ok(asked.changed(changes?))
}
