//! The Pareto front: what nothing else beats in both respects.

/// Which of the points, each a price (less is better) and a score (more is better), no other point beats: none is as cheap and as
/// good and better in one of the two.
pub(crate) fn front(points: &[(f64, f64)]) -> Vec<bool> {
    let beats = |one: &(f64, f64), other: &(f64, f64)| {
        one.0 <= other.0 && one.1 >= other.1 && (one.0 < other.0 || one.1 > other.1)
    };
    points.iter().map(|point| !points.iter().any(|other| beats(other, point))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::front;

    #[test]
    fn what_is_dearer_and_worse_is_not_on_it() {
        let points = [(1.0, 5.0), (2.0, 4.0), (2.0, 6.0), (3.0, 6.0), (1.0, 5.0)];
        assert_eq!(front(&points), [true, false, true, false, true]);
    }

    proptest! {
        #[test]
        fn every_point_beside_it_is_beaten_by_one_on_it(points in proptest::collection::vec((0..9_i32, 0..9_i32), 1..30)) {
            let points: Vec<(f64, f64)> = points.into_iter().map(|(price, score)| (price.into(), score.into())).collect();
            let on = front(&points);
            prop_assert!(on.contains(&true));
            for (point, is_on) in points.iter().zip(&on) {
                let beaten = points.iter().zip(&on).any(|(other, on)| *on && other != point && other.0 <= point.0 && other.1 >= point.1);
                prop_assert_eq!(*is_on, !beaten);
            }
        }
    }
}
