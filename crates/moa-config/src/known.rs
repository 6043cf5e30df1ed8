//! The models that the program knows without configuration.

use std::collections::BTreeSet;

/// The ids of the catalogue. They are handed in, because the catalogue lives beside the code that fetches models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownModels {
    ids: BTreeSet<String>,
}

impl KnownModels {
    /// Whether the catalogue has a model of this id.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// The ids in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for KnownModels {
    fn from_iter<I: IntoIterator<Item = S>>(ids: I) -> Self {
        Self { ids: ids.into_iter().map(Into::into).collect() }
    }
}
