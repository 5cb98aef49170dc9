//! Popularity, which moves from day to day.

use super::dice::Dice;

#[derive(Clone, Debug)]
pub(crate) enum Popularity {
    Unknown,
    /// As it was on the day that a real catalogue was read.
    Constant(u8),
    /// A pure function of the day.
    Moving(Course),
}

/// Near 0 on the first day, rising over the first two weeks, then slowly decaying.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// The highest it comes to, 0 to 100.
    pub(crate) peak: f64,
    /// Day since the Unix epoch on which it could first be heard.
    pub(crate) first_day: i64,
    /// Which way chance falls for this one.
    pub(crate) seed: u64,
}

impl Popularity {
    /// The value on a UTC day, counted from the Unix epoch.
    pub(crate) fn on(&self, day: i64) -> Option<u8> {
        match self {
            Popularity::Unknown => None,
            Popularity::Constant(value) => Some(*value),
            Popularity::Moving(course) => Some(course.on(day)),
        }
    }
}

impl Course {
    fn on(&self, day: i64) -> u8 {
        let mut life = Dice::new([self.seed, 1]);
        let days_to_rise = 2.5 + 2.0 * life.unit();
        let turn = 12.0 + 8.0 * life.unit();
        let days_to_fade = 50.0 + 60.0 * life.unit();

        let age = (day - self.first_day).max(0) as f64;
        let risen = 1.0 - (-(age + 0.2) / days_to_rise).exp();
        let faded = 0.35 + 0.65 * (-(age - turn).max(0.0) / days_to_fade).exp();
        let wobble = Dice::new([self.seed, 2, day as u64]).normal() * 0.7;
        (self.peak * risen * faded + wobble).round().clamp(0.0, 100.0) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_in_the_first_weeks_then_decays() {
        let course = Popularity::Moving(Course {
            peak: 70.0,
            first_day: 20_000,
            seed: 3,
        });
        let on = |age: i64| course.on(20_000 + age).unwrap();
        assert!(on(0) < 10, "{}", on(0));
        assert!(on(12) > 60, "{}", on(12));
        assert!((20..50).contains(&on(200)), "{}", on(200));
        assert_eq!(on(12), on(12));
    }
}
