//! The simulated Spotify Web API and ReccoBeats.
//!
//! Written from the published contract alone. It shares no type with the client, so that a mistake in one
//! cannot hide in the other. A call passes the [`gate`] (quota, rate window, faults), is checked for a token
//! and against the app's [`profile`], and is answered by one function of [`routes`] from the [`catalogue`] in
//! the shapes of [`objects`].

mod options;

mod gate;
mod routes;

mod objects;

mod catalogue;
mod quirks;
mod search;

mod faults;
mod profile;
mod rolling_window;
mod tokens;

mod clock;
mod connection;
mod endpoint;
mod journal;
mod problem;
mod world;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use connection::Door;
use world::World;

pub use endpoint::Endpoint;
pub use faults::{Fault, FaultFile};
pub use options::Options;
pub use profile::Profile;
pub use quirks::Quirk;

/// A running sandbox. It serves in the background and stops when this value is dropped.
#[derive(Debug)]
pub struct Sandbox {
    /// Base of the Web API: `http://127.0.0.1:PORT/v1`.
    pub spotify_api_url: Url,
    /// The token endpoint: `http://127.0.0.1:PORT/api/token`.
    pub spotify_token_url: Url,
    /// Base of the ReccoBeats API: `http://127.0.0.1:PORT/reccobeats/v1`.
    pub reccobeats_api_url: Url,
    /// Base of the sandbox's own controls: `http://127.0.0.1:PORT/_sandbox`.
    pub control_url: Url,
    /// The one client id that the token endpoint knows.
    pub client_id: String,
    /// The secret that belongs to `client_id`.
    pub client_secret: String,
    server: JoinHandle<std::io::Result<()>>,
    /// Dropping the sender is the signal to stop.
    _running: watch::Sender<()>,
}

impl Sandbox {
    /// Starts to serve on `listen`; port 0 takes any free port.
    ///
    /// # Errors
    /// The address cannot be had, or the catalogue's files cannot be read.
    pub async fn start(options: Options, listen: SocketAddr) -> anyhow::Result<Sandbox> {
        let door = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}; choose another port, or 0 for any free one")
        })?;
        let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("cannot listen on a second loopback port, where foreign `next` links lead")?;
        let origin = self::origin(door.local_addr()?);
        let foreign = self::origin(elsewhere.local_addr()?);
        let world = Arc::new(World::new(options, &origin, &foreign)?);

        let (running, stop) = watch::channel(());
        tokio::spawn(serve(elsewhere, gate::foreign(Arc::clone(&world)), stop.clone()));
        let server = tokio::spawn(serve(door, gate::app(world), stop));
        Ok(Sandbox {
            spotify_api_url: Url::parse(&format!("{origin}/v1"))?,
            spotify_token_url: Url::parse(&format!("{origin}/api/token"))?,
            reccobeats_api_url: Url::parse(&format!("{origin}/reccobeats/v1"))?,
            control_url: Url::parse(&format!("{origin}/_sandbox"))?,
            client_id: tokens::CLIENT_ID.to_owned(),
            client_secret: tokens::CLIENT_SECRET.to_owned(),
            server,
            _running: running,
        })
    }

    /// Waits until the server ends by itself, which it does only when it fails.
    ///
    /// # Errors
    /// What made it fail.
    pub async fn stopped(self) -> anyhow::Result<()> {
        self.server
            .await
            .context("the sandbox broke off")?
            .context("the sandbox cannot serve")
    }
}

async fn serve(
    listener: TcpListener,
    app: axum::Router,
    mut stop: watch::Receiver<()>,
) -> std::io::Result<()> {
    let app = app.into_make_service_with_connect_info::<connection::Connection>();
    axum::serve(Door::new(listener), app)
        .with_graceful_shutdown(async move { while stop.changed().await.is_ok() {} })
        .await
}

/// The address under which clients reach us; the unspecified address (`0.0.0.0`) is reached by loopback.
fn origin(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}
