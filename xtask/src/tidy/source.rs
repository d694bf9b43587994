//! A Rust file taken apart without a parser: its code, its comments, and the lines that only tests compile.

/// A Rust file, line by line.
///
/// `code` has comments and the content of literals blanked, `comments` has everything else blanked, so a search in one
/// of them cannot be misled by the other, and line numbers stay those of the file.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) code: Vec<String>,
    pub(crate) comments: Vec<String>,
    /// For each line, whether it belongs to an item behind `#[cfg(test)]`.
    pub(crate) in_test: Vec<bool>,
    /// Names of the modules that are declared behind `#[cfg(test)]` and lie in a file of their own.
    pub(crate) test_modules: Vec<String>,
}

impl Source {
    pub(crate) fn of(text: &str) -> Self {
        let (code, comments) = split(text);
        let mut in_test = vec![false; code.lines().count()];
        let mut test_modules = Vec::new();
        for (start, attribute) in code.match_indices("#[cfg(test)]") {
            let item = code.get(start + attribute.len()..).map_or("", first_item);
            let end = start + attribute.len() + item.len();
            let lines = line_of(&code, start)..=line_of(&code, end.saturating_sub(1));
            in_test.iter_mut().enumerate().filter(|(line, _)| lines.contains(line)).for_each(|(_, mark)| *mark = true);
            test_modules.extend(declared_module(item));
        }
        Self { code: lines(&code), comments: lines(&comments), in_test, test_modules }
    }

    /// Lines of code with their number, from 1: those that tests alone compile are left out.
    pub(crate) fn production_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.numbered_code().filter(|(number, _)| !self.is_test_line(*number))
    }

    /// Lines of code with their number, from 1: only those that tests alone compile.
    pub(crate) fn test_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.numbered_code().filter(|(number, _)| self.is_test_line(*number))
    }

    pub(crate) fn numbered_code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.iter().enumerate().map(|(index, line)| (index + 1, line.as_str()))
    }

    pub(crate) fn numbered_comments(&self) -> impl Iterator<Item = (usize, &str)> {
        self.comments.iter().enumerate().map(|(index, line)| (index + 1, line.as_str()))
    }

    fn is_test_line(&self, number: usize) -> bool {
        self.in_test.get(number - 1).copied().unwrap_or(false)
    }
}

/// Whether `word` stands in `line` with no letter, digit or underscore touching it.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let is_edge = |c: Option<char>| !c.is_some_and(is_identifier);
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line.get(..at).unwrap_or(""), line.get(at + word.len()..).unwrap_or(""));
        is_edge(before.chars().next_back()) && is_edge(after.chars().next())
    })
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Literal,
}

/// The text as code and as comments, each with the other blanked.
fn split(text: &str) -> (String, String) {
    let (mut code, mut comments) = (String::new(), String::new());
    let (mut rest, mut previous) = (text, ' ');
    while !rest.is_empty() {
        let (part, length) = next_part(rest, previous);
        let (token, tail) = rest.split_at(length);
        let blank: String = token.chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
        code.push_str(if part == Part::Code { token } else { &blank });
        comments.push_str(if part == Part::Comment { token } else { &blank });
        previous = token.chars().next_back().unwrap_or(' ');
        rest = tail;
    }
    (code, comments)
}

/// What `rest` begins with, and its length in bytes.
fn next_part(rest: &str, previous: char) -> (Part, usize) {
    if rest.starts_with("//") {
        return (Part::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Part::Comment, block_comment(rest));
    }
    if rest.starts_with('"') {
        return (Part::Literal, 1 + quoted(rest, 1, '"'));
    }
    if !is_identifier(previous)
        && let Some(length) = raw_string(rest)
    {
        return (Part::Literal, length);
    }
    if let Some(length) = character(rest) {
        return (Part::Literal, length);
    }
    (Part::Code, rest.chars().next().map_or(1, char::len_utf8))
}

