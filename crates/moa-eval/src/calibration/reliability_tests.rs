use super::*;

#[test]
fn every_answer_is_in_one_bin_and_equal_figures_share_it() {
    let answers: Vec<(f64, bool)> = (0..23).map(|place| (f64::from(place / 7), place % 2 == 0)).collect();
    let bins = bins(&answers);
    assert_eq!(bins.iter().map(|bin| bin.share.n).sum::<usize>(), 23);
    assert_eq!(bins.iter().map(|bin| bin.share.right).sum::<usize>(), 12);
    // Four different figures: no two bins can hold the same one.
    assert!(bins.windows(2).all(|pair| pair[0].high < pair[1].low), "{bins:?}");
}

#[test]
fn many_answers_make_bins_of_equal_size() {
    let answers: Vec<(f64, bool)> = (0..50).map(|place| (f64::from(place), place >= 25)).collect();
    let bins = bins(&answers);
    assert_eq!(bins.iter().map(|bin| bin.share.n).collect::<Vec<_>>(), [10; 5]);
    assert_eq!(bins.iter().map(|bin| bin.share.right).collect::<Vec<_>>(), [0, 0, 5, 10, 10]);
}

#[test]
fn what_is_left_over_joins_the_last_bin() {
    let answers: Vec<(f64, bool)> = (0..22).map(|place| (f64::from(place), true)).collect();
    let sizes: Vec<usize> = bins(&answers).iter().map(|bin| bin.share.n).collect();
    assert_eq!(sizes, [4, 4, 4, 4, 6]);
}

#[test]
fn nothing_and_figures_that_are_none_make_no_bins() {
    assert!(bins(&[]).is_empty());
    assert!(bins(&[(f64::NAN, true), (f64::INFINITY, false)]).is_empty());
    assert_eq!(bins(&[(0.5, true)])[0].share.n, 1);
}
