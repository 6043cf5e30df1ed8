use proptest::prelude::*;

use super::*;

fn tenant(own_cells: usize, answer_tokens: usize) -> Tenant {
    Tenant { own_cells, prompt_tokens: 0, answer_tokens, is_ahead: false, gave_way: false }
}

fn candidate(prompt_tokens: usize, answer_tokens: usize) -> Candidate {
    Candidate { prompt_tokens, answer_tokens, is_ahead: false, will_share: false }
}

#[test]
fn one_alone_begins_whatever_the_cells_say() {
    assert_eq!(entry(&candidate(900, 900), &[], 8, true, |_| false), Entry::Begins);
}

#[test]
fn who_begins_leaves_headroom_to_all_and_who_cannot_is_not_overtaken() {
    let reads = Tenant { prompt_tokens: 700, ..tenant(100, 500) };
    let tenants = [reads, tenant(100, 10)];
    let needed = 300 + 20 + 700 + HEADROOM_TOKENS + 10;
    let with = |free: usize| entry(&candidate(300, 20), &tenants, 8, false, |cells| cells <= free);
    assert_eq!(with(needed), Entry::Begins);
    assert_eq!(with(needed - 1), Entry::HoldsUp);
    let ahead = Candidate { is_ahead: true, ..candidate(300, 0) };
    assert_eq!(entry(&ahead, &tenants, 8, false, |_| false), Entry::IsPassed);
}

#[test]
fn without_a_place_nobody_begins_and_who_will_share_is_passed() {
    let tenants = [tenant(1, 1); 2];
    assert_eq!(entry(&candidate(1, 1), &tenants, 2, false, |_| true), Entry::HoldsUp);
    let sharer = Candidate { will_share: true, ..candidate(1, 1) };
    assert_eq!(entry(&sharer, &tenants, 3, false, |_| true), Entry::IsPassed);
}

#[test]
fn a_long_beginning_is_waited_for_by_one_and_a_short_one_only_by_many() {
    assert_eq!([0, 1, 3, 8, 15, 16, 17, 4_000].map(who_must_wait), [17, 17, 6, 3, 2, 2, 1, 1]);
}

proptest! {
    #[test]
    fn waiting_pays_when_all_together_are_spared_more_than_a_call(spared in 1_usize..64, waiting in 1_usize..64) {
        prop_assert_eq!(waiting >= who_must_wait(spared), waiting * spared > CALL_TOKENS);
    }
}

#[test]
fn what_is_read_ahead_waits_for_everybody_and_for_its_like() {
    let ahead = Candidate { is_ahead: true, ..candidate(10, 0) };
    let reading = Tenant { is_ahead: true, ..tenant(5, 5) };
    assert_eq!(entry(&ahead, &[], 8, true, |_| true), Entry::IsPassed);
    assert_eq!(entry(&ahead, &[reading], 8, false, |_| true), Entry::IsPassed);
    assert_eq!(entry(&ahead, &[tenant(5, 5)], 8, false, |_| true), Entry::Begins);
    assert_eq!(give_places(&[reading, tenant(5, 5)], 2, true), [0]);
    assert_eq!(give_places(&[reading, tenant(5, 5)], 2, false), [0_usize; 0]);
    assert_eq!(give_places(&[reading, tenant(5, 5)], 3, true), [0_usize; 0]);
}

#[test]
fn who_is_furthest_from_its_end_gives_way_first() {
    let tenants = [tenant(50, 300), tenant(50, 20), tenant(50, 900)];
    assert_eq!(give_way(&tenants, 1), [2]);
    assert_eq!(give_way(&tenants, 60), [2, 0]);
    assert_eq!(give_way(&tenants, 1_000), [2, 0], "the one closest to its end stays");
    assert_eq!(give_way(&tenants, 0), [0_usize; 0]);
}

#[test]
fn what_is_read_ahead_goes_before_anybody_and_nobody_goes_twice_while_another_never_did() {
    let reading = Tenant { is_ahead: true, ..tenant(10, 5) };
    let again = Tenant { gave_way: true, ..tenant(50, 900) };
    assert_eq!(give_way(&[tenant(50, 300), reading, again], 60), [1, 0]);
    assert_eq!(give_way(&[tenant(50, 300), again, tenant(50, 20)], 1), [0]);
}

proptest! {
    #[test]
    fn enough_give_way_or_all_but_one(
        tenants in prop::collection::vec((0_usize..200, 0_usize..900, 0_usize..900, any::<bool>(), any::<bool>()), 1..12),
        lacking in 1_usize..800,
    ) {
        let tenants: Vec<Tenant> = tenants
            .into_iter()
            .map(|(own_cells, prompt_tokens, answer_tokens, is_ahead, gave_way)| Tenant {
                own_cells,
                prompt_tokens,
                answer_tokens,
                is_ahead,
                gave_way,
            })
            .collect();
        let places = give_way(&tenants, lacking);
        let freed: usize = places.iter().map(|place| tenants[*place].own_cells).sum();
        prop_assert!(freed >= lacking || places.len() + 1 == tenants.len());
        // Without the last to go there would be too little.
        let but_last: usize = places.iter().rev().skip(1).map(|place| tenants[*place].own_cells).sum();
        prop_assert!(places.is_empty() || but_last < lacking);
    }
}
