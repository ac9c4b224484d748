// Command-line options made from the table of settings.

import ArgumentParser
import ZerODatasets
import ZerOInitializers
import ZerOMeasurements
import ZerOTraining

/// Some of the settings, as a group of options.
protocol SettingSelection: Sendable {
  /// The settings of the group.
  static var settings: [TrainingPlan.Setting] { get }

  /// The keys of settings without a default that may be missing.
  static var optionalKeys: Set<String> { get }

  /// The keys of settings whose default is what a file of weights tells.
  static var storedKeys: Set<String> { get }
}

extension SettingSelection {
  /// None.
  static var optionalKeys: Set<String> { [] }

  /// None.
  static var storedKeys: Set<String> { [] }
}

/// The settings that the initial network depends on.
enum NetworkSettings: SettingSelection {
  static let settings = TrainingPlan.settings.filter(\.describesNetwork)
}

/// The same for a command that may read the initial weights from a file.
enum StoredNetworkSettings: SettingSelection {
  static let settings = NetworkSettings.settings
  static let optionalKeys: Set = ["init"]
}

/// The settings of the updates, which a trial of ceilings makes.
enum UpdateSettings: SettingSelection {
  static let settings = TrainingPlan.settings.filter(\.describesUpdates)
}

/// All other settings.
enum OtherSettings: SettingSelection {
  static let settings = TrainingPlan.settings.filter { !$0.describesNetwork }
}

/// One option per setting, `--no-NAME` for a value that may be absent, and hidden options for former names.
///
/// ArgumentParser finds the options of a type by reflection and decodes their values by the same names. So the mirror
/// lists options made from the table, and `init(from:)` reads them: help, completions and the manual page follow.
struct SettingOptions<Selection: SettingSelection>: ParsableArguments, CustomReflectable {
  private typealias Value = TrainingPlan.Setting.Value

  /// The values that were given.
  private var values: [TrainingPlan.Setting: TrainingPlan.Setting.Value] = [:]

  /// Two options that were given for one setting.
  private var conflict: (String, String)?

  init() {}

  /// The options' definitions.
  var customMirror: Mirror {
    Mirror(self, children: Selection.settings.flatMap(Self.options))
  }

  private static func options(of setting: TrainingPlan.Setting) -> [Mirror.Child] {
    let help = ArgumentHelp(stringLiteral: Self.help(of: setting))
    let name = NameSpecification.customLong(setting.optionName)
    let completion = Self.completion(of: setting)
    // A negative number is a value, not an option.
    let isNumeric = setting.isNumber || setting.isInteger || setting.isSeed
    let parsing = isNumeric ? SingleValueParsingStrategy.unconditional : .next
    let option: Any =
      if setting.isFlag {
        Flag(wrappedValue: false, name: name, help: ArgumentHelp(stringLiteral: setting.help))
      } else if setting.isList {
        Option<[String]>(wrappedValue: [], name: name, help: help, completion: completion)
      } else if Self.mustBeGiven(setting) {
        Option<Value>(
          name: name, parsing: parsing, help: help, completion: completion,
          transform: Self.parser(of: setting))
      } else {
        Option<Value?>(
          name: name, parsing: parsing, help: help, completion: completion,
          transform: Self.parser(of: setting))
      }
    var children: [Mirror.Child] = [(label: setting.key, value: option)]
    if let absence = setting.absenceOption {
      let help =
        setting.isList ? "Measure nothing: log lines only." : "Same as \(setting.option) none."
      children.append(
        (
          label: absence,
          value: Flag(
            wrappedValue: false, name: .customLong(absence),
            help: ArgumentHelp(stringLiteral: help))
        ))
    }
    for old in setting.oldKeys {
      children.append(
        (
          label: old,
          value: Option<Value?>(
            name: .customLong(old.replacing("_", with: "-")), parsing: parsing,
            help: ArgumentHelp("Former name of \(setting.option).", visibility: .hidden),
            transform: Self.parser(of: setting))
        ))
    }
    return children
  }

