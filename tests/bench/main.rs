//! The budgets of the design, as ratios taken in one run.

fn main() {}
