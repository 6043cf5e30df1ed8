use super::*;
use crate::conversation::Message;

#[test]
fn scripts_without_spaces_count_by_the_sign_and_the_upper_bound_is_above_the_estimate() {
    assert_eq!(estimated_tokens("abcdefgh"), 2);
    assert_eq!(estimated_tokens("空は青い"), 4);
    let conversation = Conversation::new(vec![Message::system("Be brief."), Message::user("空は青い?")]);
    assert_eq!(estimated_prompt_tokens(&conversation), 3 + 4 + 5 + 4);
    assert!(most_prompt_tokens(&conversation) > estimated_prompt_tokens(&conversation));
}
