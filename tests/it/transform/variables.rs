//! Variables of the command line and of the environment.

use firstpress::config::EnvVars;
use firstpress::transform::{Inputs, Project, TransformError};

use super::Folder;

fn sql(folder: &Folder, vars: Option<&str>, environment: &[(&str, &str)]) -> Result<String, TransformError> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let inputs = Inputs::new(vars, EnvVars::without_secrets(environment))?;
    let rendered = Project::load_with(Some(&folder.0), &inputs)?.render(Some("m"))?;
    Ok(rendered.into_iter().map(|model| model.sql).collect())
}

#[test]
fn vars_of_the_command_line_win() {
    let folder = Folder::new(&[
        ("dbt_project.yml", "name: shop\nvars: {a: 1, shop: {b: 2}}"),
        (
            "models/m.sql",
            "select {{ var('a') }}, {{ var('b') }}, {{ var('c', 3) }}, {{ var('list', [0]) | join('+') }}",
        ),
    ]);
    assert_eq!(sql(&folder, None, &[]).unwrap(), "select 1, 2, 3, 0");
    let said = [
        ("{b: 5, c: x}", "select 1, 5, x, 0"),
        (r#"{"a": 4, "list": [1, 2]}"#, "select 4, 2, 3, 1+2"),
        ("a: 7\nc: 8", "select 7, 2, 8, 0"),
        ("", "select 1, 2, 3, 0"),
    ];
    for (vars, expected) in said {
        assert_eq!(sql(&folder, Some(vars), &[]).unwrap(), expected, "{vars}");
    }
    let error = sql(&folder, Some("[1]"), &[]).unwrap_err().to_string();
    assert!(
        error.starts_with("--vars: expected names with values in YAML or JSON"),
        "{error}"
    );
}

#[test]
fn env_var_finds_what_the_project_allows() {
    let folder = Folder::new(&[("dbt_project.yml", "name: shop\nvars: {env_vars: [REGION, LIMIT]}")]);
    let environment = [
        ("REGION", "EU"),
        ("HOME", "/root"),
        ("DATABASE_URL", "postgres://x"),
    ];
    let of = |template: &str| {
        folder.write("models/m.sql", template);
        sql(&folder, None, &environment).map_err(|error| error.to_string())
    };
    assert_eq!(
        of("'{{ env_var('REGION') }}', {{ env_var('LIMIT', 5) }}"),
        Ok("'EU', 5".to_owned())
    );
    for (template, said) in [
        (
            "{{ env_var('LIMIT') }}",
            "models/m.sql:1: env_var('LIMIT') is not set and has no default here",
        ),
        (
            "{{ env_var('HOME', 'x') }}",
            "models/m.sql:1: env_var('HOME') is not allowed; add HOME to the list `env_vars` under `vars` in dbt_project.yml",
        ),
        (
            "{{ env_var('DATABASE_URL', 'x') }}",
            "models/m.sql:1: env_var('DATABASE_URL'): a secret, which no model gets to see",
        ),
        (
            "{{ env_var('DBT_ENV_SECRET_X') }}",
            "models/m.sql:1: env_var('DBT_ENV_SECRET_X'): a secret, which no model gets to see",
        ),
    ] {
        assert_eq!(of(template), Err(said.to_owned()));
    }
    for (list, said) in [
        (
            "[SPOTIFY_CLIENT_SECRET]",
            "dbt_project.yml: vars.env_vars: SPOTIFY_CLIENT_SECRET is a secret, which no model gets to see",
        ),
        (
            "REGION",
            "dbt_project.yml: vars.env_vars is a list of names of environment variables",
        ),
    ] {
        folder.write(
            "dbt_project.yml",
            &format!("name: shop\nvars: {{env_vars: {list}}}"),
        );
        assert_eq!(of("select 1"), Err(said.to_owned()));
    }
}

/// Otherwise a run would take the tables that stand for those that it would build.
#[test]
fn other_values_are_another_project() {
    let folder = Folder::new(&[
        ("dbt_project.yml", "name: shop\nvars: {env_vars: [REGION]}"),
        ("models/m.sql", "select 1"),
    ]);
    let fingerprint = |vars: &str, region: &str| {
        let environment = [
            ("REGION".to_owned(), region.to_owned()),
            ("OTHER".to_owned(), vars.to_owned()),
        ];
        let inputs = Inputs::new(Some(vars), EnvVars::without_secrets(environment)).unwrap();
        let project = Project::load_with(Some(&folder.0), &inputs).unwrap();
        project.fingerprint().to_owned()
    };
    assert_eq!(fingerprint("{a: 1}", "EU"), fingerprint(r#"{"a": 1}"#, "EU"));
    assert_ne!(fingerprint("{a: 1}", "EU"), fingerprint("{a: 2}", "EU"));
    assert_ne!(fingerprint("{a: 1}", "EU"), fingerprint("{a: 1}", "US"));
}
