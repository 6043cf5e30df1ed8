//! `moa models`: list, pull, rm, info.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use moa_config::{Config, Overrides, ResolvedModel};
use moa_hub::{CatalogueModel, Hub, ListedModel, ModelReference, ModelState};
use moa_llama::GgufInfo;
use moa_terminal::quantities;
use serde::Serialize;

use super::bench::model::{self, BenchRequest};
use crate::cli::ModelsCommand;
use crate::complaint::Complaint;
use crate::fetch::pull;
use crate::interrupt::Interrupts;
use crate::local::reference;
use crate::workspace::{Workspace, config_complaint, hub_complaint};

pub(crate) async fn execute(workspace: &Workspace, command: ModelsCommand) -> Result<(), Complaint> {
    let config = workspace.config()?;
    let hub = workspace.hub(&config)?;
    match command {
        ModelsCommand::List { json } => list(&hub, json),
        ModelsCommand::Pull { ids, preset } => {
            pull_all(&hub, &config, &ids, preset.as_deref(), &workspace.interrupts).await
        }
        ModelsCommand::Rm { ids } => remove(&hub, &config, &ids).await,
        ModelsCommand::Info { id, json } => info(&hub, &named(&hub, &config, &id)?, json),
        ModelsCommand::Bench { id, tokens, json, parallel, yes } => {
            let request = BenchRequest { name: &id, tokens, parallel, json, yes };
            model::execute(workspace, &config, request).await
        }
    }
}

/// What a name on the command line means: a configured model, a catalogue id, a hub file or a path.
fn named(hub: &Hub, config: &Config, name: &str) -> Result<ModelReference, Complaint> {
    match config.model(name) {
        Ok((_, ResolvedModel::Local(local))) => Ok(reference(&local.weights)),
        Ok((id, _)) => {
            Err(Complaint::failed(format!("model '{id}' runs at an endpoint: there is no file of it")))
        }
        Err(_) => hub.reference(name).map_err(|error| hub_complaint(&error)),
    }
}

#[derive(Serialize)]
struct ListedDocument {
    id: String,
    bytes: Option<u64>,
    state: &'static str,
    parameters: Option<u64>,
    licence: Option<String>,
    licence_url: Option<String>,
    path: String,
}

