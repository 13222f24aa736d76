/// Rows in columns as wide as their widest cell.
struct Table {
    /// The headings, in capitals.
    let columns: [String]
    /// The column that gives way when the line is too long; nil to let lines be as long as they are.
    var flexibleColumn: Int?
    private(set) var rows: [[String]] = []

    init(_ columns: [String], flexibleColumn: Int? = nil) {
        self.columns = columns
        self.flexibleColumn = flexibleColumn
    }

    /// Adds a row. Cells may come from an image: they are escaped here.
    mutating func add(_ cells: [String]) {
        rows.append(cells.prefix(columns.count).map { TerminalText.escape($0) })
    }

    /// The table's lines without trailing spaces; `width` is that of the terminal, nil where there is none and
    /// nothing is to be clipped.
    func lines(width: Int?) -> [String] {
        let all = [columns] + rows
        var widths = columns.indices.map { column in
            all.map { column < $0.count ? TextWidth.columns($0[column]) : 0 }.max() ?? 0
        }
        if let width, let column = flexibleColumn, widths.indices.contains(column) {
            let others = widths.reduce(0, +) - widths[column] + 3 * (columns.count - 1)
            widths[column] = min(widths[column], max(12, width - others))
        }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                if column > 0 { line += "   " }
                line += TextWidth.pad(TextWidth.clip(cell, to: widths[column]), to: widths[column])
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
