//! Seeds: .csv files as tables. The types are those of dbt-postgres for the same file.

use super::{Folder, names, rows, with_database};

const SEED: &str = "i,f,one,d,ts,iso,b,t,none,money,mixed,big\n\
    1,1.5,1.0,2026-01-02,2026-01-02 03:04:05,2026-01-02T03:04:05Z,true,x,,$5,1,12345678901\n\
    -2,2,2.0,2026-1-3,2026-01-02 03:04:06,2026-01-02T03:04:05+02:00,False,\"y, \"\"z\"\"\",null,\"1,000\",a,1\n\
    ,,,,,,,NULL,,,,\n";

#[tokio::test]
async fn a_seed_is_a_table_like_dbts() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("dbt_project.yml", "name: shop\nseeds: {shop: {+schema: shop, +tags: seeded}}\nmodels: {shop: {+schema: shop, +materialized: table}}"),
            ("seeds/s.csv", SEED),
            ("seeds/more/semi.csv", "\u{feff}Id;A b\n1;x\n"),
            ("models/m.sql", "select i, f from {{ ref('s') }} where i > 0"),
            (
                "seeds/p.yml",
                "seeds:\n- name: s\n  description: The seed\n  config: {column_types: {big: bigint}}\n  columns:\n  \
                 - {name: i, description: Key, data_tests: [unique]}\n- {name: semi, config: {delimiter: ';', alias: other}}\n",
            ),
        ]);
        let report = folder.build(connection).await.unwrap();
        assert_eq!(names(&report), ["s", "m", "semi"]);
        let types = "select attname, format_type(atttypid, atttypmod) from pg_attribute \
                     where attrelid = 'shop.s'::regclass and attnum > 0 order by attnum";
        assert_eq!(
            rows(connection, types).await,
            [
                "(i,integer)",
                r#"(f,"double precision")"#,
                "(one,integer)",
                "(d,date)",
                r#"(ts,"timestamp without time zone")"#,
                r#"(iso,"timestamp without time zone")"#,
                "(b,boolean)",
                "(t,text)",
                "(none,integer)",
                "(money,integer)",
                "(mixed,text)",
                "(big,bigint)"
            ]
        );
        assert_eq!(
            rows(connection, "select * from shop.s order by i").await,
            [
                r#"(-2,2,2,2026-01-03,"2026-01-02 03:04:06","2026-01-02 01:04:05",f,"y, ""z""",,1000,a,1)"#,
                r#"(1,1.5,1,2026-01-02,"2026-01-02 03:04:05","2026-01-02 03:04:05",t,x,,5,1,12345678901)"#,
                "(,,,,,,,,,,,)"
            ]
        );
        assert_eq!(rows(connection, "select * from shop.m").await, ["(1,1.5)"]);
        assert_eq!(rows(connection, r#"select "Id", "A b" from shop.other"#).await, ["(1,x)"]);
        assert_eq!(rows(connection, "select obj_description('shop.s'::regclass)").await, [r#"("The seed")"#]);
        assert_eq!(report.checks.len(), 1);

        folder.write("seeds/s.csv", &SEED.replace("1.5", "1.25"));
        let report = folder.build(connection).await.unwrap();
        assert_eq!((report.models[0].inserted, report.models[0].deleted), (1, 1));
        folder.write("seeds/s.csv", &SEED.replace("12345678901", "x"));
        let error = folder.build(connection).await.unwrap_err().to_string();
        assert!(error.starts_with("seeds/s.csv") && error.contains("invalid input syntax for type bigint"), "{error}");
    })
    .await;
}

#[test]
fn column_types_must_be_of_columns() {
    let folder = Folder::new(&[
        ("seeds/s.csv", "a\n1\n"),
        (
            "seeds/p.yml",
            "seeds: [{name: s, config: {column_types: {b: text}}}]",
        ),
    ]);
    let error = folder.load().unwrap_err().to_string();
    assert_eq!(
        error,
        "seeds/s.csv: column_types names `b`, which is no column of it"
    );
    folder.write("seeds/p.yml", "seeds: [{name: s, config: {delimiter: '::'}}]");
    assert_eq!(
        folder.load().unwrap_err().to_string(),
        "seeds/s.csv: delimiter is one ASCII character"
    );
    folder.write("seeds/p.yml", "seeds: [{name: s, config: {materialized: view}}]");
    assert_eq!(
        folder.load().unwrap_err().to_string(),
        "seeds/s.csv: a seed is always a table; it cannot be materialized otherwise"
    );
}

#[test]
fn selections_know_seeds() {
    let folder = Folder::new(&[
        ("dbt_project.yml", "name: shop\nseeds: {shop: {+tags: seeded}}"),
        ("seeds/s.csv", SEED),
        ("seeds/more/semi.csv", "id\n1\n"),
        ("models/m.sql", "select i, f from {{ ref('s') }}"),
    ]);
    let project = folder.load().unwrap();
    let chosen = |selection: &str| -> Vec<String> {
        let rendered = project.render(Some(selection)).unwrap();
        rendered.into_iter().map(|model| model.name).collect()
    };
    assert_eq!(chosen("tag:seeded"), ["s", "semi"]);
    assert_eq!(chosen("s+"), ["s", "m"]);
    assert_eq!(
        chosen("config.materialized:seed,resource_type:seed,more"),
        ["semi"]
    );
    assert_eq!(chosen("path:seeds/s.csv"), ["s"]);
}
