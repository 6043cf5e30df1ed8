//! A file to start from.

/// A commented configuration that changes nothing until something is changed in it.
#[must_use]
pub fn init_template() -> &'static str {
    include_str!("template.toml")
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
