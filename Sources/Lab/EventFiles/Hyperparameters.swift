// What TensorBoard's hyper-parameter plugin is told of a run.

import Foundation
import Records
import Training

/// Messages of the plugin, each a value of its own.
///
/// Field numbers are those of TensorBoard's `plugins/hparams/plugin_data.proto`; the version, 0, is left out.
enum Hyperparameters {
  /// A run begins: its setting.
  ///
  /// Runs that differ in their seeds only belong to one group, of which TensorBoard shows the mean; so the
  /// seeds themselves, which differ within it, are none of the group's parameters.
  ///
  /// - Parameters:
  ///   - plan: The run's.
  ///   - time: Seconds since 1970.
  /// - Returns: A value for the run's first event file.
  static func start(_ plan: TrainingPlan, time: Double) -> SummaryValue {
    value("session_start_info", field: 3) { start in
      for setting in TrainingPlan.settings where setting.namesRun && !setting.isSeed {
        start.add(1) { entry in
          entry.add(1, text: setting.recordKey)
          entry.add(2) { value in
            switch plan[setting] {
            case .integer(let integer): value.add(2, double: Double(integer))
            case .number(let number): value.add(2, double: number)
            case .text, .seed, .absent, .names: value.add(3, text: plan.recordText(of: setting))
            }
          }
        }
      }
      start.add(4, text: plan.settingIdentifier)
      start.add(5, double: time)
    }
  }

  /// A run has come to its end, well or not.
  ///
  /// TensorBoard keeps the first such value, so a run that will go on some day must not have one.
  ///
  /// - Parameters:
  ///   - isDone: Whether it ended as planned.
  ///   - time: Seconds since 1970.
  /// - Returns: A value for the run's last event file.
  static func end(isDone: Bool, time: Double) -> SummaryValue {
    value("session_end_info", field: 4) { end in
      end.add(1, integer: isDone ? 1 : 2)  // STATUS_SUCCESS, STATUS_FAILURE
      end.add(2, double: time)
    }
  }

  private static func value(
    _ name: String, field: UInt64, _ fill: (inout ProtobufMessage) -> Void
  ) -> SummaryValue {
    var message = ProtobufMessage()
    message.add(field, fill)
    return SummaryValue(tag: "_hparams_/\(name)", content: .hyperparameters(message))
  }
}
