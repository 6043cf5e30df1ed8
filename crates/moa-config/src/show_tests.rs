use std::fmt::Write;

use crate::FileKind;
use crate::fixture::{config_of, options};
use crate::{Flags, LoadOptions};

#[test]
fn every_value_says_where_it_came_from() {
    let options = LoadOptions {
        environment: [
            ("HOME", "/home/ann"),
            ("MOA_CORES", "2"),
            ("MOA_MAX_TOKENS", "300"),
            ("MOA_MAX_COST_USD", "0.5"),
        ]
        .into_iter()
        .collect(),
        flags: Flags { preset: Some("tiny".to_owned()), ..Flags::default() },
        ..options()
    };
    let user = "[engine]\ncores = 8\nmodels-folder = \"~/models\"\n[endpoints.here]\nbase-url = \"http://[::1]:80/v1/\"\n\
                retries = 2\nheaders = { X-Pass = { env = \"HERE_PASS\" } }\n";
    let project = "max-cost-usd = 3\n[models]\n\"gpt-4o\" = \"gemma-3-270m\"\n\n[presets.local]\ntemperature = 0\nproposers = [\n  \"gemma-3-270m\",\n]\n";
    let explicit = "[presets.mine]\nextends = \"article-shape\"\nsynthesis = \"\"\"\nFuse:\n{{ responses }}\"\"\"\n\
                    [[presets.mine.layer]]\nagents = [\"gpt-4o\"]\n";
    let files = [(FileKind::User, user), (FileKind::Project, project), (FileKind::Explicit, explicit)];
    let config = config_of(&files, options).unwrap();
    let mut shown = String::new();
    for entry in config.show() {
        let is_untouched = ["moa", "article", "self-moa", "tiny"]
            .iter()
            .any(|name| entry.key.starts_with(&format!("presets.{name}")))
            || entry.key.starts_with("models.") && !entry.key.contains("gpt");
        if !is_untouched {
            writeln!(shown, "{} = {}  ({})", entry.key, entry.value, entry.origin).unwrap();
        }
    }
    insta::assert_snapshot!(shown);
}
