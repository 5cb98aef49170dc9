//! The answers that are no success, once for all operations.

use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{ContentBuilder, Header, Object, OpenApi, Ref, RefOr, Response, Type};

use crate::serve::health::{LIVES, READY};

/// Status, and what it means. In the document they are the components `responses/{status}`.
const PROBLEMS: [(&str, &str); 12] = [
    ("400", "The request cannot be understood; the detail says why"),
    ("401", "The server wants a token or a login"),
    ("403", "A page of another site asks"),
    ("404", "There is no such thing, or nothing is published yet"),
    ("406", "It cannot be had in a form that is accepted"),
    (
        "409",
        "Other tables are published than those that `after` is about; begin again without it",
    ),
    ("414", "The address is too long"),
    ("421", "The server is not known by the name that it was asked by"),
    ("429", "Too many requests"),
    ("431", "The headers are too long"),
    ("500", "The answer failed; the server's log says why"),
    (
        "503",
        "The database does not answer or takes too long, or too much is under way",
    ),
];

/// Lets an operation answer by these problems, where it does not say itself what such an answer means.
pub(super) fn may_be(operation: &mut Operation, statuses: &[&str]) {
    for status in statuses {
        let shared = Ref::from_response_name(*status);
        let known = &mut operation.responses.responses;
        known.entry((*status).to_owned()).or_insert(RefOr::Ref(shared));
    }
}

/// Puts the problems into the document, and lets every operation answer by those that are possible whatever it says.
pub(super) fn describe(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    for (status, meaning) in PROBLEMS {
        let response = RefOr::T(response(status, meaning));
        components.responses.insert(status.to_owned(), response);
    }
    for (path, item) in &mut document.paths.paths {
        if let Some(operation) = &mut item.get {
            may_be(operation, possible_at(path));
        }
    }
}

fn possible_at(path: &str) -> &'static [&'static str] {
    match path {
        LIVES => &["414", "431"],
        READY => &["403", "414", "421", "429", "431", "503"],
        _ => &["401", "403", "414", "421", "429", "431", "500", "503"],
    }
}

fn response(status: &str, meaning: &str) -> Response {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new()
        .description(meaning)
        .content("application/problem+json", problem.build());
    let header = match status {
        "401" => ("WWW-Authenticate", Header::default()),
        "429" => ("Retry-After", Header::new(Object::with_type(Type::Integer))),
        _ => return response.build(),
    };
    response.header(header.0, header.1).build()
}
