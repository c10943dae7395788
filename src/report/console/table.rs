//! The matrix of one profile as a table that fits the terminal.

use comfy_table::presets::{ASCII_FULL_CONDENSED, UTF8_FULL_CONDENSED};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};

use super::super::matrix::{Cell, Matrix};
use super::super::style::Style;
use super::super::text::wrap;

/// Marks around a state while the table is laid out. They have no width, and no text of a target holds them (it is
/// cleaned); afterwards they become colours, which the layout would have counted.
const OPEN: [char; 6] = ['\u{2061}', '\u{2062}', '\u{2063}', '\u{2064}', '\u{206a}', '\u{206b}'];
const CLOSE: char = '\u{206c}';

/// What a column takes beside its text.
const RULE: usize = 3;

/// The longest word of a state: a column is never narrower.
const WORD: usize = "undetermined".len();

/// Variants that stand in one column, by their place in the matrix.
struct Group {
    head: String,
    variants: Vec<usize>,
}

/// The table, without a line feed at its end. Variants that do not fit side by side share a column where all their cells
/// are the same, and what is still too wide becomes several tables.
pub(in crate::report) fn render(matrix: &Matrix, style: Style) -> String {
    let alone = |at: usize| Group { head: matrix.columns[at].clone(), variants: vec![at] };
    let mut groups: Vec<Group> = (0..matrix.columns.len()).map(alone).collect();
    let room = usize::from(style.width).saturating_sub(title_width(matrix) + RULE + 1);
    if groups.iter().map(width).sum::<usize>() > room {
        groups = shared(matrix);
    }
    let mut tables: Vec<Vec<&Group>> = Vec::new();
    let mut used = usize::MAX;
    for group in &groups {
        let wide = width(group);
        match tables.last_mut() {
            Some(last) if used + wide <= room => {
                last.push(group);
                used += wide;
            }
            _ => {
                tables.push(vec![group]);
                used = wide;
            }
        }
    }
    let mut parts: Vec<String> = tables.iter().map(|groups| table(matrix, groups, style)).collect();
    parts.extend(groups.iter().filter(|group| group.variants.len() > 1).map(|group| {
        let labels: Vec<_> = group.variants.iter().map(|at| matrix.columns[*at].as_str()).collect();
        wrap(&format!("{}: {}", group.head, labels.join(", ")), usize::from(style.width)).join("\n")
    }));
    parts.join("\n")
}

fn title_width(matrix: &Matrix) -> usize {
    let titles = matrix.rows.iter().map(|row| &row.title).chain([&matrix.title]);
    titles.flat_map(|title| title.split(' ')).map(|word| word.chars().count()).max().unwrap_or_default()
}

fn width(group: &Group) -> usize {
    group.head.chars().count().max(WORD) + RULE
}

/// Variants whose features are all in the same state stand together.
fn shared(matrix: &Matrix) -> Vec<Group> {
    let states = |at: usize| matrix.rows.iter().map(|row| row.cells[at].state()).collect::<Vec<_>>();
    let mut groups: Vec<Group> = Vec::new();
    for at in 0..matrix.columns.len() {
        match groups.iter_mut().find(|group| states(group.variants[0]) == states(at)) {
            Some(group) => group.variants.push(at),
            None => groups.push(Group { head: matrix.columns[at].clone(), variants: vec![at] }),
        }
    }
    for (number, group) in groups.iter_mut().filter(|group| group.variants.len() > 1).enumerate() {
        group.head = format!("[{}] {} variants", number + 1, group.variants.len());
    }
    groups
}

fn table(matrix: &Matrix, groups: &[&Group], style: Style) -> String {
    let mut table = Table::new();
    table.load_style(if style.unicode { UTF8_FULL_CONDENSED } else { ASCII_FULL_CONDENSED });
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width);
    table.set_header(std::iter::once(&matrix.title).chain(groups.iter().map(|group| &group.head)));
    for row in &matrix.rows {
        let cells = groups.iter().map(|group| marked(&row.cells[group.variants[0]], style));
        table.add_row(std::iter::once(row.title.clone()).chain(cells));
    }
    // Labels are one word, and no good when they are broken.
    if title_width(matrix) + RULE + 1 + groups.iter().map(|group| width(group)).sum::<usize>() <= style.width.into() {
        for (group, column) in groups.iter().zip(table.column_iter_mut().skip(1)) {
            let wide = u16::try_from(group.head.chars().count() + 2).unwrap_or(style.width);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(wide)));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::matrix::Row;

    /// More variants than fit: most of them are the same.
    #[test]
    fn variants_that_do_not_fit_share_a_column() {
        let columns: Vec<_> = (1..=21).map(|n| format!("entra:a_setting_with_a_long_name={n}")).collect();
        let cells = |odd: Cell| (1..=21).map(|n| if n == 7 { odd.clone() } else { Cell::Works }).collect();
        let row = |title: &str, odd| Row { feature: String::new(), title: title.to_owned(), cells: cells(odd) };
        let matrix = Matrix {
            profile: "entra".to_owned(),
            title: "Microsoft Entra ID".to_owned(),
            reconstructed: None,
            columns,
            rows: vec![row("Create users", Cell::Works), row("Delete users", Cell::Breaks("they stay".to_owned()))],
        };
        let text = render(&matrix, Style { width: 72, ..Style::PLAIN });
        assert!(text.lines().all(|line| line.chars().count() <= 72), "{text}");
        insta::assert_snapshot!(text.lines().take(9).collect::<Vec<_>>().join("\n"), @r"
        +---------------+-----------------+------------------------------------+
        | Microsoft     | [1] 20 variants | entra:a_setting_with_a_long_name=7 |
        | Entra ID      |                 |                                    |
        +======================================================================+
        | Create users  | works           | works                              |
        | Delete users  | works           | breaks                             |
        +---------------+-----------------+------------------------------------+
        [1] 20 variants: entra:a_setting_with_a_long_name=1,
        entra:a_setting_with_a_long_name=2, entra:a_setting_with_a_long_name=3,
        ");
    }
}
