//! How the answers of a preset are combined and chosen.

use moa_core::extraction::AnswerForm;
use moa_core::{Aggregation, AgreementMeasure, Choosing, ChoosingKind, EarlyStop, Mixture};

use crate::check;
use crate::kind::ProblemKind;
use crate::place::Placed;
use crate::problem::Problem;
use crate::raw::words::{self, DEFAULT_WINDOW, LEAST_WINDOW};
use crate::raw::{RawAggregation, RawAggregationKind, RawEarlyStop, RawSelection};
use crate::source::SourceFile;
use crate::written::Written;

/// How a preset comes to its answer.
pub(crate) fn aggregation(file: &SourceFile, raw: &RawAggregation) -> Result<Aggregation, Problem> {
    let keys = Keys {
        file,
        answer: raw.answer.as_ref(),
        measure: raw.measure.as_ref(),
        method: raw.method.as_ref(),
        window: raw.window.as_ref(),
        prefer: raw.prefer.as_ref(),
    };
    let by = match raw.kind.value() {
        RawAggregationKind::Synthesise => {
            keys.only("synthesise", &[])?;
            return Ok(Aggregation::Synthesise);
        }
        RawAggregationKind::AnalyseThenWrite => {
            keys.only("analyse-then-write", &[])?;
            return Ok(Aggregation::AnalyseThenWrite);
        }
        RawAggregationKind::SelfMoaSeq => {
            keys.only("self-moa-seq", &["window"])?;
            return Ok(Aggregation::SelfMoaSeq { window: keys.window()? });
        }
        RawAggregationKind::Vote => keys.vote(),
        RawAggregationKind::Mux => keys.mux(),
        RawAggregationKind::Certainty => keys.certainty(),
        RawAggregationKind::Rank => keys.rank(),
        RawAggregationKind::UniversalSelfConsistency => keys.consistency(),
        RawAggregationKind::RunCandidates => keys.run_candidates(),
    };
    Ok(Aggregation::Choose(keys.choosing(by?, 1)))
}

/// Which answers of a layer go on.
pub(crate) fn selection(file: &SourceFile, raw: &RawSelection) -> Result<Choosing, Problem> {
    let keep = check::positive("keep", &file.placed(&raw.keep))?;
    let keys = Keys {
        file,
        answer: raw.answer.as_ref(),
        measure: raw.measure.as_ref(),
        method: raw.method.as_ref(),
        window: None,
        prefer: raw.prefer.as_ref(),
    };
    let by = match raw.kind.value() {
        words::SelectionKind::Vote => keys.vote(),
        words::SelectionKind::Mux => keys.mux(),
        words::SelectionKind::Certainty => keys.certainty(),
        words::SelectionKind::Rank => keys.rank(),
        words::SelectionKind::UniversalSelfConsistency => keys.consistency(),
        words::SelectionKind::RunCandidates => keys.run_candidates(),
        words::SelectionKind::Diverse => keys.diverse(),
    };
    Ok(keys.choosing(by?, keep))
}

/// When the layers that are left are not asked.
pub(crate) fn early_stop(file: &SourceFile, raw: &RawEarlyStop) -> Result<EarlyStop, Problem> {
    let written = file.placed(&raw.agreement);
    let is_share = *written.value > 0.0 && *written.value <= 1.0;
    if !is_share {
        let kind = ProblemKind::OutOfRange {
            key: "agreement".to_owned(),
            written: written.value.to_string(),
            range: "above 0 and at most 1",
        };
        return Err(Problem::at(&written.place, kind));
    }
    Ok(EarlyStop {
        agreement: *written.value,
        measure: measure(file, raw)?,
        then: raw.then.as_ref().map(|written| *written.value()).unwrap_or_default().into(),
    })
}

/// By what it is measured whether the layers that are left are needed.
fn measure(file: &SourceFile, raw: &RawEarlyStop) -> Result<AgreementMeasure, Problem> {
    let by = raw.by.as_ref().map(|written| *written.value());
    let kind = match (by, &raw.answer) {
        (Some(words::AgreementMeasure::Answer), None) => {
            return Ok(AgreementMeasure::Answer { form: AnswerForm::default() });
        }
        (None | Some(words::AgreementMeasure::Answer), Some(answer)) => {
            return Ok(AgreementMeasure::Answer { form: (*answer.value()).into() });
        }
        (None | Some(words::AgreementMeasure::Words), None) => return Ok(AgreementMeasure::Words),
        (Some(words::AgreementMeasure::Examples), None) => return Ok(AgreementMeasure::Examples),
        (Some(words::AgreementMeasure::Words), Some(_)) => "words",
        (Some(words::AgreementMeasure::Examples), Some(_)) => "examples",
    };
    let place = raw.answer.as_ref().map_or_else(|| file.place(&raw.agreement), |answer| file.place(answer));
    Err(Problem::at(&place, ProblemKind::MisplacedKindKey { key: "answer", kind }))
}

