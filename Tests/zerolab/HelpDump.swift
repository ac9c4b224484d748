// The command line as the argument parser describes it.

import Foundation

/// The output of `zerolab --experimental-dump-help`.
struct HelpDump: Decodable {
  struct Command: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [Command]?
    let arguments: [Argument]?
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let shouldDisplay: Bool
    let isRepeating: Bool
    let names: [Name]?
    let valueName: String?
    let defaultValue: String?
    let allValues: [String]?
    let abstract: String?
    let discussion: String?
  }

  let command: Command
}

extension HelpDump.Command {
  /// A section for the command, and for each of its subcommands.
  func sections(after words: [String] = []) -> [String] {
    let path = words + [commandName]
    let children = (subcommands ?? []).filter { $0.commandName != "help" }
    guard children.isEmpty else { return children.flatMap { $0.sections(after: path) } }
    let shown = (arguments ?? []).filter {
      $0.shouldDisplay && !($0.names ?? []).contains { ["help", "version"].contains($0.name) }
    }
    var text = "## \(path.joined(separator: " "))\n\n\(abstract.map(plain) ?? "")\n"
    if let discussion { text += "\n\(plain(discussion))\n" }
    if !shown.isEmpty {
      text +=
        "\n"
        + markdownTable(
          ["argument", "default", "meaning"],
          shown.map { [$0.usage, $0.defaultValue.map { "`\($0)`" } ?? "", $0.meaning] })
    }
    return [text]
  }
}

extension HelpDump.Argument {
  fileprivate var usage: String {
    guard kind != "positional" else {
      return "`<\(valueName ?? "")>\(isRepeating ? " ..." : "")`"
    }
    let spellings = (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
    return spellings.map { "`\($0)\(kind == "flag" ? "" : " <\(valueName ?? "")>")`" }
      .joined(separator: ", ")
  }

  fileprivate var meaning: String {
    let values = (allValues ?? []).map { "`\($0)`" }.joined(separator: ", ")
    return [
      abstract.map(plain), discussion.map(plain), values.isEmpty ? nil : "Values: \(values).",
    ]
    .compactMap { $0 }.joined(separator: " ")
  }
}

/// Help as Markdown: one line, without characters that Markdown would interpret.
private func plain(_ text: String) -> String {
  var text = text.replacing("\n", with: " ")
  for character in ["*", "_", "<", "["] { text = text.replacing(character, with: "\\" + character) }
  return text
}
