//! Words, numbers and signs of the condition language.

use std::ops::Range;

use super::SyntaxError;

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or keyword: a letter, then letters, digits, `_`, `-` and `.`.
    Word(&'a str),
    /// Digits with an optional decimal part or unit, such as `2`, `37.3`, `14d`, `610102.17`.
    Number(&'a str),
    /// One of `( ) , : < <= > >=`.
    Sign(&'a str),
}

impl<'a> Token<'a> {
    /// The text of the token.
    pub(super) const fn text(self) -> &'a str {
        match self {
            Self::Word(text) | Self::Number(text) | Self::Sign(text) => text,
        }
    }
}

enum Kind {
    Word,
    Number,
    Sign,
}

/// Splits a condition into tokens with their places.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, Range<usize>)>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut end = start + first.len_utf8();
        let mut take_while = |accept: &dyn Fn(char) -> bool| {
            while let Some((at, next)) = rest.next_if(|(_, next)| accept(*next)) {
                end = at + next.len_utf8();
            }
        };
        let kind = match first {
            'a'..='z' | 'A'..='Z' => {
                take_while(&|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '-' | '.'));
                Kind::Word
            }
            '0'..='9' => {
                take_while(&|next| next.is_ascii_alphanumeric() || next == '.');
                Kind::Number
            }
            '<' | '>' => {
                take_while(&|next| next == '=');
                Kind::Sign
            }
            '(' | ')' | ',' | ':' => Kind::Sign,
            _ => {
                return Err(SyntaxError {
                    span: start..end,
                    message: format!("unexpected character `{first}`"),
                    help: None,
                });
            }
        };
        let token = text.get(start..end).unwrap_or_default();
        tokens.push(match kind {
            Kind::Word => (Token::Word(token), start..end),
            Kind::Number => (Token::Number(token), start..end),
            Kind::Sign => (Token::Sign(token), start..end),
        });
    }
    Ok(tokens)
}
