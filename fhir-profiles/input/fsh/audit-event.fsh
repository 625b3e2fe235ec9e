Profile: ChartsealAuditEvent
Parent: AuditEvent
Id: chartseal-audit-event
Title: "Chartseal AuditEvent"
Description: """
One entry of a patient's access log: a disclosure or a refusal, decided on the ledger. The entity for the patient
carries the leaf that the organisation's log commits to.
"""
* type = $audit-event-type#rest
* subtype 1..2
* subtype ^short = "The interaction; of an operation its name first"
* action 1..1
* outcome 1..1
* outcome from AccessOutcomes (required)
* outcomeDesc 1..1
* purposeOfEvent 1..*
* purposeOfEvent from http://terminology.hl7.org/ValueSet/v3-PurposeOfUse (extensible)
* agent 1..2
* agent.who 1..1
* agent.who.reference 1..1
* agent obeys cs-requestor
* source.observer 1..1
* source.observer only Reference(Organization)
* source.observer.reference 1..1
* entity 1..*
* entity ^slicing.discriminator.type = #value
* entity ^slicing.discriminator.path = "type"
* entity ^slicing.rules = #closed
* entity contains patient 1..1 and object 0..*
* entity[patient].type = $audit-entity-type#1
* entity[patient].role 1..1
* entity[patient].role = $object-role#1
* entity[patient].what 1..1
* entity[patient].what only Reference(Patient)
* entity[patient].what.reference 1..1
* entity[patient].detail 2..*
* entity[patient].detail ^slicing.discriminator.type = #value
* entity[patient].detail ^slicing.discriminator.path = "type"
* entity[patient].detail ^slicing.rules = #open
* entity[patient].detail contains
    leaf 1..1 and
    leafHash 1..1 and
    decisionTransaction 0..1 and
    logIndex 0..1 and
    appendTransaction 0..1 and
    request 0..1
* entity[patient].detail[leaf] ^short = "The exact bytes of the leaf"
* entity[patient].detail[leaf].type = "leaf"
* entity[patient].detail[leaf].value[x] only base64Binary
* entity[patient].detail[leafHash] ^short = "RFC 6962 hash of the leaf"
* entity[patient].detail[leafHash].type = "leaf-hash"
* entity[patient].detail[leafHash].value[x] only string
* entity[patient].detail[leafHash].valueString obeys cs-hash
* entity[patient].detail[decisionTransaction] ^short = "Ledger transaction that decided; absent when the token's scopes refused already"
* entity[patient].detail[decisionTransaction].type = "decision-transaction"
* entity[patient].detail[decisionTransaction].value[x] only string
* entity[patient].detail[logIndex] ^short = "Position in the log, once it is anchored"
* entity[patient].detail[logIndex].type = "log-index"
* entity[patient].detail[logIndex].value[x] only string
* entity[patient].detail[appendTransaction] ^short = "Ledger transaction that appended the leaf"
* entity[patient].detail[appendTransaction].type = "append-transaction"
* entity[patient].detail[appendTransaction].value[x] only string
* entity[patient].detail[request] ^short = "Id of the request, as its answer named it in X-Request-Id"
* entity[patient].detail[request].type = "request"
* entity[patient].detail[request].value[x] only string
* entity[object] ^short = "A version that was given out, or the search that was asked"
* entity[object].type = $audit-entity-type#2

CodeSystem: Operation
Id: operation
Title: "Operations"
Description: "Operations that disclose data, by their names."
* ^experimental = false
* ^caseSensitive = true
* ^content = #fragment
* #$access-log "Access log of a patient"
* #$evidence "Evidence of a version"
* #$everything "Everything of a patient or an encounter"
* #$meta "Profiles, labels and tags"
* #$validate "Validation of what is stored"

Invariant: cs-requestor
Description: "Who asked comes with the purpose of asking."
Severity: #error
Expression: "requestor implies purposeOfUse.exists()"

ValueSet: AccessOutcomes
Id: access-outcomes
Title: "Outcomes of an access"
Description: "Permitted, or refused."
* ^experimental = false
* http://hl7.org/fhir/audit-event-outcome#0
* http://hl7.org/fhir/audit-event-outcome#8

Instance: prescription-read
InstanceOf: ChartsealAuditEvent
Usage: #example
Title: "A pharmacy read a prescription"
* type = $audit-event-type#rest
* subtype = $restful-interaction#read
* action = #R
* recorded = "2025-11-21T10:00:00.000Z"
* outcome = #0
* outcomeDesc = "permitted: consent-permit (Consent/demo-a-pharmacy)"
* purposeOfEvent = $v3-ActReason#TREAT
* agent.type.text = "pharmacist"
* agent.who = Reference(Organization/pharmacy)
* agent.requestor = true
* agent.purposeOfUse = $v3-ActReason#TREAT
* source.observer = Reference(Organization/hospital)
* entity[patient].what = Reference(Patient/demo-a)
* entity[patient].detail[leaf].valueBase64Binary = "bGVhZg=="
* entity[patient].detail[leafHash].valueString = "9b2e1f6c0d3a4e5f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"
* entity[patient].detail[decisionTransaction].valueString = "1f6c0d3a4e5f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f79b2e"
* entity[object].what = Reference(MedicationRequest/amoxicillin/_history/1)
