use super::*;

fn diverse(keep: u32) -> Choosing {
    Choosing { keep, ..by(ChoosingKind::Diverse) }
}

fn kept(rows: &[(&str, &str)], keep: u32) -> Vec<u32> {
    let mut kept: Vec<u32> =
        Pool::of(rows).decide(&diverse(keep)).chosen.iter().map(|call| call.agent).collect();
    kept.sort_unstable();
    kept
}

#[test]
fn twins_give_way_to_what_is_different_and_the_odd_one_does_not_come_in() {
    let rows = [
        ("a", "the river flows to the sea past the mill"),
        ("b", "the river flows to the sea past the mill today"),
        ("c", "the mill stands by the river and the sea is far"),
        ("d", "buy cheap gold now"),
    ];
    let kept_two = kept(&rows, 2);
    assert!(kept_two.contains(&3) && !kept_two.contains(&4), "{kept_two:?}");
    assert_eq!(kept(&rows, 3), [1, 2, 3]);
    let reason = Pool::of(&rows).decide(&diverse(2)).reason;
    assert!(reason.ends_with("1 of 4 were cut short or differ too much from all others"), "{reason}");
}

#[test]
fn the_order_of_the_agents_does_not_matter() {
    let rows = [("a", "red green"), ("b", "green blue"), ("c", "blue red"), ("d", "red green blue")];
    let texts = |rows: &[(&str, &str)]| {
        let mut texts: Vec<String> =
            kept(rows, 2).iter().map(|agent| rows[*agent as usize - 1].1.to_owned()).collect();
        texts.sort();
        texts
    };
    let mut turned = rows.to_vec();
    for _ in 0..4 {
        turned.rotate_left(1);
        assert_eq!(texts(&turned), texts(&rows));
    }
}

#[test]
fn all_the_same_and_fewer_than_are_kept_are_no_trouble() {
    assert_eq!(kept(&[("a", "x"), ("b", "x"), ("c", "x")], 2).len(), 2);
    assert_eq!(kept(&[("a", "x")], 3), [1]);
    assert_eq!(kept(&[], 3), [0_u32; 0]);
}
