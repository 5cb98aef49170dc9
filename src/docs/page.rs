//! The page: MiniJinja templates, a style sheet and a script, all in one file that asks for nothing else.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::lineage::{self, Drawing, draw};
use super::{Docs, Node, Test};

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// As many layers have a colour of their own.
const COLOURS: usize = 6;

/// All names end in `.html`, so that everything they show is escaped.
static TEMPLATES: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.add_filter("grouped", grouped);
    environment.add_filter("moment", moment);
    environment.add_filter("seconds", |seconds: f64| match seconds {
        1.0.. => format!("{seconds:.1} s"),
        _ => format!("{:.0} ms", seconds * 1000.0),
    });
    environment.add_template("page.html", include_str!("page/page.html"))?;
    environment.add_template("lineage.html", include_str!("page/lineage.html"))?;
    environment.add_template("node.html", include_str!("page/node.html"))?;
    environment.add_template("parts.html", include_str!("page/parts.html"))?;
    Ok(environment)
});

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
        let environment = TEMPLATES
            .as_ref()
            .map_err(|error| Error::new(ErrorKind::BadInclude, error.to_string()))?;
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
        environment.get_template("page.html")?.render(context! {
            docs => Value::from(Serde(self)),
            names => Value::from(Serde(names)),
            failing => Value::from(Serde(failing)),
            counts => Value::from(Serde(self.counts())),
            layers => Value::from(Serde(&layers)),
            colours => Value::from(Serde(colours)),
            drawing => Value::from(Serde(drawing)),
            style => STYLE,
            script => SCRIPT,
            policy => policy(),
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
            Some(run) => format!("the latest run {} at {}", run.status, at(&run.started_at)),
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

/// Allows the page's own style sheet and script by their hashes, and nothing else.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// A number with commas between its thousands.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = if number < 0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn moment(time: Serde<DateTime<Utc>>) -> String {
    at(&time)
}

fn at(time: &DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}
