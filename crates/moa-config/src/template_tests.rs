use std::time::Duration;

use super::*;
use crate::fixture::user;
use crate::{Overrides, ResolvedModel};

#[test]
fn the_template_changes_nothing_as_it_is() {
    let (plain, with_template) = (user("").unwrap(), user(init_template()).unwrap());
    assert!(plain.presets().eq(with_template.presets()));
    assert_eq!(plain.models(), with_template.models());
}

/// The setting that a comment of the template holds.
fn setting(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("# ")?;
    let is_key = rest.contains(" = ") && !rest.starts_with(|first: char| first.is_ascii_uppercase());
    let is_other = rest.starts_with('[') || rest.starts_with("{{") || rest.starts_with("Compare the");
    (is_key || is_other).then_some(rest)
}

#[test]
fn the_template_works_with_every_line_of_it_switched_on() {
    let text: Vec<&str> = init_template().lines().map(|line| setting(line).unwrap_or(line)).collect();
    let config = user(&text.join("\n")).unwrap();
    let mine = config.preset("mine", &Overrides::default()).unwrap();
    assert_eq!(mine.mixture.layers.len(), 2);
    assert_eq!(mine.mixture.layers[0].wait, Some(Duration::from_secs(10)));
    assert_eq!(mine.mixture.fallback_aggregators.len(), 1);
    assert_eq!(mine.max_cost_usd, Some(0.1));
    assert_eq!(mine.mixture.aggregator.max_tokens, 1024);
    let careful = config.preset("careful", &Overrides::default()).unwrap();
    assert!(careful.mixture.synthesis.source().starts_with("Compare"));
    let ResolvedModel::Remote(hosted) = &config.models()["hosted"] else { panic!("hosted is remote") };
    assert!(hosted.images && hosted.endpoint.base_urls.len() == 2);
    assert_eq!(hosted.endpoint.retries.most, 3);
    assert!(matches!(config.models()["small"], ResolvedModel::Remote(_)));
    assert_eq!(config.engine().cores.as_ref().map(|cores| cores.value), Some(4));
}