/// Whether everybody who is preferred takes part.
pub(crate) fn check_preferred(
    mixture: &Mixture,
    preferred: &Placed<'_, &Vec<String>>,
) -> Result<(), Problem> {
    match preferred.value.iter().find(|name| !mixture.takes_part(name)) {
        Some(name) => {
            Err(Problem::at(&preferred.place, ProblemKind::UnknownPreferred { name: name.clone() }))
        }
        None => Ok(()),
    }
}

/// The keys that stand beside `kind`.
struct Keys<'a> {
    file: &'a SourceFile,
    answer: Option<&'a Written<words::AnswerForm>>,
    measure: Option<&'a Written<words::CertaintyMeasure>>,
    method: Option<&'a Written<words::RankMethod>>,
    window: Option<&'a Written<u32>>,
    prefer: Option<&'a Written<Vec<String>>>,
}

impl Keys<'_> {
    /// Refuses what does not go with the kind.
    fn only(&self, kind: &'static str, allowed: &[&str]) -> Result<(), Problem> {
        let written = [
            ("answer", self.answer.map(|written| self.file.place(written))),
            ("measure", self.measure.map(|written| self.file.place(written))),
            ("method", self.method.map(|written| self.file.place(written))),
            ("window", self.window.map(|written| self.file.place(written))),
            ("prefer", self.prefer.map(|written| self.file.place(written))),
        ];
        for (key, place) in written {
            if let Some(place) = place.filter(|_| !allowed.contains(&key)) {
                return Err(Problem::at(&place, ProblemKind::MisplacedKindKey { key, kind }));
            }
        }
        Ok(())
    }

    fn form(&self) -> AnswerForm {
        self.answer.map(|written| *written.value()).unwrap_or_default().into()
    }

    fn vote(&self) -> Result<ChoosingKind, Problem> {
        self.only("vote", &["answer", "prefer"])?;
        Ok(ChoosingKind::Vote { answer: self.form() })
    }

    fn mux(&self) -> Result<ChoosingKind, Problem> {
        self.only("mux", &["answer", "prefer"])?;
        Ok(ChoosingKind::Mux { answer: self.form() })
    }

    fn certainty(&self) -> Result<ChoosingKind, Problem> {
        self.only("certainty", &["measure", "prefer"])?;
        let measure = self.measure.map(|written| *written.value()).unwrap_or_default();
        Ok(ChoosingKind::Certainty { measure: measure.into() })
    }

    fn rank(&self) -> Result<ChoosingKind, Problem> {
        self.only("rank", &["method", "prefer"])?;
        let method = self.method.map(|written| *written.value()).unwrap_or_default();
        Ok(ChoosingKind::Rank { method: method.into() })
    }

    fn consistency(&self) -> Result<ChoosingKind, Problem> {
        self.only("universal-self-consistency", &["prefer"])?;
        Ok(ChoosingKind::UniversalSelfConsistency)
    }

    fn run_candidates(&self) -> Result<ChoosingKind, Problem> {
        self.only("run-candidates", &["prefer"])?;
        Ok(ChoosingKind::RunCandidates)
    }

    fn diverse(&self) -> Result<ChoosingKind, Problem> {
        self.only("diverse", &["prefer"])?;
        Ok(ChoosingKind::Diverse)
    }

    fn window(&self) -> Result<u32, Problem> {
        let Some(written) = self.window else { return Ok(DEFAULT_WINDOW) };
        let placed = self.file.placed(written);
        if *placed.value < LEAST_WINDOW {
            let kind = ProblemKind::OutOfRange {
                key: "window".to_owned(),
                written: placed.value.to_string(),
                range: "2 or more",
            };
            return Err(Problem::at(&placed.place, kind));
        }
        Ok(*placed.value)
    }

    fn choosing(&self, by: ChoosingKind, keep: u32) -> Choosing {
        let prefer = self.prefer.map(|written| written.value().clone()).unwrap_or_default();
        Choosing { by, keep, prefer }
    }
}

#[cfg(test)]
#[path = "aggregation_tests.rs"]
mod tests;
