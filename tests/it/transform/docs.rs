//! Doc blocks in descriptions.

use super::{Folder, rows, run, with_database};

#[tokio::test]
async fn descriptions_quote_doc_blocks() {
    with_database(async |connection, _| {
        let folder = Folder::new(&[
            ("models/m.sql", "select 1 as id, 2 as n"),
            (
                "models/docs/d.md",
                "# Heading\n{% docs whole %}\nAll of it: {{ left as it is }}\n{% enddocs %}\n{# {% docs no %} #}\n\
                 {%- docs id -%} Grain {%- enddocs -%}",
            ),
            (
                "models/p.yml",
                "models:\n- name: m\n  description: \"{{ doc('whole') }}\"\n  columns:\n  \
                 - {name: id, description: \"The {{ doc('shop', 'id') }}.\"}\n  - {name: n, description: ' '}\n",
            ),
        ]);
        folder.build(connection).await.unwrap();
        let comments = "select obj_description('shop.m'::regclass), col_description('shop.m'::regclass, 1), \
                        col_description('shop.m'::regclass, 2)";
        assert_eq!(
            rows(connection, comments).await,
            [r#"("All of it: {{ left as it is }}","The Grain.",)"#]
        );

        folder.write("dbt_project.yml", &format!("{}docs-paths: [texts]\n", super::SETTINGS));
        folder.write("texts/d.md", "{% docs whole %}elsewhere{% enddocs %}{% docs id %}key{% enddocs %}");
        run(connection, "drop table shop.m").await;
        folder.build(connection).await.unwrap();
        assert_eq!(rows(connection, comments).await, [r#"(elsewhere,"The key.",)"#]);
    })
    .await;
}
