//! JSON in its canonical form (RFC 8785), over which an ICAO seal is signed.

use serde_json::Value;

/// Writes `value` canonically; `None` if it has a number with a fraction or exponent, whose one form no seal needs.
pub(crate) fn canonical(value: &Value) -> Option<String> {
    let mut text = String::new();
    write(value, &mut text)?;
    Some(text)
}

fn write(value: &Value, text: &mut String) -> Option<()> {
    match value {
        Value::Null | Value::Bool(_) => text.push_str(&value.to_string()),
        Value::Number(number) => {
            const EXACT_MAX: u64 = 1 << 53;
            number.as_i64().filter(|number| number.unsigned_abs() <= EXACT_MAX)?;
            text.push_str(&number.to_string());
        }
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text)?;
            }
            text.push(']');
        }
        Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            text.push('{');
            for (index, (key, item)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(key, text);
                text.push(':');
                write(item, text)?;
            }
            text.push('}');
        }
    }
    Some(())
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            control @ '\0'..='\u{1f}' => text.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::canonical;

    /// Source: RFC 8785, section 3.2.3 (sorting by UTF-16) and 3.2.2.2 (strings).
    #[test]
    fn keys_are_sorted_by_utf_16_and_strings_escaped_as_little_as_possible() {
        let value = json!({"\u{20ac}": 1, "\r": [], "\u{fb33}": null, "1": true, "\u{1f600}": -7, "\u{80}": {}});
        let expected = "{\"\\r\":[],\"1\":true,\"\u{80}\":{},\"\u{20ac}\":1,\"\u{1f600}\":-7,\"\u{fb33}\":null}";
        assert_eq!(canonical(&value).as_deref(), Some(expected));
        assert_eq!(
            canonical(&json!("\u{20ac}$\u{f}\nA'B\"\\/\u{7f}")).unwrap(),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\/\u{7f}\""
        );
        assert_eq!(canonical(&json!([1.5])), None);
    }
}
