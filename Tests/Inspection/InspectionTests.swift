import Testing

@Suite struct InspectionTests {}
