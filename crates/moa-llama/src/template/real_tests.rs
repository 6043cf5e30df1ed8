//! Templates as models carry them. They are other people's texts and therefore read from where they are, not kept here.

use std::path::{Path, PathBuf};

use moa_core::{Conversation, Message, Role};

use super::*;
use crate::gguf::read_head;

const QWEN_2_5: &str = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";
const SMOL: &str = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

/// The files of the catalogue that come without asking anybody, and what stands first where nobody gives instructions.
const FILES: [(&str, &str); 3] = [
    ("SmolLM2-135M-Instruct.Q4_1.gguf", SMOL),
    ("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", QWEN_2_5),
    ("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", QWEN_2_5),
];
const WITHOUT_TEMPLATE: &str = "gemma-3-270m-q4_k_m.gguf";

/// A file of a model, next to the one that the tests need or in the folder of models.
fn find(name: &str) -> Option<PathBuf> {
    let beside = std::env::var_os("MOA_TEST_MODEL").map(|file| PathBuf::from(file).with_file_name(name));
    let in_folder = std::env::var_os("MOA_MODELS_DIR").map(|folder| PathBuf::from(folder).join(name));
    let found = [beside, in_folder].into_iter().flatten().find(|file| file.exists());
    if found.is_none() {
        eprintln!(
            "NOT CHECKED: the template of {name}, which is not on this machine (`make check-templates` gets it)"
        );
    }
    found
}

fn template_of(file: &Path) -> ChatTemplate {
    let head = read_head(file).unwrap();
    ChatTemplate::new(head.string("tokenizer.chat_template"), SpecialTexts::default())
}

fn written(template: &ChatTemplate, messages: Vec<Message>) -> String {
    let pieces = template.render(&Conversation::new(messages), &[]).unwrap();
    pieces.iter().map(|(Piece::Template(text) | Piece::Content(text))| text.as_str()).collect()
}

#[test]
fn files_of_the_catalogue_that_are_here_write_their_published_format() {
    for (name, instruction) in FILES {
        let Some(file) = find(name) else { continue };
        let template = template_of(&file);
        assert_eq!(template.warning(), None, "{name}");
        assert_eq!(
            written(&template, vec![Message::user("Why?")]),
            format!(
                "<|im_start|>system\n{instruction}<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"
            ),
            "{name}"
        );
        let turns = vec![
            Message::system("Mine."),
            Message::user(" Why? "),
            Message::assistant("So."),
            Message::user("日本"),
        ];
        assert_eq!(
            written(&template, turns),
            "<|im_start|>system\nMine.<|im_end|>\n<|im_start|>user\n Why? <|im_end|>\n\
             <|im_start|>assistant\nSo.<|im_end|>\n<|im_start|>user\n日本<|im_end|>\n<|im_start|>assistant\n",
            "{name}"
        );
    }
}

#[test]
fn a_file_of_the_catalogue_without_a_template_if_it_is_here_falls_back_to_chatml_with_a_warning() {
    let Some(file) = find(WITHOUT_TEMPLATE) else { return };
    let template = template_of(&file);
    assert!(template.warning().unwrap().contains("no chat template"), "{:?}", template.warning());
    let text = written(&template, vec![Message::user("Why?")]);
    assert_eq!(text, "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n");
    assert_eq!(template.stop_texts(), ["<|im_end|>", "<|im_start|>"]);
}

/// A conversation with the text that another implementation wrote for it (`scripts/check_templates.py`).
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    template: String,
    bos: String,
    eos: String,
    messages: Vec<Turn>,
    expected: String,
}

#[derive(serde::Deserialize)]
struct Turn {
    role: String,
    content: String,
}

impl Turn {
    fn message(self) -> Message {
        let role = match self.role.as_str() {
            "system" => Role::System,
            "assistant" => Role::Assistant,
            _ => Role::User,
        };
        Message::new(role, self.content)
    }
}

#[test]
fn cases_of_another_implementation_if_there_are_any_come_out_alike() {
    let Some(file) = std::env::var_os("MOA_TEMPLATE_CASES") else {
        eprintln!("NOT CHECKED: templates beside jinja2 (`make check-templates` does it)");
        return;
    };
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let specials = SpecialTexts { bos: case.bos, eos: case.eos };
        let template = ChatTemplate::new(Some(&case.template), specials);
        assert_eq!(template.warning(), None, "{}", case.name);
        let messages = case.messages.into_iter().map(Turn::message).collect();
        assert_eq!(written(&template, messages), case.expected, "{}", case.name);
    }
}
