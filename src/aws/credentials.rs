//! Credentials, and how long they are good for.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;

use super::chain::CALL;
use super::error::chain;
use super::{Aws, AwsError};

/// Credentials that end sooner are asked for anew: what is signed with them must live a while.
const MARGIN: Duration = Duration::from_secs(300);

impl Aws {
    /// Credentials that are good for five minutes at least, where whoever gives them gives them for that long.
    ///
    /// # Errors
    /// [`AwsError::NoCredentials`] says where they were looked for, after fifteen seconds at most.
    pub(crate) async fn credentials(&self) -> Result<Credentials, AwsError> {
        let mut kept = self.kept().lock().await;
        if let Some(credentials) = kept.as_ref().filter(|credentials| is_good(credentials)) {
            return Ok(credentials.clone());
        }
        let none = |error: &CredentialsError| AwsError::NoCredentials(chain(error));
        let provider = self.config().await.credentials_provider();
        let provider = provider.ok_or_else(|| none(&CredentialsError::not_loaded_no_source()))?;
        let found = tokio::time::timeout(CALL, provider.provide_credentials())
            .await
            .unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(CALL)));
        Ok(kept.insert(found.map_err(|error| none(&error))?).clone())
    }
}

fn is_good(credentials: &Credentials) -> bool {
    credentials
        .expiry()
        .is_none_or(|expiry| expiry > SystemTime::now() + MARGIN)
}
