use std::sync::Arc;

use moa_core::{Agent, Conversation, Failure, FailureKind, Mixture, Models, Pricing};

use super::scripted::{ScriptedModel, calls, dollar};
use crate::runner::{Contender, CostCap};

fn contender() -> Contender {
    // At most 10 tokens are written, and none of the rest of the price is known before the call.
    Contender::new("m", Mixture::new("m", Vec::new(), Agent::new("m", 10)))
}

async fn ask(models: &Models) -> Result<f64, Failure> {
    let answer = contender().answer(&Conversation::ask("?"), 0, &calls(models), &|_| 0).await;
    answer.map(|done| done.usage.cost_usd.unwrap_or(0.0)).map_err(|undone| undone.failure)
}

#[tokio::test]
async fn no_call_is_made_that_could_pass_the_cap() {
    let model = ScriptedModel::priced("m", dollar(), |_| Ok("yes".to_owned()));
    let cap = CostCap::new(60.0);
    let models = cap.around(Models::new().with(Arc::clone(&model) as _));
    let (mut spent, mut calls) = (0.0, 0);
    let failure = loop {
        match ask(&models).await {
            Ok(cost) => spent += cost,
            Err(failure) => break failure,
        }
        calls += 1;
        assert!(calls < 100, "the cap never held");
    };
    assert_eq!(failure.kind, FailureKind::CostCap);
    assert!(spent <= 60.0 && calls >= 2, "{spent} for {calls}");
    assert_eq!(model.asked(), calls, "the call that was refused was not made");
}

#[tokio::test]
async fn a_call_that_failed_before_it_could_cost_anything_gives_its_money_back() {
    let model = ScriptedModel::priced("m", dollar(), |_| Err(Failure::new(FailureKind::ServerError, "no")));
    let models = CostCap::new(60.0).around(Models::new().with(model as _));
    for _ in 0..20 {
        assert_eq!(ask(&models).await.unwrap_err().kind, FailureKind::ServerError);
    }
    // One that may have been worked on is paid for in full, and so is one that had begun to answer.
    let failing = |kind| ScriptedModel::priced("m", dollar(), move |_| Err(Failure::new(kind, "no")));
    for (kind, model) in [
        (FailureKind::ConnectionLost, failing(FailureKind::ConnectionLost)),
        (FailureKind::ServerError, failing(FailureKind::ServerError).with_last_words("so")),
    ] {
        let models = CostCap::new(60.0).around(Models::new().with(model as _));
        let mut kinds = Vec::new();
        for _ in 0..20 {
            kinds.push(ask(&models).await.unwrap_err().kind);
        }
        assert!(kinds.contains(&FailureKind::CostCap) && kinds[0] == kind, "{kinds:?}");
    }
}

#[tokio::test]
async fn a_price_that_nobody_knows_cannot_be_capped() {
    let model = ScriptedModel::priced("m", Pricing::Unknown, |_| Ok("yes".to_owned()));
    let models = CostCap::new(1.0).around(Models::new().with(Arc::clone(&model) as _));
    assert_eq!(ask(&models).await.unwrap_err().kind, FailureKind::CostCap);
    assert_eq!(model.asked(), 0);
}
