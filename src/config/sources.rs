//! Where settings stand, and which one wins.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::WrongSettings;
use crate::aws::Aws;

/// The places that settings are read from. What the environment sets wins over the file of `--env-from`, and that over
/// the local file, since it was asked for.
#[derive(Clone, Default)]
pub struct Sources {
    /// The environment's variables.
    pub environment: HashMap<String, String>,
    /// `--env-from`: the address in S3 of a file in the format of `.env`.
    pub env_from: Option<String>,
    /// The local `.env`, which need not exist.
    pub dotenv: PathBuf,
}

/// What stands there, references not followed yet.
pub(super) struct Found {
    pub(super) values: HashMap<String, String>,
    pub(super) files: Vec<String>,
    pub(super) faults: Vec<String>,
}

impl Sources {
    /// This process's environment, and `.env` in the working directory.
    #[must_use]
    pub fn of_this_process(env_from: Option<String>) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the environment"
        )]
        let variables = std::env::vars_os();
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            environment: variables.filter_map(text).collect(),
            env_from,
            dotenv: PathBuf::from(".env"),
        }
    }

    /// # Errors
    /// When the file of `--env-from` cannot be had. What is missing for that reason alone is not worth a word.
    pub(super) async fn read(self, aws: &Aws) -> Result<Found, WrongSettings> {
        let mut found = Found {
            values: HashMap::new(),
            files: Vec::new(),
            faults: Vec::new(),
        };
        found.add_local(&self.dotenv);
        if let Some(url) = self.env_from {
            let text = aws.text(&url).await.map_err(|error| WrongSettings {
                faults: vec![format!("  --env-from: {url}: {error}")],
            })?;
            found.add_file(&url, text.expose_secret());
        }
        found.values.extend(self.environment);
        Ok(found)
    }
}

impl Found {
    fn add_local(&mut self, path: &Path) {
        let shown = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => self.add_file(&shown, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => (),
            Err(error) => self
                .faults
                .push(format!("  {shown}: cannot be read: {}", error.kind())),
        }
    }

    /// Adds what a file in the format of `.env` sets, over what is there.
    fn add_file(&mut self, name: &str, text: &str) {
        self.files.insert(0, name.to_owned());
        for (number, line) in dotenvy::from_read_iter(text.as_bytes()).enumerate() {
            match line {
                Ok((name, value)) => {
                    self.values.insert(name, value);
                }
                // dotenvy's own text quotes the line, which may hold a secret
                Err(_) => self.faults.push(format!(
                    "  {name}: entry {} is not NAME=value; quote values that contain spaces or #",
                    number + 1
                )),
            }
        }
    }
}
