//! What several fuzz targets do with their input.

use std::sync::LazyLock;

use serde_json::Value;
use yima_credential::place::{Place, PlaceClass, Staffing, Strictness};
use yima_credential::{Checkpoint, PinnedRoots, Refusal, Seen, StatusList, TrustList, VerifiedCode, verify};
use yima_model::{Fact, Level, Timestamp};
use yima_rules::check;
use yima_rules::diagnostic::render;
use yima_rules::explain::{Language, sentence};
use yima_rules::timeline::Everybody;

const LANGUAGES: [Language; 3] = [Language::SimplifiedChinese, Language::TraditionalChinese, Language::English];

/// Loads a pack: every finding can be shown beside the text, or every rule can be explained and nobody's facts judged.
pub fn judge_or_show(text: &str) {
    match check::load(text) {
        Err(findings) => {
            assert!(!findings.is_empty(), "a pack that does not load says why");
            render(text, "pack.toml", &findings);
        }
        Ok(loaded) => {
            for rule in &loaded.pack.rules {
                for language in LANGUAGES {
                    assert!(!sentence(&rule.when, language).is_empty());
                }
                check::reach_millis(&rule.when);
            }
            let at = loaded.pack.from;
            let nobody: &[Fact] = &[];
            Everybody::new(loaded.pack, nobody, Timestamp::FOREVER).verdict(nobody, at, at);
        }
    }
}

/// A checkpoint with the lists of docs/vectors/code.
pub struct Lists {
    pub roots: PinnedRoots,
    pub trust: TrustList,
    pub status: [StatusList; 1],
}

/// Half a minute after the lists were signed.
const NOW: Timestamp = Timestamp::from_millis(1_607_904_030_000);

pub static CHECKPOINT: LazyLock<Lists> = LazyLock::new(|| {
    let world: Value = serde_json::from_str(include_str!("../docs/vectors/code/world.json")).expect("JSON");
    let key = &world["roots"]["test"]["keys"][0];
    let part = |name: &str| key[name].as_str().expect("a coordinate").to_owned();
    let roots = PinnedRoots::parse(&format!("test {}{}", part("x"), part("y"))).expect("a root");
    let list = |kind: &str| from_hex(world[kind]["default"].as_str().expect("a list"));
    let trust = TrustList::open(&list("trust"), &roots, None, NOW).expect("a trust list");
    let status = [StatusList::open(&list("status"), &trust, None, NOW).expect("a status list")];
    Lists { roots, trust, status }
});

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(byte).collect()
}

/// What that checkpoint makes of a text.
pub fn scan(text: &str) -> Result<VerifiedCode, Refusal> {
    let Lists { trust, status, .. } = &*CHECKPOINT;
    let place = Place {
        class: PlaceClass::Venue,
        level: Level::Medium,
        listed: false,
        strictness: Strictness::Ordinary,
        staffing: Staffing::Attended,
    };
    verify(text, &Checkpoint { place, trust, status, built: NOW }, &mut Seen::new(), NOW)
}
