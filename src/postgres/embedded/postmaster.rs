//! `postmaster.pid`: what a server says of itself. Its lines: process id, data directory, start time, port,
//! socket directory, listen address, shared memory, state.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

use super::home::Home;

/// How the owner reaches the server: the folder of its Unix socket, and its port (of the socket's name and
/// on 127.0.0.1).
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) socket: PathBuf,
    pub(super) port: u16,
}

/// What `postmaster.pid` says; a server that was killed leaves one behind.
pub(super) struct Postmaster {
    pid: i32,
    address: Option<Address>,
    ready: bool,
}

impl Postmaster {
    /// Reads the file; none where there is none, or where it is just being written.
    pub(super) fn read(home: &Home) -> Option<Self> {
        let text = fs::read_to_string(file(home)).ok()?;
        let lines: Vec<&str> = text.lines().collect();
        let line = |number: usize| lines.get(number - 1).copied().unwrap_or_default().trim();
        let port: Option<u16> = line(4).parse().ok();
        Some(Self {
            pid: line(1).parse().ok()?,
            address: port.map(|port| Address {
                socket: PathBuf::from(line(5)),
                port,
            }),
            ready: line(8) == "ready",
        })
    }

    /// The address, once the server takes connections.
    pub(super) fn ready(self) -> Option<Address> {
        self.address.filter(|_| self.ready)
    }

    /// Whether a process with that id is alive and is the server of this directory. Ids are given out again.
    pub(super) fn is_alive(&self, home: &Home) -> bool {
        runs_in(self.pid, &home.data)
    }

    /// Tells the server to end at once and in good order.
    pub(super) fn end(&self) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            // A server that has ended meanwhile is what is wanted.
            let _ = kill_process(pid, Signal::INT);
        }
    }
}

/// Where the file is.
pub(super) fn file(home: &Home) -> PathBuf {
    home.data.join("postmaster.pid")
}

/// Postgres works in its data directory.
#[cfg(target_os = "linux")]
fn runs_in(pid: i32, data: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data)
}

#[cfg(not(target_os = "linux"))]
fn runs_in(pid: i32, _data: &Path) -> bool {
    let output = std::process::Command::new("ps")
        .args(["-o", "comm=", "-p", &pid.to_string()])
        .output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
}
