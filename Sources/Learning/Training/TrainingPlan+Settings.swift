// Reading, writing, checking and naming plans: every function uses the table of settings.

public import ZerOInitializers
import ZerOMessages
import ZerORequirements

extension TrainingPlan {
  /// The value of a setting.
  public subscript(setting: Setting) -> Setting.Value { self[field: setting.field] }

  subscript(field field: Setting.Field) -> Setting.Value {
    switch field {
    case .text(let path): .text(self[keyPath: path])
    case .integer(let path, _): .integer(self[keyPath: path])
    case .seed(let path): .seed(self[keyPath: path])
    case .rate(let path): .number(self[keyPath: path])
    case .optionalNumber(let path), .optionalRate(let path):
      self[keyPath: path].map { .number($0) } ?? .absent
    case .flag(let path): .flag(self[keyPath: path])
    case .oneOf(let choice): .text(choice.get(self))
    case .names(let path): .names(self[keyPath: path])
    }
  }

  /// Replaces the value of a setting.
  ///
  /// - Parameters:
  ///   - setting: The setting.
  ///   - value: A value of the setting's type, as `Setting.value(of:)` returns.
  /// - Precondition: The value has the setting's type.
  public mutating func set(_ setting: Setting, to value: Setting.Value) {
    switch (setting.field, value) {
    case (.text(let path), .text(let text)): self[keyPath: path] = text
    case (.integer(let path, _), .integer(let integer)): self[keyPath: path] = integer
    case (.seed(let path), .seed(let seed)): self[keyPath: path] = seed
    case (.rate(let path), .number(let number)): self[keyPath: path] = number
    case (.optionalNumber(let path), .number(let number)),
      (.optionalRate(let path), .number(let number)):
      self[keyPath: path] = number
    case (.optionalNumber(let path), .absent), (.optionalRate(let path), .absent):
      self[keyPath: path] = nil
    case (.flag(let path), .flag(let flag)): self[keyPath: path] = flag
    case (.oneOf(let choice), .text(let name)): choice.set(&self, name)
    case (.names(let path), .names(let names)): self[keyPath: path] = names
    default: requirementFailure("'\(setting.key)' cannot be \(value)")
    }
  }

  /// The setting of a key.
  ///
  /// - Parameter key: A key of experiments, current or former.
  /// - Returns: `nil` for an unknown key.
  public static func setting(_ key: String) -> Setting? {
    settings.first { $0.key == key } ?? settings.first { $0.oldKeys.contains(key) }
  }

  /// The value of a key as text.
  ///
  /// - Parameter key: A key of experiments.
  /// - Returns: For example `none` for the bias of a network without biases; empty for an unknown key.
  public func text(of key: String) -> String {
    Self.setting(key).map { self[$0].description } ?? ""
  }

  /// The value of a setting as records contain it.
  ///
  /// - Parameter setting: The setting.
  /// - Returns: `text(of:)`, but for the former names of choices.
  public func recordText(of setting: Setting) -> String {
    let text = self[setting].description
    return if case .oneOf(let choice) = setting.field { choice.word(of: text) } else { text }
  }

  /// The key of the first setting in which two plans differ.
  ///
  /// - Parameter other: The plan to compare with.
  /// - Returns: `nil` for equal plans.
  public func firstDifference(from other: TrainingPlan) -> String? {
    Self.settings.first { self[$0] != other[$0] }?.key
  }
}

// MARK: Names of runs

extension TrainingPlan {
  /// The readable name of the run, for example `Partial_Identity-w256-m0-s1`.
  ///
  /// It consists of initializer, width, seeds and every other value that is not the default. Measured quantities and
  /// snapshots are not part of it.
  public var identifier: String {
    Setting.inNames.compactMap(mark).joined(separator: "-")
  }

  /// The identifier without the seeds, which repetitions of one setting share.
  public var settingIdentifier: String {
    Setting.inNames.filter { !$0.isSeed }.compactMap(mark).joined(separator: "-")
  }

  /// The identifier with the words of records: the name of the run's folder in version 0.1, and part of its digest.
  public var recordIdentifier: String {
    Setting.inNames.compactMap { mark(of: $0, text: recordText(of: $0)) }.joined(separator: "-")
  }

  /// The part of the identifier for one setting, for example `lr0.05`.
  ///
  /// - Parameter setting: The setting.
  /// - Returns: `nil` for the default value, and for a setting that only chooses what is recorded.
  public func mark(of setting: Setting) -> String? {
    mark(of: setting, text: self[setting].description)
  }

  private func mark(of setting: Setting, text: String) -> String? {
    guard let prefix = setting.mark else { return nil }
    let value = self[setting]
    guard setting.isRequired || setting.isSeed || value != setting.defaultValue else { return nil }
    switch value {
    case .absent: return "no" + prefix
    case .text where setting.choices.isEmpty:
      return prefix + text.map { $0.isLetter || $0.isNumber ? $0 : "_" }
    case .names: return prefix + Self.nameOfFile(text)
    case .flag: return prefix
    case .text, .integer, .seed, .number: return prefix + text
    }
  }
}

