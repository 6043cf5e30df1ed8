use super::*;

#[test]
fn the_peak_is_read_in_bytes() {
    assert_eq!(
        of_status("Name:\tmoa\nVmPeak:\t  900 kB\nVmHWM:\t  123456 kB\nVmRSS:\t 7 kB\n"),
        Some(126_418_944)
    );
    assert_eq!(of_status("Name:\tmoa\n"), None);
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_given_back_before_a_reset_does_not_count() {
    const SIZE: usize = 256 << 20;
    reset();
    let before = bytes().unwrap();
    let touched = vec![1u8; SIZE];
    let during = bytes().unwrap();
    assert!(during >= before + SIZE as u64 / 2, "{before} {during} {}", touched[SIZE - 1]);
    drop(touched);
    reset();
    assert!(bytes().unwrap() < during);
}
