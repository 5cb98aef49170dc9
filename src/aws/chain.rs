//! The default chain of AWS's own tools: what it finds, found once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use tokio::sync::{Mutex, OnceCell};

use super::AwsError;

/// For one attempt at a call. Most answer within a tenth of it.
pub(super) const ATTEMPT: Duration = Duration::from_secs(5);
/// For a call with its repeats.
pub(super) const CALL: Duration = Duration::from_secs(15);

/// AWS as the environment, the profile files, the container or the machine describe it: the default chain of AWS's own
/// tools. It is looked at when it is first needed; clones share what was found.
#[derive(Clone, Default)]
pub struct Aws(Arc<Found>);

#[derive(Default)]
struct Found {
    config: OnceCell<SdkConfig>,
    credentials: Mutex<Option<Credentials>>,
}

impl Aws {
    /// AWS with these credentials, for tests.
    #[cfg(test)]
    pub(crate) fn of(credentials: Credentials, region: &'static str) -> Self {
        let config = SdkConfig::builder()
            .region(aws_config::Region::from_static(region))
            .build();
        Self(Arc::new(Found {
            config: OnceCell::new_with(Some(config)),
            credentials: Mutex::new(Some(credentials)),
        }))
    }

    /// What the clients of AWS's services are made from.
    pub(super) async fn config(&self) -> &SdkConfig {
        let load = || {
            let timeouts = TimeoutConfig::builder()
                .connect_timeout(ATTEMPT)
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(CALL);
            aws_config::defaults(BehaviorVersion::latest())
                .retry_config(RetryConfig::standard())
                .timeout_config(timeouts.build())
                .load()
        };
        self.0.config.get_or_init(load).await
    }

    /// The credentials that were found last.
    pub(super) fn kept(&self) -> &Mutex<Option<Credentials>> {
        &self.0.credentials
    }

    /// The region, such as `eu-central-1`.
    ///
    /// # Errors
    /// [`AwsError::NoRegion`] says where it was looked for.
    pub async fn region(&self) -> Result<String, AwsError> {
        let region = self.config().await.region();
        region.map(ToString::to_string).ok_or(AwsError::NoRegion)
    }

    /// Whether AWS can be asked at all: there are a region and credentials.
    ///
    /// # Errors
    /// [`AwsError::NoRegion`], [`AwsError::NoCredentials`].
    pub(crate) async fn ready(&self) -> Result<(), AwsError> {
        self.credentials().await?;
        self.region().await?;
        Ok(())
    }
}

impl fmt::Debug for Aws {
    /// Without what was found, which is long and has keys in it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Aws")
    }
}
