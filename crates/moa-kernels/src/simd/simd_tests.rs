#![expect(clippy::float_cmp, reason = "numbers that are moved or made exactly")]

use super::*;
use crate::Instructions;

/// Computes with whatever instructions there are.
fn with_each<W: Work + Copy>(work: W) {
    Instructions::available().for_each(|instructions| drop(instructions.run(work)));
}

fn floats_of<S: Simd>(simd: S, values: S::Floats) -> [f32; 16] {
    let mut floats = [0.0; 16];
    simd.store(&mut floats, values);
    floats
}

fn words_of<S: Simd>(simd: S, values: S::Integers) -> [i32; 16] {
    let mut bytes = [0; 64];
    simd.store_bytes(&mut bytes, values);
    let mut words = bytes.as_chunks::<4>().0.iter().map(|word| i32::from_le_bytes(*word));
    std::array::from_fn(|_| words.next().unwrap())
}

/// Numbers that are easy to tell from each other.
fn counted(first: u8) -> [f32; 16] {
    std::array::from_fn(|at| f32::from(first) + f32::from(u8::try_from(at).unwrap()))
}

#[derive(Clone, Copy)]
struct Turning;

impl Work for Turning {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let rows: Vec<[f32; 16]> = (0..16).map(|row| counted(row * 16)).collect();
        let turned = transpose(simd, &std::array::from_fn(|row| simd.load(&rows[row])));
        for (column, turned) in turned.into_iter().enumerate() {
            assert_eq!(floats_of(simd, turned), std::array::from_fn::<_, 16, _>(|row| rows[row][column]));
        }
        let bytes: Vec<u8> = (0..16 * 20).map(|at: u32| at.to_le_bytes()[0]).collect();
        let rows = Rows { bytes: &bytes, stride: 20 };
        let word = |row: usize, at: usize| i32::from_le_bytes(*bytes[row * 20 + at..].first_chunk().unwrap());
        assert_eq!(words_of(simd, rows.four(simd, 3)), std::array::from_fn(|row| word(row, 3)));
        for (four, register) in columns(simd, rows.sixteen(simd, 2)).into_iter().enumerate() {
            assert_eq!(words_of(simd, register), std::array::from_fn(|row| word(row, 2 + four * 4)));
        }
    }
}

#[test]
fn rows_become_columns() {
    with_each(Turning);
}

#[derive(Clone, Copy)]
struct Exponentials;

impl Work for Exponentials {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        for first in 0_u8..=100 {
            let numbers = counted(first).map(|number| -0.83 * number);
            for (number, result) in
                numbers.into_iter().zip(floats_of(simd, exponential(simd, simd.load(&numbers))))
            {
                let exact = f64::from(number).exp();
                let bound = if number > -87.0 { exact * 6e-7 } else { 2e-38 };
                assert!((f64::from(result) - exact).abs() <= bound, "{number}: {result}");
            }
        }
        let special = exponential(
            simd,
            simd.load(&[0.0, -0.0, -87.0, -1e30, f32::NEG_INFINITY].repeat(4)[..16].try_into().unwrap()),
        );
        assert_eq!(floats_of(simd, special)[..5], [1.0, 1.0, 0.0, 0.0, 0.0]);
    }
}

#[test]
fn exponentials_are_those_of_the_numbers() {
    with_each(Exponentials);
}

#[derive(Clone, Copy)]
struct Reducing;

impl Work for Reducing {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let numbers = counted(3).map(|number| if number % 2.0 == 0.0 { -number } else { number });
        let register = simd.load(&numbers);
        assert!((simd.sum(register) - numbers.iter().sum::<f32>()).abs() < f32::EPSILON);
        assert!((simd.largest(register) - 17.0).abs() < f32::EPSILON);
        assert_eq!(simd.sum_words(simd.words_of_floats(register)), -8);
        assert_eq!(floats_of(simd, simd.magnitude(register)), counted(3));
        let wide =
            [0.5, 1.5, -0.5, 126.6, 127.5, 1e9, -127.4, -128.4, -1e9, f32::NAN, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let mut bytes = [[0; 4]; 4];
        simd.store_words_as_bytes(&mut bytes, simd.words_of_floats(simd.load(&wide)));
        let bytes = bytes.as_flattened().iter().map(|byte| byte.cast_signed()).collect::<Vec<_>>();
        assert_eq!(bytes, [0, 2, 0, 127, 127, 127, -127, -128, -128, -128, 3, 4, 5, 6, 7, 8]);
    }
}

#[test]
fn registers_are_summed_and_rounded() {
    with_each(Reducing);
}

#[derive(Clone, Copy)]
struct Finding;

impl Work for Finding {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        for place in 0..64 {
            let mut numbers = [7; 64];
            numbers[place] = 0x8007;
            numbers[(place + 29) % 64] = 6;
            assert_eq!(simd.find_others(&numbers, 7), 1 << place | 1 << ((place + 29) % 64));
        }
        // In a list that is no whole word, what is not there is not seen.
        let mut halves = [HalfFloats::NEGATIVE_INFINITY; 70];
        halves[69] = 0;
        let mut words = vec![1; 9];
        HalfFloats(&halves).find_seen(simd, &mut words);
        assert_eq!(words, [0, 1 << 5]);
    }
}

#[test]
fn what_is_seen_is_found() {
    with_each(Finding);
}

#[derive(Clone, Copy)]
struct Bits;

impl Work for Bits {
    type Output = ();

    #[inline(always)]
    fn on<S: Simd>(self, simd: S) {
        let words = simd.splat_words(0x8421_f00f_u32.cast_signed());
        assert_eq!(words_of(simd, simd.shift_left(words, 8))[15], 0x21f0_0f00);
        assert_eq!(words_of(simd, simd.shift_right(words, 24))[9], 0x84);
        assert_eq!(words_of(simd, simd.shift_right_signed(words, 24))[0], -0x7c);
        let fifth = simd.set_fifth_where(simd.splat_bytes(3), words, simd.splat_bytes(1));
        assert_eq!(words_of(simd, fifth), [0x0313_0313; 16]);
        // One and minus two, in halves that lie above and below.
        let halves = simd.splat_words(0x3c00_c000);
        assert_eq!(floats_of(simd, simd.floats_of_halves(halves)), [-2.0; 16]);
        assert_eq!(floats_of(simd, simd.floats_of_halves(simd.shift_right(halves, 16))), [1.0; 16]);
        let halves: [u16; 16] = std::array::from_fn(|at| 0x3c00 + (u16::try_from(at).unwrap() << 10));
        let powers: [f32; 16] = std::array::from_fn(|at| 2.0_f32.powi(i32::try_from(at).unwrap()));
        assert_eq!(floats_of(simd, simd.load_halves(&halves)), powers);
    }
}

#[test]
fn bits_are_moved_and_numbers_made_of_them() {
    with_each(Bits);
}
