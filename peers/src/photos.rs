//! Photos of our own live codes as cameras take them: blurred, tilted, with glare, and badly printed.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use yima_credential::qr::{Bitmap, QUIET_MODULES, Version};

use crate::pictures::row;

/// Points of a module.
const SCALE: usize = 6;
/// Codes of each kind and strength.
const CODES: u64 = 8;
const STRENGTHS: usize = 5;

/// A picture in shades of grey; white lies around it.
#[derive(Clone)]
struct Photo {
    side: usize,
    points: Vec<f64>,
}

type Harm = fn(&Photo, f64, &mut Random) -> Photo;

pub(crate) fn measure() -> Result<()> {
    let kinds: [(&str, Harm); 4] =
        [("blurred", blurred), ("tilted", tilted), ("with glare", glare), ("badly printed", printed)];
    for (name, harm) in kinds {
        for strength in 1..=STRENGTHS {
            let folder = tempfile::tempdir()?;
            let mut random = Random(strength as u64);
            let paths = (0..CODES).map(|number| {
                let photo = harm(&photo(number)?, strength as f64, &mut random);
                let path = folder.path().join(format!("{number}.png"));
                save(&photo, &path)?;
                Ok(path)
            });
            let paths = paths.collect::<Result<Vec<PathBuf>>>()?;
            row(&format!("own photos, {name}, strength {strength} of {STRENGTHS}"), &paths)?;
        }
    }
    Ok(())
}

/// A number after another, the same in each run.
struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }
}

/// A symbol as long as a live code.
fn photo(number: u64) -> Result<Photo> {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut random = Random(number);
    let text = (0..524).map(|_| char::from(LETTERS[(random.unit() * 45.0) as usize % 45]));
    let symbol = Bitmap::of(&format!("YM1:{}", text.collect::<String>()), Version::LIVE_MAX)
        .map_err(|error| anyhow!("{error}"))?;
    let side = (symbol.width() + 2 * QUIET_MODULES) * SCALE;
    let dark = |x: usize, y: usize| {
        let module = |at: usize| (at / SCALE).checked_sub(QUIET_MODULES).filter(|at| *at < symbol.width());
        module(x).zip(module(y)).is_some_and(|(x, y)| symbol.modules()[y * symbol.width() + x])
    };
    let points = (0..side * side).map(|at| if dark(at % side, at / side) { 20.0 } else { 235.0 });
    Ok(Photo { side, points: points.collect() })
}

impl Photo {
    fn at(&self, x: f64, y: f64) -> f64 {
        let point = |x: f64, y: f64| {
            let is_within = x >= 0.0 && y >= 0.0 && x < self.side as f64 && y < self.side as f64;
            if is_within { self.points[y as usize * self.side + x as usize] } else { 235.0 }
        };
        let (left, top) = (x.floor(), y.floor());
        let (right, below) = (x - left, y - top);
        let upper = point(left, top) * (1.0 - right) + point(left + 1.0, top) * right;
        let lower = point(left, top + 1.0) * (1.0 - right) + point(left + 1.0, top + 1.0) * right;
        upper * (1.0 - below) + lower * below
    }

    fn map(&self, point: impl Fn(f64, f64) -> f64) -> Self {
        let points = (0..self.side * self.side).map(|at| point((at % self.side) as f64, (at / self.side) as f64));
        Self { side: self.side, points: points.collect() }
    }
}

/// Out of focus: the mean of up to two modules around each point.
fn blurred(photo: &Photo, strength: f64, _: &mut Random) -> Photo {
    let radius = (strength * SCALE as f64 / 6.0).round() as i32;
    let mean = |photo: &Photo, step: (f64, f64)| {
        photo.map(|x, y| {
            let sum: f64 =
                (-radius..=radius).map(|by| photo.at(x + step.0 * f64::from(by), y + step.1 * f64::from(by))).sum();
            sum / f64::from(2 * radius + 1)
        })
    };
    mean(&mean(photo, (1.0, 0.0)), (0.0, 1.0))
}

/// Seen from the side and turned: up to 50 degrees of each.
fn tilted(photo: &Photo, strength: f64, _: &mut Random) -> Photo {
    let (sine, cosine) = (strength * 10.0_f64).to_radians().sin_cos();
    let centre = photo.side as f64 / 2.0;
    photo.map(|x, y| {
        let (x, y) = ((x - centre) * 1.5 / centre, (y - centre) * 1.5 / centre);
        let (x, y) = (x * cosine + y * sine, y * cosine - x * sine);
        let depth = 3.0 / (3.0 * cosine - x * sine);
        photo.at(centre + x * depth * centre, centre + y * depth * centre * cosine)
    })
}

/// A lamp mirrored in the glass over a part of the code.
fn glare(photo: &Photo, strength: f64, random: &mut Random) -> Photo {
    let side = photo.side as f64;
    let (middle_x, middle_y) = (side * (0.3 + 0.4 * random.unit()), side * (0.3 + 0.4 * random.unit()));
    let radius = side * 0.05 * strength;
    photo.map(|x, y| {
        let distance = (x - middle_x).hypot(y - middle_y) / radius;
        let light = 255.0 * (-distance * distance).exp();
        (photo.at(x, y) + light).min(255.0)
    })
}

/// Thin ink on grey paper, with dots and gaps.
fn printed(photo: &Photo, strength: f64, random: &mut Random) -> Photo {
    let contrast = 1.0 - 0.17 * strength;
    let faint = photo.map(|x, y| 190.0 - (235.0 - photo.at(x, y)) * 0.8 * contrast);
    let points = faint.points.iter().map(|point| (point + (random.unit() - 0.5) * 22.0 * strength).clamp(0.0, 255.0));
    Photo { side: photo.side, points: points.collect() }
}

fn save(photo: &Photo, path: &Path) -> Result<()> {
    let side = u32::try_from(photo.side)?;
    let mut encoder = png::Encoder::new(std::fs::File::create(path)?, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    let points: Vec<u8> = photo.points.iter().map(|point| point.clamp(0.0, 255.0) as u8).collect();
    Ok(encoder.write_header()?.write_image_data(&points)?)
}
