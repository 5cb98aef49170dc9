//! JSON and CSV.

use super::shop::Shop;
use crate::server::shared;

#[tokio::test]
async fn csv_has_the_rows_of_json_with_formulas_made_text() {
    let shop = Shop::stocked().await;
    let answer = shop.get("/api/v1/trends/kinds?format=csv&limit=60").await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"kinds.csv\""
    );
    assert!(!answer.headers().contains_key("link"));
    let text = answer.text().await.unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = shop.rows("/api/v1/trends/kinds").await;
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((columns.len(), records.len()), (12, rows.len()));
    for (record, row) in records.iter().zip(&rows) {
        for (column, cell) in columns.iter().zip(record) {
            let expected = match &row[column] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) if text.starts_with(['=', '@']) => format!("'{text}"),
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Array(list) => format!("{{{},NULL}}", list[0]),
                other => other.to_string(),
            };
            match (cell.parse::<f64>(), expected.parse::<f64>()) {
                (Ok(cell), Ok(expected)) => assert!((cell - expected).abs() < 1e-12 || cell.is_nan()),
                _ => assert_eq!(cell, expected, "{column}"),
            }
        }
    }
}

#[tokio::test]
async fn csv_goes_on_by_a_link() {
    let shop = Shop::stocked().await;
    let (mut ids, mut next) = (
        Vec::new(),
        Some("/api/v1/trends/kinds?fields=id&limit=25&sort=-id".to_owned()),
    );
    while let Some(path) = next.take() {
        let answer = shop.ask(&path, &[("accept", "text/csv")]).await;
        next = answer.headers().get("link").map(|link| {
            let link = link.to_str().unwrap();
            link.strip_prefix('<')
                .unwrap()
                .strip_suffix(">; rel=\"next\"")
                .unwrap()
                .to_owned()
        });
        let text = answer.text().await.unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        ids.extend(reader.deserialize::<i64>().map(Result::unwrap));
    }
    assert_eq!(ids, (1..=60).rev().collect::<Vec<i64>>());
}

#[tokio::test]
async fn the_accept_header_decides_where_format_does_not() {
    let client = reqwest::Client::new();
    for (query, accept, kind) in [
        ("", "*/*", "application/json"),
        ("", "text/csv", "text/csv"),
        (
            "",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/json",
        ),
        ("", "application/json;q=0.5, TEXT/CSV;q=0.9", "text/csv"),
        ("", "application/json, text/csv;q=0", "application/json"),
        ("?format=csv", "application/json", "text/csv"),
        ("?format=json", "image/png", "application/json"),
        ("", "image/png", "406"),
        ("", "application/json;q=0", "406"),
    ] {
        let url = format!("{}/api/v1/trends/weekly-top-releases{query}", shared().await.url);
        let answer = client.get(url).header("accept", accept).send().await.unwrap();
        let (status, kinds) = (
            answer.status().as_u16(),
            answer.headers()["content-type"].to_str().unwrap(),
        );
        let is_right = if kind == "406" {
            status == 406
        } else {
            status == 200 && kinds.starts_with(kind)
        };
        assert!(is_right, "{query} {accept}: {status} {kinds}");
    }
}
