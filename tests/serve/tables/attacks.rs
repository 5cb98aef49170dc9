//! What is no name and no value gets into no statement.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::shop::{Shop, rows_of};

const INJECTIONS: [&str; 12] = [
    "'; drop table trends.kinds; --",
    "\"; drop table trends.kinds; --",
    "id\" from pg_authid; --",
    "1) or (1=1",
    "' or '1'='1",
    "1; select pg_sleep(60)",
    "id, (select rolpassword from pg_authid limit 1)",
    "{{ relation }}",
    "$1",
    "\\'; drop table trends.kinds; --",
    "id::text /*",
    "ops.published",
];

#[tokio::test]
async fn nothing_gets_in() {
    let shop = Shop::stocked().await;
    let before = shop.sql("select * from trends.kinds order by id").await;
    for injection in INJECTIONS {
        let encoded: String = byte_serialize(injection.as_bytes()).collect();
        let in_path = encoded.replace('+', "%20");
        for (path, allowed) in [
            (format!("trends/kinds?{encoded}=1"), vec![400]),
            (format!("trends/kinds?id.{encoded}=1"), vec![400]),
            (format!("trends/kinds?{encoded}.gte=1"), vec![400]),
            (format!("trends/kinds?id={encoded}"), vec![400]),
            (format!("trends/kinds?exact.gt={encoded}"), vec![400]),
            (format!("trends/kinds?day.lt={encoded}"), vec![400]),
            (format!("trends/kinds?flag={encoded}"), vec![400]),
            (format!("trends/kinds?sort={encoded}"), vec![400]),
            (format!("trends/kinds?sort=-{encoded}"), vec![400]),
            (format!("trends/kinds?fields={encoded}"), vec![400]),
            (format!("trends/kinds?limit={encoded}"), vec![400]),
            (format!("trends/kinds?after={encoded}"), vec![400]),
            (format!("trends/kinds?format={encoded}"), vec![400]),
            (format!("trends/{in_path}"), vec![404]),
            (format!("{in_path}/kinds"), vec![404]),
            (format!("trends/kinds%00{in_path}"), vec![404]),
        ] {
            let answer = shop.get(&format!("/api/v1/{path}")).await;
            let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
            assert!(allowed.contains(&status), "{path}: {status} {text}");
        }
        // as a text it is one that no row has
        for operator in ["", ".contains"] {
            let path = format!("/api/v1/trends/kinds?word{operator}={encoded}&list={encoded}");
            assert_eq!(shop.rows(&path).await, [] as [Value; 0], "{path}");
        }
    }
    assert_eq!(shop.sql("select * from trends.kinds order by id").await, before);
}

#[tokio::test]
async fn a_made_up_cursor_is_refused() {
    let shop = Shop::stocked().await;
    let path = "/api/v1/trends/kinds?limit=1&sort=day,exact";
    let (_, next) = rows_of(shop.get(path).await, path).await;
    let next = next.unwrap();
    let (_, text) = next.split_once("after=").unwrap();
    let cursor: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    assert_eq!(cursor["order"], json!(["day", "exact", "id"]), "{cursor}");
    let mut forgeries = vec![json!(null), json!([]), json!({})];
    for injection in INJECTIONS.into_iter().chain(["\0", "99999999-01-01", "1e999999"]) {
        for (pointer, value) in [
            ("/reached/0", json!(injection)),
            ("/reached/1", json!(injection)),
            ("/reached/2", json!(injection)),
            ("/reached", json!([injection])),
            ("/order/0", json!(injection)),
            ("/relation", json!(injection)),
            ("/given", json!(injection)),
            ("/given", json!(-1)),
        ] {
            let mut forgery = cursor.clone();
            *forgery.pointer_mut(pointer).unwrap() = value;
            forgeries.push(forgery);
        }
    }
    for forgery in forgeries {
        let after = URL_SAFE_NO_PAD.encode(forgery.to_string());
        let (status, detail) = shop.problem(&format!("{path}&after={after}")).await;
        assert_eq!(status, 400, "{forgery}: {detail}");
    }
    let far = {
        let mut far = cursor.clone();
        far["given"] = json!(i64::MAX);
        URL_SAFE_NO_PAD.encode(far.to_string())
    };
    assert_eq!(shop.rows(&format!("{path}&after={far}")).await, [] as [Value; 0]);
}
