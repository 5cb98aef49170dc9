//! The page on which people read the document and try what it says. All that it loads comes from this program: Swagger
//! UI stands in `vendor/` as it was published.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::serve::Served;

/// What a browser may do for the page: Swagger UI's icons are `data:` images, and it asks this server alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Another version of Swagger UI has another path, so its files never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// `/docs` and its files. `index.html` and `vendor/README.md` name the same version of Swagger UI.
pub(super) fn routes() -> Router<Served> {
    Router::new()
        .route("/docs", get(page))
        .route("/docs/page.js", get(script))
        .route("/docs/swagger-ui-5.35.0/swagger-ui.css", get(swagger_css))
        .route(
            "/docs/swagger-ui-5.35.0/swagger-ui-bundle.js",
            get(swagger_script),
        )
}

async fn page() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, ASK_AGAIN),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, include_str!("page/index.html"))
}

async fn script() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, JAVASCRIPT), (CACHE_CONTROL, ASK_AGAIN)];
    (headers, include_str!("page/page.js"))
}

async fn swagger_css() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, CSS), (CACHE_CONTROL, FOR_EVER)];
    (headers, include_str!("vendor/swagger-ui/swagger-ui.css"))
}

async fn swagger_script() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, JAVASCRIPT), (CACHE_CONTROL, FOR_EVER)];
    (headers, include_str!("vendor/swagger-ui/swagger-ui-bundle.js"))
}
