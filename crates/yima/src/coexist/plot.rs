//! The report as a drawing: people with more than one colour, day by day.

use super::report::{Line, Report};

/// The drawing, and the part of it between the axes, in its own units.
const WIDTH: u64 = 960;
const HEIGHT: u64 = 460;
const LEFT: u64 = 70;
const RIGHT: u64 = 930;
const TOP: u64 = 120;
const BOTTOM: u64 = 410;

/// About how many steps the upward axis has, and how many dates are written at most.
const STEPS: u64 = 5;
const DATES: u64 = 8;

struct Curve {
    label: &'static str,
    stroke: &'static str,
    values: Vec<u64>,
}

/// The packs side by side as two curves, and as a third the most people under any pack that judges in every place.
pub(super) fn svg(report: &Report) -> String {
    let curves = curves(&report.lines);
    let greatest = curves.iter().flat_map(|curve| &curve.values).copied().max().unwrap_or(0).max(1);
    let step = step(greatest);
    let top = greatest.div_ceil(step) * step;
    let dates: Vec<_> = report.dates().collect();
    let across = Across { days: u64::try_from(dates.len()).unwrap_or(u64::MAX) };
    let mut drawn = String::new();
    let title = format!("每天有不止一种码色的人 · People with more than one colour, of {} invented", report.persons);
    text(&mut drawn, LEFT, 30, "start", &title);
    for value in (0..=top).step_by(usize::try_from(step).unwrap_or(1)) {
        let y = height(value, top);
        let grid = format!("<path d=\"M{LEFT} {y}H{RIGHT}\" stroke=\"#ddd\"/>\n");
        drawn.push_str(&grid);
        text(&mut drawn, LEFT - 8, y + 4, "end", &value.to_string());
    }
    let every = across.days.div_ceil(DATES).max(1);
    for (day, date) in (0..).zip(&dates).filter(|(day, _)| day % every == 0) {
        text(&mut drawn, across.x(day), BOTTOM + 22, "middle", date);
    }
    for (row, curve) in (0..).zip(&curves) {
        let y = 54 + 20 * row;
        let points = (0..).zip(&curve.values).map(|(day, value)| format!("{},{}", across.x(day), height(*value, top)));
        let points = points.collect::<Vec<_>>().join(" ");
        let stroke = format!("fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\"", curve.stroke);
        drawn.push_str(&format!("<polyline {stroke} points=\"{points}\"/>\n<path {stroke} d=\"M{LEFT} {y}h28\"/>\n"));
        text(&mut drawn, LEFT + 38, y + 4, "start", curve.label);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n{drawn}</svg>\n"
    )
}

fn curves(lines: &[Line]) -> Vec<Curve> {
    let mut curves = Vec::new();
    let (unified, apart): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.is_unified());
    if let Some(line) = apart.first() {
        let health = line.days.iter().map(|day| u64::from(day.health)).collect();
        let paperwork = line.days.iter().map(|day| u64::from(day.paperwork)).collect();
        let label = "各地规则并存，因健康规则不同 · packs side by side, by a rule of health";
        curves.push(Curve { label, stroke: "#c0392b", values: health });
        let label = "各地规则并存，仅因手续规则不同 · packs side by side, by paperwork alone";
        curves.push(Curve { label, stroke: "#d68910", values: paperwork });
    }
    if let Some(first) = unified.first() {
        let days = unified.iter().map(|line| line.days.iter().map(|day| u64::from(day.health.max(day.paperwork))));
        let most =
            |most: Vec<u64>, line| most.into_iter().zip(line).map(|(most, day): (u64, u64)| most.max(day)).collect();
        let values = days.fold(vec![0; first.days.len()], most);
        curves.push(Curve { label: "全国统一规则 · one national pack everywhere", stroke: "#1f618d", values });
    }
    curves
}

/// Where a day stands on the axis of days.
struct Across {
    days: u64,
}

impl Across {
    const fn x(&self, day: u64) -> u64 {
        LEFT + day * (RIGHT - LEFT) / if self.days > 1 { self.days - 1 } else { 1 }
    }
}

const fn height(value: u64, top: u64) -> u64 {
    BOTTOM - value * (BOTTOM - TOP) / top
}

/// One, two or five times a power of ten, so that about [`STEPS`] of it reach the greatest value.
fn step(greatest: u64) -> u64 {
    let mut power = 1;
    loop {
        if let Some(step) = [power, 2 * power, 5 * power].into_iter().find(|step| step * STEPS >= greatest) {
            return step;
        }
        power *= 10;
    }
}

fn text(drawn: &mut String, x: u64, y: u64, anchor: &str, words: &str) {
    drawn.push_str(&format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{words}</text>\n"));
}
