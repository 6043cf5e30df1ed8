//! What can be typed after a slash.

/// A command of the chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChatCommand {
    /// Lists the commands.
    Help,
    /// Shows the last run's answers layer by layer, or one agent's.
    Layers(Option<String>),
    /// Shows the table of how the last run's answers changed.
    Table,
    /// Chooses another preset, or shows which there are.
    Preset(Option<String>),
    /// Lets another model write the last answer anew, from the same proposals.
    Aggregator(String),
    /// Asks the last question again.
    Retry,
    /// Sets the instructions that frame the conversation, or takes them away.
    System(Option<String>),
    /// Forgets what was said.
    Clear,
    /// Writes the conversation into a file.
    Save(String),
    /// Ends the chat.
    Quit,
}

/// The commands with what they do, as help and completion show them.
pub(crate) const COMMANDS: &[(&str, &str)] = &[
    ("help", "list the commands"),
    ("layers", "show the last run's proposals; /layers AGENT shows one agent's"),
    ("table", "show how the last run's answers changed from layer to layer"),
    ("preset", "choose another preset: /preset NAME"),
    ("aggregator", "let another model fuse the last proposals: /aggregator MODEL"),
    ("retry", "ask the last question again"),
    ("system", "set the system message: /system TEXT; without text take it away"),
    ("clear", "forget what was said"),
    ("save", "write the conversation into a file: /save talk.md"),
    ("quit", "end the chat (also Ctrl-D)"),
];

impl ChatCommand {
    /// Reads a command; the error is a sentence for the person who typed it.
    pub(crate) fn parse(name: &str, argument: &str) -> Result<Self, String> {
        let argument = Some(argument.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let wanted = |what: &str| argument.clone().ok_or_else(|| format!("/{name} needs {what}"));
        match name {
            "help" | "?" => Ok(Self::Help),
            "layers" => Ok(Self::Layers(argument)),
            "table" => Ok(Self::Table),
            "preset" => Ok(Self::Preset(argument)),
            "aggregator" => wanted("a model: /aggregator MODEL").map(Self::Aggregator),
            "retry" => Ok(Self::Retry),
            "system" => Ok(Self::System(argument)),
            "clear" => Ok(Self::Clear),
            "save" => wanted("a file: /save talk.md").map(Self::Save),
            "quit" | "exit" | "q" => Ok(Self::Quit),
            _ => Err(format!("there is no command /{name}; /help lists them, //{name} sends it as text")),
        }
    }
}

/// The list that `/help` shows.
pub(crate) fn help() -> String {
    let lines: Vec<String> = COMMANDS.iter().map(|(name, what)| format!("  /{name:<11} {what}")).collect();
    format!(
        "{}\n\nA line that ends in a backslash goes on; Alt-Enter starts a new line; ``` opens a block.\n//text sends a text that begins with a slash.\n",
        lines.join("\n")
    )
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
