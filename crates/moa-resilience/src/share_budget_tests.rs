use std::time::Duration;

use proptest::prelude::*;

use super::*;

#[test]
fn a_few_are_granted_in_any_case_and_again_after_the_window() {
    let start = Instant::now();
    let mut budget = ShareBudget::new(20, 3);
    budget.note_call(start);
    let granted = |budget: &mut ShareBudget, at| (0..10).filter(|_| budget.take_extra(at)).count();
    assert_eq!(granted(&mut budget, start), 3);
    assert_eq!(granted(&mut budget, start + Duration::from_secs(WINDOW_SECONDS - 1)), 0);
    assert_eq!(granted(&mut budget, start + Duration::from_secs(WINDOW_SECONDS)), 3);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_share_holds_over_all_time(steps in prop::collection::vec((0_u64..30_000, 0_u32..40, 0_u32..20), 1..200)) {
        let start = Instant::now();
        let mut budget = ShareBudget::new(20, 0);
        let (mut at, mut calls, mut extra) = (start, 0_u32, 0_u32);
        for (gap_ms, called, wanted) in steps {
            at += Duration::from_millis(gap_ms);
            (0..called).for_each(|_| budget.note_call(at));
            calls += called;
            extra += u32::try_from((0..wanted).filter(|_| budget.take_extra(at)).count()).unwrap();
            prop_assert!(extra * 5 <= calls);
        }
    }
}
