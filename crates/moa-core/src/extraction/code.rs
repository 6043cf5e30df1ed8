//! The program in a chatty answer.

use std::borrow::Cow;

/// A program that was taken from an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code {
    /// The whole program, the start that the problem gives included.
    pub program: String,
    /// Whether the answer ended within the program, so that its last lines may not be whole.
    pub is_cut_off: bool,
}

/// Finds the program that answers a problem of the form of `HumanEval`.
///
/// `prompt` is the start of a file up to the body of the function `entry_point`. Looked for, in this order:
///
/// 1. the last closed fence that defines the function, or else a fence that was never closed;
/// 2. without fences, the lines from the first one that imports or defines something, up to where prose begins again;
/// 3. a body alone, in a fence or indented: it follows the prompt.
///
/// What stands in front of the function in the prompt (imports, other functions) is put in front of an answer that defines it, so that an
/// answer need not repeat it. Nothing where no code is found.
#[must_use]
pub fn program(answer: &str, prompt: &str, entry_point: &str) -> Option<Code> {
    let fences = fences(answer);
    let defining = |fence: &&Fence| defines(&fence.code, entry_point);
    let chosen = fences
        .iter()
        .rfind(|fence| fence.is_closed && defining(fence))
        .or_else(|| fences.iter().rfind(defining));
    if let Some(fence) = chosen {
        return Some(whole(prompt, entry_point, &fence.code, !fence.is_closed));
    }
    if fences.is_empty() {
        let code = bare(answer);
        if defines(&code, entry_point) {
            return Some(whole(prompt, entry_point, &code, true));
        }
        return body(prompt, answer, true);
    }
    let longest = fences.iter().max_by_key(|fence| fence.code.len())?;
    let indented = if starts_indented(&longest.code) { longest.code.clone() } else { indent(&longest.code) };
    body(prompt, &indented, !longest.is_closed)
}

/// The beginning of a file that a prompt gives, such as a function without its body: the last fence that defines a function, or else what
/// stands in it without any.
pub(crate) fn start_of_program(prompt: &str) -> Option<String> {
    let fence = fences(prompt).into_iter().rfind(|fence| fence.is_python && defines_any(&fence.code));
    fence.map(|fence| fence.code).or_else(|| Some(bare(prompt)).filter(|code| defines_any(code)))
}

/// The program in an answer to a prompt that gives no beginning of it: the last closed fence that defines something, or else one that was
/// never closed, or else what stands there without any.
pub(crate) fn any_program(answer: &str) -> Option<Code> {
    let fences = fences(answer);
    let defining = |fence: &&Fence| fence.is_python && defines_any(&fence.code);
    let chosen = fences
        .iter()
        .rfind(|fence| fence.is_closed && defining(fence))
        .or_else(|| fences.iter().rfind(defining));
    if let Some(fence) = chosen {
        return Some(Code { program: fence.code.clone(), is_cut_off: !fence.is_closed });
    }
    let code = if fences.is_empty() { bare(answer) } else { String::new() };
    defines_any(&code).then_some(Code { program: code, is_cut_off: true })
}

/// A block between fences.
struct Fence {
    code: String,
    is_closed: bool,
    /// Whether it names no other language.
    is_python: bool,
}

/// The blocks of a text in Markdown, their common indentation taken away.
fn fences(text: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    let mut is_python = true;
    for line in text.lines() {
        let trimmed = line.trim_start();
        match &mut open {
            None => {
                let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
                open = mark.map(|mark| (mark, Vec::new()));
                is_python = names_python(trimmed);
            }
            Some((mark, lines)) => {
                // A closing fence has nothing after it; one with a language begins a block whose predecessor was not closed.
                let rest = trimmed.strip_prefix(*mark).map(|rest| rest.trim_matches(['`', '~', ' ', '\t']));
                match rest {
                    Some("") => {
                        found.push(Fence { code: dedented(lines), is_closed: true, is_python });
                        open = None;
                    }
                    Some(_) => {
                        found.push(Fence { code: dedented(lines), is_closed: false, is_python });
                        is_python = names_python(trimmed);
                        lines.clear();
                    }
                    None => lines.push(line),
                }
            }
        }
    }
    if let Some((_, lines)) = open {
        found.push(Fence { code: dedented(&lines), is_closed: false, is_python });
    }
    found.retain(|fence| !fence.code.trim().is_empty());
    found
}

