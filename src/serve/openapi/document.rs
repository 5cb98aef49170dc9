//! What stands in the document whatever is published.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi, SecurityRequirement};
use utoipa::{Modify, OpenApi as _};

use crate::serve::problem::Problem;

/// All but the tables' paths.
pub(super) fn fixed() -> OpenApi {
    Fixed::openapi()
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "firstpress",
        description = "The tables that firstpress has published, and what can be asked of them. \
            Every answer that is no success is a problem by RFC 9457.",
    ),
    servers((url = "/")),
    components(schemas(Problem)),
    modifiers(&Logins),
)]
struct Fixed;

/// A token or a login, where the server asks for one.
struct Logins;

impl Modify for Logins {
    fn modify(&self, document: &mut OpenApi) {
        let nobody = SecurityRequirement::default();
        let schemes = [("bearer", HttpAuthScheme::Bearer), ("basic", HttpAuthScheme::Basic)];
        let components = document.components.get_or_insert_default();
        let requirements = document.security.insert(vec![nobody]);
        for (name, scheme) in schemes {
            components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
            requirements.push(SecurityRequirement::new(name, [""; 0]));
        }
    }
}
