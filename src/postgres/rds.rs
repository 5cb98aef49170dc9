//! RDS by IAM: a token takes the password's place. It lives for 15 minutes, and every new connection needs a live one.

use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgPool};

use super::{DatabaseError, Session, connect};
use crate::aws::{Aws, AwsError, RdsLogin};

/// How old the token of a new connection can be. Signing takes no call; credentials end when they like.
const FRESH: Duration = Duration::from_secs(60);

/// Connects as [`connect`] does. As long as the pool is open, it is given a token of this minute for connections to come.
///
/// # Errors
/// [`DatabaseError::NoToken`] where nothing can be signed, [`DatabaseError::TokenRefused`] where it is not taken, and
/// those of [`connect`].
pub async fn connect_to_rds(
    options: PgConnectOptions,
    session: Session,
    aws: &Aws,
) -> Result<PgPool, DatabaseError> {
    let login = login(&options);
    let signed = signed(options, &login, aws)
        .await
        .map_err(DatabaseError::NoToken)?;
    let pool = connect(signed, session)
        .await
        .map_err(|error| refused(error, &login))?;
    tokio::spawn(renew(pool.clone(), login, aws.clone()));
    Ok(pool)
}

/// Whose signature a token has, for people.
///
/// # Errors
/// Where nothing can be signed.
pub async fn signer(options: &PgConnectOptions, aws: &Aws) -> Result<String, AwsError> {
    aws.signer(&login(options)).await
}

fn login(options: &PgConnectOptions) -> RdsLogin {
    RdsLogin {
        host: options.get_host().to_owned(),
        port: options.get_port(),
        user: options.get_username().to_owned(),
    }
}

async fn signed(
    options: PgConnectOptions,
    login: &RdsLogin,
    aws: &Aws,
) -> Result<PgConnectOptions, AwsError> {
    let token = aws.rds_token(login).await?;
    Ok(options.password(token.expose_secret()))
}

/// The pool opens connections when it likes and with what it has been given, so it is given a new token in time.
async fn renew(pool: PgPool, login: RdsLogin, aws: Aws) {
    let closed = pool.close_event();
    let renewing = async {
        loop {
            tokio::time::sleep(FRESH).await;
            let options = (*pool.connect_options()).clone();
            match signed(options, &login, &aws).await {
                Ok(options) => pool.set_connect_options(options),
                Err(error) => tracing::warn!("no new login to RDS can be signed: {error}"),
            }
        }
    };
    tokio::select! {
        () = closed => (),
        () = renewing => (),
    }
}

/// Class 28 of Postgres's codes is "invalid authorization". Of a certificate, rustls's text is all that there is.
fn refused(error: DatabaseError, login: &RdsLogin) -> DatabaseError {
    let (host, user) = (login.host.clone(), login.user.clone());
    let is_login = |source: &sqlx::Error| {
        let code = source.as_database_error().and_then(|error| error.code());
        code.is_some_and(|code| code.starts_with("28"))
    };
    let is_certificate = |source: &sqlx::Error| source.to_string().contains("invalid peer certificate");
    match error {
        DatabaseError::Unreachable { source, .. } if is_login(&source) => {
            DatabaseError::TokenRefused { host, user, source }
        }
        DatabaseError::Unreachable { source, .. } if is_certificate(&source) => {
            DatabaseError::Untrusted { host, source }
        }
        error => error,
    }
}

#[cfg(all(test, feature = "aws"))]
mod tests {
    use aws_credential_types::Credentials;
    use sqlx::ConnectOptions;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_of_the_next_minute_gets_a_token_of_its_own() {
        let options = PgConnectOptions::new_without_pgpass()
            .host("db.example")
            .port(5433)
            .username("app")
            .password("old");
        let login = login(&options);
        let aws = Aws::of(
            Credentials::new("AKID", "secret", None, None, "test"),
            "eu-west-1",
        );
        let pool = PgPool::connect_lazy_with(options);
        let renewing = tokio::spawn(renew(pool.clone(), login, aws));
        let password = || {
            pool.connect_options()
                .to_url_lossy()
                .password()
                .map(str::to_owned)
        };
        assert_eq!(password().as_deref(), Some("old"));
        tokio::time::sleep(2 * FRESH).await;
        let token = password().unwrap();
        assert!(
            token.contains("db%2Eexample%3A5433") && token.contains("X%2DAmz%2DSignature"),
            "{token}"
        );
        pool.close().await;
        renewing.await.unwrap();
    }
}
