//! Any text as each message of the seven interfaces of GB/T 38963: what is read is read again the same once written, and an
//! answer passes nobody whose grade is not green.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_gbt::code::Grade;
use yima_gbt::{
    ApplyAnswer, ApplyRequest, CorrectAnswer, CorrectRequest, Decision, DeclareAnswer, DeclareRequest, MakeAnswer,
    MakeRequest, QueryAnswer, QueryRequest, TripAnswer, TripRequest, VerifyAnswer, VerifyRequest,
};
use yima_model::Timestamp;

/// A day in December 2020.
const NOW: Timestamp = Timestamp::from_millis(1_607_904_030_000);

/// Reads the text as each of these messages, and reads again what they write.
macro_rules! come_back {
    ($text:expr, $($message:ident($($now:expr)?)),+) => {$(
        if let Ok(message) = $message::read($text $(, $now)?) {
            let written = message.write().to_string();
            assert_eq!($message::read(&written $(, $now)?).as_ref(), Ok(&message), "what is written is read again");
        }
    )+};
}

fuzz_target!(|text: &str| {
    come_back!(
        text,
        DeclareRequest(NOW),
        TripRequest(NOW),
        QueryRequest(NOW),
        ApplyRequest(NOW),
        CorrectRequest(NOW),
        MakeRequest(),
        VerifyRequest(),
        DeclareAnswer(),
        TripAnswer(),
        QueryAnswer(),
        ApplyAnswer(),
        MakeAnswer(),
        VerifyAnswer(),
        CorrectAnswer()
    );
    if let Ok(answer) = VerifyAnswer::read(text)
        && answer.decision() == Decision::Pass
    {
        assert_eq!(answer.standing.grade.and_then(|grade| grade.known()), Some(Grade::Green));
    }
});
