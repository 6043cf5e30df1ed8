use proptest::prelude::*;

use super::*;
use crate::text::width;

fn plain(text: &str, columns: u16) -> String {
    // The look of a terminal with colours, without the colours.
    to_ansi(&super::lines(text, columns.into(), true), false)
}

fn substance(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

const SAMPLE: &str = "\
# Title\n\nSome **bold**, *italic*, ~~old~~ and `code` with a [link](https://a.example/b).\nJoined line.\n\n\
- one\n- two\n  1. inner\n  2. more\n\n> quoted\n> > twice\n\n```rust\nfn main() {}\n\tindented\n```\nAfter.\n\n\
| Name | Count |\n|:--|--:|\n| a | 1 |\n| long name | 23 |\n\n---\n\nSetext\n======\n\n- [x] done\n- [ ] open\n\n\
<b>html</b> &amp; R&D\n\n    indented code\n";

#[test]
fn every_kind_of_block_is_set_as_text() {
    insta::assert_snapshot!(plain(SAMPLE, 40));
}

#[test]
fn without_colours_the_markup_says_what_is_what() {
    insta::assert_snapshot!(render_markdown(SAMPLE, 40, false));
}

#[test]
fn styles_become_escape_codes() {
    assert_eq!(render_markdown("a **b** `c`", 40, true), "a \u{1b}[1mb\u{1b}[0m \u{1b}[33mc\u{1b}[0m\n");
}

#[test]
fn japanese_is_joined_without_spaces_and_broken_by_width() {
    assert_eq!(plain("吾輩は猫で\nある。名前は", 12), "吾輩は猫であ\nる。名前は\n");
    assert_eq!(plain("한국어\n문장", 40), "한국어 문장\n");
}

#[test]
fn a_table_without_room_is_written_row_by_row() {
    let table = "| Name | Meaning | Since |\n|--|--|--|\n| ownership | one owner each | 2015 |\n| borrow | many readers | 2015 |\n";
    insta::assert_snapshot!(plain(table, 22));
}

#[test]
fn code_appears_line_by_line_and_a_block_when_it_is_complete() {
    let mut stream = MarkdownStream::new(80, false);
    assert_eq!(stream.push("Say\nhello:\n"), "");
    assert_eq!(stream.push("```sh\n"), "Say hello:\n\n```sh\n");
    assert_eq!(stream.push("echo hel"), "");
    assert_eq!(stream.push("lo\n# next"), "echo hello\n");
    let pending: Vec<String> = stream.pending().iter().map(|line| line.to_ansi(false)).collect();
    assert_eq!(pending, ["# next"]);
    assert_eq!(stream.finish(), "# next\n```\n");
}

#[test]
fn a_paragraph_is_complete_at_the_blank_line_and_a_heading_at_its_end() {
    let mut stream = MarkdownStream::new(80, false);
    assert_eq!(stream.push("# Head\n"), "# Head\n");
    assert_eq!(stream.push("Text.\n"), "");
    assert_eq!(stream.push("\n"), "\nText.\n");
    assert_eq!(stream.push("- item\n\n"), "");
    assert_eq!(stream.push("More"), "");
    assert_eq!(stream.push(".\n"), "\n• item\n");
}

#[test]
fn what_the_parser_would_drop_is_shown_as_written() {
    for text in [
        "[label]: https://a.example/x",
        "> [label]: https://a.example/x",
        "|a|b|\n|-|-|\n|1|2|3|",
        "[a](<b c> 'title')",
        "![alt](pic.png \"title\")",
        "```rust,ignore\nunfinished",
        "1. a\n1. b",
        "<https://a.example> [https://a.example](https://a.example)",
    ] {
        let shown = plain(text, 80);
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1) {
            assert!(shown.contains(word), "{word} of {text:?} is not in {shown:?}");
        }
    }
    assert!(plain("|a|b|\n|-|-|\n|1|2|3|", 80).contains('3'));
}

#[test]
fn of_a_long_line_the_end_is_seen_and_all_is_written() {
    let mut stream = MarkdownStream::new(80, false);
    assert_eq!(stream.push(&format!("{}the end", "word ".repeat(50_000))), "");
    let pending = stream.pending();
    assert!(pending.len() < 400 && pending.last().unwrap().to_ansi(false).ends_with("the end"));
    assert_eq!(stream.finish().matches("word").count(), 50_000);
}

