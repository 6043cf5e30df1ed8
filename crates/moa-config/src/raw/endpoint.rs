//! An endpoint, as written.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::written::Written;

/// A service that speaks the OpenAI API. Its key never stands in the file: name a variable or a file that holds it, or neither for a
/// service that needs none.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Endpoint")]
pub(crate) struct RawEndpoint {
    /// The address up to and including the version, such as `https://api.together.xyz/v1`.
    pub(crate) base_url: Written<String>,
    /// The environment variable that holds the key, such as `TOGETHER_API_KEY`.
    pub(crate) api_key_env: Option<Written<String>>,
    /// A file that holds the key and nothing else. A relative path starts at this file's folder, `~/` at the home folder.
    pub(crate) api_key_file: Option<Written<String>>,
}