fn list(hub: &Hub, json: bool) -> Result<(), Complaint> {
    let models = hub.list().map_err(|error| hub_complaint(&error))?;
    if json {
        let documents: Vec<ListedDocument> = models.iter().map(document).collect();
        return super::print_json(&documents);
    }
    let ids: Vec<String> = models.iter().map(|model| model.reference.to_string()).collect();
    let width = ids.iter().map(|id| id.chars().count()).max().unwrap_or(0);
    let mut text = format!("models in {}\n\n", hub.options().models_folder.display());
    let mut notes = BTreeSet::new();
    for (model, id) in models.iter().zip(&ids) {
        let size = model.bytes.map_or_else(|| "size unknown".to_owned(), quantities::bytes);
        let licence = model.catalogue.as_ref().map_or("", |known| known.licence.name.as_str());
        let _ = writeln!(text, "{id:width$}  {size:>12}  {:<14}  {licence}", state(model));
        notes.extend(model.catalogue.as_ref().and_then(licence_note));
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    for note in notes {
        let _ = writeln!(text, "{note}");
    }
    super::print(&text)
}

fn licence_note(model: &CatalogueModel) -> Option<String> {
    let note = model.licence.note.as_ref()?;
    Some(format!("{}: {note} ({})", model.licence.name, model.licence.url))
}

fn state(model: &ListedModel) -> String {
    match model.state {
        ModelState::Verified => "on disk".to_owned(),
        ModelState::Unverified => "not verified".to_owned(),
        ModelState::Partial { done_bytes } => match model.bytes {
            Some(total) if total > 0 => format!("{} % fetched", done_bytes * 100 / total),
            _ => "partly fetched".to_owned(),
        },
        _ => "-".to_owned(),
    }
}

fn document(model: &ListedModel) -> ListedDocument {
    let known = model.catalogue.as_ref();
    ListedDocument {
        id: model.reference.to_string(),
        bytes: model.bytes,
        state: match model.state {
            ModelState::Verified => "verified",
            ModelState::Unverified => "unverified",
            ModelState::Partial { .. } => "partial",
            _ => "absent",
        },
        parameters: known.map(|model| model.parameters),
        licence: known.map(|model| model.licence.name.clone()),
        licence_url: known.map(|model| model.licence.url.clone()),
        path: model.path.display().to_string(),
    }
}

async fn pull_all(
    hub: &Hub,
    config: &Config,
    ids: &[String],
    preset: Option<&str>,
    interrupts: &Interrupts,
) -> Result<(), Complaint> {
    let mut wanted = Vec::new();
    for id in ids {
        wanted.push(named(hub, config, id)?);
    }
    if let Some(name) = preset {
        let preset = config.preset(name, &Overrides::default()).map_err(|error| config_complaint(&error))?;
        wanted.extend(preset.models.values().filter_map(|model| match model {
            ResolvedModel::Local(local) => Some(reference(&local.weights)),
            _ => None,
        }));
    }
    for reference in wanted {
        let path = pull(hub, &reference, interrupts).await?;
        super::print(&format!("{reference}  {}\n", path.display()))?;
    }
    Ok(())
}

async fn remove(hub: &Hub, config: &Config, ids: &[String]) -> Result<(), Complaint> {
    for id in ids {
        let reference = named(hub, config, id)?;
        let freed = hub.remove(&reference).await.map_err(|error| hub_complaint(&error))?;
        super::print(&format!("removed {reference}: {} free\n", quantities::bytes(freed)))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct InfoDocument {
    id: String,
    path: Option<String>,
    bytes: Option<u64>,
    sha256: Option<String>,
    parameters: Option<u64>,
    licence: Option<String>,
    licence_url: Option<String>,
    architecture: Option<String>,
    training_context_tokens: Option<u32>,
    chat_template: Option<bool>,
    kv_bytes_per_token: Option<u64>,
}

fn info(hub: &Hub, reference: &ModelReference, json: bool) -> Result<(), Complaint> {
    let located = hub.locate(reference);
    if let (None, ModelReference::File(path)) = (&located, reference) {
        // Says what is wrong with the path: missing, a folder, not readable.
        inspect(path)?;
    }
    let file = located.as_ref().map(|located| inspect(&located.path)).transpose()?;
    let known = match reference {
        ModelReference::Catalogue(id) => hub.catalogue().find(id),
        _ => None,
    };
    let document = InfoDocument {
        id: reference.to_string(),
        path: located.as_ref().map(|located| located.path.display().to_string()),
        bytes: located.as_ref().map(|located| located.bytes).or(known.and_then(|known| known.bytes)),
        sha256: located
            .as_ref()
            .and_then(|located| located.sha256)
            .or(known.and_then(|known| known.sha256))
            .map(|sum| sum.to_string()),
        // A file may hold a matrix twice, which the catalogue counts once.
        parameters: known.map(|known| known.parameters).or(file.as_ref().map(|file| file.parameters)),
        licence: known
            .map(|known| known.licence.name.clone())
            .or(file.as_ref().and_then(|file| file.licence.clone())),
        licence_url: known.map(|known| known.licence.url.clone()),
        architecture: file.as_ref().and_then(|file| file.architecture.clone()),
        training_context_tokens: file.as_ref().and_then(|file| file.training_context_tokens),
        chat_template: file.as_ref().map(|file| file.has_chat_template),
        kv_bytes_per_token: file.as_ref().and_then(|file| file.kv_bytes_per_token),
    };
    if json {
        return super::print_json(&document);
    }
    super::print(&describe(&document, known))
}

fn inspect(path: &Path) -> Result<GgufInfo, Complaint> {
    moa_llama::inspect(path).map_err(|error| Complaint::failed(&error).with_hint(error.hint()))
}

fn describe(document: &InfoDocument, known: Option<&CatalogueModel>) -> String {
    let mut rows: Vec<(&str, String)> = vec![("model", document.id.clone())];
    if let Some(known) = known {
        rows.push(("title", known.title.clone()));
        rows.push(("hub", format!("{}/{}", known.hugging_face.repository, known.hugging_face.file)));
    }
    rows.push(("file", document.path.clone().unwrap_or_else(|| "not on disk".to_owned())));
    let mut row = |name, value: Option<String>| {
        if let Some(value) = value {
            rows.push((name, value));
        }
    };
    row("size", document.bytes.map(quantities::bytes));
    row("sha256", document.sha256.clone());
    row("parameters", document.parameters.map(quantities::count));
    row("architecture", document.architecture.clone());
    row(
        "trained context",
        document.training_context_tokens.map(|tokens| quantities::counted(u64::from(tokens), "token")),
    );
    row("chat template", document.chat_template.map(|there| if there { "yes" } else { "no" }.to_owned()));
    row("cache per token", document.kv_bytes_per_token.map(quantities::bytes));
    row("licence", document.licence.clone());
    row("licence text", document.licence_url.clone());
    row("licence note", known.and_then(|known| known.licence.note.clone()));
    let mut text = String::new();
    for (name, value) in rows {
        let _ = writeln!(text, "{name:<16} {value}");
    }
    if document.path.is_none() {
        let _ = writeln!(text, "\nget it: moa models pull {}", document.id);
    }
    text
}
