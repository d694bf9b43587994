//! Any text as health cards, and any text as the JWS of one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_model::Timestamp;
use yima_statement::Trust;
use yima_statement::shc::{Card, cards, verify};

fuzz_target!(|text: &str| {
    for card in cards(text).unwrap_or_default().iter().map(String::as_str).chain([text]) {
        if let Ok(card) = Card::parse(card) {
            assert!(verify(&card, &Trust::nobody(), Timestamp::BEGINNING).is_err(), "nobody is trusted");
        }
    }
});
