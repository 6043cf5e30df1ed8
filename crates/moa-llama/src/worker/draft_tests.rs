//! Greedy decisions with drafts against the ones without, on the real model, at every place.

use super::*;

/// A prompt whose answer quotes it.
const PROMPT: &str = "<|im_start|>user\nRepeat this: The ink froze in the bottle, and the captains asked to read those pages first. \
     The ink froze in the bottle, and the captains asked to read those pages first.<|im_end|>\n<|im_start|>assistant\n";
/// Draft lengths as they come up, in turn.
const LENGTHS: [usize; 6] = [1, 3, 7, 2, 15, 5];

impl Side<'_> {
    /// Computes tokens of the one sequence in one call; the opinion after each of them.
    fn verify(&mut self, tokens: &[Token]) -> Vec<Opinion> {
        let sequence = self.sequences[0];
        let start = self.kv.table().length(sequence);
        let mut batch = Batch::default();
        for (offset, token) in tokens.iter().enumerate() {
            batch.push(*token, start + offset, i32::try_from(sequence).unwrap(), true);
        }
        self.kv.make_room(batch.len()).unwrap();
        self.kv.decode(&mut batch, self.threads).unwrap();
        (0..tokens.len()).map(|place| Opinion::of(self.kv.logits(place).unwrap())).collect()
    }
}

#[test]
fn drafts_right_and_wrong_leave_every_greedy_decision_as_it_is_except_at_near_ties() {
    let _turn = turn();
    let model = model();
    let prompt = model.tokenize(PROMPT, true);
    let (answer, alone) = alone(&model, &prompt);
    let mut kv = cache(&model, 1);
    let mut side = Side::new(&mut kv, std::slice::from_ref(&prompt), 1);
    let mut opinions = side.compute(&[&prompt]);
    let sequence = side.sequences[0];
    let mut lengths = LENGTHS.iter().cycle();
    let mut written = 0;
    while written + 1 < answer.len() {
        // The token that is due, the right draft, and behind it a wrong one, which has to leave no trace.
        let end = (written + 1 + lengths.next().unwrap()).min(answer.len() - 1);
        let right = &answer[written..=end];
        let wrong = [answer[0], answer[written], answer[0]];
        let seen = side.verify(&[right, &wrong[..]].concat());
        opinions.extend(seen.into_iter().take(right.len()));
        side.kv.computed(sequence, right);
        side.kv.cut_back(sequence);
        written = end + 1;
    }
    let (mut near_ties, mut largest) = (0, 0.0_f32);
    for (place, (plain, drafted)) in alone.iter().zip(&opinions).enumerate() {
        largest = largest.max(plain.distance(drafted));
        if plain.lead < NEAR_TIE {
            near_ties += 1;
        } else {
            assert_eq!(plain.best, drafted.best, "token {place}: the lead was {}", plain.lead);
        }
    }
    println!("{near_ties} near-ties at {} places; the logits differ by {largest} at most", opinions.len());
    assert!(opinions.len() >= ANSWER_TOKENS, "{}", opinions.len());
    assert!(near_ties * 4 < opinions.len(), "{near_ties} of {} decisions were not compared", opinions.len());
    assert!(largest < NEAR_TIE, "logits differ by {largest}");
}
