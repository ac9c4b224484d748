// The pages in Documentation/Reference: text by hand, and tables between marks that are made from the code.

import Foundation
import Testing
import ZerOMessages

/// A page whose tables are compared with the code, or rewritten.
struct ReferencePage {
  private let file: URL
  private let text: String
  private var parts: [String] = []

  /// Reads a page.
  init(_ name: String) throws {
    file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../Documentation/Reference/\(name).md")
    text = try String(contentsOf: file, encoding: .utf8)
  }

  /// Compares the text between `<!-- NAME -->` and `<!-- end -->` for each name, and no other, with the code.
  ///
  /// With ZEROLAB_REFERENCE=write in the environment, which `make reference` sets, the file is rewritten instead.
  func expect(_ tables: KeyValuePairs<String, String>) throws {
    var expected = ""
    var rest = text[...]
    for (name, table) in tables {
      let mark = "<!-- \(name) -->\n"
      let begin = try #require(rest.range(of: mark), "\(file.lastPathComponent) has no \(mark)")
      let end = try #require(rest[begin.upperBound...].range(of: "<!-- end -->\n"))
      expected += rest[..<begin.upperBound] + "\n" + table + "\n"
      rest = rest[end.lowerBound...]
    }
    expected += rest
    if ProcessInfo.processInfo.environment["ZEROLAB_REFERENCE"] == "write" {
      try expected.write(to: file, atomically: true, encoding: .utf8)
    } else {
      let difference = zip(
        text.split(separator: "\n", omittingEmptySubsequences: false),
        expected.split(separator: "\n", omittingEmptySubsequences: false)
      ).first { $0 != $1 }
      #expect(
        text == expected,
        """
        \(file.lastPathComponent) differs from the code (\(difference?.0 ?? "its end"); now \
        \(difference?.1 ?? "")): run `make reference`
        """)
    }
  }
}

/// A Markdown table.
func markdownTable(_ headings: [String], _ rows: [[String]]) -> String {
  ([headings, headings.map { _ in "---" }] + rows).map { cells in
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
  }.joined()
}

/// A Markdown table of fields and their meanings.
func markdownTable(_ heading: String, _ fields: [FieldDescription]) -> String {
  markdownTable([heading, "meaning"], fields.map { ["`\($0.name)`", $0.meaning] })
}