  private static func mustBeGiven(_ setting: TrainingPlan.Setting) -> Bool {
    setting.optionDefault == nil && !Selection.optionalKeys.contains(setting.key)
  }

  private static func help(of setting: TrainingPlan.Setting) -> String {
    let repetition = setting.isList ? " May be repeated." : ""
    let standard =
      Selection.storedKeys.contains(setting.key) ? "that of the file" : setting.optionDefault
    return setting.help + repetition + (standard.map { " (default: \($0))" } ?? "")
  }

  private static func parser(of setting: TrainingPlan.Setting)
    -> @Sendable (String) throws -> TrainingPlan.Setting.Value
  {
    { text in
      guard let value = setting.value(of: text) else {
        throw ValidationError("it must be \(setting.expectation(insteadOf: text))")
      }
      return value
    }
  }

  /// Names from tables other than the settings'.
  private static func completion(of setting: TrainingPlan.Setting) -> CompletionKind? {
    switch setting.key {
    case "init": .list(InitializerCatalog.builtIn.names)
    case "data": .names(DatasetSource.catalog.map(\.name), orFiles: ["npz"])
    case "quantities": .list(MeasurementCatalog.builtIn.choices)
    default: setting.choices.isEmpty ? nil : .list(setting.choices)
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads the values that were given.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for setting in Selection.settings {
      let key = Key(stringValue: setting.key)
      var given: [(option: String, value: Value)] = []
      if setting.isFlag {
        if try container.decode(Flag<Bool>.self, forKey: key).wrappedValue {
          given.append((setting.option, .flag(true)))
        }
      } else if setting.isList {
        let names = try container.decode(Option<[String]>.self, forKey: key).wrappedValue
        if !names.isEmpty { given.append((setting.option, .names(names))) }
      } else if Self.mustBeGiven(setting) {
        let value = try container.decode(Option<Value>.self, forKey: key).wrappedValue
        given.append((setting.option, value))
      } else if let value = try container.decode(Option<Value?>.self, forKey: key).wrappedValue {
        given.append((setting.option, value))
      }
      if let absence = setting.absenceOption,
        try container.decode(Flag<Bool>.self, forKey: Key(stringValue: absence)).wrappedValue
      {
        given.append(("--\(absence)", setting.isList ? .names([]) : .absent))
      }
      for old in setting.oldKeys {
        let key = Key(stringValue: old)
        if let value = try container.decode(Option<Value?>.self, forKey: key).wrappedValue {
          given.append(("--\(old.replacing("_", with: "-"))", value))
        }
      }
      values[setting] = given.first?.value
      if given.count > 1 { conflict = (given[0].option, given[1].option) }
    }
  }

  func validate() throws {
    if let (one, other) = conflict {
      throw ValidationError("\(one) and \(other) cannot be combined")
    }
    for setting in Selection.settings {
      guard case .names(let names)? = values[setting] else { continue }
      // In brackets a comma is one of several characters of a name pattern.
      for name in names where name.replacing(/\[[^\]]*\]/, with: "").contains(",") {
        let options = name.split(separator: ",").map { "\(setting.option) \($0)" }
        throw ValidationError(
          "\(setting.option) is \(name), but an option takes one value; repeat the option: "
            + options.joined(separator: " "))
      }
    }
  }

  /// Whether an option was given for a setting.
  func contains(_ key: String) -> Bool { values.keys.contains { $0.key == key } }

  /// The keys of the settings for which an option was given.
  var givenKeys: Set<String> { Set(values.keys.map(\.key)) }

  /// Sets a plan's values to the given ones, and to the options' defaults where the plan has none.
  func apply(to plan: inout TrainingPlan) {
    for setting in Selection.settings {
      if let value = values[setting] {
        plan.set(setting, to: value)
      } else if setting.isRequired, let value = setting.optionDefault.flatMap(setting.value) {
        plan.set(setting, to: value)
      }
    }
  }
}

extension TrainingPlan.Setting {
  /// The flag for no value, for example `no-bias`.
  fileprivate var absenceOption: String? {
    key == "bias" || key == "quantities" ? "no-\(optionName)" : nil
  }
}
