//! Sums of scores as the scripts keep and print them.

use serde::Serialize;
use serde::ser::SerializeStruct as _;

use crate::count;
use crate::python::repr;

/// What the scripts print where there is no average.
const NOTHING: &str = "N/A";

/// A sum of scores, added up in the order of the reviews.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// The sum.
    pub sum: f64,
    /// How many scores.
    pub count: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, score: f64) {
        self.sum += score;
        self.count += 1;
    }

    /// The mean; nothing of nothing.
    #[must_use]
    pub fn average(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / count::as_f64(self.count))
    }

    /// Sum and count as Python prints them: a sum that nothing was added to is still the integer 0.
    pub(crate) fn cells(&self) -> [String; 2] {
        let sum = if self.count == 0 { "0".to_owned() } else { repr(self.sum) };
        [sum, self.count.to_string()]
    }
}

/// An average as the tables print it.
pub(crate) fn printed(average: Option<f64>) -> String {
    average.map_or_else(|| NOTHING.to_owned(), repr)
}

impl Serialize for Tally {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Tally", 3)?;
        fields.serialize_field("sum", &self.sum)?;
        fields.serialize_field("count", &self.count)?;
        fields.serialize_field("average", &self.average())?;
        fields.end()
    }
}
