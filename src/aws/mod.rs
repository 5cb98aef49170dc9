//! AWS: which region, whose credentials, what Secrets Manager, Parameter Store and S3 hold, and logins to RDS.

#[cfg(not(feature = "aws"))]
mod absent;
#[cfg(feature = "aws")]
mod chain;
#[cfg(feature = "aws")]
mod credentials;
mod error;
mod rds;
#[cfg(feature = "aws")]
mod s3;
#[cfg(feature = "aws")]
mod values;

#[cfg(not(feature = "aws"))]
pub use absent::Aws;
#[cfg(feature = "aws")]
pub use chain::Aws;
pub use error::AwsError;
pub use rds::RdsLogin;
#[cfg(feature = "aws")]
pub use s3::S3Url;
