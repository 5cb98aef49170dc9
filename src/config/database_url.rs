//! `DATABASE_URL`.

use std::path::Path;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

/// The CAs of RDS, where a container image puts them.
const RDS_CAS: &str = "/etc/ssl/certs/rds-global-bundle.pem";

/// A Postgres URL that has been read, and how to log in there.
#[derive(Debug, Clone)]
pub struct DatabaseUrl {
    url: SecretString,
    /// How to log in.
    pub login: Login,
}

/// How to log in to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// With the URL's password, if it has one.
    Password,
    /// `?auth=rds-iam`: with a token that is signed for each connection, over TLS that knows whom it talks to.
    RdsIam,
}

impl DatabaseUrl {
    /// Host, user, database and TLS, as sqlx wants them.
    ///
    /// # Errors
    /// None in truth: the URL has been read before.
    pub fn options(&self) -> Result<PgConnectOptions, sqlx::Error> {
        PgConnectOptions::from_str(self.url.expose_secret())
    }

    /// Reads a URL. `root_cert_is_set` says whether `PGSSLROOTCERT` names the CAs to trust.
    ///
    /// # Errors
    /// What was expected. The URL is not quoted, it may hold a password.
    pub(super) fn read(text: &str, root_cert_is_set: bool) -> Result<Self, &'static str> {
        let form = "not a Postgres URL (not shown, it may hold a password); expected \
                    postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded";
        let url = Url::parse(text).map_err(|_| form)?;
        if !matches!(url.scheme(), "postgres" | "postgresql")
            || PgConnectOptions::from_str(&without_auth(&url)).is_err()
        {
            return Err(form);
        }
        match value(&url, &["auth"]).as_deref() {
            None => Ok(Self {
                url: SecretString::from(text),
                login: Login::Password,
            }),
            Some("rds-iam") => Ok(Self {
                url: SecretString::from(for_rds(url, root_cert_is_set)?),
                login: Login::RdsIam,
            }),
            Some(_) => Err("auth is neither left out nor rds-iam"),
        }
    }
}

/// The URL without `auth`, and with the TLS that a token may be sent over.
fn for_rds(mut url: Url, root_cert_is_set: bool) -> Result<String, &'static str> {
    if url.password().is_some() || value(&url, &["password"]).is_some() {
        return Err("both a password and auth=rds-iam; expected one of them");
    }
    if url.username().is_empty() {
        return Err("auth=rds-iam without a user; expected postgres://USER@HOST:PORT/DATABASE?auth=rds-iam");
    }
    if url
        .host_str()
        .is_none_or(|host| host.is_empty() || host.starts_with("%2F"))
    {
        return Err("auth=rds-iam without a host; expected the endpoint that RDS names");
    }
    match value(&url, &["sslmode", "ssl-mode"]).map(|mode| mode.parse()) {
        None => _ = url.query_pairs_mut().append_pair("sslmode", "verify-full"),
        Some(Ok(PgSslMode::VerifyFull)) => (),
        Some(_) => {
            return Err("auth=rds-iam with a weaker sslmode; expected verify-full, or none, which means it");
        }
    }
    let names_cas = root_cert_is_set || value(&url, &["sslrootcert", "ssl-root-cert", "ssl-ca"]).is_some();
    if !names_cas && Path::new(RDS_CAS).exists() {
        url.query_pairs_mut().append_pair("sslrootcert", RDS_CAS);
    }
    Ok(without_auth(&url))
}

fn value(url: &Url, names: &[&str]) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(name, _)| names.contains(&name.as_ref()))
        .map(|(_, value)| value.into_owned())
}

/// sqlx does not know `auth`, and would warn.
fn without_auth(url: &Url) -> String {
    let kept = url.query_pairs().filter(|(name, _)| name != "auth");
    let mut stripped = url.clone();
    stripped.set_query(None);
    stripped.query_pairs_mut().extend_pairs(kept);
    stripped.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_by_iam_goes_over_tls_that_knows_whom_it_talks_to() {
        let host = "postgres://app@db.abc.eu-central-1.rds.amazonaws.com:5433/trends?auth=rds-iam";
        for url in [
            host.to_owned(),
            format!("{host}&sslmode=verify-full&sslrootcert=/ca.pem"),
        ] {
            let read = DatabaseUrl::read(&url, false).unwrap();
            assert_eq!(read.login, Login::RdsIam);
            assert!(!read.url.expose_secret().contains("auth="));
            let options = read.options().unwrap();
            assert!(matches!(options.get_ssl_mode(), PgSslMode::VerifyFull));
            assert_eq!(
                (options.get_username(), options.get_port(), options.get_database()),
                ("app", 5433, Some("trends"))
            );
        }
        for (rest, part) in [
            ("&sslmode=require", "weaker sslmode"),
            ("&sslmode=verify-ca", "weaker sslmode"),
            ("&password=hunter2", "both a password"),
        ] {
            let fault = DatabaseUrl::read(&format!("{host}{rest}"), false).unwrap_err();
            assert!(fault.contains(part), "{fault}");
        }
        for (url, part) in [
            ("postgres://app:hunter2@db/x?auth=rds-iam", "both a password"),
            ("postgres://db/x?auth=rds-iam", "without a user"),
            ("postgres://app@%2Frun%2Fpg/x?auth=rds-iam", "without a host"),
            (
                "postgres://app@db/x?auth=kerberos",
                "neither left out nor rds-iam",
            ),
        ] {
            let fault = DatabaseUrl::read(url, false).unwrap_err();
            assert!(fault.contains(part), "{url}: {fault}");
        }
    }

    #[test]
    fn any_other_url_stays_as_it_is() {
        let url = "postgres://u:p%40ss@db:6543/x?sslmode=disable&options=-c%20statement_timeout%3D5s";
        let read = DatabaseUrl::read(url, false).unwrap();
        assert_eq!((read.login, read.url.expose_secret()), (Login::Password, url));
    }
}
