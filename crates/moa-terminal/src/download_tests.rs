use indicatif::InMemoryTerm;

use super::*;

#[test]
fn a_pipe_gets_a_line_every_ten_percent() {
    let mut out = Vec::new();
    {
        let mut view = DownloadView::plain(&mut out);
        view.begin("smollm2\u{1b}[2J").unwrap();
        view.phase("asking the hub").unwrap();
        view.phase("asking the hub").unwrap();
        view.failure("the hub is\nnot reachable").unwrap();
        for done in 0..=40 {
            view.progress(done * 1_000_000, Some(40_000_000)).unwrap();
        }
        view.phase("verifying").unwrap();
        view.abandon();
    }
    let lines = String::from_utf8(out).unwrap();
    insta::assert_snapshot!(lines);
}

#[test]
fn without_a_total_there_is_a_line_every_hundred_megabytes() {
    let mut out = Vec::new();
    {
        let mut view = DownloadView::plain(&mut out);
        view.begin("m").unwrap();
        for done in 0..25 {
            view.progress(done * 10_000_000, None).unwrap();
        }
        view.progress(1, Some(0)).unwrap();
    }
    assert_eq!(String::from_utf8(out).unwrap(), "m: 100 MB\nm: 200 MB\nm: 1 B\n");
}

#[test]
fn a_terminal_gets_a_bar_that_is_gone_at_the_end() {
    let term = InMemoryTerm::new(10, 100);
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(term.clone()), 250);
    let mut view = DownloadView::on_terminal(target, false, 100, io::sink());
    view.begin("smollm2").unwrap();
    view.phase("asking the hub").unwrap();
    assert!(term.contents().ends_with("smollm2  asking the hub"), "{}", term.contents());
    view.failure("the hub is not reachable").unwrap();
    view.progress(0, Some(200_000_000)).unwrap();
    view.progress(100_000_000, Some(200_000_000)).unwrap();
    view.bar.as_ref().unwrap().tick();
    let drawn = term.contents();
    assert!(drawn.starts_with("! smollm2: the hub is not reachable\n"), "{drawn}");
    assert!(drawn.contains("50 %  100 MB of 200 MB"), "{drawn}");
    view.finish(Some("verified")).unwrap();
    let left = term.contents();
    assert!(left.lines().nth(1).unwrap().starts_with("✓ smollm2  100 MB in "), "{left}");
    assert_eq!(left.lines().count(), 2, "{left}");
}

#[test]
fn a_narrow_terminal_gets_one_row() {
    let term = InMemoryTerm::new(10, 40);
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(term.clone()), 250);
    let mut view = DownloadView::on_terminal(target, true, 40, io::sink());
    view.begin("qwen2.5-coder-1.5b-instruct").unwrap();
    view.progress(100_000_000, Some(200_000_000)).unwrap();
    view.bar.as_ref().unwrap().tick();
    let drawn = term.contents();
    assert_eq!(drawn.lines().count(), 1, "{drawn}");
    assert!(drawn.contains("50 %") && drawn.contains("qwen2.5-coder-1."), "{drawn}");
}
