// Results as they fit standard output.

import Foundation
import Messages
import Reports
import Terminal

/// How wide results may be, and whether they have colors.
///
/// Tables always fit 80 columns; sentences are broken on a terminal only, so that other programs find them in one
/// line.
struct ResultsScreen {
  /// The most characters of a line.
  let columns: Int

  private let isTerminal: Bool
  private let isColored: Bool

  /// Looks at standard output.
  init() {
    let window = TerminalWindow(behind: STDOUT_FILENO)
    columns = min(80, window?.columns ?? 80)
    isTerminal = window != nil
    isColored =
      isTerminal && TerminalWindow.showsColors(ProcessInfo.processInfo.environment)
  }

  /// A sentence.
  func text(_ sentence: String) -> String {
    isTerminal ? sentence.wrapped(to: columns).joined(separator: "\n") : sentence
  }

  /// A verdict, its first word in the color of its meaning.
  func text(_ verdict: Verdict) -> String {
    let text = text(verdict.sentence)
    guard isColored, let end = text.firstIndex(of: ":") else { return text }
    let color: TextColor =
      switch verdict.outcome {
      case .held: .green
      case .undecided: .yellow
      case .broken: .red
      }
    return color.paint(String(text[..<end])) + text[end...]
  }

  /// Names, as many in a line as fit.
  func list(_ names: [String]) -> String {
    names.joined(separator: " ").wrapped(to: columns - 2).map { "  " + $0 }.joined(separator: "\n")
  }
}
