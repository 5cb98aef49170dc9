//! The document put together.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi, SecurityRequirement};
use utoipa::{Modify, OpenApi as _};

use super::{problems, table};
use crate::explore::Publication;
use crate::serve::lookups::Lookups;
use crate::serve::problem::Problem;
use crate::serve::tables::Table;

/// The document: what is always there, and these tables.
pub(super) fn of(tables: &[Table]) -> OpenApi {
    let mut document = Fixed::openapi();
    document.merge(Lookups::openapi());
    for table in tables {
        table::describe(&mut document, table);
    }
    problems::describe(&mut document);
    document
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "firstpress",
        description = "The tables that firstpress has published, and what can be asked of them. \
            Every answer that is no success is a problem by RFC 9457.",
    ),
    servers((url = "/")),
    paths(
        crate::serve::live::live,
        super::openapi,
        crate::serve::health::lives,
        crate::serve::health::ready,
        crate::serve::health::metrics,
    ),
    components(schemas(Problem, Publication)),
    modifiers(&Access),
)]
struct Fixed;

/// A token or a login, where the server asks for one.
struct Access;

impl Modify for Access {
    fn modify(&self, document: &mut OpenApi) {
        // that of the program, which is not the tables'
        document.info.license = None;
        let nobody = SecurityRequirement::default();
        let schemes = [
            ("bearer", HttpAuthScheme::Bearer),
            ("basic", HttpAuthScheme::Basic),
        ];
        let components = document.components.get_or_insert_default();
        let requirements = document.security.insert(vec![nobody]);
        for (name, scheme) in schemes {
            components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
            requirements.push(SecurityRequirement::new(name, [""; 0]));
        }
    }
}
