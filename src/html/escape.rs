//! How text stands in HTML.

use minijinja::{AutoEscape, Error, Output, State, Value, escape_formatter};

/// Characters that HTML would take for its own.
const ENTITIES: [(char, &str); 5] = [
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&#34;"),
    ('\'', "&#39;"),
];

/// Writes text into HTML. MiniJinja's own way writes `/` as an entity too, which makes addresses hard to read.
pub(super) fn write_escaped(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    let text = value.as_str().filter(|_| !value.is_safe());
    let (Some(text), AutoEscape::Html) = (text, state.auto_escape()) else {
        return escape_formatter(out, state, value);
    };
    for part in text.split_inclusive(['&', '<', '>', '"', '\'']) {
        let special = part
            .chars()
            .next_back()
            .and_then(|last| ENTITIES.iter().find(|(from, _)| *from == last));
        match special {
            Some((from, entity)) => {
                out.write_str(part.trim_end_matches(*from))?;
                out.write_str(entity)?;
            }
            None => out.write_str(part)?,
        }
    }
    Ok(())
}
