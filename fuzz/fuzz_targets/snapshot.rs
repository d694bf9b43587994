//! Any bytes as a snapshot of the risk-level feed: they are refused, or every row of them leads somewhere or is counted.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use yima_feed::atlas::Atlas;
use yima_feed::places::Places;
use yima_feed::{Delivered, Feed, Reader, Snapshot};
use yima_model::DivisionTree;

static ATLAS: LazyLock<Arc<Atlas>> = LazyLock::new(|| Arc::new(Atlas::of(&DivisionTree::built_in())));

fuzz_target!(|bytes: &[u8]| {
    let Ok(snapshot) = Snapshot::read(bytes) else { return };
    let mut reader = Reader::over(Arc::clone(&ATLAS), Places::default());
    let delivered = Delivered::new(&snapshot, snapshot.hour, &mut reader);
    let mut feed = Feed::default();
    assert!(feed.deliver(delivered.clone()), "the first snapshot is new");
    assert!(!feed.deliver(delivered), "and known the second time");
    let fold = feed.fold(|set| reader.areas(set));
    assert_eq!(fold.standings().len(), 1);
});
