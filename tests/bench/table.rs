//! Figures as a plain table or as JSON.

use std::io::Write as _;

use anyhow::Result;
use serde_json::{Value, json};

use crate::figure::{Budget, Figure};

/// Prints a table that fits a README.
pub(crate) fn print(figures: &[Figure]) {
    let mut rows = vec![["what", "budget", "measured", "baseline, noise", ""].map(str::to_owned)];
    rows.extend(figures.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

fn row(figure: &Figure) -> [String; 5] {
    let budget = match figure.budget {
        Budget::AtMost(limit) => format!("<= {}", amount(limit, figure.unit)),
        Budget::AtLeast(limit) => format!(">= {}", amount(limit, figure.unit)),
        Budget::None => "-".to_owned(),
    };
    let verdict = match figure.met() {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    };
    [figure.name.clone(), budget, amount(figure.measured, figure.unit), figure.baseline.clone(), verdict.to_owned()]
}

fn amount(number: f64, unit: &str) -> String {
    match unit {
        "x" => format!("{number:.2}x"),
        "rows/s" => format!("{:.0}k {unit}", number / 1000.0),
        _ => format!("{number:.1} {unit}"),
    }
}

/// Prints one JSON array.
pub(crate) fn json(figures: &[Figure]) -> Result<()> {
    let all: Vec<Value> = figures
        .iter()
        .map(|f| {
            json!({"name": f.name, "budget": f.budget, "measured": f.measured, "unit": f.unit, "baseline": f.baseline,
                "met": f.met()})
        })
        .collect();
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &all)?;
    writeln!(out)?;
    Ok(())
}
