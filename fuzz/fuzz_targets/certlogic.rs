//! Any JSON as an expression of CertLogic, evaluated over itself: it ends, and what it is not allowed it does not do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use yima_statement::certlogic::Expression;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    if let Ok(expression) = Expression::parse(&value) {
        drop(expression.evaluate(&value));
        expression.is_true(&Value::Null).ok();
    }
});
