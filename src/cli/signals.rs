//! Ctrl-C and SIGTERM.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The exit code of a command that SIGTERM ended at once, as a shell tells it.
pub(super) const TERMINATED: u8 = 143;

/// Cancelled by the first signal. The second ends the process at once, as if nobody handled Ctrl-C.
pub(super) fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let on_signal = stop.clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::warn!("asked to end; storing what is complete (a second time ends at once)");
        on_signal.cancel();
        signalled().await;
        std::process::exit(130);
    });
    stop
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn signalled() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => (),
        () = terminated() => (),
    }
}

/// Waits for SIGTERM.
pub(super) async fn terminated() {
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => _ = signal.recv().await,
        Err(_) => std::future::pending().await,
    }
}
