//! Every case of people who come together: what is scanned in which order, and the rows that there are in the end.

use crate::code_cases::{Place, VENUE};
use crate::raw::{Map, bytes, code, int};
use crate::world::{
    KEYS, MINUTE, T, credential, live_claims, live_ours, opened, opening, paper_claims, paper_ours, presentation,
};

pub(crate) struct GroupCase {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) steps: Vec<Step>,
    /// The decision, and the character of whose code it is where that is shown.
    pub(crate) rows: Vec<(&'static str, Option<&'static str>)>,
}

pub(crate) enum Step {
    /// A text at an instant, and what is told: a decision, `counted` or `full`.
    Scan(String, i64, &'static str),
    /// Staff takes this row away.
    Remove(usize),
}

use Step::{Remove, Scan};

/// A live credential with this id and colour.
fn live(id: u8, colour: i64) -> Vec<u8> {
    let claims = live_claims(&live_ours().with(2, int(colour))).with(7, bytes(&[id; 16]));
    credential(&claims, &KEYS.live).encode()
}

/// The credential on the screen at this instant.
fn shown(credential: &[u8], at: i64) -> String {
    code(&presentation(credential, at).encode())
}

fn shown_open(credential: &[u8], at: i64) -> String {
    code(&opened(credential, at, &opening("明", 27)).encode())
}

fn paper(ours: &Map) -> String {
    code(&credential(&paper_claims(ours), &KEYS.paper).encode())
}

fn refused(number: usize) -> String {
    format!("YM1:NO CODE {number}")
}

pub(crate) fn cases() -> Vec<GroupCase> {
    let [green, other, red] = [live(1, 0), live(2, 0), live(3, 2)];
    let sheet = paper(&paper_ours());
    let at_venue = |name, steps, rows| GroupCase { name, place: VENUE, steps, rows };
    vec![
        at_venue("nobody", vec![], vec![]),
        at_venue(
            "a family: each is judged alone, and one red changes nobody else's answer",
            vec![
                Scan(shown_open(&green, T), T, "pass"),
                Scan(shown(&red, T + 4), T + 5, "stop"),
                Scan(sheet.clone(), T + 9, "pass"),
                Scan(refused(1), T + 12, "stop"),
                Scan(shown(&other, T + 15), T + 16, "pass"),
            ],
            vec![("pass", Some("明")), ("stop", None), ("pass", Some("明")), ("stop", None), ("pass", None)],
        ),
        at_venue(
            "one code in several pictures is one row, and whose it is stays in sight",
            vec![
                Scan(shown_open(&green, T), T, "pass"),
                Scan(sheet.clone(), T + 5, "pass"),
                Scan(shown(&green, T + 30), T + 31, "pass"),
                Scan(shown(&green, T + MINUTE), T + 61, "pass"),
            ],
            vec![("pass", Some("明")), ("pass", Some("明"))],
        ),
        at_venue(
            "the picture that is still before the camera is no replay",
            vec![
                Scan(shown(&green, T), T, "pass"),
                Scan(sheet.clone(), T + 5, "pass"),
                Scan(shown(&red, T + 6), T + 7, "stop"),
                Scan(sheet.clone(), T + 20, "counted"),
            ],
            vec![("pass", None), ("pass", Some("明")), ("stop", None)],
        ),
        at_venue(
            "the latest answer counts, in the place of the first",
            vec![
                Scan(shown(&live(1, 0), T), T, "pass"),
                Scan(shown(&other, T + 5), T + 5, "pass"),
                Scan(shown(&live(1, 2), T + 30), T + 30, "stop"),
            ],
            vec![("stop", None), ("pass", None)],
        ),
        at_venue(
            "two that were refused are two",
            vec![
                Scan(refused(1), T, "stop"),
                Scan(refused(2), T + 5, "stop"),
                Scan(shown(&green, T - 10 * MINUTE), T + 9, "stop"),
                Scan(refused(1), T + 12, "counted"),
            ],
            vec![("stop", None), ("stop", None), ("stop", None)],
        ),
        at_venue(
            "staff takes a refused row away and no other, and scans that person again",
            vec![
                Scan(shown(&green, T - 10 * MINUTE), T, "stop"),
                Scan(sheet.clone(), T + 5, "pass"),
                Remove(1),
                Remove(0),
                Remove(7),
                Scan(shown(&green, T + 9), T + 10, "pass"),
            ],
            vec![("pass", Some("明")), ("pass", None)],
        ),
        GroupCase {
            name: "at a gate without staff paper takes the lane, and the others go in",
            place: Place { attended: false, ..VENUE },
            steps: vec![Scan(sheet, T, "lane"), Scan(shown(&green, T + 5), T + 5, "pass")],
            rows: vec![("lane", None), ("pass", None)],
        },
        at_venue(
            "a hundred rows and none more",
            (0..100)
                .map(|number| Scan(refused(number), T, "stop"))
                .chain([Scan(shown(&green, T), T, "full"), Scan(refused(0), T, "full")])
                .collect(),
            vec![("stop", None); 100],
        ),
    ]
}
