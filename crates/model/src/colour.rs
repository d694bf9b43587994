//! The colours of a verdict and their order.

use std::fmt;

/// The colour of a verdict, from the mildest to the worst.
///
/// Grey stands between green and yellow: it shows only where the colour would otherwise be the base, and never hides
/// yellow or red. Codes are those of the national health code family (green `00`, yellow `01`, red `10`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colour {
    /// 绿: may pass.
    Green,
    /// 灰: no answer yet, for one of four causes that the holder or the clock clears; a checkpoint gives a lane.
    Grey,
    /// 黄: does not pass where a check is lawful, but is never turned away from care or home.
    Yellow,
    /// 红: as yellow, with central isolation or transport to a fever clinic.
    Red,
}

impl Colour {
    /// All four, from the mildest to the worst.
    pub const ALL: [Self; 4] = [Self::Green, Self::Grey, Self::Yellow, Self::Red];

    /// The English word, as in packs and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Grey => "grey",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// The colour of that English word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|colour| colour.word() == word)
    }

    /// The two-digit risk code that provincial interfaces exchange; grey has none.
    pub const fn risk_code(self) -> Option<&'static str> {
        match self {
            Self::Green => Some("00"),
            Self::Grey => None,
            Self::Yellow => Some("01"),
            Self::Red => Some("10"),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::Colour;

    #[test]
    fn order_is_from_mild_to_severe() {
        assert!(Colour::Green < Colour::Grey && Colour::Grey < Colour::Yellow && Colour::Yellow < Colour::Red);
    }

    #[test]
    fn words_are_read_back_and_nothing_else_is() {
        for colour in Colour::ALL {
            assert_eq!(Colour::from_word(colour.word()), Some(colour));
        }
        for word in ["", "Green", "gray", "00", "amber"] {
            assert_eq!(Colour::from_word(word), None, "{word}");
        }
    }
}
