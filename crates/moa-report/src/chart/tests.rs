use super::axis::Axis;
use super::{shortened, text_width};

#[test]
fn ticks_are_round_and_within_the_axis() {
    let texts = |axis: Axis| axis.ticks().into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    assert_eq!(texts(Axis::new((0.0, 100.0), 0.0, 1.0)), ["0", "20", "40", "60", "80", "100"]);
    assert_eq!(texts(Axis::new((1.0, 5.0), 0.0, 1.0)), ["1", "2", "3", "4", "5"]);
    assert_eq!(texts(Axis::around([0.001, 0.5].into_iter(), 0.0, 1.0)).first().unwrap(), "0.001");
}

#[test]
fn an_axis_of_one_value_or_none_still_has_a_place_for_it() {
    for axis in [Axis::around([3.0].into_iter(), 0.0, 100.0), Axis::around(std::iter::empty(), 0.0, 100.0)] {
        let place = axis.at(3.0);
        assert!((0.0..=100.0).contains(&place) && !axis.ticks().is_empty());
    }
    assert!((Axis::new((0.0, 10.0), 0.0, 100.0).at(1e9) - 100.0).abs() < 1e-9, "off the scale is its end");
}

#[test]
fn a_long_name_keeps_both_ends() {
    let short = shortened("self-consistency:qwen2.5-coder-1.5b-instruct:9", 150.0);
    assert!(short.starts_with("self-") && short.ends_with(":9") && text_width(&short) <= 150.0, "{short}");
    assert_eq!(shortened("a\u{1b}b", 100.0), "a\u{fffd}b");
}
