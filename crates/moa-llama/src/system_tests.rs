use super::*;

#[test]
fn only_what_is_on_is_a_feature() {
    let line = "CPU : SSE3 = 1 | SSSE3 = 0 | AVX512 = 1 | CUDA : ARCHS = 890 | OPENMP = 1 | ";
    assert_eq!(features(line), ["SSE3", "AVX512", "ARCHS=890", "OPENMP"]);
    assert!(features("").is_empty());
}

#[test]
fn the_peak_is_told_in_bytes() {
    assert_eq!(
        peak_of("Name:\tmoa\nVmPeak:\t  900 kB\nVmHWM:\t     512 kB\nVmRSS:\t 100 kB\n"),
        Some(512 * 1024)
    );
    assert_eq!(peak_of("VmHWM:\t lots\n"), None);
    #[cfg(target_os = "linux")]
    assert!(peak_memory_bytes().is_some_and(|bytes| bytes > 1_000_000));
}

#[test]
fn this_machine_has_a_processor() {
    let info = system_info();
    assert!(info.cores >= 1);
    assert!(info.devices.iter().any(|device| !device.is_gpu && device.name == "CPU"), "{info:?}");
}
