//! Incremental models, what is built from the start, and what a plan says of it.

use std::time::Duration;

use firstpress::transform::{How, Options, Project, TransformError, TransformReport, Why, transform};
use sqlx::postgres::PgPoolOptions;

use crate::transform::{Folder, Session, add_run, rows, run, with_database};

async fn build_with(session: &Session, project: &Project, options: &Options) -> TransformReport {
    transform(&session.pool, project, options, |_, _, _| {})
        .await
        .unwrap()
}

fn how(report: &TransformReport) -> Vec<(&str, How, Why)> {
    let models = report.models.iter();
    models
        .map(|model| (model.name.as_str(), model.how, model.why.clone()))
        .collect()
}

fn model(config: &str, filter: &str) -> String {
    format!(
        "{{{{ config(materialized='incremental', {config}) }}}} select id, day, value from public.feed \
         {{% if is_incremental() %}} where {filter} {{% endif %}}"
    )
}

const SINCE: &str = "day > (select max(day) from {{ this }})";
const FEED: &str = "create table feed (id integer, day integer, value text);
    insert into feed values (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')";

/// What the table holds after the feed has changed and grown, by the strategy.
#[tokio::test]
async fn rows_come_by_the_strategy() {
    const NEWS: &str = "update feed set value = 'lost' where id = 2;
        insert into feed values (3, 3, 'new'), (4, 3, 'd'), (4, 3, 'e')";
    let cases = [
        // without a key, or told so, rows are only added
        (
            "tags=[]",
            ["(1,1,a)", "(2,1,b)", "(3,2,c)", "(3,3,new)", "(4,3,d)", "(4,3,e)"].as_slice(),
        ),
        (
            "unique_key='id', incremental_strategy='append'",
            &["(1,1,a)", "(2,1,b)", "(3,2,c)", "(3,3,new)", "(4,3,d)", "(4,3,e)"],
        ),
        // a key may have several rows, all of which are replaced
        (
            "unique_key='id'",
            &["(1,1,a)", "(2,1,b)", "(3,3,new)", "(4,3,d)", "(4,3,e)"],
        ),
        (
            "unique_key=['id', 'day'], incremental_strategy='delete+insert'",
            &["(1,1,a)", "(2,1,b)", "(3,2,c)", "(3,3,new)", "(4,3,d)", "(4,3,e)"],
        ),
    ];
    for (config, expected) in cases {
        with_database(async |session, _| {
            let folder = Folder::new(&[
                ("models/m.sql", &model(config, SINCE)),
                ("models/after.sql", "select count(*) as n from {{ ref('m') }}"),
            ]);
            run(session, FEED).await;
            folder.build(session).await.unwrap();
            run(session, NEWS).await;
            let report = folder.build(session).await.unwrap();
            assert_eq!(how(&report)[0], ("m", How::Incremental, Why::Grows), "{config}");
            assert_eq!(
                rows(session, "select * from shop.m order by id, day, value").await,
                expected,
                "{config}"
            );
            let counted = rows(session, "select n from shop.after").await;
            assert_eq!(
                counted,
                [format!("({})", expected.len())],
                "what reads it sees it as it will stand"
            );
            assert_eq!(report.models[0].rows, Some(expected.len() as i64), "{config}");
            assert_eq!(report.models[0].inserted, 3, "{config}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_merge_needs_one_row_a_key() {
    with_database(async |session, _| {
        let folder = Folder::new(&[(
            "models/m.sql",
            &model("unique_key='id', incremental_strategy='merge'", SINCE),
        )]);
        run(session, FEED).await;
        folder.build(session).await.unwrap();
        run(session, "insert into feed values (3, 3, 'new')").await;
        folder.build(session).await.unwrap();
        let merged = ["(1,1,a)", "(2,1,b)", "(3,3,new)"];
        assert_eq!(rows(session, "select * from shop.m order by id").await, merged);
        run(session, "insert into feed values (4, 4, 'd'), (4, 4, 'e')").await;
        let error = folder.build(session).await.unwrap_err().to_string();
        assert!(error.contains("Key (id)=(4) is duplicated"), "{error}");
        assert_eq!(rows(session, "select * from shop.m order by id").await, merged);
    })
    .await;
}

/// Rows that come as they stand are not written again.
#[tokio::test]
async fn what_comes_as_it_stands_is_left_alone() {
    with_database(async |session, _| {
        let folder = Folder::new(&[(
            "models/m.sql",
            &model(
                "unique_key='day', indexes=[{'columns': ['id'], 'unique': true}]",
                "day >= 1",
            ),
        )]);
        run(session, FEED).await;
        folder.build(session).await.unwrap();
        let versions = "select id, xmin from shop.m where id <> 2 order by id";
        let before = rows(session, versions).await;
        run(session, "update feed set value = 'z' where id = 2").await;
        let report = folder.build(session).await.unwrap();
        assert_eq!((report.models[0].inserted, report.models[0].deleted), (1, 1));
        assert_eq!(rows(session, versions).await, before);
        assert_eq!(
            rows(session, "select value from shop.m where id = 2").await,
            ["(z)"]
        );
    })
    .await;
}

/// A model that has changed, or that reads one which has, is built from the start without being told to.
#[tokio::test]
async fn a_changed_model_and_what_reads_it_are_built_from_the_start() {
    with_database(async |session, _| {
        let feed = "select id, day, value from public.feed";
        let folder = Folder::new(&[
            ("models/source.sql", &format!("{{{{ config(materialized='view') }}}} {feed}")),
            (
                "models/m.sql",
                "{{ config(materialized='incremental', unique_key='id') }} select id, day, value from {{ ref('source') }} \
                 {% if is_incremental() %} where day > (select max(day) from {{ this }}) {% endif %}",
            ),
            (
                "models/kept.sql",
                "{{ config(materialized='incremental', unique_key='id', full_refresh=false) }} \
                 select id, day, value from {{ ref('source') }} \
                 {% if is_incremental() %} where day > (select max(day) from {{ this }}) {% endif %}",
            ),
        ]);
        run(session, FEED).await;
        let first = folder.build(session).await.unwrap();
        assert_eq!(how(&first)[0].2, Why::EachTime);
        assert!(how(&first)[1..].iter().all(|(_, how, why)| (how, why) == (&How::Full, &Why::New)));

        folder.write("models/source.sql", &format!("{{{{ config(materialized='view') }}}} {}", feed.replace("value", "upper(value) as value")));
        let second = folder.build(session).await.unwrap();
        let by_name = |report: &TransformReport, name: &str| {
            let found = how(report).into_iter().find(|(model, ..)| *model == name);
            found.map(|(_, how, why)| (how, why)).unwrap()
        };
        assert_eq!(by_name(&second, "m"), (How::Full, Why::Follows("source".to_owned())));
        assert_eq!(by_name(&second, "kept"), (How::Incremental, Why::Grows));
        assert_eq!(rows(session, "select value from shop.m order by id").await, ["(A)", "(B)", "(C)"]);
        assert_eq!(rows(session, "select value from shop.kept order by id").await, ["(a)", "(b)", "(c)"]);

        let third = folder.build(session).await.unwrap();
        assert_eq!(by_name(&third, "m"), (How::Incremental, Why::Grows));
        let refresh = Options { full_refresh: true, ..Options::default() };
        let asked = build_with(session, &folder.load().unwrap(), &refresh).await;
        assert_eq!(by_name(&asked, "m"), (How::Full, Why::Asked));
    })
    .await;
}

/// A parent that is rebuilt alone is not forgotten by its child.
#[tokio::test]
async fn a_child_follows_a_parent_that_was_changed_and_built_before_it() {
    with_database(async |session, _| {
        let folder = Folder::new(&[
            ("models/p.sql", "select 1 as id"),
            (
                "models/c.sql",
                "{{ config(materialized='incremental', unique_key='id') }} select id from {{ ref('p') }} \
                 {% if is_incremental() %} where false {% endif %}",
            ),
        ]);
        folder.build(session).await.unwrap();
        folder.write("models/p.sql", "select 2 as id");
        let only = |select: &str| Options {
            select: Some(select.to_owned()),
            ..Options::default()
        };
        build_with(session, &folder.load().unwrap(), &only("c")).await;
        assert_eq!(
            rows(session, "select * from shop.c").await,
            ["(1)"],
            "its parent is as it was"
        );
        build_with(session, &folder.load().unwrap(), &only("p")).await;
        build_with(session, &folder.load().unwrap(), &only("c")).await;
        assert_eq!(rows(session, "select * from shop.c").await, ["(2)"]);
    })
    .await;
}

/// What comes to a parent later may be older than what its child holds by then.
#[tokio::test]
async fn a_child_that_was_built_alone_is_built_from_the_start_next_time() {
    with_database(async |session, _| {
        let growing = |from: &str| {
            format!(
                "{{{{ config(materialized='incremental', unique_key='id') }}}} select id, day from {from} \
                 {{% if is_incremental() %}} where day > (select max(day) from {{{{ this }}}}) {{% endif %}}"
            )
        };
        let folder = Folder::new(&[
            ("models/a.sql", &growing("public.feed")),
            ("models/b.sql", &growing("public.other")),
            (
                "models/v.sql",
                "{{ config(materialized='view') }} select * from {{ ref('a') }} union all select * from {{ ref('b') }}",
            ),
            ("models/c.sql", &growing("{{ ref('v') }}")),
        ]);
        let feeds = "create table feed as select 1 as id, 1 as day; create table other as select 2 as id, 1 as day";
        run(session, feeds).await;
        folder.build(session).await.unwrap();
        run(session, "insert into feed values (3, 2); insert into other values (4, 3)").await;
        let only = Options { select: Some("b c".to_owned()), ..Options::default() };
        build_with(session, &folder.load().unwrap(), &only).await;
        let next = folder.build(session).await.unwrap();
        let child = how(&next).into_iter().find(|(model, ..)| *model == "c").unwrap();
        assert_eq!((child.1, child.2), (How::Full, Why::CutOff));
        assert_eq!(rows(session, "select id from shop.c order by id").await, ["(1)", "(2)", "(3)", "(4)"]);
        let after = folder.build(session).await.unwrap();
        let incremental = how(&after).into_iter().filter(|(_, how, _)| *how == How::Incremental);
        assert_eq!(incremental.count(), 3);
    })
    .await;
}

#[tokio::test]
async fn columns_of_a_kept_table_change_by_on_schema_change() {
    let cases = [
        ("ignore", Ok(["(1,a,)", "(2,b,)"])),
        ("append_new_columns", Ok(["(1,a,)", "(2,b,2)"])),
        ("fail", Err("has no column `extra`, which the model gives")),
        ("sync_all_columns", Ok(["(1,,)", "(2,,2)"])),
    ];
    for (on_schema_change, expected) in cases {
        with_database(async |session, _| {
            let config = format!(
                "{{{{ config(materialized='incremental', unique_key='id', full_refresh=false, on_schema_change='{on_schema_change}') }}}}"
            );
            let filter = "{% if is_incremental() %} where id > 1 {% endif %}";
            let rows_of = |columns: &str| format!("{config} select {columns} from public.feed {filter}");
            let folder = Folder::new(&[("models/m.sql", &rows_of("id, name"))]);
            run(session, "create table feed as select 1 as id, 'a' as name").await;
            folder.build(session).await.unwrap();
            run(session, "insert into feed values (2, 'b')").await;
            let columns = if on_schema_change == "sync_all_columns" { "id, id as extra" } else { "id, name, id as extra" };
            folder.write("models/m.sql", &rows_of(columns));
            let built = folder.build(session).await;
            let found = "select to_jsonb(m) ->> 'id', to_jsonb(m) ->> 'name', to_jsonb(m) ->> 'extra' from shop.m order by 1";
            match expected {
                Ok(expected) => {
                    built.unwrap();
                    assert_eq!(rows(session, found).await, expected, "{on_schema_change}");
                }
                Err(message) => {
                    let error = built.unwrap_err().to_string();
                    assert!(error.contains(message), "{error}");
                    assert_eq!(rows(session, found).await, ["(1,a,)"]);
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_plan_says_what_would_change_and_changes_nothing() {
    with_database(async |session, _| {
        let folder = Folder::new(&[
            ("models/m.sql", "{{ config(unique_key='id') }} select * from public.feed"),
            ("models/v.sql", "{{ config(materialized='view') }} select * from {{ ref('m') }}"),
        ]);
        run(session, FEED).await;
        folder.build(session).await.unwrap();
        run(session, "delete from feed where id = 1; update feed set value = 'z' where id = 2; insert into feed values (4, 4, 'd')").await;
        folder.write("models/new.sql", "select 1 as one");
        let everything = "select (select jsonb_agg(m order by id) from shop.m m), to_regclass('shop.new'),
            (select jsonb_agg(p order by model) from ops.published_models p)";
        let before = rows(session, everything).await;
        let plan = Options { plan_only: true, ..Options::default() };
        let report = build_with(session, &folder.load().unwrap(), &plan).await;
        let changes: Vec<(&str, i64, i64)> = report
            .models
            .iter()
            .map(|model| (model.name.as_str(), model.inserted, model.deleted))
            .collect();
        assert_eq!(changes, [("m", 2, 2), ("new", 1, 0), ("v", 0, 0)]);
        let examples = report.models[0].examples.clone().unwrap();
        let ids = |rows: &[serde_json::Value]| {
            let mut ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!((ids(&examples.gone), ids(&examples.come)), (vec![1, 2], vec![2, 4]));
        assert_eq!(rows(session, everything).await, before);
        assert_eq!(rows(session, "select relname from pg_class where relnamespace = 'aside'::regnamespace").await, [""; 0]);
    })
    .await;
}

/// Views that others have made come back with their rights when they are to be made anew.
#[tokio::test]
async fn views_of_others_are_made_anew_when_asked_for() {
    with_database(async |session, _| {
        let folder = Folder::new(&[("models/m.sql", "select 1 as id, 'x' as name")]);
        folder.build(session).await.unwrap();
        run(
            session,
            "create view first as select id from shop.m; create view second as select id + 1 as next from first;
             comment on view second is 'mine'; grant select on second to public",
        )
        .await;
        folder.write("models/m.sql", "select 5::bigint as id, 'x' as name");
        let replace = Options { replace_views: true, ..Options::default() };
        let project = folder.load().unwrap();
        let refused = folder.build(session).await.unwrap_err();
        assert!(matches!(&refused, TransformError::InTheWay { views, .. } if views.len() == 2), "{refused}");
        build_with(session, &project, &replace).await;
        assert_eq!(rows(session, "select * from second").await, ["(6)"]);
        let kept = "select obj_description('second'::regclass), has_table_privilege('public', 'second', 'select')";
        assert_eq!(rows(session, kept).await, ["(mine,t)"]);

        folder.write("models/m.sql", "select 'x' as name");
        let error = transform(&session.pool, &folder.load().unwrap(), &replace, |_, _, _| {}).await.unwrap_err();
        assert!(error.to_string().contains(r#"the view "public"."first" cannot be made anew"#), "{error}");
        assert_eq!(rows(session, "select * from second").await, ["(6)"]);
    })
    .await;
}

/// What a check found can be looked at until the check passes.
#[tokio::test]
async fn the_first_bad_rows_of_a_check_are_kept() {
    with_database(async |session, _| {
        let folder = Folder::new(&[
            ("models/m.sql", "select * from public.feed"),
            ("models/p.yml", "models: [{name: m, columns: [{name: value, data_tests: [not_null]}]}]"),
        ]);
        run(session, FEED).await;
        run(session, "insert into feed select 100 + n, 9, null from generate_series(1, 25) as n").await;
        let run_id = add_run(session).await;
        let options = Options { run_id: Some(run_id), ..Options::default() };
        let failed = transform(&session.pool, &folder.load().unwrap(), &options, |_, _, _| {}).await;
        let Err(TransformError::ChecksFailed(failed)) = failed else { panic!("{failed:?}") };
        assert_eq!((failed[0].failing_rows, failed[0].first_rows.len()), (25, 10));
        assert_eq!(failed[0].first_rows[0]["day"], 9);
        let kept = "select check_name, count(*), bool_and(failing_row ->> 'day' = '9') from ops.check_failures group by 1";
        assert_eq!(rows(session, kept).await, ["(not_null_m_value,10,t)"]);
        run(session, "delete from feed where value is null").await;
        folder.build(session).await.unwrap();
        assert_eq!(rows(session, kept).await, [""; 0]);
    })
    .await;
}

/// What comes is held against what stands where a check is about both.
#[tokio::test]
async fn checks_see_what_comes_beside_what_stands() {
    const CHECKS: &str = "models: [{name: m, columns: [
        {name: id, data_tests: [unique, {relationships: {to: ref('p'), field: id}}]},
        {name: value, data_tests: [not_null]}]}]";
    let cases = [
        ("(1, 5, 'again')", Some("unique_m_id")),
        ("(4, 5, null)", Some("not_null_m_value")),
        ("(9, 5, 'nobody')", Some("relationships_m_id")),
        ("(4, 5, 'new')", None),
    ];
    for (row, expected) in cases {
        with_database(async |session, _| {
            let folder = Folder::new(&[
                ("models/m.sql", &model("incremental_strategy='append'", SINCE)),
                (
                    "models/p.sql",
                    "{{ config(unique_key='id') }} select id from generate_series(1, 5) as id",
                ),
                ("models/c.yml", CHECKS),
            ]);
            run(session, FEED).await;
            folder.build(session).await.unwrap();
            run(session, &format!("insert into feed values {row}")).await;
            match (folder.build(session).await, expected) {
                (Err(TransformError::ChecksFailed(failed)), Some(expected)) => {
                    let failed: Vec<&str> = failed.iter().map(|check| check.name.as_str()).collect();
                    assert_eq!(failed, [expected]);
                }
                (Ok(_), None) => {}
                (built, _) => panic!("{row}: {built:?}"),
            }
        })
        .await;
    }
}

/// Each of the two waits for the other to be under way.
#[tokio::test]
async fn independent_models_are_built_side_by_side() {
    // what a sequence has given is seen by everybody at once
    const MEET: &str = "create sequence arrivals;
        create function meet() returns integer language plpgsql volatile as $$
        begin
            perform nextval('public.arrivals');
            for attempt in 1..1000 loop
                if (select last_value from public.arrivals) >= 2 then return 1; end if;
                perform pg_sleep(0.01);
            end loop;
            raise 'nobody else came';
        end $$";
    with_database(async |session, _| {
        run(session, MEET).await;
        let folder = Folder::new(&[
            ("models/a.sql", "select public.meet() as met"),
            ("models/b.sql", "select public.meet() as met"),
        ]);
        folder.build(session).await.unwrap();
    })
    .await;
}

/// A server that grants one connection is enough.
#[tokio::test]
async fn one_connection_will_do() {
    with_database(async |session, url| {
        let folder = Folder::new(&[
            ("models/a.sql", "select 1 as id"),
            ("models/b.sql", "select id from {{ ref('a') }}"),
            ("models/c.sql", "select id from {{ ref('a') }}"),
        ]);
        let narrow = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .connect(url)
            .await
            .unwrap();
        let project = folder.load().unwrap();
        let report = transform(&narrow, &project, &Options::default(), |_, _, _| {})
            .await
            .unwrap();
        assert_eq!(report.models.len(), 3);
        assert_eq!(rows(session, "select * from shop.c").await, ["(1)"]);
    })
    .await;
}
