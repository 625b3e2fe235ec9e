Profile: ChartsealProvenance
Parent: Provenance
Id: chartseal-provenance
Title: "Chartseal Provenance"
Description: """
Who made a version and why. Its targets are versions, not resources: what the X-Provenance header brings is kept with
the very version it tells of, in one step.
"""
* target 1..*
* target.reference 1..1
* target obeys cs-version
* target.extension contains LedgerEvidence named evidence 0..1
* recorded 1..1
* agent 1..*
* agent.who.reference MS
* entity.what.extension contains LedgerEvidence named evidence 0..1
* signature MS

Invariant: cs-version
Description: "The reference names a version."
Severity: #error
Expression: "reference.matches('^.+/_history/[^/]+$')"

Instance: prescription-written
InstanceOf: ChartsealProvenance
Usage: #example
Title: "A doctor wrote a prescription"
* target = Reference(MedicationRequest/amoxicillin/_history/1)
* target.extension[evidence].extension[log].valueString = "HospitalMSP"
* target.extension[evidence].extension[leafHash].valueString = "9b2e1f6c0d3a4e5f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"
* target.extension[evidence].extension[index].valueUnsignedInt = 41
* target.extension[evidence].extension[transaction].valueString = "1f6c0d3a4e5f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f79b2e"
* recorded = "2025-11-21T10:00:00.000Z"
* agent.type = $provenance-participant-type#author
* agent.who = Reference(Practitioner/doctor)
* agent.onBehalfOf = Reference(Organization/hospital)
