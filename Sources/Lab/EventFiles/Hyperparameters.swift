import Foundation
import ZerORecords
import ZerOTraining

/// The messages of TensorBoard's hyperparameter plugin.
///
/// The field numbers are defined in TensorBoard's `plugins/hparams/plugin_data.proto`; the version, 0, is omitted.
enum Hyperparameters {
  /// The start of a run, with its settings.
  ///
  /// Runs that differ only in their seeds form one group, whose mean TensorBoard shows. The seeds
  /// are therefore not hyperparameters.
  ///
  /// - Parameters:
  ///   - plan: The plan of the run.
  ///   - time: Seconds since 1970.
  /// - Returns: A value for the first event file of the run.
  static func start(_ plan: TrainingPlan, time: Double) -> SummaryValue {
    value("session_start_info", field: 3) { start in
      for setting in TrainingPlan.settings where setting.namesRun && !setting.isSeed {
        start.add(1) { entry in
          entry.add(1, text: setting.recordKey)
          entry.add(2) { value in
            switch plan[setting] {
            case .integer(let integer): value.add(2, double: Double(integer))
            case .number(let number): value.add(2, double: number)
            case .text, .seed, .flag, .absent, .names:
              value.add(3, text: plan.recordText(of: setting))
            }
          }
        }
      }
      start.add(4, text: plan.settingIdentifier)
      start.add(5, double: time)
    }
  }

  /// The end of a run, successful or not.
  ///
  /// TensorBoard keeps the first such value, so a run that may resume must not have one.
  ///
  /// - Parameters:
  ///   - isDone: Whether the run finished.
  ///   - time: Seconds since 1970.
  /// - Returns: A value for the last event file of the run.
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
