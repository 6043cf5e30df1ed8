//! Models behind endpoints.

use moa_core::{Price, Pricing};

use crate::check;
use crate::endpoint::Endpoint;
use crate::kind::ProblemKind;
use crate::model::Models;
use crate::place::Placed;
use crate::problem::Problem;
use crate::raw::{RawModel, RawModelTable, RawPrice};
use crate::source::SourceFile;

/// A model behind an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteModel {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The model's id there.
    pub id: String,
    /// What could replace the model once its endpoint no longer serves it.
    pub successors: Vec<String>,
    /// What asking it costs. Without a word about it a model is free where its endpoint is on this machine and wants no key or secret
    /// header, since nobody sends a bill for that; every other price is unknown then. A gateway on this machine that passes requests on
    /// to a service that costs something needs a price for its models, or its costs are not counted.
    pub pricing: Pricing,
    /// Whether it sees images.
    pub images: bool,
    /// Tokens of context, for prompt and answer together, where they are known.
    pub context_tokens: Option<u32>,
    /// Whether its answers are asked for piece by piece.
    pub stream: bool,
}

impl RemoteModel {
    /// A model of which nothing is known but where it is.
    fn new(endpoint: Endpoint, id: String) -> Self {
        Self {
            pricing: if endpoint.is_own() { Pricing::Free } else { Pricing::Unknown },
            images: false,
            context_tokens: None,
            stream: endpoint.stream,
            successors: Vec::new(),
            endpoint,
            id,
        }
    }
}

impl Models<'_> {
    /// The model that a table with `endpoint` describes.
    pub(crate) fn remote(
        &self,
        file: &SourceFile,
        name: &str,
        table: &RawModelTable,
        endpoint: &Placed<'_, &String>,
    ) -> Result<RemoteModel, Problem> {
        if let Some(written) = &table.sequences {
            let kind =
                ProblemKind::MisplacedModelKey { key: "sequences", source_key: "a model behind an endpoint" };
            return Err(Problem::at(&file.place(written), kind));
        }
        if let Some(written) = &table.kv_cache {
            let kind =
                ProblemKind::MisplacedModelKey { key: "kv-cache", source_key: "a model behind an endpoint" };
            return Err(Problem::at(&file.place(written), kind));
        }
        let checked = self.sources.endpoint(&endpoint.clone().map(String::as_str))?;
        let id = match &table.id {
            Some(id) if id.value().is_empty() => {
                return Err(Problem::at(&file.place(id), ProblemKind::Empty { key: "id" }));
            }
            Some(id) => id.value().clone(),
            None => {
                return Err(Problem::at(&endpoint.place, ProblemKind::NoModelId { name: name.to_owned() }));
            }
        };
        let context_tokens = table.context_tokens.as_ref();
        let context_tokens = context_tokens
            .map(|written| check::positive("context-tokens", &file.placed(written)))
            .transpose()?;
        let price = table.price.as_ref().map(|written| price(file, written.value())).transpose()?;
        let plain = RemoteModel::new(checked, id);
        Ok(RemoteModel {
            successors: table.successors.as_ref().map(|list| list.value().clone()).unwrap_or_default(),
            pricing: price.map_or(plain.pricing, Pricing::Known),
            images: table.images.as_ref().is_some_and(|written| *written.value()),
            context_tokens,
            stream: table.stream.as_ref().map_or(plain.stream, |written| *written.value()),
            ..plain
        })
    }

    /// The model of a reference such as `ollama:llama3.2:1b`, if it begins with the name of an endpoint. What a table says about the
    /// same model of the same endpoint holds for it too.
    pub(crate) fn at_endpoint(&self, name: &Placed<'_, &str>) -> Option<Result<RemoteModel, Problem>> {
        let (endpoint, id) = split_reference(name.value)?;
        self.sources.endpoint_names().find(|known| *known == endpoint)?;
        for file in self.sources.strongest_first() {
            for (label, written) in &file.raw.models {
                let RawModel::Table(table) = written.value() else { continue };
                let (Some(its_endpoint), Some(its_id)) = (&table.endpoint, &table.id) else { continue };
                if its_endpoint.value() == endpoint && its_id.value() == id {
                    return Some(self.remote(file, label, table, &file.placed(its_endpoint)));
                }
            }
        }
        let endpoint = Placed { value: endpoint, place: name.place.clone() };
        Some(self.sources.endpoint(&endpoint).map(|endpoint| RemoteModel::new(endpoint, id.to_owned())))
    }
}

/// The endpoint and the id of a reference, if it has the form of one.
pub(crate) fn split_reference(written: &str) -> Option<(&str, &str)> {
    let (endpoint, id) = written.split_once(':')?;
    let is_odd = |character: char| character.is_whitespace() || character.is_control();
    (!id.is_empty() && !id.contains(is_odd)).then_some((endpoint, id))
}

fn price(file: &SourceFile, raw: &RawPrice) -> Result<Price, Problem> {
    let usd = |key, written| check::usd(key, &file.placed(written));
    let cached = raw.cached_input_usd.as_ref().map(|written| usd("cached-input-usd", written));
    Ok(Price {
        input_usd: usd("input-usd", &raw.input_usd)?,
        output_usd: usd("output-usd", &raw.output_usd)?,
        cached_input_usd: cached.transpose()?,
    })
}

#[cfg(test)]
#[path = "remote_tests.rs"]
mod tests;
