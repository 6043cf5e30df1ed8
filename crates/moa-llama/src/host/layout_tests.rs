use super::*;
use crate::gguf::inspect;
use crate::testing::model_path;

#[test]
fn weights_stay_as_they_are_for_many_answers_where_most_of_them_are_computed_in_tiles_and_the_processor_is_fast_at_it()
 {
    let info = inspect(&model_path()).unwrap();
    let of = |tiled_weight_bytes| GgufInfo { tiled_weight_bytes, weight_bytes: 100, ..info.clone() };
    let features = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let fast = features(&["AVX2", "AVX512", "AVX512_VNNI"]);
    assert!(!repacks(&of(51), &fast, 16, false));
    assert!(repacks(&of(51), &fast, 8, false), "few answers at once are faster repacked");
    assert!(repacks(&of(50), &fast, 16, false), "most weights gain nothing");
    assert!(repacks(&of(100), &features(&["AVX2", "AVX_VNNI"]), 16, false));
    let ours = |kernel_weight_bytes| GgufInfo { kernel_weight_bytes, ..of(0) };
    assert!(!repacks(&ours(51), &fast, 1, true), "our kernels take them as they are");
    assert!(repacks(&ours(50), &fast, 1, true), "most weights are unknown to them");
    // The tests' model is in an older format.
    assert!(repacks(&info, &fast, 16, false), "{info:?}");
}