#[test]
fn nesting_without_end_is_no_trouble() {
    let quotes = ">".repeat(20_000);
    assert!(plain(&format!("{quotes} deep"), 80).contains("deep"));
    let emphasis = format!("{}deep{}", "*".repeat(5_000), "*".repeat(5_000));
    assert!(plain(&emphasis, 80).contains("deep"));
}

#[test]
fn a_model_cannot_steer_the_terminal() {
    let shown = render_markdown(
        "\u{1b}[2J`\u{1b}]0;t\u{7}`\n\n```\n\u{9b}1m\u{202e}\n```\n[x](http://\u{1b}[1m)",
        80,
        false,
    );
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    assert!(!shown.contains('\u{202e}'));
}

/// Text made of the pieces that Markdown is made of.
fn markdown_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "word ",
        "a1",
        "\n",
        "\n\n",
        "# ",
        "- ",
        "1. ",
        "10) ",
        "> ",
        "```",
        "~~~",
        "`",
        "*",
        "**",
        "_",
        "~~",
        "|",
        "|-|-|\n",
        "[",
        "](",
        ")",
        "]: ",
        "<",
        ">",
        "&amp;",
        "&",
        "\\",
        "    ",
        "\t",
        "---",
        "===",
        "漢字",
        "🦀",
        "\u{1b}[2J",
        "\r\n",
        "!",
        "http://a.b",
        "[x] ",
        "\u{0}",
        "  \n",
        "<!--",
        "\"",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

#[test]
fn nesting_that_leaves_no_room_is_shown_as_written() {
    assert_eq!(plain("* >- * >a*a", 14), "• │ • • │ a*a\n");
    assert_eq!(plain("* >- * >a*a", 13), "* >- * >a*a\n");
    assert_eq!(plain("> > > > some words", 6), "> > >\n> some\nwords\n");
    assert_eq!(plain("> a", 2), "> a\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_is_lost(text in markdown_like(), columns in 6_u16..60) {
        // Character references and the list's own count change characters; all else must be there, in this order.
        let text = text.replace("&amp;", "&").replace("1. ", "- ").replace("10) ", "- ");
        let shown = substance(&plain(&text, columns));
        let mut left = shown.chars();
        let row_by_row_repeats_the_head = text.contains("|-|");
        for wanted in substance(&text).chars().filter(|_| !row_by_row_repeats_the_head) {
            prop_assert!(left.any(|c| c == wanted), "{:?} is missing from {:?}", wanted, shown);
        }
        for (wanted, least) in counted(&substance(&text)) {
            prop_assert!(shown.matches(wanted).count() >= least, "{:?} is missing from {:?}", wanted, shown);
        }
    }

    #[test]
    fn the_pieces_do_not_matter(text in markdown_like(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))).collect();
        cuts.sort_unstable();
        let mut stream = MarkdownStream::new(30, true);
        let (mut out, mut start) = (String::new(), 0);
        for cut in cuts {
            out.push_str(&stream.push(&text[start..cut]));
            let _ = stream.pending();
            start = cut;
        }
        out.push_str(&stream.push(&text[start..]));
        out.push_str(&stream.finish());
        prop_assert_eq!(out, render_markdown(&text, 30, true));
    }

    #[test]
    fn no_line_but_code_is_wider_than_the_terminal(text in "[a-z漢🦀 *_>\n-]{0,120}", columns in 12_u16..60) {
        prop_assume!(!text.contains("    "));
        for line in plain(&text, columns).lines() {
            prop_assert!(width(line) <= columns.into(), "{:?} is wider than {}", line, columns);
        }
    }

    #[test]
    fn any_text_at_all_is_harmless(text in any::<String>(), columns in any::<u16>()) {
        let shown = render_markdown(&text, columns, false);
        prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
    }
}

fn counted(text: &str) -> Vec<(char, usize)> {
    let mut characters: Vec<char> = text.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    characters.into_iter().map(|c| (c, text.matches(c).count())).collect()
}
