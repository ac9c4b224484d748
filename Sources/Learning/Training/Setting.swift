// A hyper-parameter described once, for files, command line, tables and reference.

import ZerOMessages

extension TrainingPlan {
  /// The description of one field of a plan.
  ///
  /// `TrainingPlan.settings` contains one entry per field. Reading and writing of YAML and `plan.json`, validation,
  /// names of runs, TensorBoard's hyper-parameters, tables, options of the command line and the reference follow from
  /// the entry.
  public struct Setting: Sendable {
    /// The key in experiments, for example `learning_rate`.
    public let key: String

    /// The key in `plan.json`, CSV files and TensorBoard; it differs from `key` where a key has been renamed.
    public let recordKey: String

    /// Former keys and former options, which are still read.
    public let oldKeys: [String]

    /// The table of an experiment that contains the key.
    public let place: Place

    /// The name of the command-line option without dashes, for example `lr`.
    public let optionName: String

    /// The heading of a narrow column.
    public let heading: String

    /// The meaning, in one line.
    public let help: String

    /// The unit of the value, `nil` for a pure number or a text.
    public let unit: String?

    /// Whether the initial network depends on the setting.
    public let describesNetwork: Bool

    /// Whether the updates of a network on given images depend on the setting.
    public let describesUpdates: Bool

    /// The prefix of the value in a run's name, for example `lr`; `nil` for a setting that only chooses records.
    let mark: String?

    /// Whether `plan.json` may lack the key: true for settings that are newer than the first version.
    let mayBeMissing: Bool

    /// Whether a list may contain a value twice.
    let mayRepeat: Bool

    /// The default of the command-line option as text; `nil` for an option that must be given.
    public let optionDefault: String?

    let field: Field

    /// Describes a field.
    ///
    /// - Parameters:
    ///   - key: The key in experiments.
    ///   - field: The property, with its type and range.
    ///   - mark: The value's prefix in names of runs; `nil` for a setting that only chooses what is recorded.
    ///   - unit: The unit of the value.
    ///   - place: The table of an experiment that contains the key.
    ///   - option: The name of the option; by default the key with hyphens.
    ///   - heading: The heading of a narrow column; by default the key with spaces.
    ///   - recordKey: The key in records; by default the key.
    ///   - oldKeys: Former keys.
    ///   - describesNetwork: Whether the initial network depends on it.
    ///   - describesUpdates: Whether the updates depend on it.
    ///   - mayBeMissing: Whether `plan.json` may lack the key.
    ///   - mayRepeat: Whether a list may contain a value twice.
    ///   - optionDefault: The default of the option; by default the plan's.
    ///   - help: The meaning, in one line.
    init(
      _ key: String, _ field: Field, mark: String?, unit: String? = nil, place: Place = .training,
      option: String? = nil, heading: String? = nil, recordKey: String? = nil,
      oldKeys: [String] = [], describesNetwork: Bool = false, describesUpdates: Bool = false,
      mayBeMissing: Bool = true,
      mayRepeat: Bool = false, optionDefault: String? = nil, help: String
    ) {
      self.key = key
      self.field = field
      self.mark = mark
      self.unit = unit
      self.place = place
      optionName = option ?? key.replacing("_", with: "-")
      self.heading = heading ?? key.replacing("_", with: " ")
      self.recordKey = recordKey ?? key
      self.oldKeys = oldKeys
      self.describesNetwork = describesNetwork
      self.describesUpdates = describesUpdates
      self.mayBeMissing = mayBeMissing
      self.mayRepeat = mayRepeat
      self.optionDefault =
        optionDefault ?? (place == .run ? nil : Self.defaults[field: field].description)
      self.help = help
    }

    /// The table of an experiment that contains a key.
    public enum Place: Hashable, Sendable {
      /// The top level, and each entry of `runs`.
      case experiment
      /// Each entry of `runs`, which must have the key.
      case run
      /// `training`, and each entry of `runs`.
      case training
      /// `measure`, where the key has a shorter name.
      case measure(String)
    }

    /// A value of any setting.
    public enum Value: Hashable, Sendable, CustomStringConvertible {
      /// A text, or the name of a choice.
      case text(String)
      /// A whole number.
      case integer(Int)
      /// The seed of a random generator.
      case seed(UInt64)
      /// A number.
      case number(Double)
      /// Yes or no.
      case flag(Bool)
      /// No number.
      case absent
      /// A list of names.
      case names([String])

      /// The value as text; `none` for an absent number and an empty list.
      public var description: String {
        switch self {
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .seed(let seed): String(seed)
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .absent: "none"
        case .names(let names): names.isEmpty ? "none" : names.joined(separator: " ")
        }
      }
    }

    /// A property, with its type and range.
    enum Field: Sendable {
      case text(Path<String>)
      case integer(Path<Int>, ClosedRange<Int>)
      case seed(Path<UInt64>)
      /// A finite number in single precision, 0 or more.
      case rate(Path<Double>)
      /// A finite number in single precision, or none; its key is absent from `plan.json` for none.
      case optionalNumber(Path<Double?>)
      /// A finite number in single precision, 0 or more, or none; its key is absent from `plan.json` for none.
      case optionalRate(Path<Double?>)
      case flag(Path<Bool>)
      case oneOf(Choice)
      case names(Path<[String]>)

      typealias Path<Value> = any WritableKeyPath<TrainingPlan, Value> & Sendable

      /// One of a few names.
      static func choice<Value: SettingChoice>(_ path: Path<Value>) -> Field {
        .oneOf(
          Choice(
            names: Value.allCases.map(\.name), words: Value.allCases.map(\.rawValue),
            get: { $0[keyPath: path].name },
            set: { plan, name in
              if let value = Value.allCases.first(where: { $0.name == name }) {
                plan[keyPath: path] = value
              }
            }))
      }
    }

