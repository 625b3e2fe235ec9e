Profile: ChartsealMedicationRequest
Parent: MedicationRequest
Id: chartseal-medication-request
Title: "Chartseal MedicationRequest"
Description: "A prescription that a pharmacy of another organisation can find, judge and dispense."
* status 1..1
* intent 1..1
* medication[x] 1..1
* subject only Reference(Patient)
* subject.reference 1..1
* authoredOn 1..1
* requester 1..1
* requester only Reference(Practitioner or PractitionerRole or Organization)
* requester.reference 1..1
* dosageInstruction MS
* dispenseRequest MS
* dispenseRequest.validityPeriod MS
* dispenseRequest.numberOfRepeatsAllowed MS
* dispenseRequest.quantity MS

Profile: ChartsealMedicationDispense
Parent: MedicationDispense
Id: chartseal-medication-dispense
Title: "Chartseal MedicationDispense"
Description: """
A dispense of a prescription. The reference to the prescription may carry the evidence of the version that was
dispensed, which another organisation keeps.
"""
* status 1..1
* medication[x] 1..1
* subject 1..1
* subject only Reference(Patient)
* subject.reference 1..1
* performer 1..*
* performer.actor.reference 1..1
* authorizingPrescription 1..1
* authorizingPrescription only Reference(MedicationRequest)
* authorizingPrescription.reference 1..1
* authorizingPrescription.extension contains LedgerEvidence named evidence 0..1
* quantity 1..1
* whenHandedOver MS
* obeys cs-handed-over

Invariant: cs-handed-over
Description: "A completed dispense says when it was handed over."
Severity: #error
Expression: "status = 'completed' implies whenHandedOver.exists()"

Instance: amoxicillin
InstanceOf: ChartsealMedicationRequest
Usage: #example
Title: "A prescription"
* status = #active
* intent = #order
* medicationCodeableConcept = http://www.nlm.nih.gov/research/umls/rxnorm#308182 "amoxicillin 250 MG Oral Capsule"
* subject = Reference(Patient/demo-a)
* authoredOn = "2025-11-21"
* requester = Reference(Practitioner/doctor)
* dosageInstruction.text = "One capsule three times a day"
* dispenseRequest.numberOfRepeatsAllowed = 0
* dispenseRequest.quantity = 21 '{Capsule}' "capsule"

Instance: amoxicillin-dispensed
InstanceOf: ChartsealMedicationDispense
Usage: #example
Title: "Its dispense"
* status = #completed
* medicationCodeableConcept = http://www.nlm.nih.gov/research/umls/rxnorm#308182 "amoxicillin 250 MG Oral Capsule"
* subject = Reference(Patient/demo-a)
* performer.actor = Reference(Organization/pharmacy)
* authorizingPrescription = Reference(MedicationRequest/amoxicillin)
* authorizingPrescription.extension[evidence].extension[log].valueString = "HospitalMSP"
* authorizingPrescription.extension[evidence].extension[leafHash].valueString = "9b2e1f6c0d3a4e5f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"
* quantity = 21 '{Capsule}' "capsule"
* whenHandedOver = "2025-11-21T16:00:00Z"
