use super::StatusLine;

fn written(is_live: bool, show: impl Fn(&mut StatusLine<&mut Vec<u8>>)) -> String {
    let mut bytes = Vec::new();
    show(&mut StatusLine::new(&mut bytes, is_live));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_terminal_sees_one_line_that_changes() {
    let text = written(true, |line| {
        line.show("1 of 2", 0).unwrap();
        line.show("2 of 2", 0).unwrap();
        line.leave("done").unwrap();
    });
    assert_eq!(text, "\r\x1b[2K1 of 2\r\x1b[2K2 of 2\r\x1b[2Kdone\n");
}

#[test]
fn a_log_sees_a_line_for_each_step() {
    let text = written(false, |line| {
        line.show("1 of 9", 0).unwrap();
        line.show("2 of 9", 0).unwrap();
        line.show("9 of 9", 1).unwrap();
        line.leave("done").unwrap();
    });
    assert_eq!(text, "1 of 9\n9 of 9\ndone\n");
}

#[test]
fn a_line_never_wraps_and_never_moves_the_cursor_by_itself() {
    let columns = usize::from(crate::options::TerminalSize::detect().width);
    // Signs of one column and of two.
    for sign in ["x", "語"] {
        let text = written(true, |line| line.show(&format!("\x1b[31m{}", sign.repeat(5000)), 0).unwrap());
        let shown = text.strip_prefix("\r\x1b[2K").unwrap();
        assert!((columns / 2..columns).contains(&crate::text::width(shown)), "{text:?}");
        assert!(!shown.contains('\x1b'), "{text:?}");
    }
}