    /// A property whose type has a few cases.
    struct Choice: Sendable {
      let names: [String]

      /// The names in `plan.json`.
      let words: [String]

      let get: @Sendable (TrainingPlan) -> String
      let set: @Sendable (inout TrainingPlan, String) -> Void

      /// The name for a name or for its word in records.
      func name(of text: String) -> String? {
        if names.contains(text) { return text }
        return words.firstIndex(of: text).map { names[$0] }
      }

      /// The word in records.
      func word(of name: String) -> String {
        names.firstIndex(of: name).map { words[$0] } ?? name
      }
    }
  }
}

/// The type of a setting that is one of a few names.
public protocol SettingChoice: RawRepresentable<String>, CaseIterable, Sendable {
  /// The name in experiments and on the command line; the raw value is the word in records.
  var name: String { get }
}

extension TrainingPlan.Setting: Hashable {
  /// Whether two descriptions are of the same field.
  public static func == (one: Self, other: Self) -> Bool { one.key == other.key }

  /// Feeds the key, which identifies the field.
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

// MARK: Texts for reference and help

extension TrainingPlan.Setting {
  /// Whether the setting is part of a run's name; other settings only choose what is recorded.
  public var namesRun: Bool { mark != nil }

  /// Whether the key is in the table `measure` of an experiment.
  public var isInMeasure: Bool { if case .measure = place { true } else { false } }

  /// Whether every run must state a value.
  public var isRequired: Bool { place == .run }

  /// Whether the value seeds a random generator: runs that differ in seeds alone are repetitions.
  public var isSeed: Bool { if case .seed = field { true } else { false } }

  /// Whether the value is a number or none.
  public var isNumber: Bool {
    switch field {
    case .rate, .optionalNumber, .optionalRate: true
    case .text, .integer, .seed, .oneOf, .names, .flag: false
    }
  }

  /// Whether the value is a whole number.
  public var isInteger: Bool { if case .integer = field { true } else { false } }

  /// Whether the value may be `none`.
  public var mayBeNone: Bool {
    switch field {
    case .optionalNumber, .optionalRate: true
    default: false
    }
  }

  /// Whether the value is true or false.
  public var isFlag: Bool { if case .flag = field { true } else { false } }

  /// Whether the value is a list of names.
  public var isList: Bool { if case .names = field { true } else { false } }

  /// The names of a choice; empty for other types.
  public var choices: [String] { if case .oneOf(let choice) = field { choice.names } else { [] } }

  /// The place in an experiment, for example `training.learning_rate`.
  public var path: String {
    switch place {
    case .experiment: key
    case .run: "runs.\(key)"
    case .training: "training.\(key)"
    case .measure(let name): "measure.\(name)"
    }
  }

  /// The key in its table, for example `every` for `measure.every`.
  public var keyInTable: String { if case .measure(let name) = place { name } else { key } }

  /// The command-line option, for example `--lr`.
  public var option: String { "--\(optionName)" }

  /// The type in words.
  public var type: String {
    switch field {
    case .text: "text"
    case .integer: "integer"
    case .seed: "seed"
    case .rate: "number"
    case .optionalNumber, .optionalRate: "number or none"
    case .flag: "true or false"
    case .oneOf: "name"
    case .names: "list of names"
    }
  }

  /// The allowed values in words; empty where another list has them, such as the initializers.
  public var range: String {
    switch field {
    case .text, .names: ""
    case .integer(_, let range): "\(range.lowerBound) to \(range.upperBound)"
    case .seed: "0 to \(UInt64.max)"
    case .rate, .optionalRate: "0 or more"
    case .flag: ""
    case .optionalNumber: "any finite number"
    case .oneOf(let choice): choice.names.joined(separator: ", ")
    }
  }

  /// The default value; `nil` for a setting that every run must state.
  public var defaultValue: Value? { isRequired ? nil : Self.defaults[self] }

  private static let defaults = TrainingPlan(initializer: "", width: 0)

  /// The default value as text; `required` if there is none.
  public var defaultText: String { defaultValue?.description ?? "required" }

  /// The expected form of a value, for errors.
  public var expectation: String {
    switch field {
    case .text: "a text"
    case .integer: "a whole number"
    case .seed: "0 to \(UInt64.max)"
    case .rate: "a number"
    case .optionalNumber, .optionalRate: "a number, or none"
    case .flag: "true or false"
    case .oneOf(let choice): choice.names.joined(separator: " or ")
    case .names: "names"
    }
  }

  /// The expected form of a value, with the nearest name of a choice.
  ///
  /// - Parameter text: The wrong value.
  /// - Returns: For example `relu or tanh; did you mean 'tanh'?`.
  public func expectation(insteadOf text: String) -> String {
    let nearest = nearestName(to: text, among: choices)
    return expectation + (nearest.map { "; did you mean '\($0)'?" } ?? "")
  }

  /// Reads a value from text; ranges are checked by `TrainingPlan.validate()`.
  ///
  /// - Parameter text: For example `0.05`; names of a list are separated by spaces.
  /// - Returns: `nil` for a text of another type.
  public func value(of text: String) -> Value? {
    switch field {
    case .text: .text(text)
    case .integer: Int(text).map(Value.integer)
    case .seed: UInt64(text).map(Value.seed)
    case .rate: Double(text).map(Value.number)
    case .flag: Bool(text).map(Value.flag)
    case .optionalNumber, .optionalRate:
      text == "none" ? Value.absent : Double(text).map(Value.number)
    case .oneOf(let choice): choice.name(of: text).map(Value.text)
    case .names: .names(text == "none" ? [] : text.split(separator: " ").map(String.init))
    }
  }
}
