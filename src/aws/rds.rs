//! Logins to RDS by IAM: a token that takes the password's place for 15 minutes.

/// Where somebody logs in, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RdsLogin {
    /// The instance's or cluster's endpoint as RDS names it: the token holds for this name only.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database's user, who has been granted `rds_iam`.
    pub user: String,
}

#[cfg(feature = "aws")]
mod token {
    use std::time::{Duration, SystemTime};

    use aws_credential_types::Credentials;
    use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
    use aws_sigv4::sign::v4;
    use secrecy::SecretString;
    use url::Url;

    use super::RdsLogin;
    use crate::aws::error::chain;
    use crate::aws::{Aws, AwsError};

    /// As long as RDS allows.
    const LIFE: Duration = Duration::from_secs(900);

    impl Aws {
        /// A token, signed now.
        ///
        /// # Errors
        /// [`AwsError::NoCredentials`], [`AwsError::NoRegion`].
        pub(crate) async fn rds_token(&self, login: &RdsLogin) -> Result<SecretString, AwsError> {
            let credentials = self.credentials().await?;
            let region = self.rds_region(login).await?;
            token(&credentials, &region, login, SystemTime::now())
        }

        /// Whose signature it is, for people: the id of the key, and the region.
        ///
        /// # Errors
        /// As [`Self::rds_token`].
        pub(crate) async fn signer(&self, login: &RdsLogin) -> Result<String, AwsError> {
            let credentials = self.credentials().await?;
            let region = self.rds_region(login).await?;
            Ok(format!(
                "the AWS key {} for {region}",
                credentials.access_key_id()
            ))
        }

        async fn rds_region(&self, login: &RdsLogin) -> Result<String, AwsError> {
            match region_of(&login.host) {
                Some(region) => Ok(region.to_owned()),
                None => self.region().await,
            }
        }
    }

    /// The region that RDS's own names hold: `NAME.ID.REGION.rds.amazonaws.com`, in China
    /// `NAME.ID.rds.REGION.amazonaws.com.cn`.
    fn region_of(host: &str) -> Option<&str> {
        let labels: Vec<&str> = host.split('.').collect();
        match labels.as_slice() {
            [.., region, "rds", "amazonaws", "com"] | [.., "rds", region, "amazonaws", "com", "cn"] => {
                Some(region)
            }
            _ => None,
        }
    }

    /// Signature version 4 in the query of a request that nobody sends, as described in RDS's guide, "Connecting to your
    /// DB instance using IAM authentication".
    fn token(
        credentials: &Credentials,
        region: &str,
        login: &RdsLogin,
        now: SystemTime,
    ) -> Result<SecretString, AwsError> {
        let failed = |error: &(dyn std::error::Error + 'static)| {
            AwsError::Failed(format!("the login to RDS cannot be signed: {}", chain(error)))
        };
        let RdsLogin { host, port, user } = login;
        let mut url = Url::parse(&format!("https://{host}:{port}/")).map_err(|error| failed(&error))?;
        url.query_pairs_mut()
            .append_pair("Action", "connect")
            .append_pair("DBUser", user);
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(LIFE);
        let identity = credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("rds-db")
            .time(now)
            .settings(settings)
            .build()
            .map_err(|error| failed(&error))?;
        let request = SignableRequest::new("GET", url.as_str(), std::iter::empty(), SignableBody::Bytes(&[]))
            .map_err(|error| failed(&error))?;
        let (signed, _) = sign(request, &parameters.into())
            .map_err(|error| failed(&error))?
            .into_parts();
        for (name, value) in signed.params() {
            url.query_pairs_mut().append_pair(name, value);
        }
        Ok(SecretString::from(url.as_str().trim_start_matches("https://")))
    }
}
