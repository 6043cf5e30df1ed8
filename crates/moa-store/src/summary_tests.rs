use super::*;

#[test]
fn an_excerpt_is_one_line_of_whole_characters() {
    assert_eq!(excerpt("  one\r\n\ttwo \u{1b}[31mthree\0 "), "one two [31mthree");
    assert_eq!(excerpt(""), "");
    let exact = "日".repeat(EXCERPT_CHARS);
    assert_eq!(excerpt(&exact), exact);
    assert_eq!(excerpt(&format!("{exact}本")), format!("{exact}…"));
}
