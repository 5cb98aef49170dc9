//! What stands in a page.

use serde_json::Value;

/// What stands between `from` and the next `to`, each time that `from` occurs.
pub(crate) fn between<'a>(html: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    html.split(from)
        .skip(1)
        .map(|rest| rest.split(to).next().unwrap())
        .collect()
}

/// The cells of each row of the body of the table with this id, as text.
pub(crate) fn rows(html: &str, id: &str) -> Vec<Vec<String>> {
    let table = between(html, &format!("<table id=\"{id}\">"), "</table>");
    let body = between(table.first().expect(id), "<tbody>", "</tbody>")[0].replace("<th", "<td");
    let cells = |row| between(row, "<td", "</tr>").into_iter().map(text).collect();
    between(&body, "<tr>", "</tr>").into_iter().map(cells).collect()
}

/// What stands after the first tag, without tags, and with its white space as one blank.
fn text(html: &str) -> String {
    let pieces = html.split('<').filter_map(|piece| piece.split_once('>'));
    let text: Vec<&str> = pieces.map(|(_, text)| text).collect();
    let text = text
        .join(" ")
        .replace("&amp;", "&")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&nbsp;", " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the chart of this kind draws.
pub(crate) fn chart(html: &str, kind: &str) -> Value {
    let figure = between(html, &format!("data-chart=\"{kind}\""), "</figure>")[0];
    let data = between(figure, "<script type=\"application/json\">", "</script>")[0];
    serde_json::from_str(data).unwrap()
}
