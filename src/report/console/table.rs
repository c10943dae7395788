//! The matrix of one profile as a table that fits the terminal.

use comfy_table::presets::{ASCII_FULL_CONDENSED, UTF8_FULL_CONDENSED};
use comfy_table::{ContentArrangement, Table};

use super::super::matrix::{Cell, Matrix};
use super::super::style::Style;

/// Marks around a state while the table is laid out. They have no width, and no text of a target holds them (it is
/// cleaned); afterwards they become colours, which the layout would have counted.
const OPEN: [char; 6] = ['\u{2061}', '\u{2062}', '\u{2063}', '\u{2064}', '\u{206a}', '\u{206b}'];
const CLOSE: char = '\u{206c}';

/// The table, without a line feed at its end.
pub(in crate::report) fn render(matrix: &Matrix, style: Style) -> String {
    let mut table = Table::new();
    table.load_style(if style.unicode { UTF8_FULL_CONDENSED } else { ASCII_FULL_CONDENSED });
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width);
    table.set_header(std::iter::once(&matrix.title).chain(&matrix.columns));
    for row in &matrix.rows {
        table.add_row(std::iter::once(row.title.clone()).chain(row.cells.iter().map(|cell| marked(cell, style))));
    }
    let text: Vec<_> = table.lines().map(|line| coloured(line.trim_end(), style)).collect();
    text.join("\n")
}

fn marked(cell: &Cell, style: Style) -> String {
    if !style.color {
        return cell.state().to_owned();
    }
    let kind = kinds().iter().position(|kind| kind.state() == cell.state()).unwrap_or(0);
    // Word by word, so that a state that is broken over two lines stays within its column.
    let words: Vec<_> = cell.state().split(' ').map(|word| format!("{}{word}{CLOSE}", OPEN[kind])).collect();
    words.join(" ")
}

fn coloured(line: &str, style: Style) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((at, kind)) = OPEN.iter().enumerate().filter_map(|(kind, c)| Some((rest.find(*c)?, kind))).min() {
        let (before, marked) = rest.split_at(at);
        let (word, after) = marked[OPEN[kind].len_utf8()..].split_once(CLOSE).unwrap_or((marked, ""));
        out.push_str(before);
        out.push_str(&style.cell(&kinds()[kind], word));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn kinds() -> [Cell; 6] {
    let none = String::new;
    let [a, b, c, d] =
        [Cell::Breaks(none()), Cell::NotPlayed(none()), Cell::Undetermined(none()), Cell::SendsNothing(none())];
    [Cell::Works, Cell::WorksWithWarnings, a, b, c, d]
}
