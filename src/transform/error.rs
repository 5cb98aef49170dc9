use super::CheckReport;

/// Why a transform published nothing. Files are named relative to the project's folder.
#[derive(Debug, thiserror::Error)]
pub enum TransformError {
    /// A template could not be rendered: something is undefined, unknown, unsupported or misspelt.
    #[error("{file}:{line}: {detail}")]
    Template {
        /// The model or macro file.
        file: String,
        /// Line in that file, from 1.
        line: usize,
        /// What is wrong, with the name of the thing.
        detail: String,
    },
    /// `ref()` names a model that no file defines.
    #[error("{file}:{line}: ref('{name}') names no model: there is no {name}.sql among the models")]
    UnknownRef {
        /// The model or macro file.
        file: String,
        /// Line in that file, from 1.
        line: usize,
        /// The name that was asked for.
        name: String,
    },
    /// `source()` names a table that no `sources:` entry declares.
    #[error(
        "{file}:{line}: source('{source_name}', '{table}') is not declared under `sources:` in a .yml file"
    )]
    UnknownSource {
        /// The model or macro file.
        file: String,
        /// Line in that file, from 1.
        line: usize,
        /// The first argument.
        source_name: String,
        /// The second argument.
        table: String,
    },
    /// A selection names what does not exist, or a way to select that is not supported; the term and the reason.
    #[error("cannot select {0}")]
    UnknownSelection(String),
    /// Models that wait for each other, the first one repeated at the end.
    #[error("models refer to each other in a circle: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// Two things that claim one name.
    #[error("{what} is defined twice: in {first} and in {second}")]
    Duplicate {
        /// Kind and name, such as "model `a`".
        what: String,
        /// File of the first.
        first: String,
        /// File of the second.
        second: String,
    },
    /// A file of the project cannot be read, or says something that is not supported.
    #[error("{file}: {detail}")]
    Project {
        /// The file.
        file: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Postgres refused the SQL of a model or of a check.
    #[error("{file}{}: {message}", .line.map(|line| format!(" (line {line} of the rendered SQL)")).unwrap_or_default())]
    Sql {
        /// The model's file, or the .yml file of a check.
        file: String,
        /// Line in the rendered SQL, from 1, where Postgres points into it.
        line: Option<usize>,
        /// Postgres's message with its detail and hint.
        message: String,
    },
    /// Views of somebody else read what has to go from a relation. Nothing was published.
    #[error(
        "{relation} cannot be published{}: {} would be lost. Drop what reads it, select it too if it is a model, or let \
         views be made anew with --replace-views",
        of_columns(columns), views.join(", ")
    )]
    InTheWay {
        /// What was to be published.
        relation: String,
        /// The columns that go or change their type; none when all of it makes way.
        columns: Vec<String>,
        /// Views that read them.
        views: Vec<String>,
    },
    /// A view that was to be made anew cannot be.
    #[error("nothing was published: the view {view} cannot be made anew ({detail})")]
    ViewLost {
        /// The view.
        view: String,
        /// What Postgres says.
        detail: String,
    },
    /// Somebody holds a relation that has to change its form.
    #[error(
        "{file}: somebody has been reading what has to change its form for too long ({message}); nothing was published"
    )]
    Busy {
        /// The model's file.
        file: String,
        /// What Postgres says.
        message: String,
    },
    /// A table was written anew between the comparison and the publication, by `vacuum full` for instance.
    #[error("{0} was written anew by somebody else meanwhile; nothing was published, try again")]
    Rewritten(String),
    /// Checks that found rows. Nothing was published.
    #[error("nothing was published, since checks failed: {}", names(.0))]
    ChecksFailed(Vec<CheckReport>),
    /// A model's SQL makes other rows of those that a unit test gives than it expects.
    #[error(
        "{file}: unit test `{name}` of model `{model}` failed: missing {missing}; there instead {surplus}"
    )]
    UnitTestFailed {
        /// The .yml file.
        file: String,
        /// The unit test.
        name: String,
        /// The model.
        model: String,
        /// Expected rows that the model does not make.
        missing: String,
        /// Rows that it makes and that are not expected.
        surplus: String,
    },
    /// The database could not be used.
    #[error("the database failed during the transform")]
    Database(#[from] sqlx::Error),
}

fn of_columns(columns: &[String]) -> String {
    match columns {
        [] => String::new(),
        columns => format!(
            ", since its columns {} go or change their type",
            columns.join(", ")
        ),
    }
}

fn names(checks: &[CheckReport]) -> String {
    let named: Vec<String> = checks
        .iter()
        .map(|check| format!("{} ({} rows)", check.name, check.failing_rows))
        .collect();
    named.join(", ")
}
