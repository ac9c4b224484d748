// The files of a page: template, style sheet and scripts.

import Foundation
import Mustache
import ZerOMessages
import ZerOResources

/// The template, style and scripts of a page.
struct PageFiles {
  /// The kinds of page.
  ///
  /// The template and the last script of a kind have its name.
  enum Kind: String {
    /// The report of an experiment.
    case page

    /// The ranks of a checkpoint.
    case ranks

    /// The ranks of a series of checkpoints.
    case series

    /// The scripts, each after the ones that it uses.
    fileprivate var scripts: [String] {
      switch self {
      case .page:
        [
          "element", "view", "data", "axis", "chart", "reading", "legend", "table", "training",
          "snapshots", "theme", "copy", "page",
        ]
      case .ranks: ["element", "table", "theme", "ranks"]
      case .series:
        [
          "element", "view", "axis", "chart", "reading", "legend", "table", "theme", "copy",
          "series",
        ]
      }
    }
  }

  /// The page's template.
  let template: MustacheTemplate

  /// The style sheet.
  let style: String

  /// All scripts as one text.
  let script: String

  /// Reads the files from the installation.
  ///
  /// - Parameter kind: The kind of page.
  /// - Throws: `ReportError.brokenInstallation`.
  init(_ kind: Kind) throws(ReportError) {
    style = try Self.text(of: "page.css")
    var scripts: [String] = []
    for name in kind.scripts { scripts.append(try Self.text(of: "\(name).js")) }
    script = scripts.joined(separator: "\n")
    let name = "\(kind.rawValue).mustache"
    let text = try Self.text(of: name)
    do {
      template = try MustacheTemplate(string: text)
    } catch {
      throw .brokenInstallation(path: Self.url(of: name).path, reason: "\(error)")
    }
  }

  private static func url(of name: String) -> URL {
    resourceFolder(of: "Reports").appendingPathComponent("Page").appendingPathComponent(name)
  }

  private static func text(of name: String) throws(ReportError) -> String {
    do {
      return try String(contentsOf: url(of: name), encoding: .utf8)
    } catch {
      throw .brokenInstallation(path: url(of: name).path, reason: systemReason(of: error))
    }
  }
}
