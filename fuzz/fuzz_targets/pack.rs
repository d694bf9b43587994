//! Any text as a rule pack: it is refused with findings that can be shown, or it judges.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_fuzz::judge_or_show;

fuzz_target!(|text: &str| judge_or_show(text));
