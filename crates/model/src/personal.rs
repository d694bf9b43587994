//! A wrapper that keeps personal data out of logs and messages.

use std::fmt;

/// A value that identifies a natural person: a name, a document number, a phone number.
///
/// `Debug` hides it and there is no `Display`; [`Personal::reveal`] is the one way to the content, and easy to search for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Wraps a personal value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for showing it to the person concerned or encrypting it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Personal;

    #[test]
    fn debug_hides_the_value() {
        let name = Personal::new("王小明".to_owned());
        assert_eq!(format!("{name:?}"), "Personal(…)");
        assert_eq!(name.reveal(), "王小明");
    }
}
