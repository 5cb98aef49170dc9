//! The page: MiniJinja templates, a style sheet and a script, all in one file that asks for nothing else.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Error, Value, context};
use rust_embed::{Embed, EmbeddedFile};
use serde::Serialize;

use super::lineage::{self, Drawing, draw};
use super::{Docs, Node, Test};
use crate::html::{self, Shared};

/// As many layers have a colour of their own.
const COLOURS: usize = 6;

#[derive(Embed)]
#[folder = "src/docs/page"]
struct Page;

/// How many there are of what the page counts.
#[derive(Debug, Serialize)]
struct Counts {
    models: usize,
    built: usize,
    sources: usize,
    tests: usize,
    passed: usize,
    warned: usize,
    failed: usize,
    with_gaps: usize,
}

impl Docs {
    /// The page: HTML that needs no other file and asks nobody for anything.
    ///
    /// # Errors
    /// When a template is wrong, which no project and no database can bring about.
    pub fn page(&self) -> Result<String, Error> {
        let style = html::text(file, &["base.css", "page.css"])?;
        let scripts = [html::text(file, &["page.js"])?];
        let names: BTreeMap<&str, &str> = self
            .nodes
            .iter()
            .map(|node| (node.unique_id.as_str(), node.name.as_str()))
            .collect();
        let failing: Vec<&str> = self
            .nodes
            .iter()
            .filter(|node| node.tests.iter().any(|test| test.is("failed")))
            .map(|node| node.unique_id.as_str())
            .collect();
        let drawing = draw(&self.lineage());
        let layers = self.layers(&drawing);
        let colour = |(place, layer): (usize, &String)| (layer.clone(), place % COLOURS);
        let colours: BTreeMap<String, usize> = layers.iter().enumerate().map(colour).collect();
        let environment = html::environment(file)?;
        environment.get_template("page.html")?.render(context! {
            docs => Value::from(Serde(self)),
            names => Value::from(Serde(names)),
            failing => Value::from(Serde(failing)),
            counts => Value::from(Serde(self.counts())),
            layers => Value::from(Serde(&layers)),
            colours => Value::from(Serde(colours)),
            drawing => Value::from(Serde(drawing)),
            policy => html::policy(&style, &scripts),
            style => style,
            scripts => scripts,
        })
    }

    /// What it is about, in a line.
    #[must_use]
    pub fn in_short(&self) -> String {
        let counts = self.counts();
        let Counts {
            models,
            built,
            sources,
            tests,
            failed,
            ..
        } = counts;
        let run = match &self.run {
            Some(run) => {
                let at = run.started_at.format("%Y-%m-%d %H:%M UTC");
                format!("the latest run {} at {at}", run.status)
            }
            None => "no run yet".to_owned(),
        };
        format!("{models} models ({built} built), {sources} sources, {tests} checks ({failed} failed), {run}")
    }

    fn counts(&self) -> Counts {
        // one in a file of its own stands at every model that it reads
        let all = self.nodes.iter().flat_map(|node| &node.tests);
        let by_name: BTreeMap<&str, &Test> = all.map(|test| (test.declared.name.as_str(), test)).collect();
        let tests = || by_name.values();
        Counts {
            models: self.models().count(),
            built: self.models().filter(|model| model.built.is_some()).count(),
            sources: self.nodes.len() - self.models().count(),
            tests: tests().count(),
            passed: tests().filter(|test| test.is("passed")).count(),
            warned: tests().filter(|test| test.is("warned")).count(),
            failed: tests().filter(|test| test.is("failed")).count(),
            with_gaps: self.models().filter(|model| !model.gaps.is_empty()).count(),
        }
    }

    /// The layers as they are drawn from left to right; where they read each other in a circle, as they appear.
    fn layers(&self, drawing: &Drawing) -> Vec<String> {
        let mut layers: Vec<String> = drawing.layers.iter().map(|layer| layer.name.clone()).collect();
        layers.retain(|layer| !layer.is_empty());
        for node in &self.nodes {
            if !layers.contains(&node.layer) {
                layers.push(node.layer.clone());
            }
        }
        layers
    }

    fn lineage(&self) -> Vec<lineage::Node> {
        let places: BTreeMap<&str, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(place, node)| (node.unique_id.as_str(), place))
            .collect();
        let drawn = |node: &Node| lineage::Node {
            id: node.unique_id.clone(),
            label: node.name.clone(),
            layer: node.layer.clone(),
            parents: node
                .parents
                .iter()
                .filter_map(|parent| places.get(parent.as_str()).copied())
                .collect(),
        };
        self.nodes.iter().map(drawn).collect()
    }
}

fn file(name: &str) -> Option<EmbeddedFile> {
    Page::get(name).or_else(|| Shared::get(name))
}
