//! Which models a selection means. What is expected here is what dbt says of the same project.

use std::collections::BTreeMap;

use firstpress::transform::{Options, Project, TransformError, transform};
use sqlx::PgConnection;

use super::{Folder, names, run, with_database};

fn folder() -> Folder {
    Folder::new(&[
        (
            "dbt_project.yml",
            "name: shop\nmodels:\n  shop:\n    +schema: shop\n    +materialized: table\n    marts: {+tags: daily}\n",
        ),
        (
            "models/staging/a.sql",
            "{{ config(materialized='view', tags=['raw', 'daily_too']) }} select * from {{ source('in', 't') }}",
        ),
        (
            "models/marts/b.sql",
            "{{ config(tags='own') }} select * from {{ ref('a') }}",
        ),
        ("models/marts/deep/c.sql", "select * from {{ ref('b') }}"),
        (
            "models/marts/deep/d.sql",
            "select * from {{ ref('a') }} union all select * from {{ ref('e') }}",
        ),
        ("models/e.sql", "select 1 as id"),
        (
            "models/p.yml",
            "models: [{name: c, config: {tags: [weekly]}}]\n\
             sources: [{name: in, schema: incoming, tables: [{name: t, tags: [fed]}, {name: u}]}]",
        ),
    ])
}

fn chosen(project: &Project, selection: &str) -> String {
    let rendered = project.render(Some(selection));
    let mut names: Vec<String> = match rendered {
        Ok(rendered) => rendered.into_iter().map(|model| model.name).collect(),
        Err(error) => return error.to_string(),
    };
    names.sort();
    names.concat()
}

#[test]
fn a_selection_means_what_it_means_in_dbt() {
    let folder = folder();
    let project = folder.load().unwrap();
    for (selection, expected) in [
        ("b", "b"),
        ("b+", "bc"),
        ("+b", "ab"),
        ("+b+", "abc"),
        ("1+c", "bc"),
        ("2+c", "abc"),
        ("a+1", "abd"),
        ("@b", "abc"),
        ("@e", "ade"),
        ("a e", "ae"),
        ("marts", "bcd"),
        ("marts.deep", "cd"),
        ("marts.*", "bcd"),
        ("shop.marts.deep.c", "c"),
        ("shop", "abcde"),
        ("shop.*", "abcde"),
        ("marts.deep.*", "cd"),
        ("*", "abcde"),
        ("[a-b]", "ab"),
        ("deep.c", "`deep.c`: no model, seed or source is meant"),
        ("tag:daily", "bcd"),
        ("tag:daily*", "abcd"),
        ("tag:own", "b"),
        ("tag:weekly", "c"),
        ("tag:fed+", "abcd"),
        ("tag:daily,marts.deep", "cd"),
        ("tag:daily,+c", "bc"),
        ("tag:own,tag:weekly e", "e"),
        ("path:models/marts/deep", "cd"),
        ("path:models/marts/*.sql", "b"),
        ("models/staging/a.sql", "a"),
        ("a.sql", "a"),
        ("file:[bc]", "bc"),
        ("config.materialized:view", "a"),
        ("config.materialized:table,config.tags:own", "b"),
        ("source:in.t+1", "a"),
        ("source:in+", "abcd"),
        ("source:shop.in.t+", "abcd"),
        ("resource_type:model", "abcde"),
        ("fqn:marts.b", "b"),
    ] {
        let found = chosen(&project, selection);
        let expected = match expected.starts_with('`') {
            true => format!("cannot select {expected}"),
            false => expected.to_owned(),
        };
        assert_eq!(found, expected, "{selection}");
    }
}

