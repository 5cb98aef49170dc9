//! References: the value of a setting that says where its value is kept.

use std::collections::{HashMap, HashSet};

use secrecy::{ExposeSecret, SecretString};

use crate::aws::{Aws, AwsError};

const SECRET: &str = "secretsmanager://";
const PARAMETER: &str = "ssm://";

/// What each reference leads to, or why nowhere, by its text.
pub(super) type Resolved = HashMap<String, Result<SecretString, String>>;

/// `secretsmanager://NAME`, `secretsmanager://NAME#KEY` or `ssm://NAME`.
struct Reference<'a> {
    place: Place<'a>,
    key: Option<&'a str>,
}

/// What is fetched, once for all references to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place<'a> {
    Secret(&'a str),
    Parameter(&'a str),
}

/// Whether the text is a reference.
pub(super) fn is_reference(text: &str) -> bool {
    text.starts_with(SECRET) || text.starts_with(PARAMETER)
}

/// Fetches what the references lead to, side by side.
///
/// # Errors
/// When AWS cannot be asked at all.
pub(super) async fn resolve<'a>(
    references: impl Iterator<Item = &'a String> + Clone,
    aws: &Aws,
) -> Result<Resolved, AwsError> {
    aws.ready().await?;
    let place = |text: &'a String| Some(Reference::read(text)?.place);
    let places: HashSet<Place> = references.clone().filter_map(place).collect();
    let fetches = places
        .into_iter()
        .map(async |place| (place, place.fetch(aws).await.map_err(|error| error.to_string())));
    let fetched: HashMap<Place, Result<SecretString, String>> =
        futures::future::join_all(fetches).await.into_iter().collect();
    Ok(references
        .map(|text| (text.clone(), value(text, &fetched)))
        .collect())
}

fn value(text: &str, fetched: &HashMap<Place, Result<SecretString, String>>) -> Result<SecretString, String> {
    let form = "expected secretsmanager://NAME, secretsmanager://NAME#KEY or ssm://NAME";
    let reference = Reference::read(text).ok_or(form)?;
    let whole = fetched.get(&reference.place).ok_or(form)?.clone()?;
    let value = match reference.key {
        Some(key) => member(&whole, key)?,
        None => whole,
    };
    if value.expose_secret().trim().is_empty() {
        return Err("the value kept there is empty".to_owned());
    }
    Ok(value)
}

impl<'a> Reference<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (place, key) = if let Some(name) = text.strip_prefix(PARAMETER) {
            (Place::Parameter(name), None)
        } else {
            let rest = text.strip_prefix(SECRET)?;
            let (name, key) = match rest.split_once('#') {
                Some((name, key)) => (name, Some(key)),
                None => (rest, None),
            };
            (Place::Secret(name), key)
        };
        let is_named = !matches!(place, Place::Secret("") | Place::Parameter("")) && key != Some("");
        is_named.then_some(Self { place, key })
    }
}

impl Place<'_> {
    async fn fetch(self, aws: &Aws) -> Result<SecretString, AwsError> {
        match self {
            Self::Secret(id) => aws.secret(id).await,
            Self::Parameter(name) => aws.parameter(name).await,
        }
    }
}

/// A member of the secret's JSON object. The parser's own text is not told: it may quote.
fn member(secret: &SecretString, key: &str) -> Result<SecretString, String> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(secret.expose_secret())
        .map_err(|_| format!("the secret is not a JSON object, so it has no key {key:?}"))?;
    match object.get(key) {
        Some(serde_json::Value::String(text)) => Ok(SecretString::from(text.as_str())),
        Some(value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => {
            Ok(SecretString::from(value.to_string()))
        }
        Some(_) => Err(format!(
            "the key {key:?} of the secret holds neither text nor a number"
        )),
        None => Err(format!("the secret's JSON has no key {key:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keys_paths_and_arns_are_told_apart() {
        let read = |text| Reference::read(text).map(|reference| (reference.place, reference.key));
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf";
        assert_eq!(
            read("secretsmanager://prod/db"),
            Some((Place::Secret("prod/db"), None))
        );
        assert_eq!(
            read("secretsmanager://prod/db#url"),
            Some((Place::Secret("prod/db"), Some("url")))
        );
        let by_arn = format!("secretsmanager://{arn}#url");
        assert_eq!(read(&by_arn), Some((Place::Secret(arn), Some("url"))));
        assert_eq!(read("ssm://plain"), Some((Place::Parameter("plain"), None)));
        assert_eq!(read("ssm:///a/b"), Some((Place::Parameter("/a/b"), None)));
        for wrong in [
            "secretsmanager://",
            "secretsmanager://#key",
            "secretsmanager://name#",
            "ssm://",
        ] {
            assert!(is_reference(wrong) && read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_key_that_is_not_there_is_named_and_nothing_else() {
        let told = |secret: &str, key| member(&SecretString::from(secret), key).map(|_| ()).unwrap_err();
        for (secret, part) in [
            (r#"{"other": "hunter2"}"#, "no key \"url\""),
            ("hunter2", "not a JSON object"),
            (r#""hunter2""#, "not a JSON object"),
            (r#"{"url": {"hunter2": 1}}"#, "neither text nor a number"),
        ] {
            let text = told(secret, "url");
            assert!(text.contains(part) && !text.contains("hunter2"), "{text}");
        }
        let port = member(&SecretString::from(r#"{"port": 5432}"#), "port").unwrap();
        assert_eq!(port.expose_secret(), "5432");
    }
}
