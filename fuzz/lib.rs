//! What several fuzz targets do with their input.

use yima_model::{Fact, Timestamp};
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
