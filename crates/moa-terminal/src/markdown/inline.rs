//! What stands inside a paragraph: emphasis, code, links.

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use unicode_width::UnicodeWidthChar;

use super::fence::CODE;
use crate::text::{Color, Span, Style};

/// Collects the spans of one paragraph, heading or cell.
#[derive(Debug)]
pub(super) struct Inline {
    color: bool,
    base: Style,
    spans: Vec<Span>,
    bold: usize,
    italic: usize,
    struck: usize,
    links: Vec<Link>,
    soft_break: bool,
    /// How many characters that carry meaning were taken, counted as [`substance`] does.
    pub(super) taken: usize,
}

#[derive(Debug)]
struct Link {
    target: String,
    title: String,
    text: String,
    is_mail: bool,
}

/// The characters of `text` that carry meaning and are no markup: everything but ASCII punctuation and white space.
pub(super) fn substance(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !c.is_ascii_punctuation()).count()
}

impl Inline {
    pub(super) fn new(color: bool, base: Style) -> Self {
        Self {
            color,
            base,
            spans: Vec::new(),
            bold: 0,
            italic: 0,
            struck: 0,
            links: Vec::new(),
            soft_break: false,
            taken: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The spans so far; the collection is empty afterwards.
    pub(super) fn take(&mut self) -> Vec<Span> {
        self.soft_break = false;
        std::mem::take(&mut self.spans)
    }

    /// Takes an event that stands inside a block. `source` is the text that it was read from.
    pub(super) fn event(&mut self, event: Event<'_>, source: &str) {
        match event {
            Event::Text(text) => {
                // A character reference such as `&amp;` is shorter than its source, and nothing of it is lost.
                self.taken +=
                    substance(source).saturating_sub(substance(&text)) * usize::from(source.starts_with('&'));
                self.text(&text, self.style());
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                self.text(text.trim_end_matches('\n'), self.style());
            }
            Event::Code(code) => {
                self.mark("`");
                let style = Style { color: CODE.color, ..self.style() };
                self.text(&code, style);
                self.mark("`");
            }
            Event::SoftBreak => self.soft_break = true,
            Event::HardBreak => self.push("\n", Style::PLAIN),
            Event::TaskListMarker(is_done) => {
                self.taken += usize::from(is_done);
                self.push(if is_done { "[x] " } else { "[ ] " }, self.base);
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text, self.style());
            }
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Rule => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => {
                self.mark("**");
                self.bold += 1;
            }
            Tag::Emphasis => {
                self.mark("*");
                self.italic += 1;
            }
            Tag::Strikethrough => {
                self.mark("~~");
                self.struck += 1;
            }
            Tag::Link { dest_url, title, link_type, .. } | Tag::Image { dest_url, title, link_type, .. } => {
                let is_mail = link_type == pulldown_cmark::LinkType::Email;
                self.links.push(link(&dest_url, &title, is_mail));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => {
                self.bold = self.bold.saturating_sub(1);
                self.mark("**");
            }
            TagEnd::Emphasis => {
                self.italic = self.italic.saturating_sub(1);
                self.mark("*");
            }
            TagEnd::Strikethrough => {
                self.struck = self.struck.saturating_sub(1);
                self.mark("~~");
            }
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    /// Says where a link leads, unless its text says so already.
    fn end_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        if link.text == link.target || link.is_mail {
            // `[url](url)` holds the target twice, `<url>` once; both are complete with the text.
            self.taken += substance(&link.target);
        } else if !link.target.is_empty() {
            self.text(&format!(" ({})", link.target), Style::DIM);
        }
        if !link.title.is_empty() {
            self.text(&format!(" “{}”", link.title), Style::DIM);
            self.taken = self.taken.saturating_sub(substance("“”"));
        }
    }

    fn style(&self) -> Style {
        let is_link = !self.links.is_empty();
        Style {
            bold: self.base.bold || self.bold > 0,
            italic: self.base.italic || self.italic > 0,
            struck: self.struck > 0,
            underlined: self.base.underlined || is_link,
            color: if is_link { Some(Color::Blue) } else { self.base.color },
            dim: self.base.dim,
        }
    }

    /// Markup is shown where there are no colours to show what it means.
    fn mark(&mut self, mark: &str) {
        if !self.color {
            self.push(mark, Style::PLAIN);
        }
    }

    fn text(&mut self, text: &str, style: Style) {
        self.taken += substance(text);
        for link in &mut self.links {
            link.text.push_str(text);
        }
        self.push(text, style);
    }

    fn push(&mut self, text: &str, style: Style) {
        if std::mem::take(&mut self.soft_break) {
            let before = self.spans.last().and_then(|span| span.text.chars().next_back());
            // Japanese and Chinese have no spaces, so a line end between their characters is none either.
            let joins = is_wide(before) && is_wide(text.chars().next());
            if !joins && before != Some('\n') {
                self.spans.push(Span::new(" ", self.base));
            }
        }
        self.spans.push(Span::new(text, style));
    }
}

fn link(target: &CowStr<'_>, title: &CowStr<'_>, is_mail: bool) -> Link {
    Link { target: target.to_string(), title: title.to_string(), text: String::new(), is_mail }
}

fn is_wide(character: Option<char>) -> bool {
    // Hangul is wide too, but Korean separates words.
    character.is_some_and(|c| c.width() == Some(2) && !('\u{ac00}'..='\u{d7a3}').contains(&c))
}
