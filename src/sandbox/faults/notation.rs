//! How a fault is written: `ENDPOINT:CALLS:KIND`.

use std::str::FromStr;

use axum::http::StatusCode;

use super::{Alteration, Calls, Fault, Form, Kind};

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.splitn(3, ':').collect();
        let [endpoint, calls, kind] = *parts else {
            return Err(format!(
                "`{text}` is not ENDPOINT:CALLS:KIND, such as tracks:2-4:503"
            ));
        };
        Ok(Self {
            endpoint: if endpoint == "any" {
                None
            } else {
                Some(endpoint.parse()?)
            },
            calls: calls.parse()?,
            kind: kind.parse()?,
        })
    }
}

impl TryFrom<String> for Fault {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for Calls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0);
        let calls = match (text, text.split_once(['-', '/', '='])) {
            ("*", _) => Some(Calls::Range(1, u64::MAX)),
            (_, Some(("every", n))) => number(n).map(Calls::Every),
            (_, Some(("id", id))) if id.len() == 22 => Some(Calls::Naming(id.to_owned())),
            (_, Some((first, last))) => number(first)
                .zip(number(last))
                .map(|(first, last)| Calls::Range(first, last)),
            _ => number(text).map(|only| Calls::Range(only, only)),
        };
        calls
            .ok_or_else(|| format!("`{text}` names no calls; write 3, 2-4, every/5, * or id=<22 characters>"))
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text
            .split_once('=')
            .map_or((text, None), |(name, value)| (name, Some(value)));
        let whole = value.map(|value| value.parse::<u64>().ok());
        let kind = match (name, whole) {
            ("429", Some(retry_after @ Some(_))) => Kind::TooManyRequests {
                retry_after,
                form: Form::Json,
            },
            ("429-text", Some(retry_after @ Some(_))) => Kind::TooManyRequests {
                retry_after,
                form: Form::Text,
            },
            ("429-empty", Some(retry_after @ Some(_))) => Kind::TooManyRequests {
                retry_after,
                form: Form::Empty,
            },
            ("429-missing", None) => Kind::TooManyRequests {
                retry_after: None,
                form: Form::Json,
            },
            ("429-zero", None) => Kind::TooManyRequests {
                retry_after: Some(0),
                form: Form::Json,
            },
            ("quota", Some(Some(retry_after))) => Kind::Quota { retry_after },
            ("stall", Some(_)) => Kind::Stall(stall(value.unwrap_or_default())?),
            ("premium", None) => Kind::Premium,
            ("reset", None) => Kind::Reset,
            ("cut", None) => Kind::Cut,
            ("not-json", None) => Kind::NotJson,
            ("expire-token", None) => Kind::ExpireToken,
            ("foreign-next", None) => Kind::Altered(Alteration::ForeignNext),
            ("repeat", None) => Kind::Altered(Alteration::Repeat),
            (status, None) => status_kind(status)?,
            _ => return Err(unknown(text)),
        };
        Ok(kind)
    }
}

/// `503`, `503-text`, `503-html` or `503-empty`.
fn status_kind(text: &str) -> Result<Kind, String> {
    let (status, form) = text.split_once('-').unwrap_or((text, "json"));
    let form = match form {
        "json" => Form::Json,
        "text" => Form::Text,
        "html" => Form::Html,
        "empty" => Form::Empty,
        _ => return Err(unknown(text)),
    };
    match status.parse() {
        Ok(status @ (400 | 401 | 403 | 404 | 500 | 502 | 503 | 504)) => {
            let status = StatusCode::from_u16(status).map_err(|_| unknown(text))?;
            Ok(Kind::Status(status, form))
        }
        _ => Err(unknown(text)),
    }
}

fn stall(seconds: &str) -> Result<f64, String> {
    let seconds = seconds
        .parse::<f64>()
        .ok()
        .filter(|seconds| (0.0..=3600.0).contains(seconds));
    seconds.ok_or_else(|| "stall wants seconds from 0 to 3600".to_owned())
}

fn unknown(kind: &str) -> String {
    format!("`{kind}` is no kind of fault; `firstpress sandbox --help` lists them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_specification_is_refused_with_a_reason() {
        for text in [
            "tracks:503",
            "trax:1:503",
            "tracks:0:503",
            "tracks:1:777",
            "tracks:1:429",
            "any:1:stall=x",
        ] {
            let reason = text.parse::<Fault>().unwrap_err();
            assert!(reason.len() > 20, "{text}: {reason}");
        }
    }
}
