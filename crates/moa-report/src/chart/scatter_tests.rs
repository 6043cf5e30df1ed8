use super::*;

fn point(x: f64, y: f64) -> Point {
    Point { name: String::new(), x, y, interval: None, is_published: false }
}

#[test]
fn the_front_holds_whatever_nothing_beats_in_both() {
    let points = [point(3.0, 9.0), point(1.0, 5.0), point(2.0, 4.0), point(2.0, 7.0), point(5.0, 9.0)];
    assert_eq!(front(&points), [(1.0, 5.0), (2.0, 7.0), (3.0, 9.0)]);
}

#[test]
fn axes_show_all_values_and_survive_none() {
    let (low, high) = range(&[40.0, 65.0]);
    assert!(low < 40.0 && high > 65.0);
    assert_eq!(range(&[]), (0.0, 1.0));
    assert!(range(&[0.0, 3.0]).0.abs() < 1e-12);
}
