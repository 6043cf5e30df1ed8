//! Escapes in string literals.

/// Appends a string's content with its escapes resolved. Those that Python does not know stay as they are.
///
/// Nothing where Python raises: an unfinished number, or a code that is no character. Surrogates, which JSON could carry but Rust's
/// strings cannot, become replacement characters.
pub(crate) fn push(text: &mut String, content: &str, bytes: bool) -> Option<()> {
    let mut rest = content;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let escaped = rest[at + 1..].chars().next()?;
        rest = &rest[at + 1 + escaped.len_utf8()..];
        match escaped {
            '\n' => {}
            '\\' | '\'' | '"' => text.push(escaped),
            'a' => text.push('\u{7}'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{b}'),
            'x' => rest = push_code(text, rest, 2)?,
            'u' if !bytes => rest = push_code(text, rest, 4)?,
            'U' if !bytes => rest = push_code(text, rest, 8)?,
            // A named character: names are not known here, and lower case leaves none of them.
            'N' if !bytes => return None,
            '0'..='7' => rest = push_octal(text, rest, escaped),
            other => {
                text.push('\\');
                text.push(other);
            }
        }
    }
    text.push_str(rest);
    Some(())
}

fn push_code<'a>(text: &mut String, rest: &'a str, digits: usize) -> Option<&'a str> {
    let code = rest.get(..digits).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let code = u32::from_str_radix(code, 16).ok().filter(|code| *code <= u32::from(char::MAX))?;
    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(&rest[digits..])
}

fn push_octal<'a>(text: &mut String, rest: &'a str, first: char) -> &'a str {
    let more = rest.bytes().take(2).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    let code = first.to_digit(8).into_iter().chain(rest[..more].chars().filter_map(|c| c.to_digit(8)));
    let code = code.fold(0, |code, digit| code * 8 + digit);
    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    &rest[more..]
}
