//! Browsers carry requests here from pages of anybody's. A page reads an answer only where it has the name of this host,
//! so those names are checked: the one that was asked for, and the one of the page.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};

use super::refusal::Refusal;

/// Names of this machine that no name server can give to another.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whether it is for this machine by a name of its own. A page whose name was rebound to 127.0.0.1 asks by that name.
pub(super) fn check_host(request: &Request) -> Result<(), Refusal> {
    let hosts = request.headers().get_all(header::HOST);
    let mut asked: Vec<_> = hosts
        .iter()
        .map(|host| host.to_str().unwrap_or_default())
        .collect();
    if asked.len() != 1 {
        return Err(Refusal::Host);
    }
    // of `GET http://HOST/ HTTP/1.1`
    asked.extend(request.uri().authority().map(Authority::as_str));
    if asked.into_iter().all(names_this_machine) {
        Ok(())
    } else {
        Err(Refusal::Host)
    }
}

fn names_this_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let is_local = LOCAL
        .iter()
        .any(|local| local.eq_ignore_ascii_case(authority.host()));
    is_local && !host.contains('@')
}

/// Whether the page that asks, if it is one, was served from here. WebSockets know no other protection: a browser lets
/// any page open one, and sends the credentials that it knows.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let of_page = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match (of_page, host) {
        (Some(of_page), Some(host)) if of_page.eq_ignore_ascii_case(host) => Ok(()),
        _ => Err(Refusal::Origin),
    }
}
