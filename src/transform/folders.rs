//! Configuration by folder, as `dbt_project.yml` states it: `+key: value` at any depth, and deeper folders win.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

/// What a folder can configure.
pub(super) trait Layer: Clone + Default + DeserializeOwned {
    /// This configuration where it says something, `lower` elsewhere.
    fn over(self, lower: Self) -> Self;
}

/// Configuration of a folder, or of one file, and of what lies below it.
#[derive(Debug, Default)]
pub(super) struct Folders<C> {
    config: C,
    inner: BTreeMap<String, Folders<C>>,
}

impl<C: Layer> Folders<C> {
    /// What stands below `kind`, such as `models`, for the project of this name.
    pub(super) fn read(kind: &str, tree: &Map<String, Json>, project: &str) -> Result<Self, String> {
        let mut tree = tree.clone();
        let own = tree.remove(project);
        let top = Self::folder(&tree, kind)?;
        if let Some(package) = top.inner.keys().next() {
            return Err(format!(
                "`{kind}: {package}:` configures another package; this project is `{project}`"
            ));
        }
        let Some(Json::Object(own)) = own else {
            return Ok(top);
        };
        let own = Self::folder(&own, &format!("{kind}.{project}"))?;
        Ok(Self {
            config: own.config.over(top.config),
            inner: own.inner,
        })
    }

    fn folder(written: &Map<String, Json>, place: &str) -> Result<Self, String> {
        let mut config = Map::new();
        let mut inner = BTreeMap::new();
        for (key, value) in written {
            match (key.strip_prefix('+'), value) {
                (Some(key), _) => drop(config.insert(key.to_owned(), value.clone())),
                (None, Json::Object(below)) => {
                    let below = Self::folder(below, &format!("{place}.{key}"))?;
                    inner.insert(key.clone(), below);
                }
                (None, _) => return Err(format!("{place}.{key} is no folder; write +{key} to configure")),
            }
        }
        let config =
            serde_json::from_value(Json::Object(config)).map_err(|error| format!("{place}: {error}"))?;
        Ok(Self { config, inner })
    }

    /// What the folders say about the file behind these parts of a path.
    pub(super) fn config_of(&self, parts: &[&str]) -> C {
        let mut folder = self;
        let mut config = folder.config.clone();
        for part in parts {
            let Some(inner) = folder.inner.get(*part) else {
                break;
            };
            config = inner.config.clone().over(config);
            folder = inner;
        }
        config
    }

    /// A folder for which `known` finds nothing.
    pub(super) fn first_unused(&self, known: &impl Fn(&[&str]) -> bool) -> Option<String> {
        self.unused_below(&mut Vec::new(), known)
    }

    fn unused_below<'a>(
        &'a self,
        path: &mut Vec<&'a str>,
        known: &impl Fn(&[&str]) -> bool,
    ) -> Option<String> {
        for (name, inner) in &self.inner {
            path.push(name);
            if !known(path) {
                return Some(path.join("/"));
            }
            if let Some(unused) = inner.unused_below(path, known) {
                return Some(unused);
            }
            path.pop();
        }
        None
    }
}
