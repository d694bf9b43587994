//! What every handler and job works with: registry, keys, lists, outbox, clock.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::{Notify, Semaphore};
use yima_ledger::Ledger;
use yima_model::{DivisionTree, PersonId, Timestamp};
use yima_registry::registry::{Globals, View};
use yima_registry::{Agendas, Judge, JudgeError, Judgement, Levels, Registry, Shelf};

use crate::binding::Bindings;
use crate::clock::Clock;
use crate::config::{Limits, Terms};
use crate::http::problem::Problem;
use crate::http::{Edition, Pages, WarningEdition};
use crate::keys::{Keys, Trust};
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::trust_folder::Issuers;
use crate::unlisted::Unlisted;

/// One node, shared by all that runs in it.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    /// The addresses of this service, where the operator has named them.
    pub(crate) origins: Vec<String>,
    pub(crate) terms: Terms,
    pub(crate) registry: Registry,
    pub(crate) shelf: Shelf,
    /// Where the jobs are with their work.
    pub(crate) agendas: Agendas,
    pub(crate) keys: Keys,
    pub(crate) outbox: Box<dyn Outbox>,
    pub(crate) bindings: Bindings,
    pub(crate) metrics: Metrics,
    pub(crate) pages: Pages,
    /// How many requests are worked on at a time.
    pub(crate) capacity: Semaphore,
    /// Replaced whole when an area is added.
    pub(crate) tree: Replaced<DivisionTree>,
    /// Names of places that the tree does not have.
    pub(crate) unlisted: Unlisted,
    /// Replaced whole when a newer trust list lies in the folder.
    pub(crate) trust: Replaced<Trust>,
    /// Whose certificates from elsewhere count.
    pub(crate) issuers: Issuers,
    /// Told when a paper code was printed, so that the next edition does not wait.
    pub(crate) printed: Notify,
    /// Replaced whole by each edition; absent before the first.
    pub(crate) status_list: Replaced<Option<Edition>>,
    pub(crate) venue_warnings: WarningEdition,
    /// Replaced whole when a fact about everybody is applied.
    pub(crate) judge: Replaced<Option<Ready<Judge>>>,
    /// Replaced whole when a fact about everybody is applied.
    pub(crate) levels: Replaced<Option<Ready<Levels>>>,
    /// The levels as they were known at the instant that was asked about last, so that one question after another about it,
    /// such as the pages of a list, rests on one index.
    pub(crate) levels_then: Replaced<Option<(Timestamp, Ready<Levels>)>>,
}

/// What was made from the facts about everybody, and which these were.
#[derive(Debug)]
pub(crate) struct Ready<T> {
    globals: Arc<Globals>,
    made: Arc<T>,
}

impl App {
    /// Runs one thing on the blocking pool.
    pub(crate) async fn run<T, E>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem> + Send + 'static,
    {
        let app = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&app)).await?.map_err(Into::into)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn ledger(&self) -> &dyn Ledger {
        self.registry.ledger()
    }

    /// The verdict on a person at this moment, with the facts that it was made from.
    pub(crate) fn judge(&self, person: PersonId) -> Result<(View, Judgement), Problem> {
        let view = self.registry.view(person)?;
        let judgement = self.judge_view(&view, self.now().max(view.as_of.at), Timestamp::FOREVER)?;
        Ok((view, judgement))
    }

    /// The verdict at `at`, as known at `known_at`.
    pub(crate) fn judge_view(&self, view: &View, at: Timestamp, known_at: Timestamp) -> Result<Judgement, Problem> {
        match known_at {
            Timestamp::FOREVER => Ok(self.judge_of(&view.globals)?.verdict(view, at)),
            _ => Ok(Judge::new(&view.globals, &self.shelf, known_at)?.verdict(view, at)),
        }
    }

    /// The judge of everything that is known; made anew only when other facts about everybody are applied.
    pub(crate) fn judge_of(&self, globals: &Arc<Globals>) -> Result<Arc<Judge>, JudgeError> {
        Ready::of(&self.judge, globals, || Judge::new(globals, &self.shelf, Timestamp::FOREVER))
    }

    /// The levels of areas as known at `known_at`, made anew only when other facts about everybody are applied or another
    /// instant of the past is asked about.
    pub(crate) fn levels_of(&self, globals: &Arc<Globals>, known_at: Timestamp) -> Arc<Levels> {
        if known_at == Timestamp::FOREVER {
            let make = || Ok::<_, Infallible>(Levels::new(globals, known_at));
            return Ready::of(&self.levels, globals, make).unwrap_or_else(|never| match never {});
        }
        if let Some((then, ready)) = &*self.levels_then.load()
            && *then == known_at
            && Arc::ptr_eq(&ready.globals, globals)
        {
            return Arc::clone(&ready.made);
        }
        let made = Arc::new(Levels::new(globals, known_at));
        let ready = Ready { globals: Arc::clone(globals), made: Arc::clone(&made) };
        self.levels_then.replace(Some((known_at, ready)));
        made
    }
}

impl<T> Ready<T> {
    /// What is ready, or else is made and kept.
    fn of<E>(
        kept: &Replaced<Option<Self>>,
        globals: &Arc<Globals>,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        if let Some(ready) = &*kept.load()
            && Arc::ptr_eq(&ready.globals, globals)
        {
            return Ok(Arc::clone(&ready.made));
        }
        let made = Arc::new(make()?);
        kept.replace(Some(Self { globals: Arc::clone(globals), made: Arc::clone(&made) }));
        Ok(made)
    }
}

/// A value that is never changed, only replaced whole by another.
#[derive(Debug)]
pub(crate) struct Replaced<T> {
    value: RwLock<Arc<T>>,
    /// Held by whoever makes the next one out of the present one.
    turn: Mutex<()>,
}

impl<T> Replaced<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: RwLock::new(Arc::new(value)), turn: Mutex::new(()) }
    }

    pub(crate) fn load(&self) -> Arc<T> {
        Arc::clone(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, value: T) {
        *self.value.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
    }

    /// Replaces the value by what is made out of the present one, one after another, so that nothing is lost between two.
    pub(crate) fn update<R, E>(&self, make: impl FnOnce(&T) -> Result<(T, R), E>) -> Result<R, E> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, answer) = make(&self.load())?;
        self.replace(value);
        Ok(answer)
    }
}
