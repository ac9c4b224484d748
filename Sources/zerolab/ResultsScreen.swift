// The width and colors of results on standard output.

import Foundation
import ZerOMessages
import ZerOReports
import ZerOTerminal

/// Formats results for standard output.
///
/// Tables always fit 80 columns. Sentences are wrapped only on a terminal, so other programs find
/// each in one line.
struct ResultsScreen {
  /// The largest number of characters per line.
  let columns: Int

  private let isTerminal: Bool
  private let isColored: Bool

  /// Inspects standard output.
  init() {
    let window = TerminalWindow(behind: STDOUT_FILENO)
    columns = min(80, window?.columns ?? 80)
    isTerminal = window != nil
    isColored =
      isTerminal && TerminalWindow.showsColors(ProcessInfo.processInfo.environment)
  }

  /// A sentence, wrapped on a terminal.
  func text(_ sentence: String) -> String {
    isTerminal ? sentence.wrapped(to: columns).joined(separator: "\n") : sentence
  }

  /// A verdict, with its first word in the color of its outcome.
  func text(_ verdict: Verdict) -> String {
    let text = text(verdict.sentence)
    guard isColored, let end = text.firstIndex(of: ":") else { return text }
    let color: TextColor =
      switch verdict.outcome {
      case .held: .green
      case .undecided: .yellow
      case .violated: .red
      }
    return color.paint(String(text[..<end])) + text[end...]
  }

  /// Names, as many per line as fit.
  func list(_ names: [String]) -> String {
    names.joined(separator: " ").wrapped(to: columns - 2).map { "  " + $0 }.joined(separator: "\n")
  }
}
