//! Tools that a model may call, and the calls that it makes.

use serde::{Deserialize, Serialize};

/// A call of a tool, as a model makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Names the call, so that the tool's answer can refer to it.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// What it is called with: JSON in the form of a text, as the model wrote it. It need not be valid.
    pub arguments: String,
}

/// The tools that a model may call, in the words of the `OpenAI` protocol.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tools {
    /// The descriptions of the tools.
    pub tools: Vec<serde_json::Value>,
    /// Which of them are to be called: `none`, `auto`, `required`, or one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<serde_json::Value>,
    /// Whether several may be called at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
}
