//! Tables for people who read on a terminal.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// A line below the titles and none elsewhere, so that a table takes a line a row.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Characters that a table may take at least.
const NARROWEST: u16 = 60;

/// A table with these titles, in which the columns of numbers stand to the right.
#[must_use]
pub fn table(titles: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(titles);
    // a terminal that does not know its width would get a column of letters
    if table.width().is_some_and(|width| width < NARROWEST) {
        table.set_width(NARROWEST);
    }
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
