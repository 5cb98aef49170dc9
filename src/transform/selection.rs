//! Selection as in dbt: which models, seeds and sources terms such as `trends.*+ tag:weekly` mean.

use std::collections::{BTreeMap, BTreeSet};

use super::TransformError;
use super::graph::{Graph, Steps};
use super::pattern::{is_file, is_named, is_on_path, matches};
use super::project::{Model, Project};
use super::term::{Term, unknown};

/// What is selected, and what is left out of that.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// Terms separated by spaces, each of which adds to the others; a comma between terms leaves what both mean.
    /// Everything when `None`.
    pub select: Option<&'a str>,
    /// Terms whose models and sources are left out.
    pub exclude: Option<&'a str>,
    /// By model name, the fingerprint of what stands published; what `state:` compares with.
    pub published: Option<&'a BTreeMap<String, String>>,
}

/// What a selection means.
#[derive(Debug)]
pub(super) struct Selected<'a> {
    /// In build order, ephemeral models among them.
    pub(super) models: Vec<&'a Model>,
    /// Source and table name.
    pub(super) sources: BTreeSet<(String, String)>,
}

impl<'a> Selected<'a> {
    /// The models with a table or view of their own, in build order.
    pub(super) fn built(&self) -> Vec<&'a Model> {
        let models = self.models.iter().copied();
        models.filter(|model| model.is_built()).collect()
    }
}

/// A set of nodes, by their names in [`Graph`].
type Nodes = BTreeSet<String>;

impl Project {
    /// The selected models and sources.
    pub(super) fn selected(&self, selection: &Selection<'_>) -> Result<Selected<'_>, TransformError> {
        let search = Search {
            project: self,
            graph: self.graph(),
            published: selection.published,
        };
        let mut nodes = match selection.select {
            None => search.graph.nodes(),
            Some(terms) => search.union(terms)?,
        };
        if let Some(terms) = selection.exclude {
            let excluded = search.union(terms)?;
            nodes.retain(|node| !excluded.contains(node));
        }
        let selected = Selected {
            models: self
                .models
                .iter()
                .filter(|model| nodes.contains(&model.name))
                .collect(),
            sources: self
                .sources
                .keys()
                .filter(|(source, table)| nodes.contains(&source_node(source, table)))
                .cloned()
                .collect(),
        };
        if selected.models.is_empty() && (selected.sources.is_empty() || selection.select.is_none()) {
            let said = [
                selection.select,
                selection.exclude.map(|_| "--exclude"),
                selection.exclude,
            ];
            let said: Vec<&str> = said.into_iter().flatten().collect();
            return Err(unknown(&said.join(" "), "nothing is left to build"));
        }
        Ok(selected)
    }

    /// Models and sources with what each reads.
    fn graph(&self) -> Graph {
        let models = self.models.iter().map(|model| {
            let sources = model
                .sources
                .iter()
                .map(|(source, table)| source_node(source, table));
            (
                model.name.clone(),
                model.refs.iter().cloned().chain(sources).collect(),
            )
        });
        let sources = self.sources.keys();
        let sources = sources.map(|(source, table)| (source_node(source, table), BTreeSet::new()));
        Graph::new(models.chain(sources).collect())
    }
}

/// A source table's name in the graph, which no model can have.
fn source_node(source: &str, table: &str) -> String {
    format!("source:{source}.{table}")
}

struct Search<'a> {
    project: &'a Project,
    graph: Graph,
    published: Option<&'a BTreeMap<String, String>>,
}

