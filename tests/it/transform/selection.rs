//! Which models a selection means.

use firstpress::transform::TransformError;

use super::Folder;

#[test]
fn selection_follows_references() {
    let folder = Folder::new(&[
        ("models/a.sql", "select 1 as id"),
        ("models/b.sql", "select * from {{ ref('a') }}"),
        ("models/c.sql", "select * from {{ ref('b') }}"),
        ("models/d.sql", "select 1 as id"),
    ]);
    let project = folder.load().unwrap();
    for (selection, expected) in [
        ("b", "b"),
        ("b+", "bc"),
        ("+b", "ab"),
        ("+b+", "abc"),
        ("a d", "ad"),
        ("a+ d", "abcd"),
    ] {
        let chosen: String = project
            .render(Some(selection))
            .unwrap()
            .into_iter()
            .map(|model| model.name)
            .collect();
        assert_eq!(chosen, expected, "{selection}");
    }
    for selection in ["x+", "tag:nightly", ""] {
        let error = project.render(Some(selection)).unwrap_err();
        assert!(
            matches!(error, TransformError::UnknownSelection(_)),
            "{selection}: {error}"
        );
    }
}
