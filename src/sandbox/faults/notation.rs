//! How a fault is written: `ENDPOINT:CALLS:KIND`.

use std::str::FromStr;

use axum::http::StatusCode;

use super::{Alteration, Calls, Fault, Form, Kind, RetryAfter};

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
            _ => share(text).or_else(|| number(text).map(|only| Calls::Range(only, only))),
        };
        calls.ok_or_else(|| {
            format!("`{text}` names no calls; write 3, 2-4, every/5, 20%, * or id=<22 characters>")
        })
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text
            .split_once('=')
            .map_or((text, None), |(name, value)| (name, Some(value)));
        let whole = value.map(|value| value.parse::<u64>().ok());
        if let Some(name) = name.strip_prefix("429") {
            return too_many_requests(name, whole.flatten()).ok_or_else(|| unknown(text));
        }
        let kind = match (name, whole) {
            ("quota", Some(Some(retry_after))) => Kind::Quota { retry_after },
            ("stall", Some(_)) => Kind::Stall(stall(value.unwrap_or_default())?),
            ("premium", None) => Kind::Premium(Form::Json),
            ("premium-text", None) => Kind::Premium(Form::Text),
            ("5xx", None) => Kind::ServerErrors,
            ("reset", None) => Kind::Reset,
            ("cut", None) => Kind::Cut,
            ("cut-gzip", None) => Kind::CutGzip,
            ("not-json", None) => Kind::NotJson,
            ("expire-token", None) => Kind::ExpireToken,
            ("revoke", None) => Kind::Revoke,
            ("foreign-next", None) => Kind::Altered(Alteration::ForeignNext),
            ("repeat", None) => Kind::Altered(Alteration::Repeat),
            ("shift", None) => Kind::Altered(Alteration::Shift),
            (status, None) => status_kind(status)?,
            _ => return Err(unknown(text)),
        };
        Ok(kind)
    }
}

/// `20%` or `0.5%`
fn share(text: &str) -> Option<Calls> {
    let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
    (percent > 0.0 && percent <= 100.0).then_some(Calls::Share(percent / 100.0))
}

/// What follows `429`, and the seconds.
fn too_many_requests(variant: &str, seconds: Option<u64>) -> Option<Kind> {
    let (retry_after, form) = match (variant, seconds) {
        ("", Some(seconds)) => (RetryAfter::Seconds(seconds), Form::Json),
        ("-text", Some(seconds)) => (RetryAfter::Seconds(seconds), Form::Text),
        ("-empty", Some(seconds)) => (RetryAfter::Seconds(seconds), Form::Empty),
        ("-date", Some(seconds)) => (RetryAfter::Date(seconds.try_into().ok()?), Form::Json),
        ("-missing", None) => (RetryAfter::Missing, Form::Json),
        ("-zero", None) => (RetryAfter::Seconds(0), Form::Json),
        ("-absurd", None) => (RetryAfter::Seconds(99_999_999_999), Form::Json),
        ("-word", None) => (RetryAfter::Word, Form::Json),
        _ => return None,
    };
    Some(Kind::TooManyRequests(retry_after, form))
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
            "any:0%:503",
            "any:101%:503",
            "any:%:503",
            "any:1:429-word=3",
            "any:1:429-date",
            "any:1:5xx=3",
        ] {
            let reason = text.parse::<Fault>().unwrap_err();
            assert!(reason.len() > 20, "{text}: {reason}");
        }
    }
}