impl Search<'_> {
    fn union(&self, terms: &str) -> Result<Nodes, TransformError> {
        let mut nodes = Nodes::new();
        let mut found_any = false;
        for term in terms.split_whitespace() {
            nodes.extend(self.intersection(term)?);
            found_any = true;
        }
        match found_any {
            true => Ok(nodes),
            false => Err(unknown(terms, "it has no term")),
        }
    }

    fn intersection(&self, terms: &str) -> Result<Nodes, TransformError> {
        let mut nodes: Option<Nodes> = None;
        for term in terms.split(',') {
            let found = self.with_relatives(term)?;
            nodes = Some(match nodes {
                None => found,
                Some(nodes) => nodes.intersection(&found).cloned().collect(),
            });
        }
        Ok(nodes.unwrap_or_default())
    }

    fn with_relatives(&self, written: &str) -> Result<Nodes, TransformError> {
        let term = Term::read(written)?;
        let found = self.find(&term, written)?;
        let mut nodes = found.clone();
        if term.childrens_parents {
            let children = self.graph.descendants(&found, Steps::All);
            nodes.extend(self.graph.ancestors(&children, Steps::All));
            nodes.extend(self.graph.ancestors(&found, Steps::All));
            nodes.extend(children);
        }
        if let Some(steps) = term.parents {
            nodes.extend(self.graph.ancestors(&found, steps));
        }
        if let Some(steps) = term.children {
            nodes.extend(self.graph.descendants(&found, steps));
        }
        Ok(nodes)
    }

    /// The nodes that the term names, without its operators.
    fn find(&self, term: &Term<'_>, written: &str) -> Result<Nodes, TransformError> {
        let value = term.value;
        let method = term.method();
        let nodes = match method.split_once('.').unwrap_or((method, "")) {
            ("fqn", "") => self.models(|model| is_named(&model.fqn, value)),
            ("path", "") => self.files(|file| is_on_path(file, value)),
            ("file", "") => self.models(|model| is_file(&model.file, value)),
            ("tag", "") => self.tagged(value),
            ("source", "") => self.of_source(value, written)?,
            ("resource_type", "") => self.of_type(value, written)?,
            ("config", key) => {
                let configured = |model: &Model| model.config.says(key, value);
                if self
                    .project
                    .models
                    .iter()
                    .any(|model| configured(model).is_none())
                {
                    return Err(unknown(written, &format!("config.{key} is not supported")));
                }
                self.models(|model| configured(model) == Some(true))
            }
            ("state", "") => return self.changed(value, written),
            _ => {
                return Err(unknown(
                    written,
                    &format!("the method `{method}` is not supported"),
                ));
            }
        };
        match nodes.is_empty() {
            true => Err(unknown(written, "no model, seed or source is meant")),
            false => Ok(nodes),
        }
    }

    fn models(&self, wanted: impl Fn(&Model) -> bool) -> Nodes {
        let models = self.project.models.iter().filter(|model| wanted(model));
        models.map(|model| model.name.clone()).collect()
    }

    /// By the file that defines or describes a node.
    fn files(&self, wanted: impl Fn(&str) -> bool) -> Nodes {
        let mut nodes = self.models(|model| wanted(&model.file) || wanted(&model.described.file));
        let sources = self.project.sources.iter();
        let sources = sources.filter(|(_, described)| wanted(&described.file));
        nodes.extend(sources.map(|((source, table), _)| source_node(source, table)));
        nodes
    }

    fn tagged(&self, tag: &str) -> Nodes {
        let has = |tags: &[String]| tags.iter().any(|own| matches(tag, own));
        let mut nodes = self.models(|model| has(model.config.tags()));
        let sources = self.project.sources.iter();
        let sources = sources.filter(|(_, described)| has(described.config.tags()));
        nodes.extend(sources.map(|((source, table), _)| source_node(source, table)));
        nodes
    }

    fn of_source(&self, value: &str, written: &str) -> Result<Nodes, TransformError> {
        let (project, source, table) = match value.split('.').collect::<Vec<_>>().as_slice() {
            [source] => ("*", *source, "*"),
            [source, table] => ("*", *source, *table),
            [project, source, table] => (*project, *source, *table),
            _ => return Err(unknown(written, "write source:SOURCE or source:SOURCE.TABLE")),
        };
        let names = self.project.sources.keys().filter(|(own, own_table)| {
            matches(project, &self.project.names.project) && matches(source, own) && matches(table, own_table)
        });
        Ok(names.map(|(source, table)| source_node(source, table)).collect())
    }

    fn of_type(&self, value: &str, written: &str) -> Result<Nodes, TransformError> {
        match value {
            "model" => Ok(self.models(|model| !model.is_seed())),
            "seed" => Ok(self.models(Model::is_seed)),
            "source" => self.of_source("*", written),
            _ => Err(unknown(written, "the types are model, seed and source")),
        }
    }

    /// Models that are new or differ from what stands. That there is none is no mistake.
    fn changed(&self, value: &str, written: &str) -> Result<Nodes, TransformError> {
        let Some(published) = self.published else {
            return Err(unknown(written, "what stands published is not known here"));
        };
        let mut nodes = Nodes::new();
        for model in &self.project.models {
            let changed = match (value, published.get(&model.name)) {
                ("new" | "modified", None) => true,
                ("new", Some(_)) => false,
                ("modified", Some(standing)) => self.project.model_fingerprint(model)? != *standing,
                _ => return Err(unknown(written, "write state:modified or state:new")),
            };
            if changed {
                nodes.insert(model.name.clone());
            }
        }
        Ok(nodes)
    }
}