extension TrainingPlan {
  /// A text for names of folders, different for different texts: `*` is written as `@`, and other special characters as their bytes.
  private static func nameOfFile(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "="):
        String(UnicodeScalar(byte))
      case UInt8(ascii: "*"): "@"
      default: "_" + String(byte, radix: 16)
      }
    }.joined()
  }
}

extension TrainingPlan.Setting {
  /// The settings in the order of the identifier: required ones, seeds, others, and last the data.
  fileprivate static let inNames: [Self] = {
    func rank(_ setting: Self) -> Int {
      if setting.isRequired { return 0 }
      if setting.isSeed { return 1 }
      return setting.place == .experiment ? 3 : 2
    }
    let named = TrainingPlan.settings.filter(\.namesRun)
    return (0...3).flatMap { place in named.filter { rank($0) == place } }
  }()
}

// MARK: Checks

extension TrainingPlan {
  /// Checks everything that can be checked without the data.
  ///
  /// - Parameter initializers: The catalog that must contain the initializer; `nil` accepts any name, as for the records
  ///   of another program.
  /// - Throws: `PlanError`, naming the key as in experiments.
  public func validate(initializers: InitializerCatalog? = .builtIn) throws(PlanError) {
    for setting in Self.settings {
      switch (setting.field, self[setting]) {
      case (.integer(_, let allowed), .integer(let value)) where !allowed.contains(value):
        throw .outOfRange(key: setting.key, value: value, allowed: allowed)
      case (.rate, .number(let value)) where !Float(value).isFinite || value < 0,
        (.optionalRate, .number(let value)) where !Float(value).isFinite || value < 0:
        throw .notARate(key: setting.key, value: value)
      case (.optionalNumber, .number(let value)) where !Float(value).isFinite:
        throw .notANumber(key: setting.key, value: value)
      case (.names, .names(let names)) where !setting.mayRepeat:
        try Self.checkDistinct(names, key: setting.key)
      default: break
      }
    }
    if let name = quantities.first(where: { !$0.isCatalogName }) {
      throw .invalidName(key: "quantities", name: name)
    }
    try checkCombinations()
    guard let initializers else {
      guard Perturbation.isName(initializer) else {
        throw .invalidName(key: "init", name: initializer)
      }
      return
    }
    do {
      for name in initializerNames { _ = try initializers.entry(named: name) }
    } catch {
      throw .initialization(error)
    }
  }
}

// MARK: plan.json

extension TrainingPlan: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads a plan.
  ///
  /// Settings that are newer than the file have their default values.
  ///
  /// - Throws: `DecodingError` if another key is missing or a value has another type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(initializer: "", width: 0)
    for setting in Self.settings {
      let names = [setting.recordKey, setting.key].map(Key.init(stringValue:))
      let found = names.first(where: container.contains)
      let key = found ?? names[0]
      if found == nil, setting.mayBeMissing { continue }
      switch setting.field {
      case .text(let path): self[keyPath: path] = try container.decode(String.self, forKey: key)
      case .integer(let path, _): self[keyPath: path] = try container.decode(Int.self, forKey: key)
      case .seed(let path): self[keyPath: path] = try container.decode(UInt64.self, forKey: key)
      case .rate(let path): self[keyPath: path] = try container.decode(Double.self, forKey: key)
      case .optionalNumber(let path), .optionalRate(let path):
        self[keyPath: path] = try container.decodeIfPresent(Double.self, forKey: key)
      case .flag(let path): self[keyPath: path] = try container.decode(Bool.self, forKey: key)
      case .oneOf(let choice):
        guard let name = choice.name(of: try container.decode(String.self, forKey: key)) else {
          throw DecodingError.dataCorruptedError(
            forKey: key, in: container, debugDescription: "it must be \(setting.expectation)")
        }
        choice.set(&self, name)
      case .names(let path):
        self[keyPath: path] = try container.decode([String].self, forKey: key)
      }
    }
  }

  /// Writes a plan with the keys of records.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for setting in Self.settings {
      let key = Key(stringValue: setting.recordKey)
      switch setting.field {
      case .text(let path): try container.encode(self[keyPath: path], forKey: key)
      case .integer(let path, _): try container.encode(self[keyPath: path], forKey: key)
      case .seed(let path): try container.encode(self[keyPath: path], forKey: key)
      case .rate(let path): try container.encode(self[keyPath: path], forKey: key)
      case .flag(let path): try container.encode(self[keyPath: path], forKey: key)
      case .optionalNumber(let path), .optionalRate(let path):
        try container.encodeIfPresent(self[keyPath: path], forKey: key)
      case .oneOf: try container.encode(recordText(of: setting), forKey: key)
      case .names(let path): try container.encode(self[keyPath: path], forKey: key)
      }
    }
  }
}
