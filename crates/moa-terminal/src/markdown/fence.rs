//! Fenced code, line by line, so that code appears as it is written instead of when it is complete.

use crate::text::{Color, Line, Style};

/// How code looks.
pub(super) const CODE: Style = Style::colored(Color::Yellow);

/// The columns by which code is set in.
pub(super) const CODE_INDENT: &str = "  ";

/// An opened fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fence {
    marker: char,
    length: usize,
    indent: usize,
    info: String,
}

impl Fence {
    /// The fence that `line` opens, if it opens one.
    ///
    /// # Source
    /// `CommonMark` 0.31, section 4.5.
    pub(super) fn opened_by(line: &str) -> Option<Self> {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        let marker = body.chars().next().filter(|marker| matches!(marker, '`' | '~'))?;
        let info = body.trim_start_matches(marker);
        let length = body.len() - info.len();
        let is_fence = indent < 4 && length >= 3 && !(marker == '`' && info.contains('`'));
        is_fence.then(|| Self { marker, length, indent, info: info.trim().to_owned() })
    }

    /// Whether `line` closes this fence.
    pub(super) fn is_closed_by(&self, line: &str) -> bool {
        let body = line.trim_start_matches(' ');
        let rest = body.trim_start_matches(self.marker);
        line.len() - body.len() < 4 && body.len() - rest.len() >= self.length && rest.trim().is_empty()
    }

    /// The line above the code, if there is one.
    pub(super) fn opening(&self, color: bool) -> Option<Line> {
        opening(&self.info, color)
    }

    /// A line of the code.
    pub(super) fn line(&self, line: &str, color: bool) -> Line {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        code_line(line.get(spaces.min(self.indent)..).unwrap_or_default(), color)
    }
}

/// The line above code in the language `info`.
pub(super) fn opening(info: &str, color: bool) -> Option<Line> {
    if !color {
        return Some(Line::plain(format!("```{info}")));
    }
    (!info.is_empty()).then(|| Line::styled(format!("{CODE_INDENT}{info}"), Style::DIM))
}

/// The line below code. Without colours the fence itself must tell where code ends.
pub(super) fn closing(color: bool) -> Option<Line> {
    (!color).then(|| Line::plain("```"))
}

/// A line of code. It is never broken: a broken line could not be copied.
pub(super) fn code_line(code: &str, color: bool) -> Line {
    if color { Line::plain(CODE_INDENT).with(code, CODE) } else { Line::plain(code) }
}
