//! Visits to venues that a pack has reported centrally: with a reason, for a time, and for a rule that looks at them.

use yima_model::Timestamp;

use super::{Checker, DAY_MILLIS, reach_millis, text};
use crate::expression::StateSelector;
use crate::file::VenueVisitsFile;
use crate::pack::{Rule, VenueVisits};
use crate::selector::{Selector, selectors};

impl Checker<'_> {
    /// What the pack says of visits, in force as it is from `from` until `until`; every rule that loads is in `rules`.
    pub(super) fn visits(
        &mut self,
        file: &VenueVisitsFile,
        (from, until): (Timestamp, Timestamp),
        rules: &[Option<Rule>],
    ) -> Option<VenueVisits> {
        self.translations(&file.reason);
        let help = "cite the sentence of the notice that has visits reported; without one they stay on the phones";
        self.cited(&file.source, "that visits are reported needs its source", help);
        let (begins, ends) = (self.instant(&file.from)?, self.instant(&file.until)?);
        if begins < from || until < ends || ends <= begins {
            let message = "visits are reported only while the pack is in force, and for a time that begins and ends";
            self.error(
                "bad-visits",
                message,
                file.until.span(),
                Some("write `from` and `until` within those of the pack"),
            );
        }
        let looks = |rule: &&Rule| {
            let mut selectors = selectors(&rule.when).into_iter();
            selectors.any(|selector| matches!(selector, Selector::State(StateSelector::Stay(..))))
        };
        let reach = rules.iter().flatten().filter(looks).map(|rule| reach_millis(&rule.when)).max();
        match reach {
            None if rules.iter().all(Option::is_some) => {
                let help = "leave [venue_visits] out, or write the rule that needs them";
                self.error(
                    "visits-for-nothing",
                    "no rule looks at a stay, so no visit may be reported",
                    file.days.span(),
                    Some(help),
                );
            }
            Some(reach) if i64::from(*file.days.get_ref()) * DAY_MILLIS > reach.max(DAY_MILLIS) => {
                let message = "visits would be kept for longer than any rule that looks at a stay looks back";
                self.error("kept-too-long", message, file.days.span(), Some("shorten `days`"));
            }
            _ => {}
        }
        if *file.days.get_ref() == 0 {
            self.error(
                "bad-visits",
                "a visit is kept for a day at least",
                file.days.span(),
                Some("write 1 or more days"),
            );
        }
        Some(VenueVisits {
            from: begins,
            until: ends,
            days: *file.days.get_ref(),
            source: file.source.get_ref().clone(),
            reason: text(&file.reason),
        })
    }
}
