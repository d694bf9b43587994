//! Has the registry forget what no rule can see any more, and the ledger destroy it after the audit period.

use yima_model::Zone;
use yima_registry::retention::{self, NoLimits, Ordered};

use super::Progress;
use crate::app::App;
use crate::http::problem::Problem;

/// Orders what the packs in force and announced ask for; within a day of Beijing once.
pub(super) fn round(app: &App) -> Result<Progress, Problem> {
    let now = app.now();
    app.registry.follow(now)?;
    let visits = retention::visits_before(&app.registry.globals(), &app.shelf, now);
    if retention::delete_visits(&app.registry, visits.map_err(|error| Problem::internal(&error))?, now)? {
        tracing::info!("visits to venues are deleted as the pack says that had them reported");
    }
    match retention::limits(&app.registry.globals(), &app.shelf, now) {
        Ok(limits) => {
            let ordered = retention::enforce(&app.registry, &limits, now)?;
            if ordered != Ordered::default() {
                tracing::info!(
                    retention.horizon = %Zone::BEIJING.format(limits.horizon),
                    retention.expire = limits.expire.map(|before| Zone::BEIJING.format(before)),
                    "facts that no rule can see are forgotten, and those beyond the audit period destroyed"
                );
            }
        }
        Err(NoLimits::Judge(error)) => return Err(Problem::internal(&error)),
        Err(none) => tracing::warn!(reason = %none, "everything is kept"),
    }
    app.metrics.note_kept(app.registry.kept());
    Ok(Progress::Done)
}
