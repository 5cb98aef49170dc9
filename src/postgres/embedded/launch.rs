//! Launching a server, and knowing when it is ready.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use super::binaries::Binaries;
use super::error::{EmbeddedError, cannot, failed};
use super::home::{Home, make_private, random_hex};
use super::lock;
use super::postmaster::{Address, Postmaster};
use super::watch::{Hold, has_ended};

/// A batch job on a small machine: one writer with big transactions, a few readers.
const SETTINGS: [&str; 15] = [
    "listen_addresses=127.0.0.1",
    "max_connections=100",
    "shared_buffers=128MB",
    "work_mem=32MB",
    "maintenance_work_mem=128MB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=1GB",
    "checkpoint_timeout=15min",
    "jit=off",
    "client_connection_check_interval=1s",
    "log_checkpoints=off",
    "log_line_prefix=%m [%p] ",
    "log_timezone=UTC",
    "timezone=UTC",
];
/// Faster and only for tests.
const VOLATILE: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
/// A socket's path may have 103 bytes on macOS, 107 on Linux.
const LONGEST_SOCKET: usize = 100;
const LARGEST_LOG: u64 = 10 << 20;
const ATTEMPTS: u32 = 3;
const PATIENCE: Duration = Duration::from_secs(180);

/// Starts the server and waits until it takes connections. `lock` is the locked server.lock.
pub(super) async fn launch(
    home: &Home,
    binaries: &Binaries,
    durable: bool,
    lock: File,
) -> Result<(Address, Hold), EmbeddedError> {
    let mut attempt = 1;
    loop {
        let mut hold = Hold::take(home)?;
        let mut log = open_log(home)?;
        let settings = if durable {
            [].as_slice()
        } else {
            VOLATILE.as_slice()
        };
        let mut watcher = spawn(home, &binaries.program("postgres"), settings, (&lock, &log))?;
        match ready(home, &mut watcher, &mut log).await {
            // Someone took the port between our asking for a free one and the server's start.
            Err(EmbeddedError::Failed { output, .. })
                if output.contains("could not bind") && attempt < ATTEMPTS =>
            {
                attempt += 1;
            }
            Err(error) => return Err(error),
            Ok(address) => {
                hold.watcher = Some(watcher);
                return Ok((address, hold));
            }
        }
    }
}

fn spawn(
    home: &Home,
    postgres: &Path,
    settings: &[&str],
    (lock, log): (&File, &File),
) -> Result<Child, EmbeddedError> {
    let port = free_port(home)?;
    let own_folder = if fits_socket(&home.data) {
        None
    } else {
        Some(private_folder(home)?)
    };
    let mut command = home.account.command("/bin/sh");
    command.args(["-c", include_str!("watch.sh"), "firstpress-postgres"]);
    command.arg(own_folder.as_deref().unwrap_or(Path::new("")));
    command.arg(postgres).arg("-D").arg(&home.data);
    command.arg("-k").arg(own_folder.as_deref().unwrap_or(&home.data));
    command.arg("-p").arg(port.to_string());
    command.args(
        SETTINGS
            .iter()
            .chain(settings)
            .flat_map(|setting| ["-c", *setting]),
    );
    command
        .current_dir(&home.directory)
        .stdin(Hold::reading_end(home)?);
    command.stdout(
        lock.try_clone()
            .map_err(cannot("hold", &home.file("server.lock")))?,
    );
    command.stderr(
        log.try_clone()
            .map_err(cannot("hold", &home.file("server.log")))?,
    );
    // Ctrl-C goes to the whole process group of the terminal; the server is to see its user out.
    command
        .process_group(0)
        .spawn()
        .map_err(cannot("start", postgres))
}

async fn ready(home: &Home, watcher: &mut Child, log: &mut File) -> Result<Address, EmbeddedError> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if has_ended(watcher).map_err(cannot("watch the server of", &home.data))? {
            return Err(failed("postgres", &home.data, &said(log)));
        }
        if let Some(address) = Postmaster::read(home).and_then(Postmaster::ready) {
            return Ok(address);
        }
        tokio::time::sleep(lock::GLANCE).await;
    }
    Err(EmbeddedError::TooSlow {
        what: "its own Postgres to start",
        seconds: PATIENCE.as_secs(),
        path: home.directory.clone(),
        advice: "see server.log there",
    })
}

/// Opened for appending, and its position at the end: what is read from there is what the new server says.
fn open_log(home: &Home) -> Result<File, EmbeddedError> {
    let path = home.file("server.log");
    if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LARGEST_LOG) {
        fs::rename(&path, home.file("server.log.1")).map_err(cannot("rename", &path))?;
    }
    let mut log = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(&path)
        .map_err(cannot("open", &path))?;
    log.seek(SeekFrom::End(0)).map_err(cannot("read", &path))?;
    Ok(log)
}

fn said(log: &mut File) -> String {
    let mut text = Vec::new();
    // What cannot be read cannot be told; the error names the server all the same.
    let _ = log.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The port of the last start where it is free, so that a BI tool finds the server again; else any.
fn free_port(home: &Home) -> Result<u16, EmbeddedError> {
    let file = home.file("port");
    let last = fs::read_to_string(&file)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, last))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .and_then(|listener| listener.local_addr());
    let port = listener
        .map_err(cannot("find a free port on 127.0.0.1 for", &home.directory))?
        .port();
    fs::write(&file, port.to_string()).map_err(cannot("write", &file))?;
    Ok(port)
}

/// Postgres takes a list of socket folders, with commas between and quotes around.
fn fits_socket(folder: &Path) -> bool {
    let bytes = folder.as_os_str().as_bytes();
    bytes.len() + "/.s.PGSQL.65535".len() <= LONGEST_SOCKET
        && !bytes.contains(&b',')
        && !bytes.contains(&b'"')
}

/// A folder for the socket, in the machine's folder for such things and with a name nobody could take before us.
fn private_folder(home: &Home) -> Result<PathBuf, EmbeddedError> {
    let name = format!("firstpress-{}", random_hex()?);
    let folder = [std::env::temp_dir(), PathBuf::from("/tmp")]
        .into_iter()
        .map(|parent| parent.join(&name))
        .find(|folder| fits_socket(folder))
        .unwrap_or_else(|| Path::new("/tmp").join(&name));
    make_private(&folder)
        .and_then(|()| home.account.give(&folder))
        .map_err(cannot("make the folder", &folder))?;
    Ok(folder)
}
