use super::*;

#[test]
fn columns_are_aligned_whatever_the_width_of_their_characters() {
    let mut table = Columns::new(["model", "score"]);
    table.row(vec!["深い".to_owned(), number(Some(9.0))]);
    table.row(vec!["a".to_owned(), number(None)]);
    assert_eq!(table.to_string(), "model  score\n深い    9.00\na          -\n");
}
