use super::*;

/// What `CPython` 3.11 prints for `random.Random(seed).random()`.
const FIRST_NUMBERS: [(&str, [f64; 3]); 4] = [
    ("", [0.960_225_652_564_187_5, 0.595_411_957_851_699, 0.388_011_715_295_540_1]),
    ("a", [0.272_029_537_753_475_7, 0.067_336_630_886_296_93, 0.599_914_123_751_775_8]),
    (
        "is_switched_outputsHow does metabolism work?0",
        [0.432_158_902_116_368_54, 0.184_639_957_587_884_87, 0.569_514_091_840_734_8],
    ),
    ("ü😀ü😀ü😀", [0.422_854_669_664_886_6, 0.160_931_735_763_091_17, 0.060_350_869_320_908_18]),
];

#[test]
fn numbers_follow_from_a_text_as_in_python() {
    for (seed, numbers) in FIRST_NUMBERS {
        let mut random = Random::from_text(seed);
        for number in numbers {
            assert!((random.next() - number).abs() < 1e-15, "{seed:?}");
        }
    }
}

/// What `NumPy` prints for `numpy.random.RandomState(123).permutation(10)`.
#[test]
fn rows_are_shuffled_as_pandas_shuffles_them() {
    assert_eq!(permutation(10, 123), [4, 0, 7, 5, 8, 3, 1, 6, 9, 2]);
    assert!(permutation(0, 123).is_empty());
}
