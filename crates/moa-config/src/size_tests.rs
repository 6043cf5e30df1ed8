use super::*;

#[test]
fn sizes_are_read_as_people_write_them() {
    for (written, bytes) in [
        ("4GB", 4_000_000_000),
        (" 1.5 gb ", 1_500_000_000),
        ("512 MiB", 512 << 20),
        ("2GiB", 2 << 30),
        ("10kB", 10_000),
        ("7 B", 7),
        ("800000000", 800_000_000),
    ] {
        assert_eq!(parse_size(written), Some(bytes), "{written}");
    }
}

#[test]
fn what_is_no_size_is_refused() {
    for written in
        ["", "GB", "-1GB", "0", "0.1", "4 giga", "4GB RAM", "1e9", "inf", "1.2.3GB", "99999999999 GB"]
    {
        assert_eq!(parse_size(written), None, "{written}");
    }
}
