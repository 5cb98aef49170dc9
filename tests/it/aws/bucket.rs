//! S3, played by s3s-fs on a folder.

use std::path::Path;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;

/// Serves the folders below `root` as buckets to whoever signs with the key. Returns the address.
pub(crate) async fn serve(root: &Path, (id, secret): &(String, String)) -> String {
    let mut service = S3ServiceBuilder::new(FileSystem::new(root).unwrap());
    service.set_auth(SimpleAuth::from_single(id.clone(), secret.as_str()));
    let service = service.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let http = auto::Builder::new(TokioExecutor::new());
                // a client that goes away is no matter of these tests
                let _ = http.serve_connection(TokioIo::new(connection), service).await;
            });
        }
    });
    format!("http://{address}")
}
