use proptest::prelude::*;

use super::*;

fn wrapped(text: &str, columns: usize) -> Vec<String> {
    wrap_plain(text, columns, Style::PLAIN).iter().map(|line| line.to_ansi(false)).collect()
}

#[test]
fn words_stay_whole_where_they_can() {
    assert_eq!(wrapped("the quick brown fox", 10), ["the quick", "brown fox"]);
    assert_eq!(wrapped("incomprehensibilities are long", 9), ["incompreh", "ensibilit", "ies are", "long"]);
}

#[test]
fn japanese_breaks_between_characters_but_no_line_begins_with_a_full_stop() {
    assert_eq!(wrapped("吾輩は猫である。名前はまだ無い。", 14), ["吾輩は猫であ", "る。名前はまだ", "無い。"]);
}

#[test]
fn emoji_count_two_columns() {
    assert_eq!(wrapped("🦀🦀🦀", 4), ["🦀🦀", "🦀"]);
}

#[test]
fn line_feeds_and_empty_lines_are_kept() {
    assert_eq!(wrapped("a\n\nb", 10), ["a", "", "b"]);
    assert_eq!(wrapped("", 10), [""]);
}

#[test]
fn prefixes_stand_before_first_and_other_lines() {
    let lines = wrap(&[Span::new("one two three", Style::PLAIN)], 7, &Line::plain("• "), &Line::plain("  "));
    let lines: Vec<String> = lines.iter().map(|line| line.to_ansi(false)).collect();
    assert_eq!(lines, ["• one", "  two", "  three"]);
}

proptest! {
    #[test]
    fn nothing_visible_is_lost_and_no_line_is_too_wide(text in "[a-z漢字。 \u{1F980}]{0,80}", columns in 4_usize..30) {
        let lines = wrapped(&text, columns);
        let squeeze = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
        prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
        for line in &lines {
            prop_assert!(width(line) <= columns, "{:?} is wider than {}", line, columns);
        }
    }
}
