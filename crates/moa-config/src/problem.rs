//! What can be wrong with a configuration, in words, with the place and the remedy.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};

use crate::kind::ProblemKind;
use crate::origin::{FileKind, Origin};
use crate::place::Place;
use crate::secrets::Secrets;

/// Something wrong, with the place.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Box<ProblemKind>,
    origin: Origin,
    marked: Option<Box<Marked>>,
    /// What the file that is to blame must keep to itself.
    secrets: Secrets,
}

/// A marked place in a text, with everything secret struck out.
#[derive(Debug, Clone)]
struct Marked {
    text: NamedSource<String>,
    span: SourceSpan,
}

impl Problem {
    /// A problem at a place.
    pub(crate) fn at(place: &Place<'_>, kind: ProblemKind) -> Self {
        let (marked, secrets) = match place {
            Place::File(file, span) => {
                let secrets = Secrets::find(&file.text);
                let shown = secrets.struck_out(&file.text);
                let mark = if kind.is_about_a_secret() { Marked::struck_out } else { Marked::new };
                (Some(mark(&file.path.display().to_string(), &shown, span.clone())), secrets)
            }
            Place::Outside(_) => (None, Secrets::default()),
        };
        Self { kind: Box::new(kind), origin: place.origin(), marked: marked.map(Box::new), secrets }
    }

    /// A problem that no line of a file is to blame for.
    pub(crate) fn outside(origin: Origin, kind: ProblemKind) -> Self {
        Self { kind: Box::new(kind), origin, marked: None, secrets: Secrets::default() }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ProblemKind {
        &self.kind
    }

    /// Where it was said.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.kind.hint().map(|hint| self.secrets.redacted(&hint))
    }

    /// Where it stands among other problems: the kind of file and the byte in it.
    pub(crate) fn position(&self) -> (Option<FileKind>, usize) {
        let start = self.marked.as_ref().map_or(0, |marked| marked.span.offset());
        match &self.origin {
            Origin::File { kind, .. } => (Some(*kind), start),
            _ => (None, start),
        }
    }

    /// Whether both say the same kind of thing of the same place, such as of a list that several layers use.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        let span = |problem: &Self| problem.marked.as_ref().map(|marked| marked.span);
        let same_kind = std::mem::discriminant(&*self.kind) == std::mem::discriminant(&*other.kind);
        same_kind && self.origin == other.origin && span(self) == span(other)
    }
}

impl Marked {
    /// A place in a text that may be shown.
    fn new(name: &str, text: &str, span: std::ops::Range<usize>) -> Self {
        let start = span.start.min(text.len());
        let length = span.end.min(text.len()).saturating_sub(start);
        Self { text: NamedSource::new(name, text.to_owned()), span: SourceSpan::new(start.into(), length) }
    }

    /// The same with the marked text struck out too, unless it is the bare name of a key.
    fn struck_out(name: &str, text: &str, span: std::ops::Range<usize>) -> Self {
        let (before, after) = (text.get(..span.start), text.get(span.end..));
        let is_text = text.get(span.start..).is_some_and(|rest| rest.starts_with(['"', '\'']));
        match (before, after) {
            (Some(before), Some(after)) if is_text => {
                let stars = "*".repeat(span.len());
                Self::new(name, &format!("{before}{stars}{after}"), span)
            }
            _ => Self::new(name, text, span),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Environment { variable } => write!(f, "{variable}: ")?,
            Origin::Flag { flag } => write!(f, "{flag}: ")?,
            Origin::Default | Origin::File { .. } => {}
        }
        f.write_str(&harmless(&self.secrets.redacted(&self.kind.to_string())))
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint().map(|hint| Box::new(harmless(&hint)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.marked.as_ref().map(|marked| &marked.text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let marked = self.marked.as_ref()?;
        let label = LabeledSpan::new_with_span(Some(self.kind.label().to_owned()), marked.span);
        Some(Box::new(std::iter::once(label)))
    }
}

/// The text with its control characters written out, because names of a file that somebody else wrote must not steer the terminal.
fn harmless(text: &str) -> String {
    let written_out = |character: char| {
        let control = character.is_control().then(|| character.escape_default());
        let plain = (!character.is_control()).then_some(character);
        control.into_iter().flatten().chain(plain)
    };
    text.chars().flat_map(written_out).collect()
}
