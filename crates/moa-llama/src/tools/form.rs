//! The form of an answer that may call tools, as a grammar.

use serde_json::Value;

use super::{CLOSES, Choice, FENCE, OPENS, Offered, name_of};
use crate::form::{Rules, UnsupportedForm, literal, root_of_format, root_of_schema};

/// The grammar of an answer that calls tools, or that says something where it need not; what it says has `format` then.
pub(crate) fn grammar(offered: Offered<'_>, format: Option<&Value>) -> Result<String, UnsupportedForm> {
    let mut rules = Rules::default();
    let ws = rules.primitive("ws");
    let mut calls = Vec::new();
    for (place, tool) in offered.tools.iter().enumerate() {
        let Some(name) = name_of(tool) else { continue };
        if matches!(offered.choice, Choice::Named(wanted) if wanted != name) {
            continue;
        }
        let arguments = arguments(tool, place, &mut rules)?;
        let name = literal(&Value::from(name).to_string());
        calls.push(rules.add(format!(
            "\"{{\" {ws} \"\\\"name\\\":\" {ws} {name} {ws} \",\" {ws} \"\\\"arguments\\\":\" {ws} {arguments} \"}}\" {ws}"
        )));
    }
    // What follows the mark that opens a call.
    let body = rules.add(format!("{ws} ({}) {}", calls.join(" | "), literal(CLOSES)));
    let further = rules.add(format!("{ws} {} {body}", literal(OPENS)));
    let times = if offered.several && !matches!(offered.choice, Choice::Named(_)) { "*" } else { "{0,0}" };
    let rest = if times == "*" { rules.add(format!("{body} {further}*")) } else { body };
    let only_calls = format!("{} {rest}", literal(OPENS));
    // Models begin calls in a fence, too. If they could not close it, they would write one call after another instead of coming to an end.
    let fenced = rules.add(format!("{rest} ({ws} {})?", literal(FENCE)));
    let root = match (offered.choice, format) {
        (Choice::Required | Choice::Named(_), _) => rules.add(only_calls),
        (Choice::Auto, None) => text_then(&fenced, &mut rules),
        (Choice::Auto, Some(format)) => match root_of_format(format, &mut rules)? {
            None => text_then(&fenced, &mut rules),
            Some(said) => rules.add(format!("{said} | {only_calls}")),
        },
    };
    Ok(rules.grammar(&root))
}

/// The rule of what a tool may be called with. Where its schema asks for more than a grammar can promise, any object will do, unless the
/// tool is strict.
fn arguments(tool: &Value, place: usize, rules: &mut Rules) -> Result<String, UnsupportedForm> {
    let function = tool.get("function");
    let Some(schema) = function.and_then(|function| function.get("parameters")) else {
        return Ok(rules.object());
    };
    let is_strict =
        function.and_then(|function| function.get("strict")).and_then(Value::as_bool) == Some(true);
    let place = format!("tools[{place}].function.parameters");
    match root_of_schema(schema, &place, rules) {
        Ok(root) => Ok(root),
        Err(unsupported) if is_strict => Err(unsupported),
        Err(_) => Ok(rules.object()),
    }
}

/// Any text, and calls behind the first mark that opens one. The rules are the states of a reader who waits for that mark; since its first
/// sign comes nowhere else in it, a sign that does not fit leads back to the beginning, or to the second state.
fn text_then(calls: &str, rules: &mut Rules) -> String {
    let signs: Vec<char> = OPENS.chars().collect();
    let states: Vec<usize> = signs.iter().map(|_| rules.reserve()).collect();
    let name = |state: usize| states.get(state).map(|number| Rules::name(*number)).unwrap_or_default();
    for (place, sign) in signs.iter().enumerate() {
        let next = if place + 1 == signs.len() { calls.to_owned() } else { name(place + 1) };
        let onward = format!("{} {next}", literal(&sign.to_string()));
        let body = if place == 0 {
            format!("| [^<] {} | {onward}", name(0))
        } else {
            format!("| [^<{sign}] {} | \"<\" {} | {onward}", name(0), name(1))
        };
        if let Some(number) = states.get(place) {
            rules.write(*number, body);
        }
    }
    name(0)
}
