//! What goes wrong with AWS. No text holds a key, a token or a value.

use std::error::Error;

/// Why AWS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// The binary does not know AWS.
    #[error("this firstpress was built without AWS; build it with `--features aws`")]
    NotBuiltIn,
    /// Nothing says in which region to look.
    #[error("no AWS region is set: set AWS_REGION, or `region` in the AWS profile")]
    NoRegion,
    /// Nobody gives credentials.
    #[error(
        "no AWS credentials: looked in AWS_ACCESS_KEY_ID, the AWS profile, AWS_WEB_IDENTITY_TOKEN_FILE, the container's \
         AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, and the machine's metadata ({0})"
    )]
    NoCredentials(String),
    /// There is no such thing.
    #[error("there is no such {what} in {region}; AWS_REGION says in which region it is looked for")]
    NotFound {
        /// `secret`, `parameter`, `object`, `bucket`.
        what: &'static str,
        /// Where it was looked for.
        region: String,
    },
    /// The credentials may not read it.
    #[error("access denied: allow {right} to the role that reads it{}", said(message))]
    Denied {
        /// The missing right, as an IAM policy names it.
        right: &'static str,
        /// What AWS said, which names the role.
        message: String,
    },
    /// Any other answer, or none.
    #[error("{0}")]
    Failed(String),
    /// The address does not name something in S3.
    #[error("{0:?} is not s3://BUCKET/KEY")]
    NotAnS3Url(String),
    /// Only what stays on this machine may go unencrypted.
    #[error("the S3 endpoint {0} is neither https nor on this machine; AWS_ENDPOINT_URL_S3 sets it")]
    NotEncrypted(String),
}

fn said(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(" ({message})")
    }
}

/// The error with what led to it, each once.
#[cfg_attr(
    not(feature = "aws"),
    expect(dead_code, reason = "only AWS's errors are told so")
)]
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.iter().any(|earlier| earlier.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}
