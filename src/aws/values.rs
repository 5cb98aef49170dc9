//! What Secrets Manager, Parameter Store and S3 hold.

use std::error::Error;

use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use object_store::ObjectStoreExt;
use secrecy::SecretString;

use super::error::chain;
use super::{Aws, AwsError, S3Url};

/// A file of settings is a few hundred bytes long.
const LONGEST: u64 = 1 << 20;

impl Aws {
    /// The current text of a secret in Secrets Manager, by its name or ARN.
    ///
    /// # Errors
    /// [`AwsError::Denied`] names the missing right, [`AwsError::NotFound`] the region.
    pub(crate) async fn secret(&self, id: &str) -> Result<SecretString, AwsError> {
        let config = aws_sdk_secretsmanager::config::Builder::from(self.config().await)
            .credentials_provider(self.credentials().await?)
            .build();
        let client = aws_sdk_secretsmanager::Client::from_conf(config);
        match client.get_secret_value().secret_id(id).send().await {
            Ok(secret) => secret
                .secret_string
                .map(SecretString::from)
                .ok_or_else(|| AwsError::Failed("the secret is binary, and a setting is text".to_owned())),
            Err(error) => Err(self
                .refusal(&error, "secret", "secretsmanager:GetSecretValue")
                .await),
        }
    }

    /// The text of a parameter in Parameter Store, decrypted.
    ///
    /// # Errors
    /// As [`Self::secret`].
    pub(crate) async fn parameter(&self, name: &str) -> Result<SecretString, AwsError> {
        let config = aws_sdk_ssm::config::Builder::from(self.config().await)
            .credentials_provider(self.credentials().await?)
            .build();
        let client = aws_sdk_ssm::Client::from_conf(config);
        let answer = client
            .get_parameter()
            .name(name)
            .with_decryption(true)
            .send()
            .await;
        match answer {
            Ok(answer) => answer
                .parameter
                .and_then(|parameter| parameter.value)
                .map(SecretString::from)
                .ok_or_else(|| AwsError::Failed("the parameter has no value".to_owned())),
            Err(error) => Err(self.refusal(&error, "parameter", "ssm:GetParameter").await),
        }
    }

    /// The text of an object in S3, 1 MiB at most, by its `s3://BUCKET/KEY`.
    ///
    /// # Errors
    /// As [`Self::secret`].
    pub(crate) async fn text(&self, url: &str) -> Result<SecretString, AwsError> {
        let url: S3Url = url.parse()?;
        self.ready().await?;
        let store = self.s3(&url.bucket).await?;
        let region = self.region().await?;
        let of_s3 = |error: object_store::Error| s3_refusal(&error, &region);
        let answer = store.get(&url.key).await.map_err(of_s3)?;
        if answer.meta.size > LONGEST {
            return Err(AwsError::Failed(format!(
                "it is {} bytes long, which no file of settings is",
                answer.meta.size
            )));
        }
        let bytes = answer.bytes().await.map_err(of_s3)?;
        let text =
            std::str::from_utf8(&bytes).map_err(|_| AwsError::Failed("it is not UTF-8 text".to_owned()))?;
        Ok(SecretString::from(text))
    }

    async fn refusal(
        &self,
        error: &SdkError<impl ProvideErrorMetadata + Error + 'static, HttpResponse>,
        what: &'static str,
        right: &'static str,
    ) -> AwsError {
        let message = error.message().unwrap_or_default();
        match error.code() {
            Some("ResourceNotFoundException" | "ParameterNotFound" | "ParameterVersionNotFound") => {
                match self.region().await {
                    Ok(region) => AwsError::NotFound { what, region },
                    Err(error) => error,
                }
            }
            Some("AccessDeniedException" | "AccessDenied" | "DecryptionFailure") => AwsError::Denied {
                right: if message.to_lowercase().contains("kms") {
                    "kms:Decrypt"
                } else {
                    right
                },
                message: message.to_owned(),
            },
            Some(code) => AwsError::Failed(format!("AWS answered {code}: {message}")),
            // whoever stands before AWS, such as an endpoint of one's own network, says no in its own words
            None if error
                .raw_response()
                .is_some_and(|answer| answer.status().as_u16() == 403) =>
            {
                AwsError::Denied {
                    right,
                    message: String::new(),
                }
            }
            None => AwsError::Failed(format!("AWS did not answer: {}", chain(error))),
        }
    }
}

/// S3's answers come as XML in the error's text, together with the text that was signed: only the code is told.
fn s3_refusal(error: &object_store::Error, region: &str) -> AwsError {
    let text = chain(error);
    let code = text
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"))
        .map(|(code, _)| code);
    let region = region.to_owned();
    match (code, error) {
        (Some("NoSuchBucket"), _) => AwsError::NotFound {
            what: "bucket",
            region,
        },
        (_, object_store::Error::NotFound { .. }) => AwsError::NotFound {
            what: "object",
            region,
        },
        (Some("AccessDenied"), _) => AwsError::Denied {
            right: "s3:GetObject",
            message: "S3 says so too of a key that is not there, to a role without s3:ListBucket".to_owned(),
        },
        (Some("PermanentRedirect" | "AuthorizationHeaderMalformed"), _) => another_region(&region),
        (Some(code), _) => AwsError::Failed(format!("S3 answered {code}")),
        (None, _) if text.contains("incorrectly configured region") => another_region(&region),
        (
            None,
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. },
        ) => AwsError::Denied {
            right: "s3:GetObject",
            message: String::new(),
        },
        (None, _) => AwsError::Failed(text),
    }
}

fn another_region(region: &str) -> AwsError {
    AwsError::Failed(format!(
        "the bucket is in another region than {region}; AWS_REGION says in which region it is looked for"
    ))
}
