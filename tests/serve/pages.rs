//! The dashboard's pages.

use crate::pipeline::{Pipeline, still};
use crate::server::{Server, shared};

#[tokio::test]
async fn what_is_not_there_is_404() {
    let answer = shared().await.get("/nowhere").await;
    assert_eq!(answer.status(), 404);
    let pipeline = Pipeline::new(still()).await;
    let server = Server::start(&pipeline).await;
    let answer = reqwest::get(format!("{}/nowhere", server.url)).await.unwrap();
    assert_eq!(answer.status(), 404);
}
