//! What a mixture cannot do, told before anybody is asked.

use moa_config::{ResolvedModel, ResolvedPreset};

use crate::error::ApiError;

/// Refuses a field that one of the aggregators would not obey, with its reason: silently doing without it would be a lie.
pub(super) fn check(
    preset: &ResolvedPreset,
    param: &str,
    refusal: impl Fn(&ResolvedModel) -> Option<String>,
) -> Result<(), ApiError> {
    for agent in preset.mixture.aggregators() {
        let reason = preset.models.get(&agent.model).and_then(&refusal);
        if let Some(reason) = reason {
            let message = format!("the model '{}' cannot obey '{param}': {reason}", agent.model);
            return Err(ApiError::unsupported(param, message));
        }
    }
    Ok(())
}
