//! What a mixture cannot do, told before anybody is asked.

use moa_config::{ResolvedModel, ResolvedPreset};

use crate::error::ApiError;

/// Refuses a field that the aggregator's engine would not obey: silently doing without it would be a lie.
pub(super) fn check(preset: &ResolvedPreset, param: &str, is_wanted: bool) -> Result<(), ApiError> {
    let local = preset
        .mixture
        .aggregators()
        .find(|agent| matches!(preset.models.get(&agent.model), Some(ResolvedModel::Local(_))));
    match local {
        Some(agent) if is_wanted => {
            let message = format!(
                "'{param}' is not supported by the model '{}', which runs in this process: let a model behind an endpoint \
                 aggregate",
                agent.model
            );
            Err(ApiError::unsupported(param, message))
        }
        _ => Ok(()),
    }
}