/// Whether the opening line of a fence names Python or nothing.
fn names_python(line: &str) -> bool {
    let language = line.trim_matches(['`', '~', ' ', '\t']).to_lowercase();
    let first = language.split(|sign: char| !sign.is_alphanumeric()).next().unwrap_or_default();
    ["", "py", "python", "python3"].contains(&first)
}

/// Lines without the indentation that all of them have, unless the first one has more than that: then they are a body.
fn dedented(lines: &[&str]) -> String {
    let indentation = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let written = || lines.iter().filter(|line| !line.trim().is_empty());
    let is_function = written().next().is_some_and(|line| is_start(line.trim_start()));
    let common = if is_function { written().map(indentation).min().unwrap_or(0) } else { 0 };
    let mut code = String::new();
    for line in lines {
        code.push_str(line.get(common..).unwrap_or_default());
        code.push('\n');
    }
    code
}

/// Whether a line at the margin is one of a program.
fn is_start(line: &str) -> bool {
    ["def ", "async def ", "import ", "from ", "class ", "@"].iter().any(|start| line.starts_with(start))
}

/// Whether some function or class is defined at the margin.
fn defines_any(code: &str) -> bool {
    code.lines().any(|line| ["def ", "async def ", "class "].iter().any(|start| line.starts_with(start)))
}

/// Whether the function is defined at the margin.
pub(crate) fn defines(code: &str, entry_point: &str) -> bool {
    definition(code, entry_point).is_some()
}

/// Where the last definition of the function at the margin begins, in bytes.
fn definition(code: &str, entry_point: &str) -> Option<usize> {
    let mut at = 0;
    let mut found = None;
    for line in code.split_inclusive('\n') {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ");
        let rest = rest.and_then(|rest| rest.trim_start().strip_prefix(entry_point));
        if rest.is_some_and(|rest| rest.trim_start().starts_with('(')) {
            found = Some(at);
        }
        at += line.len();
    }
    found
}

/// The lines of a program that stands in prose without fences.
fn bare(answer: &str) -> String {
    let mut code = String::new();
    for line in answer.lines().skip_while(|line| !is_start(line)) {
        let is_margin = line.starts_with(|c: char| !c.is_whitespace());
        let is_code = !is_margin || is_start(line) || is_statement(line);
        if !is_code {
            break;
        }
        code.push_str(line);
        code.push('\n');
    }
    code
}

/// Whether a line at the margin looks like a statement: comments, closing brackets, assignments, and calls. Prose has other things.
fn is_statement(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    line.starts_with(['#', ')', ']', '}', '"', '\''])
        || line.split_once('=').is_some_and(|(name, _)| name.trim().chars().all(is_name))
        || ["if", "for", "while", "try:", "except", "else:", "elif", "with", "assert", "return"]
            .contains(&first)
            && line.trim_end().ends_with(':')
        || line.trim_end().ends_with(')')
            && line.split('(').next().is_some_and(|name| name.chars().all(is_name))
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_.".contains(character)
}

/// A program that defines the function, behind what the prompt has in front of it.
fn whole(prompt: &str, entry_point: &str, code: &str, is_cut_off: bool) -> Code {
    let preamble = definition(prompt, entry_point).and_then(|at| prompt.get(..at)).unwrap_or_default();
    let is_repeated = preamble.trim().is_empty() || code.contains(preamble.trim());
    let program = if is_repeated { code.to_owned() } else { format!("{preamble}\n{code}") };
    Code { program, is_cut_off }
}

/// A body behind the prompt; nothing where there is none.
fn body(prompt: &str, text: &str, is_cut_off: bool) -> Option<Code> {
    let text = text.trim_start_matches(['\n', '\r']);
    let text = if starts_indented(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("    {}", stripped_body(text)?))
    };
    let end = if prompt.ends_with('\n') { "" } else { "\n" };
    Some(Code { program: format!("{prompt}{end}{text}"), is_cut_off })
}

/// A body whose first line has lost its indentation, because answers are stripped: all others have theirs, or it is a single `return`.
fn stripped_body(text: &str) -> Option<&str> {
    let mut rest = text.lines().skip(1).filter(|line| !line.trim().is_empty()).peekable();
    let is_body = match rest.peek() {
        Some(_) => rest.all(|line| line.starts_with([' ', '\t'])),
        None => text.starts_with("return "),
    };
    is_body.then_some(text)
}

fn starts_indented(code: &str) -> bool {
    let first = code.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| line.starts_with([' ', '\t']))
}

fn indent(code: &str) -> String {
    code.lines().flat_map(|line| ["    ", line, "\n"]).collect()
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
