//! Models that are never built.

use super::{Folder, names, rows, run, with_database};

/// The text is dbt's own.
#[test]
fn their_sql_stands_in_front_of_what_refers_to_them() {
    let folder = Folder::new(&[
        (
            "models/e1.sql",
            "{{ config(materialized='ephemeral') }}\nselect 1 as id\n",
        ),
        (
            "models/e2.sql",
            "{{ config(materialized='ephemeral') }}\nwith own as (select * from {{ ref('e1') }})\nselect * from own",
        ),
        (
            "models/plain.sql",
            "select * from {{ ref('e2') }} join {{ ref('e1') }} using (id)",
        ),
        (
            "models/headed.sql",
            "-- why\nwith recursive a as (select * from {{ ref('e1') }})\nselect * from a",
        ),
    ]);
    let e1 = " __dbt__cte__e1 as (\nselect 1 as id\n)";
    let e2 = " __dbt__cte__e2 as (\nwith own as (select * from __dbt__cte__e1)\nselect * from own\n)";
    assert_eq!(
        folder.sql("plain"),
        format!("with{e1}, {e2} select * from __dbt__cte__e2 join __dbt__cte__e1 using (id)")
    );
    assert_eq!(
        folder.sql("headed"),
        format!("-- why\nwith recursive{e1},  a as (select * from __dbt__cte__e1)\nselect * from a")
    );
    assert_eq!(
        folder.sql("e2"),
        format!("with{e1},  own as (select * from __dbt__cte__e1)\nselect * from own")
    );
}

#[tokio::test]
async fn they_are_checked_and_not_built() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/e.sql", "{{ config(materialized='ephemeral') }} select id from public.feed"),
            ("models/m.sql", "with e as (select * from {{ ref('e') }}) select * from e"),
            (
                "models/p.yml",
                "models: [{name: e, description: x, columns: [{name: id, data_tests: [unique, {not_null: {where: id > 0}}]}]}]",
            ),
            ("tests/t.sql", "with none as (select * from {{ ref('e') }} where id < 0) select * from none"),
        ]);
        run(connection, "create table feed as select 1 as id").await;
        let report = folder.build(connection).await.unwrap();
        assert_eq!(names(&report), ["m"]);
        assert_eq!(report.checks.len(), 3);
        assert_eq!(rows(connection, "select * from shop.m").await, ["(1)"]);
        assert_eq!(rows(connection, "select to_regclass('shop.e')").await, ["()"]);
        run(connection, "insert into feed values (1), (-1)").await;
        let error = folder.build(connection).await.unwrap_err().to_string();
        assert!(error.ends_with("unique_e_id (1 rows), t (1 rows)"), "{error}");
    })
    .await;
}
