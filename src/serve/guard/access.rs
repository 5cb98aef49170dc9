//! Credentials: a bearer token, or a user with a password.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::refusal::Refusal;
use crate::config::Serving;

/// What lets somebody in, as SHA-256 digests: comparing these takes the same time whatever is shown, and tells nothing
/// of a length either.
pub(super) struct Access {
    token: Option<[u8; 32]>,
    /// Of `USER:PASSWORD`.
    login: Option<[u8; 32]>,
}

impl Access {
    /// None where no credentials are set.
    pub(super) fn of(serving: &Serving) -> Option<Self> {
        let token = serving.token.as_ref();
        let login = serving.login.as_ref();
        serving.asks_for_credentials().then(|| Self {
            token: token.map(|token| digest(token.expose_secret().as_bytes())),
            login: login.map(|login| {
                let shown = format!("{}:{}", login.user, login.password.expose_secret());
                digest(shown.as_bytes())
            }),
        })
    }

    /// Whether the one `Authorization` header shows what lets somebody in.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut shown = headers.get_all(header::AUTHORIZATION).iter();
        let is_let_in = match (shown.next(), shown.next()) {
            (Some(shown), None) => self.lets_in(shown),
            _ => false,
        };
        if is_let_in {
            return Ok(());
        }
        Err(Refusal::Credentials {
            bearer: self.token.is_some(),
            basic: self.login.is_some(),
        })
    }

    fn lets_in(&self, shown: &HeaderValue) -> bool {
        let shown = shown.as_bytes();
        let Some(space) = shown.iter().position(|byte| *byte == b' ') else {
            return false;
        };
        let (scheme, credentials) = shown.split_at(space);
        let credentials = credentials.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            return is_same(self.token, credentials).into();
        }
        match STANDARD.decode(credentials) {
            Ok(credentials) if scheme.eq_ignore_ascii_case(b"basic") => {
                is_same(self.login, &credentials).into()
            }
            _ => false,
        }
    }
}

fn is_same(known: Option<[u8; 32]>, shown: &[u8]) -> Choice {
    known.map_or(Choice::from(0), |known| known.ct_eq(&digest(shown)))
}

fn digest(credentials: &[u8]) -> [u8; 32] {
    Sha256::digest(credentials).into()
}
