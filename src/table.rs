//! Tables for people who read on a terminal.

use comfy_table::presets::UTF8_NO_BORDERS;
use comfy_table::{CellAlignment, Table};

/// A table with these titles, in which the columns of numbers stand to the right.
#[must_use]
pub fn table(titles: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_NO_BORDERS).set_header(titles);
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
