//! The database `firstpress` on a running server, and the ways to reach it.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};
use url::form_urlencoded;

use super::error::{EmbeddedError, cannot};
use super::home::{Home, random_hex};
use super::postmaster::Address;

pub(super) const NAME: &str = "firstpress";
pub(super) const USER: &str = "postgres";
pub(super) const PASSWORD_FILE: &str = "password";
const NO_SUCH_DATABASE: &str = "3D000";

/// Makes the database and the password that TCP asks for, where they are not there yet.
pub(super) async fn ensure(home: &Home, address: &Address) -> Result<(), EmbeddedError> {
    let mut connection = connect_or_create(address).await?;
    let path = home.file(PASSWORD_FILE);
    if !path.exists() {
        set_password(&mut connection, home, &path).await?;
    }
    connection.close().await?;
    Ok(())
}

/// Whether the server lets someone in.
pub(super) async fn answers(address: &Address) -> bool {
    match options(address, USER).connect().await {
        Ok(connection) => connection.close().await.is_ok(),
        Err(_) => false,
    }
}

/// How to connect over the socket.
pub(super) fn options(address: &Address, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(&address.socket)
        .port(address.port)
        .username(USER)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

/// `options` as a URL.
pub(super) fn url(address: &Address) -> String {
    let socket: String =
        form_urlencoded::byte_serialize(address.socket.as_os_str().as_encoded_bytes()).collect();
    // A space is %20 for libpq; only form data knows the plus sign.
    let socket = socket.replace('+', "%20");
    format!(
        "postgres://{USER}@localhost:{}/{NAME}?host={socket}",
        address.port
    )
}

/// psql from the server's folder, else from the PATH: some packages keep it apart.
pub(super) fn psql(address: &Address, bin_dir: &Path) -> Command {
    let beside = bin_dir.join("psql");
    let mut command = Command::new(if beside.is_file() {
        beside.as_path()
    } else {
        Path::new("psql")
    });
    command
        .arg("-h")
        .arg(&address.socket)
        .arg("-p")
        .arg(address.port.to_string());
    command.args(["-U", USER, "-d", NAME]);
    command
}

/// A command as one types it.
pub(super) fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| quoted(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

async fn connect_or_create(address: &Address) -> Result<PgConnection, sqlx::Error> {
    match options(address, NAME).connect().await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NO_SUCH_DATABASE) => {
            let mut connection = options(address, USER).connect().await?;
            sqlx::raw_sql(include_str!("create_database.sql"))
                .execute(&mut connection)
                .await?;
            connection.close().await?;
            options(address, NAME).connect().await
        }
        result => result,
    }
}

/// First the server, then the file: a kill in between leaves no file, and the next start does it again.
async fn set_password(connection: &mut PgConnection, home: &Home, path: &Path) -> Result<(), EmbeddedError> {
    let password = random_hex()?;
    sqlx::query(include_str!("hand_over_password.sql"))
        .bind(&password)
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql(include_str!("set_password.sql"))
        .execute(&mut *connection)
        .await?;
    let partial = home.file("password.partial");
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&partial);
    file.and_then(|mut file| file.write_all(password.as_bytes()))
        .map_err(cannot("write", &partial))?;
    fs::rename(&partial, path).map_err(cannot("rename", &partial))
}
