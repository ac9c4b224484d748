// How a run ended, in a line.

import Foundation
import Messages
import Records
import Reports

extension RunProgress {
  /// What to say when the run has ended: how, after how long, and with what; `nil` while it hasn't.
  var endRemark: Remark? {
    switch state {
    case .waiting, .running: return nil
    case .abandoned:
      return Remark(
        label: label,
        text: String(format: "was left by its process at %.0f %%", (100 * fraction).rounded(.down)),
        color: .yellow)
    case .damaged(let error):
      return Remark(
        label: label, text: "is \(error.standing): \(error.description.inOneLine)", color: .red)
    case .ended(let status):
      let word =
        status.status == .interrupted
        ? "interrupted, with a checkpoint," : status.status.rawValue
      let time = status.seconds.map { String(format: "after %.1f s", $0) }
      let results = [
        rank.flatMap { rank in ProgressRow.rank(self).map { "\(rank.name) \($0.text)" } },
        testAccuracy.map { String(format: "test %.2f %%", $0) },
      ].compactMap(\.self)
      let summary =
        status.status == .done && !results.isEmpty
        ? ": " + results.joined(separator: ", ") : ""
      return Remark(
        label: label,
        text: [word, time].compactMap(\.self).joined(separator: " ")
          + (status.message.map { ": \($0.inOneLine)" } ?? summary),
        color: color(of: status.status))
    }
  }

  private func color(of status: RunStatus.State) -> TextColor? {
    switch status {
    case .done: nil
    case .running: nil
    case .interrupted: .yellow
    case .diverged, .failed: .red
    }
  }
}
