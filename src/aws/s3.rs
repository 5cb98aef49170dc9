//! Stores in S3, with the region and the credentials that every other call to AWS has.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::service_config::ServiceConfigKey;
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredential};
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, CredentialProvider, RetryConfig};
use url::{Host, Url};

use super::chain::ATTEMPT;
use super::error::chain;
use super::{Aws, AwsError};

/// `s3://BUCKET/KEY`. The key may be empty, or the beginning of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Url {
    /// The bucket's name.
    pub bucket: String,
    /// What follows the bucket, without a slash at its ends.
    pub key: Path,
}

impl FromStr for S3Url {
    type Err = AwsError;

    /// # Errors
    /// [`AwsError::NotAnS3Url`].
    fn from_str(text: &str) -> Result<Self, AwsError> {
        let wrong = || AwsError::NotAnS3Url(text.to_owned());
        let (bucket, key) = text
            .strip_prefix("s3://")
            .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
            .filter(|(bucket, _)| !bucket.is_empty())
            .ok_or_else(wrong)?;
        Ok(Self {
            bucket: bucket.to_owned(),
            key: Path::parse(key).map_err(|_| wrong())?,
        })
    }
}

impl fmt::Display for S3Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s3://{}/{}", self.bucket, self.key)
    }
}

impl Aws {
    /// A store for a bucket. Where `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` is set, it is there; plain http goes only
    /// to this machine.
    ///
    /// # Errors
    /// [`AwsError::NoRegion`], [`AwsError::NotEncrypted`].
    pub async fn s3(&self, bucket: &str) -> Result<AmazonS3, AwsError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(self.region().await?)
            .with_credentials(Arc::new(self.clone()))
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: 4,
                retry_timeout: 6 * ATTEMPT,
            })
            .with_client_options(
                ClientOptions::new()
                    .with_connect_timeout(ATTEMPT)
                    .with_timeout(6 * ATTEMPT),
            );
        if let Some(endpoint) = self.s3_endpoint().await? {
            builder = builder
                .with_allow_http(endpoint.scheme() == "http")
                .with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        builder.build().map_err(|error| AwsError::Failed(chain(&error)))
    }

    async fn s3_endpoint(&self) -> Result<Option<Url>, AwsError> {
        let config = self.config().await;
        let key = ServiceConfigKey::builder()
            .service_id("S3")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let of_s3 = key.ok().and_then(|key| config.service_config()?.load_config(key));
        let Some(endpoint) = of_s3.or_else(|| config.endpoint_url().map(str::to_owned)) else {
            return Ok(None);
        };
        let url = Url::parse(&endpoint).ok();
        let url = url.filter(|url| url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)));
        url.map(Some).ok_or(AwsError::NotEncrypted(endpoint))
    }
}

#[async_trait]
impl CredentialProvider for Aws {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let unauthenticated = |error: AwsError| object_store::Error::Generic {
            store: "S3",
            source: error.into(),
        };
        let credentials = self.credentials().await.map_err(unauthenticated)?;
        Ok(Arc::new(AwsCredential {
            key_id: credentials.access_key_id().to_owned(),
            secret_key: credentials.secret_access_key().to_owned(),
            token: credentials.session_token().map(str::to_owned),
        }))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_and_a_key_are_told_apart() {
        let read = |text: &str| text.parse::<S3Url>().map(|url| (url.bucket, url.key.to_string()));
        let found = |bucket: &str, key: &str| Some((bucket.to_owned(), key.to_owned()));
        assert_eq!(read("s3://b/prod/.env").ok(), found("b", "prod/.env"));
        assert_eq!(read("s3://b").ok(), found("b", ""));
        assert_eq!(read("s3://b/raw/").ok(), found("b", "raw"));
        for wrong in ["s3://", "s3:///key", "https://b/key", "b/key", "s3://b/a//b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
