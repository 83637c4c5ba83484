//! Numbers: the bounds themselves, their neighbours, and whatever lies between.

use serde_json::{Number, Value};

use super::choices::Choice;
use super::maker::Maker;
use super::needs::Needs;
use crate::edges;

/// Tries for one that is within the bounds.
const TRIES: usize = 16;

/// Beyond what a double counts exactly no multiple is looked for.
const EXACT: f64 = 9e15;

impl Maker<'_> {
    /// A number, whole where it must be.
    pub(super) fn number(&mut self, needs: &Needs<'_>, whole: bool) -> Option<Value> {
        let place = needs.place.unwrap_or(&Value::Null);
        let bounds = Bounds::of(needs, whole);
        for _ in 0..TRIES {
            let candidate = match self.choose(place, Choice::Number, 9) {
                0 => needs.lowest.cloned().or_else(|| bounds.lowest()),
                1 => needs.highest.cloned().or_else(|| bounds.highest()),
                2 => bounds.lowest().and_then(|number| moved(&number, 1)),
                3 => bounds.highest().and_then(|number| moved(&number, -1)),
                4 => Some(Value::from(self.dice.between(-1, 2))),
                5 => self.dice.pick(&self.dictionary.numbers).cloned(),
                6 if self.edgy => self.dice.pick(edges::numbers()).cloned(),
                7 if !whole => {
                    Number::from_f64(bounds.least.max(-1e6) + self.dice.share() * bounds.span()).map(Value::Number)
                }
                _ => Some(Value::from(self.dice.between(bounds.least.max(-1e6) as i64, bounds.most.min(1e6) as i64))),
            };
            let stepped = candidate.and_then(|number| bounds.stepped(number));
            if let Some(number) = stepped.filter(|number| bounds.holds(number)) {
                return Some(number);
            }
        }
        bounds.lowest().or_else(|| bounds.highest()).and_then(|number| bounds.stepped(number))
    }
}

/// What a number may be.
struct Bounds {
    least: f64,
    most: f64,
    above: Option<f64>,
    below: Option<f64>,
    step: Option<f64>,
    whole: bool,
}

impl Bounds {
    fn of(needs: &Needs<'_>, whole: bool) -> Self {
        let number = |bound: Option<&Value>| bound.and_then(Value::as_f64);
        let (above, below) = (number(needs.above), number(needs.below));
        let least = [number(needs.lowest), above].into_iter().flatten().fold(f64::NEG_INFINITY, f64::max);
        let most = [number(needs.highest), below].into_iter().flatten().fold(f64::INFINITY, f64::min);
        Self { least, most, above, below, step: needs.steps.first().copied(), whole }
    }

    fn span(&self) -> f64 {
        (self.most.min(1e6) - self.least.max(-1e6)).max(0.0)
    }

    fn holds(&self, number: &Value) -> bool {
        number.as_f64().is_some_and(|n| {
            n >= self.least
                && n <= self.most
                && self.above.is_none_or(|above| n > above)
                && self.below.is_none_or(|below| n < below)
                && (!self.whole || n.fract() == 0.0)
        })
    }

    fn lowest(&self) -> Option<Value> {
        let excluded = self.above == Some(self.least);
        self.nearest(self.least, if excluded { 1.0 } else { 0.0 }, f64::next_up, f64::ceil)
    }

    fn highest(&self) -> Option<Value> {
        let excluded = self.below == Some(self.most);
        self.nearest(self.most, if excluded { -1.0 } else { 0.0 }, f64::next_down, f64::floor)
    }

    fn nearest(&self, bound: f64, off: f64, next: fn(f64) -> f64, round: fn(f64) -> f64) -> Option<Value> {
        if !bound.is_finite() {
            return None;
        }
        let whole = round(bound);
        match (self.whole, off == 0.0) {
            (true, true) => Some(of_whole(whole)),
            // The bound itself is out: the next whole one, unless rounding has left it already.
            (true, false) => Some(of_whole(if whole == bound { whole + off } else { whole })),
            (false, true) => {
                Number::from_f64(bound).map(|number| if bound.fract() == 0.0 { of_whole(bound) } else { number.into() })
            }
            (false, false) => Number::from_f64(next(bound)).map(Value::Number),
        }
    }

    /// The nearest multiple of the step that is within the bounds.
    fn stepped(&self, number: Value) -> Option<Value> {
        let Some(step) = self.step else { return Some(number) };
        let times = (number.as_f64()? / step).round();
        [times, times + 1.0, times - 1.0]
            .into_iter()
            .map(|times| times * step)
            .filter(|n| n.abs() < EXACT)
            .map(
                |n| if n.fract() == 0.0 { of_whole(n) } else { Number::from_f64(n).map_or(Value::Null, Value::Number) },
            )
            .find(|n| self.holds(n))
    }
}

fn of_whole(number: f64) -> Value {
    if number.abs() < EXACT {
        Value::from(number as i64)
    } else {
        Number::from_f64(number).map_or(Value::Null, Value::Number)
    }
}

fn moved(number: &Value, by: i64) -> Option<Value> {
    match number.as_i64() {
        Some(whole) => whole.checked_add(by).map(Value::from),
        None => Number::from_f64(number.as_f64()? + by as f64).map(Value::Number),
    }
}
