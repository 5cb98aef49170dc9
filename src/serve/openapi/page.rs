//! The page on which people read the document and try what it says. All that it loads comes from this program: Swagger
//! UI stands in `vendor/` as it was published, and works under the policy that all answers are sent with.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::serve::Served;

/// Another version of Swagger UI has another path, so its files never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// `/docs` and its files. `index.html` and `vendor/README.md` name the same version of Swagger UI.
pub(super) fn routes() -> Router<Served> {
    let html = async || file(HTML, ASK_AGAIN, include_str!("page/index.html"));
    let script = async || file(JAVASCRIPT, ASK_AGAIN, include_str!("page/page.js"));
    let swagger_css = async || file(CSS, FOR_EVER, include_str!("vendor/swagger-ui/swagger-ui.css"));
    let swagger = async || {
        let bundle = include_str!("vendor/swagger-ui/swagger-ui-bundle.js");
        file(JAVASCRIPT, FOR_EVER, bundle)
    };
    Router::new()
        .route("/docs", get(html))
        .route("/docs/page.js", get(script))
        .route("/docs/swagger-ui-5.35.0/swagger-ui.css", get(swagger_css))
        .route("/docs/swagger-ui-5.35.0/swagger-ui-bundle.js", get(swagger))
}

fn file(kind: &'static str, caching: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, caching)], text)
}
