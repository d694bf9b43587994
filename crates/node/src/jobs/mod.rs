//! What the node does that nobody asked for: it follows, compares, tells, publishes, clears away, forgets and destroys.

mod change;
mod comparison;
mod reading;
mod retention;
mod told;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

pub(crate) use self::told::undelivered;
use crate::access_log;
use crate::app::App;
use crate::config::Jobs;
use crate::http::problem::Problem;
use crate::http::{clear_enrolments, clear_expired, clear_made, clear_provisional, clear_tickets, publish_status_list};
use crate::metrics::JobLabels;
use crate::server::stopped;

/// How often the node looks what the ledger has; answers are never older than this while the ledger is there.
const FOLLOW: Duration = Duration::from_secs(1);
/// How often the node looks for a newer trust list: a stolen key is cut off within minutes.
const TRUST: Duration = Duration::from_secs(2);
/// How often what has expired is cleared away.
const CLEAR: Duration = Duration::from_secs(3600);
/// How often the node looks whether facts are to be forgotten or destroyed; they are so once a day.
const RETENTION: Duration = Duration::from_secs(3600);
/// How often the keys and revocation lists of other issuers are read anew.
const ISSUERS: Duration = Duration::from_secs(3600);
/// Between two editions of the status list when codes are being printed.
const PRINTED_PAUSE: Duration = Duration::from_secs(1);

/// One job: its name, and what it does in one round.
type Job = (&'static str, fn(&App) -> Result<Progress, Problem>);

/// What a round has left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Nothing, until the next one.
    Done,
    /// So much that the next round follows at once.
    More,
}

/// Starts every job; they end when `stop` says so.
pub(crate) fn start(app: &Arc<App>, config: &Jobs, stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let mut jobs = JoinSet::new();
    for (every, job) in [
        (FOLLOW, ("follow", follow as fn(&App) -> Result<Progress, Problem>)),
        (CLEAR, ("clear", clear)),
        (RETENTION, ("retention", retention::round)),
        (seconds(config.comparison_seconds), ("comparison", comparison::round)),
        (seconds(config.change_seconds), ("change", change::round)),
        (TRUST, ("trust-list", renew_trust)),
        (ISSUERS, ("issuers", renew_issuers)),
    ] {
        jobs.spawn(repeat(Arc::clone(app), every, job, stop.clone()));
    }
    jobs.spawn(publish(Arc::clone(app), seconds(config.status_list_seconds), stop.clone()));
    jobs
}

async fn repeat(app: Arc<App>, every: Duration, job: Job, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopped(&mut stop) => return,
        }
        while run(&app, job).await == Progress::More && !*stop.borrow() {}
    }
}

/// Publishes the status list in its time, and soon after a code was printed.
async fn publish(app: Arc<App>, every: Duration, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.printed.notified() => {}
            () = stopped(&mut stop) => return,
        }
        run(&app, ("status-list", publish_list)).await;
        tokio::time::sleep(PRINTED_PAUSE).await;
    }
}

async fn run(app: &Arc<App>, (name, round): Job) -> Progress {
    let (outcome, progress) = match app.run(round).await {
        Ok(Progress::Done) => ("done", Progress::Done),
        Ok(Progress::More) => ("more", Progress::More),
        Err(_) => {
            // What failed was written down where it happened.
            tracing::error!(job.name = name, "a job failed; it is tried again in the next round");
            ("failed", Progress::Done)
        }
    };
    app.metrics.jobs.get_or_create(&JobLabels { job: name, outcome }).inc();
    progress
}

fn follow(app: &App) -> Result<Progress, Problem> {
    app.registry.follow(app.now())?;
    Ok(Progress::Done)
}

fn publish_list(app: &App) -> Result<Progress, Problem> {
    publish_status_list(app)?;
    Ok(Progress::Done)
}

fn clear(app: &App) -> Result<Progress, Problem> {
    let expired = clear_expired(app.ledger(), app.now())? + app.bindings.clear_expired(app.ledger(), app.now())?;
    let expired = expired + clear_made(app.ledger(), app.now())?;
    let entrances = clear_tickets(app)? + access_log::clear_places(app.ledger(), app.now())?;
    let count = expired + entrances + clear_provisional(app)? + clear_enrolments(app)?;
    tracing::debug!(rows.count = count, "cleared away what has expired");
    Ok(Progress::Done)
}

/// Takes a newer trust list, and the keys beside it, from the folder of keys; a list that is refused leaves the present
/// one in place.
fn renew_trust(app: &App) -> Result<Progress, Problem> {
    let (held, now) = (app.trust.load(), app.now());
    let renewed = app.keys.read_trust(Some(&held), now).map_err(|error| Problem::internal(&error))?;
    if renewed.bytes != held.bytes {
        tracing::info!(trust.number = renewed.list.content().number, "a newer trust list is served");
        // Status lists of a key that it revokes count no longer, so the next edition does not wait.
        app.printed.notify_one();
        app.trust.replace(renewed);
    }
    app.trust.load().check_signers(now).map_err(|error| Problem::internal(&error))?;
    Ok(Progress::Done)
}

fn renew_issuers(app: &App) -> Result<Progress, Problem> {
    app.issuers.renew().map_err(|error| Problem::internal(&error))?;
    Ok(Progress::Done)
}
