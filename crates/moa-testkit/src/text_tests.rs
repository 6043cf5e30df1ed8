use proptest::prelude::*;

use super::*;

#[test]
fn a_token_is_a_word_with_the_space_before_it() {
    assert_eq!(tokens("hello  world\n"), ["hello", "  world", "\n"]);
    assert_eq!(tokens(" a"), [" a"]);
    assert_eq!(tokens(""), Vec::<&str>::new());
}

proptest! {
    #[test]
    fn tokens_put_together_are_the_text(text in any::<String>()) {
        let tokens = tokens(&text);
        prop_assert_eq!(&tokens.concat(), &text);
        prop_assert!(tokens.iter().all(|token| !token.is_empty()));
    }
}
