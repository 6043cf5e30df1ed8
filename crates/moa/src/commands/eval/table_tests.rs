use super::{Column, aligned, csv_line};

#[test]
fn numbers_end_together_and_texts_begin_together() {
    let columns: [Column<()>; 2] =
        [Column::text("who", |()| String::new()), Column::number("n", |()| String::new())];
    let lines = [["who", "n"], ["é", "5"], ["long", "100"]].map(|line| line.map(str::to_owned).to_vec());
    assert_eq!(aligned(&columns, &lines), "who     n\né       5\nlong  100\n");
}

#[test]
fn what_csv_would_take_for_something_else_is_quoted() {
    assert_eq!(
        csv_line(&["a,b".to_owned(), "say \"x\"".to_owned(), "1".to_owned()]),
        "\"a,b\",\"say \"\"x\"\"\",1\n"
    );
}
