//! Tables for people who read on a terminal.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// A line below the titles and none elsewhere, so that a table takes a line a row.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table with these titles, in which the columns of numbers stand to the right.
#[must_use]
pub fn table(titles: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(titles);
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