#[test]
fn a_selection_that_cannot_be_is_refused_by_term() {
    let folder = folder();
    let project = folder.load().unwrap();
    for (selection, said) in [
        ("a x+", "`x+`: no model, seed or source is meant"),
        ("tag:nightly", "`tag:nightly`: no model"),
        (
            "tag:own,tag:weekly",
            "`tag:own,tag:weekly`: nothing is left to build",
        ),
        ("", "``: it has no term"),
        ("a, b", "``: it names nothing"),
        ("@a+", "`@a+`: @ in front and + behind exclude each other"),
        (
            "test_type:generic",
            "`test_type:generic`: the method `test_type` is not supported",
        ),
        (
            "exposure:x+",
            "`exposure:x+`: the method `exposure` is not supported",
        ),
        (
            "config.grants:x",
            "`config.grants:x`: config.grants is not supported",
        ),
        ("source:a.b.c.d", "`source:a.b.c.d`: write source:SOURCE"),
        ("resource_type:test", "`resource_type:test`: the types are"),
        (
            "state:modified",
            "`state:modified`: what stands published is not known here",
        ),
    ] {
        let error = project.render(Some(selection)).unwrap_err();
        assert!(
            matches!(error, TransformError::UnknownSelection(_)),
            "{selection}: {error}"
        );
        let error = error.to_string();
        assert!(
            error.starts_with(&format!("cannot select {said}")),
            "{selection}: {error}"
        );
    }
}

async fn built(connection: &mut PgConnection, project: &Project, options: Options) -> String {
    match transform(connection, project, &options, |_, _, _| {}).await {
        Ok(report) => names(&report).concat(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn what_is_excluded_is_not_built() {
    with_database(async |connection, _| {
        let folder = folder();
        run(
            connection,
            "create schema incoming; create table incoming.t as select 1 as id",
        )
        .await;
        let project = folder.load().unwrap();
        let excluding = |select: Option<&str>, exclude: &str| Options {
            select: select.map(str::to_owned),
            exclude: Some(exclude.to_owned()),
            ..Options::default()
        };
        assert_eq!(built(connection, &project, excluding(None, "b+ e d")).await, "a");
        assert_eq!(
            built(connection, &project, excluding(Some("+c"), "tag:weekly")).await,
            "ab"
        );
        let nothing = built(connection, &project, excluding(Some("b"), "marts")).await;
        assert_eq!(
            nothing,
            "cannot select `b --exclude marts`: nothing is left to build"
        );
        let unknown = built(connection, &project, excluding(None, "mats")).await;
        assert_eq!(unknown, "cannot select `mats`: no model, seed or source is meant");
    })
    .await;
}

#[tokio::test]
async fn a_source_alone_has_its_checks_run() {
    with_database(async |connection, _| {
        let folder = folder();
        folder.write(
            "models/q.yml",
            "sources: [{name: more, schema: incoming, tables: [{name: v, columns: [{name: id, data_tests: [unique]}]}]}]",
        );
        run(connection, "create schema incoming; create table incoming.v as select 1 as id from generate_series(1, 2)").await;
        let options = Options { select: Some("source:more".to_owned()), ..Options::default() };
        let error = built(connection, &folder.load().unwrap(), options).await;
        assert!(error.contains("unique_more_v_id (1 rows)"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_state_is_compared_by_what_is_rendered() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            (
                "models/a.sql",
                "{% if is_incremental() %}{# #}{{ var('x', 1) }}{% endif %}select 1 as id",
            ),
            (
                "models/b.sql",
                "select '{{ run_started_at }} {{ invocation_id }}' as moment",
            ),
            ("models/c.sql", "select 3 as id"),
        ]);
        let published =
            |project: &Project| -> BTreeMap<String, String> { project.model_fingerprints().unwrap() };
        let since = |published: &BTreeMap<String, String>, select: &str| Options {
            select: Some(select.to_owned()),
            published: Some(published.clone()),
            ..Options::default()
        };
        let mut before = published(&folder.load().unwrap());
        let none = built(
            connection,
            &folder.load().unwrap(),
            since(&before, "state:modified"),
        )
        .await;
        assert_eq!(none, "cannot select `state:modified`: nothing is left to build");
        let changes = [
            ("models/c.sql", "-- said anew\nselect 3 as id", "c"),
            (
                "models/c.sql",
                "{{ config(unique_key='id') }}-- said anew\nselect 3 as id",
                "c",
            ),
            (
                "models/a.sql",
                "{% if is_incremental() %}{{ var('x', 2) }}{% endif %}select 1 as id",
                "a",
            ),
        ];
        for (file, text, expected) in changes {
            folder.write(file, text);
            let project = folder.load().unwrap();
            assert_eq!(
                built(connection, &project, since(&before, "state:modified")).await,
                expected
            );
            before = published(&project);
        }
        before.remove("b");
        let project = folder.load().unwrap();
        for state in ["state:new", "state:modified"] {
            assert_eq!(built(connection, &project, since(&before, state)).await, "b");
        }
    })
    .await;
}