/// The length of a block comment; Rust nests them.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        let step = if tail.starts_with("/*") {
            depth += 1;
            2
        } else if tail.starts_with("*/") {
            depth -= 1;
            2
        } else {
            tail.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The number of bytes from `from` through the closing quote that no backslash escapes.
fn quoted(rest: &str, from: usize, quote: char) -> usize {
    let tail = rest.get(from..).unwrap_or("");
    let mut escaped = false;
    for (at, c) in tail.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    tail.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let opening = ["r", "br", "cr"].into_iter().find_map(|prefix| {
        let hashes = rest.strip_prefix(prefix)?.bytes().take_while(|byte| *byte == b'#').count();
        rest.get(prefix.len() + hashes..)?.starts_with('"').then_some((prefix.len() + hashes + 1, hashes))
    });
    let (start, hashes) = opening?;
    let closing = format!("\"{}", "#".repeat(hashes));
    Some(rest.get(start..)?.find(&closing).map_or(rest.len(), |at| start + at + closing.len()))
}

/// The length of a character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    if first == '\\' {
        return Some(1 + quoted(rest, 1, '\''));
    }
    inner.get(first.len_utf8()..)?.starts_with('\'').then_some(first.len_utf8() + 2)
}

/// The item at the start of `code`: through its closing brace, or its semicolon where it has no body.
fn first_item(code: &str) -> &str {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for (at, c) in code.char_indices() {
        match c {
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            '[' | '(' => brackets += 1,
            ']' | ')' => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        let ends = c == '}' && braces == 0 || c == ';' && braces == 0 && brackets == 0;
        if ends {
            return code.get(..=at).unwrap_or(code);
        }
    }
    code
}

/// The name in `mod name;`.
fn declared_module(item: &str) -> Option<String> {
    let words: Vec<&str> = item.strip_suffix(';')?.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "mod")?;
    words.get(at + 1).map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Source, has_word};

    #[test]
    fn literals_and_comments_are_not_code() {
        for (text, code) in [
            ("a // b", "a"),
            ("a /* b /* c */ d */ e", "ae"),
            ("f(\"// no\")", "f()"),
            ("f(\"\\\"x\") g", "f()g"),
            ("r#\"a \" b\"# + c", "+c"),
            ("br\"a\" + c", "+c"),
            ("r#type + r", "r#type+r"),
            ("'\"' + '\\'' + b'x'", "++b"),
            ("fn f<'a>(x: &'a str)", "fnf<'a>(x:&'astr)"),
        ] {
            let found = Source::of(text).code.concat();
            assert_eq!((found.replace(' ', "").as_str(), found.len()), (code, text.len()), "{text}");
        }
    }

    #[test]
    fn comments_keep_their_lines() {
        let source = Source::of("let a = \"// x\n\"; // one\n/* two\nthree */ b");
        let comments: Vec<&str> = source.comments.iter().map(|line| line.trim()).collect();
        assert_eq!(comments, ["", "// one", "/* two", "three */"]);
    }

    #[test]
    fn what_stands_behind_cfg_test_is_a_test() {
        let source = Source::of("fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { \"}\"; }\n}\nfn c() {}\n");
        assert_eq!(source.in_test, [false, true, true, true, true, false]);
        assert_eq!(source.test_modules, Vec::<String>::new());
        let source = Source::of("#[cfg(test)]\npub(crate) mod support;\nfn c() {}\n");
        assert_eq!(source.in_test, [true, true, false]);
        assert_eq!(source.test_modules, ["support"]);
        let source = Source::of("#[cfg(test)]\nconst A: [u8; 2] = [1, 2];\nfn c() {}\n");
        assert_eq!(source.in_test, [true, true, false]);
    }

    #[test]
    fn words_are_whole_words() {
        for (line, found) in [
            ("a: Cell<u8>", true),
            ("a: OnceCell<u8>", false),
            ("Cells", false),
            ("Cell", true),
            ("my_Cell", false),
            ("SpreadsheetCell | Cell", true),
        ] {
            assert_eq!(has_word(line, "Cell"), found, "{line}");
        }
    }
}
