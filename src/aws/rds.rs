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

    #[cfg(test)]
    mod tests {
        use secrecy::ExposeSecret;

        use super::*;

        const BEGINNING: &str = "trends.abc123.eu-central-1.rds.amazonaws.com:5432/?Action=connect\
            &DBUser=app%2Btrends%40x&X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Credential=AKIDEXAMPLE%2F20261126%2Feu-central-1%2Frds-db%2Faws4_request\
            &X-Amz-Date=20261126T083000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host";

        /// What boto3 1.44.8's `generate_db_auth_token` gives for the same keys at the same second.
        #[test]
        fn the_token_is_the_one_that_boto3_signs() {
            let session = "FwoGZXIvYXdzEXAMPLE//session/token+with=odd&chars";
            let signed_by_boto3 = [
                (
                    None,
                    "&X-Amz-Signature=2182aeb2eab5f4138da13c7101eed70c049ce743a5a753728249011e5db3c4d1",
                ),
                (
                    Some(session.to_owned()),
                    "&X-Amz-Security-Token=FwoGZXIvYXdzEXAMPLE%2F%2Fsession%2Ftoken%2Bwith%3Dodd%26chars\
                     &X-Amz-Signature=2d7cb13a944a4adc44f6e8819900c8ec9968474a1802d9f9e5b0367a39a7cf25",
                ),
            ];
            let login = RdsLogin {
                host: "trends.abc123.eu-central-1.rds.amazonaws.com".to_owned(),
                port: 5432,
                user: "app+trends@x".to_owned(),
            };
            let region = region_of(&login.host).unwrap();
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_681_800);
            for (session, end) in signed_by_boto3 {
                let key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
                let credentials = Credentials::new("AKIDEXAMPLE", key, session, None, "test");
                let token = token(&credentials, region, &login, now).unwrap();
                let expected = format!("{BEGINNING}{end}");
                assert_eq!(parts(token.expose_secret()), parts(&expected));
            }
        }

        fn parts(token: &str) -> Vec<&str> {
            let mut parts: Vec<&str> = token.split(['?', '&']).collect();
            parts.sort_unstable();
            parts
        }

        #[test]
        fn the_region_stands_in_the_names_that_rds_gives() {
            for (host, region) in [
                ("db.abc.eu-west-1.rds.amazonaws.com", Some("eu-west-1")),
                (
                    "c.cluster-ro-abc.us-gov-west-1.rds.amazonaws.com",
                    Some("us-gov-west-1"),
                ),
                ("db.abc.rds.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
                ("db.internal.example", None),
                ("127.0.0.1", None),
            ] {
                assert_eq!(region_of(host), region, "{host}");
            }
        }
    }
}
