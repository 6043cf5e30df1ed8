//! Every value that holds, with where it came from.

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::chain::Chain;
use crate::config::Config;
use crate::cost_cap::shown_cost_cap;
use crate::engine::EngineSettings;
use crate::origin::Origin;
use crate::place::{Place, Placed};
use crate::secrets::Secrets;
use crate::source::SourceFile;

/// A value that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownValue {
    /// The keys that lead to it, with dots between them.
    pub key: String,
    /// The value, in TOML, on one line.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

impl Config {
    /// Every value that holds: settings, endpoints, models, and presets with all that they inherit.
    #[must_use]
    pub fn show(&self) -> Vec<ShownValue> {
        let mut shown = Vec::new();
        let trees: Vec<Tree<'_>> = self.sources.strongest_first().filter_map(Tree::read).collect();
        for section in ["endpoints", "models"] {
            let mut seen = Vec::new();
            for tree in &trees {
                for (name, value) in tree.section(section) {
                    if !seen.contains(&name) {
                        seen.push(name);
                        shown.extend(tree.entry(&[section, name], value));
                    }
                }
            }
        }
        let mut taken: Vec<String> = Vec::new();
        for tree in &trees {
            for (key, value) in tree.section("server") {
                // Keys and limits of inline mixtures add up over the files, value by value.
                let leaves = tree.entry(&["server", key], value);
                for leaf in leaves.into_iter().filter(|leaf| !taken.contains(&leaf.key)).collect::<Vec<_>>() {
                    taken.push(leaf.key.clone());
                    shown.push(leaf);
                }
            }
        }
        for name in self.sources.preset_names() {
            shown.extend(self.shown_preset(&trees, name));
        }
        shown.sort_by(|one, other| one.key.cmp(&other.key));
        let mut all = self.settings();
        all.append(&mut shown);
        all
    }

    /// The values that are about no model or preset in particular.
    fn settings(&self) -> Vec<ShownValue> {
        let EngineSettings {
            cores,
            memory_bytes,
            kv_cache,
            models_folder,
            ask_before_fetching,
            kernels,
            lookup,
            peer_lookup,
            side_by_side,
            prefix_reuse,
            read_ahead,
        } = self.engine();
        let value = |key: &str, value: Option<(String, Origin)>| {
            let (value, origin) = value.unwrap_or_else(|| ("automatic".to_owned(), Origin::Default));
            ShownValue { key: key.to_owned(), value, origin }
        };
        let preset = self.default_preset();
        let folder = models_folder.as_ref();
        let folder =
            folder.map(|folder| (quoted(&folder.value.display().to_string()), folder.origin.clone()));
        let mut settings = vec![
            value("default-preset", Some((quoted(&preset.value), preset.origin.clone()))),
            value(
                "engine.cores",
                cores.as_ref().map(|cores| (cores.value.to_string(), cores.origin.clone())),
            ),
            value(
                "engine.memory",
                memory_bytes.as_ref().map(|memory| (format!("{} B", memory.value), memory.origin.clone())),
            ),
            value("engine.kv-cache", Some((quoted(&kv_cache.value.to_string()), kv_cache.origin.clone()))),
            value("engine.models-folder", folder),
        ];
        for (key, switch) in [
            ("engine.ask-before-fetching", ask_before_fetching),
            ("engine.kernels", kernels),
            ("engine.lookup", lookup),
            ("engine.peer-lookup", peer_lookup),
            ("engine.side-by-side", side_by_side),
            ("engine.prefix-reuse", prefix_reuse),
            ("engine.read-ahead", read_ahead),
        ] {
            settings.push(value(key, Some((switch.value.to_string(), switch.origin.clone()))));
        }
        if let Some(cap) = shown_cost_cap(&self.sources, None, self.environment.max_cost_usd.as_ref()) {
            settings.push(value("max-cost-usd", Some((cap.value.to_string(), cap.origin))));
        }
        if let Some(cap) = &self.environment.max_tokens {
            settings.push(value("max-tokens", Some((cap.value.to_string(), cap.origin.clone()))));
        }
        settings
    }

