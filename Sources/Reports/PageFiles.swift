// The page's parts that are not written in Swift: a template, a style sheet and scripts.

import Foundation
import Messages
import Mustache
import Resources

/// What every report page has in common.
struct PageFiles {
  /// The page, with places for what differs.
  let template: MustacheTemplate

  /// The style sheet.
  let style: String

  /// The scripts, one after the other.
  let script: String

  /// In the order in which they build on each other.
  private static let scripts = [
    "data", "axis", "chart", "reading", "legend", "table", "training", "snapshots", "page",
  ]

  /// Reads the files that come with the program.
  ///
  /// - Throws: `ReportError.brokenInstallation`.
  init() throws(ReportError) {
    style = try Self.text(of: "page.css")
    var scripts: [String] = []
    for name in Self.scripts { scripts.append(try Self.text(of: "\(name).js")) }
    script = scripts.joined(separator: "\n")
    let text = try Self.text(of: "page.mustache")
    do {
      template = try MustacheTemplate(string: text)
    } catch {
      throw .brokenInstallation(path: Self.url(of: "page.mustache").path, reason: "\(error)")
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
