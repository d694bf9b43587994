//! Any text as the code of another issuer, in every format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_model::Timestamp;
use yima_statement::{Format, Trust, inspect, verify};

fuzz_target!(|text: &str| {
    let formats = Format::ALL.into_iter().map(Some).chain([None]);
    for format in formats {
        assert!(verify(text, format, &Trust::nobody(), Timestamp::BEGINNING).is_err(), "nobody is trusted");
        if let Ok(statement) = inspect(text, format) {
            statement.holder().compare_name(text);
            statement.holder().compare_birth(text);
            drop(statement.fact());
        }
    }
});