    fn shown_preset(&self, trees: &[Tree<'_>], name: &str) -> Vec<ShownValue> {
        let argument = Placed { value: name, place: Place::Outside(Origin::Default) };
        let Ok(chain) = Chain::find(&self.sources, &argument) else { return Vec::new() };
        let mut shown: Vec<ShownValue> = Vec::new();
        let mut taken: Vec<&str> = Vec::new();
        for definition in chain.definitions() {
            let tree = trees.iter().find(|tree| std::ptr::eq(tree.file, definition.file));
            let Some((tree, table)) = tree.and_then(|tree| Some((tree, tree.preset(definition.name)?)))
            else {
                continue;
            };
            let mut here = Vec::new();
            for (key, value) in table {
                let key: &str = key.get_ref();
                if !taken.iter().any(|taken| replaces(taken, key)) {
                    let mut leaf = tree.leaf(&["presets", name, key], value);
                    if key == "max-cost-usd"
                        && let Some(cap) = shown_cost_cap(&self.sources, Some(&chain), None)
                    {
                        (leaf.value, leaf.origin) = (cap.value.to_string(), cap.origin);
                    }
                    shown.push(leaf);
                    here.push(key);
                }
            }
            taken.extend(here);
        }
        shown
    }
}

/// Whether a key that was written higher up makes another one void.
fn replaces(taken: &str, key: &str) -> bool {
    let is_synthesis = |key: &str| key == "synthesis" || key == "synthesis-file";
    taken == key
        || (is_synthesis(taken) && is_synthesis(key))
        || (taken == "layer" && (key == "layers" || key == "proposers"))
        || ((taken == "layers" || taken == "proposers") && key == "layer")
}

/// A file, read again as it was written.
struct Tree<'a> {
    file: &'a SourceFile,
    table: DeTable<'a>,
}

impl<'a> Tree<'a> {
    fn read(file: &'a SourceFile) -> Option<Self> {
        Some(Self { file, table: DeTable::parse(&file.text).ok()?.into_inner() })
    }

    fn section<'t>(&'t self, section: &str) -> impl Iterator<Item = (&'t str, &'t Spanned<DeValue<'a>>)> {
        let table = self.table.get(section).and_then(|value| value.get_ref().as_table());
        table.into_iter().flat_map(|table| table.iter()).map(|(key, value)| (key.get_ref().as_ref(), value))
    }

    fn preset(&self, name: &str) -> Option<&DeTable<'a>> {
        let (_, preset) = self.section("presets").find(|(known, _)| *known == name)?;
        preset.get_ref().as_table()
    }

    /// The values of a table, or the value itself where it is none.
    fn entry(&self, keys: &[&str], value: &Spanned<DeValue<'a>>) -> Vec<ShownValue> {
        match value.get_ref().as_table() {
            Some(table) => table
                .iter()
                .map(|(key, value)| self.leaf(&[keys, &[key.get_ref().as_ref()]].concat(), value))
                .collect(),
            None => vec![self.leaf(keys, value)],
        }
    }

    fn leaf(&self, keys: &[&str], value: &Spanned<DeValue<'a>>) -> ShownValue {
        let keys: Vec<String> = keys.iter().map(|key| bare(key)).collect();
        let key = keys.join(".");
        let plain = toml::Value::deserialize(ValueDeserializer::from(value.clone()));
        let value_text = plain.map(|value| one_line(&value)).unwrap_or_default();
        let assignment = format!("{key} = {value_text}");
        let shown = Secrets::find(&assignment).struck_out(&assignment);
        ShownValue {
            value: shown.get(key.len() + " = ".len()..).unwrap_or_default().to_owned(),
            key,
            origin: self.file.origin(value.span().start),
        }
    }
}

fn one_line(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// A text as a TOML string on one line; JSON's escapes are TOML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A key, quoted where TOML wants it.
fn bare(key: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !key.is_empty() && key.bytes().all(is_bare) { key.to_owned() } else { quoted(key) }
}

#[cfg(test)]
#[path = "show_tests.rs"]
mod tests;
