//! A paper code with its lists, and the sheet it is printed on.

use std::sync::LazyLock;

use yima_credential::claims::{Guardian, Issuer, PaperTimes, StatusReference};
use yima_credential::place::{Place, Staffing, Strictness};
use yima_credential::status_list::{StatusContent, StatusEntries};
use yima_credential::trust_list::{Environment, IssuerKey, KeyUse, StatusListAddress, TrustContent};
use yima_credential::{
    Checkpoint, Code, NameMark, PaperClaims, PinnedRoots, PlaceClass, Seconds, Seen, Signer, StatusList, TrustList,
    Who, verify,
};
use yima_model::fact::Relation;
use yima_model::{Level, Personal, Timestamp};
use yima_paper::Sheet;

const SERIAL: u32 = 83_124;

struct World {
    trust: TrustList,
    status: [StatusList; 1],
    paper: Signer,
    now: Timestamp,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let now = Timestamp::parse("2020-12-14T08:00:00+08:00").unwrap();
    let issued = Seconds::floor(now);
    let [root, paper, status] = [(); 3].map(|()| Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap());
    let listed = |signer: &Signer, key_use| IssuerKey {
        public: signer.public().clone(),
        key_use,
        valid_from: issued,
        valid_until: issued.plus(3600),
        revoked_from: None,
    };
    let uri = "urn:yima:status-list:1".to_owned();
    let content = TrustContent {
        environment: Environment::Test,
        issuer: Issuer::CHINA,
        number: 1,
        issued,
        expires: issued.plus(3600),
        keys: vec![listed(&paper, KeyUse::Paper), listed(&status, KeyUse::Status)],
        rules: vec![],
        status_lists: vec![StatusListAddress { number: 1, uri: uri.clone() }],
    };
    let roots = PinnedRoots { environment: Environment::Test, keys: vec![root.public().clone()] };
    let trust = TrustList::open(&content.sign(&root).unwrap(), &roots, None, now).unwrap();
    let mut entries = StatusEntries::fallen(SERIAL + 1);
    entries.let_pass(SERIAL).unwrap();
    let content = StatusContent { number: 1, uri, version: 1, issued, expires: issued.plus(3600), entries };
    let status_list = StatusList::open(&content.sign(&status).unwrap(), &trust, None, now).unwrap();
    World { trust, status: [status_list], paper, now }
});

/// A child's sheet, and the text of its code.
pub(crate) fn sheet(name: &str) -> (Sheet, String) {
    let world = &*WORLD;
    let name = Personal::new(name.to_owned());
    let guardian = Personal::new("王大明".to_owned());
    let until = world.now.plus_millis(180 * 24 * 3_600_000);
    let claims = PaperClaims {
        issuer: Issuer::CHINA,
        times: PaperTimes::new(world.now, until).unwrap(),
        who: Who::of(&name, 27).unwrap(),
        status: StatusReference { list: 1, index: SERIAL },
        guardian: Some(Guardian { relation: Relation::Parent, name: NameMark::of(&guardian).unwrap() }),
    };
    let code = Code::paper(&claims, &world.paper).unwrap();
    let sheet = Sheet {
        symbol: code.qr().unwrap(),
        name,
        guardian: Some((Relation::Parent, guardian)),
        serial: SERIAL,
        expires: until,
        printed: world.now,
        call: "12345".to_owned(),
    };
    (sheet, code.text())
}

/// Whether a checkpoint with current lists lets the code pass.
pub(crate) fn passes(text: &str) -> bool {
    let world = &*WORLD;
    let place = Place {
        class: PlaceClass::Venue,
        level: Level::Medium,
        listed: false,
        strictness: Strictness::Ordinary,
        staffing: Staffing::Attended,
    };
    let checkpoint = Checkpoint { place, trust: &world.trust, status: &world.status, built: world.now };
    verify(text, &checkpoint, &mut Seen::default(), world.now).is_ok()
}
