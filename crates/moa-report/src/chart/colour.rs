//! Colours, on a light and on a dark page.

use std::fmt::Write as _;

/// What a shape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// A contender, by its place.
    Series(usize),
    /// Somebody else's published number.
    Published,
}

impl Colour {
    /// The class of a filled shape.
    pub(crate) fn fill(self) -> String {
        format!("fill-{}", self.name())
    }

    /// The class of a line.
    pub(crate) fn line(self) -> String {
        format!("line-{}", self.name())
    }

    fn name(self) -> String {
        match self {
            Self::Series(place) => format!("c{}", place % SERIES),
            Self::Published => "published".to_owned(),
        }
    }
}

/// So many colours for contenders; then they begin again, and shapes and names tell them apart.
const SERIES: usize = 8;

/// Names, and the colours on a light and on a dark page. The series can be told apart with the common defects of colour vision (after
/// Okabe and Ito, 2008, darkened or lightened for contrast with the page).
const COLOURS: [(&str, &str, &str); 13] = [
    ("ink", "#1c1e21", "#e8e6e3"),
    ("muted", "#5b6168", "#a5abb3"),
    ("grid", "#dcdfe3", "#3a3f46"),
    ("paper", "#ffffff", "#17191c"),
    ("published", "#9aa1a9", "#737b85"),
    ("c0", "#0067a5", "#58b0f0"),
    ("c1", "#c8500a", "#ff9457"),
    ("c2", "#00805d", "#43c99b"),
    ("c3", "#a8487f", "#ec9cc6"),
    ("c4", "#8a6a00", "#e3bd4d"),
    ("c5", "#5b4fb0", "#a99cf5"),
    ("c6", "#2a7f9e", "#7fd3ee"),
    ("c7", "#7a4a2b", "#c99a74"),
];

/// The colours as properties of a style sheet, for a light page or for a dark one.
pub(crate) fn properties(is_dark: bool) -> String {
    COLOURS.iter().fold(String::new(), |mut text, (name, light, dark)| {
        let _ = write!(text, "--{name}:{};", if is_dark { dark } else { light });
        text
    })
}

/// The classes of the drawings, with the colours of the page that they are on.
pub(crate) fn page_rules() -> String {
    rules(|name| format!("var(--{name})"))
}

/// The classes of the drawings, with the colours of a light page: for drawings that stand alone.
pub(crate) fn light_rules() -> String {
    let light =
        |name: &str| COLOURS.iter().find(|(of, ..)| *of == name).map_or("#000000", |(_, light, _)| light);
    rules(|name| light(name).to_owned())
}

fn rules(colour: impl Fn(&str) -> String) -> String {
    let mut text = format!(
        ".ink{{fill:{ink}}}.muted{{fill:{muted}}}.paper{{fill:{paper}}}.grid{{stroke:{grid};fill:none}}.axis{{stroke:{muted};fill:none}}\
         .whisker{{stroke:{ink};fill:none}}.rim{{stroke:{paper}}}",
        ink = colour("ink"),
        muted = colour("muted"),
        paper = colour("paper"),
        grid = colour("grid"),
    );
    let painted = COLOURS.iter().map(|(name, ..)| *name);
    for name in painted.filter(|name| name.starts_with('c') || *name == "published") {
        let value = colour(name);
        let _ = write!(text, ".fill-{name}{{fill:{value}}}.line-{name}{{stroke:{value}}}");
    }
    text
}
