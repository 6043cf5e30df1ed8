use super::*;

#[test]
fn a_star_stands_for_any_text() {
    let fits = [
        ("a", "a"),
        ("*", ""),
        ("*", "any/thing"),
        ("qwen*", "qwen"),
        ("*-instruct", "x-instruct"),
        ("a*b*c", "aXbXbc"),
        ("*b*", "abc"),
    ];
    for (pattern, text) in fits {
        assert!(matches_pattern(pattern, text), "{pattern} {text}");
    }
    let unfit = [("a", "ab"), ("", "a"), ("qwen*", "Qwen"), ("a*b*c", "acb"), ("a*a", "a"), ("*b", "ba")];
    for (pattern, text) in unfit {
        assert!(!matches_pattern(pattern, text), "{pattern} {text}");
    }
}

#[test]
fn numbers_count_from_one() {
    let of = |numbers: Numbers| (1..=6).filter(|number| numbers.contains(*number)).collect::<Vec<u64>>();
    assert_eq!(of(Numbers::One(2)), [2]);
    assert_eq!(of(Numbers::Every(Every { every: 3 })), [3, 6]);
    assert_eq!(of(Numbers::Range(Range { from: 2, to: Some(4) })), [2, 3, 4]);
    assert_eq!(of(Numbers::Range(Range { from: 5, to: None })), [5, 6]);
}
