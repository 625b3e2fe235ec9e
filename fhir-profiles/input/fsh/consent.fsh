Profile: ChartsealConsent
Parent: Consent
Id: chartseal-consent
Title: "Chartseal Consent"
Description: """
A patient's consent that the ledger's consent authority enforces. An active Consent is refused when something in it
cannot be enforced exactly, so that nothing on paper is missing in force.
"""
* obeys cs-verified and cs-policy-rule
* implicitRules 0..0
* modifierExtension 0..0
* scope from EnforcedConsentScopes (required)
* patient 1..1
* patient only Reference(Patient)
* patient.reference 1..1
* dateTime MS
* policyRule MS
* verification.modifierExtension 0..0
* provision MS
* provision.modifierExtension 0..0
* provision.type MS
* provision.period MS
* provision.actor MS
* provision.actor.modifierExtension 0..0
* provision.actor.role from ConsentActorRoles (extensible)
* provision.actor.reference only Reference(Organization or Practitioner or Patient)
* provision.actor.reference.reference 1..1
* provision.action from http://hl7.org/fhir/ValueSet/consent-action (extensible)
* provision.action.coding 1..*
* provision.purpose from http://terminology.hl7.org/ValueSet/v3-PurposeOfUse (required)
* provision.class from http://hl7.org/fhir/ValueSet/resource-types (extensible)
* provision.securityLabel.system 1..1
* provision.securityLabel.code 1..1
* provision.code.coding 1..*
* provision.data.modifierExtension 0..0
* provision.data.reference.reference 1..1

Invariant: cs-verified
Description: "An active Consent is verified, where it says anything of verification."
Severity: #error
Expression: "status = 'active' implies verification.all(verified)"

Invariant: cs-policy-rule
Description: "Where the provision has no type, the base rule is OPTIN or OPTOUT, or one of their variants."
Severity: #error
Expression: "status = 'active' and provision.type.empty() and policyRule.exists() implies policyRule.coding.where(system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode' and (code = 'OPTIN' or code = 'OPTINR' or code = 'OPTOUT' or code = 'OPTOUTE')).exists()"

ValueSet: EnforcedConsentScopes
Id: enforced-consent-scopes
Title: "Scopes of consents that are enforced"
Description: "Scopes of consents that govern the use of data. Others are kept, but no decision rests on them."
* ^experimental = false
* $consentscope#patient-privacy
* $consentscope#research

ValueSet: ConsentActorRoles
Id: consent-actor-roles
Title: "Roles of users of data"
Description: "Roles in which an actor of a consent can be recognised in a request."
* ^experimental = false
* $v3-ParticipationType#IRCP
* $v3-ParticipationType#PRCP
* $v3-ParticipationType#CST
* http://terminology.hl7.org/CodeSystem/contractsignertypecodes#GRANTEE

Instance: pharmacy-may-read-prescriptions
InstanceOf: ChartsealConsent
Usage: #example
Title: "A pharmacy may read prescriptions for treatment"
* status = #active
* scope = $consentscope#patient-privacy
* category = $loinc#59284-0
* patient = Reference(Patient/demo-a)
* dateTime = "2025-01-15T09:30:00Z"
* performer = Reference(Patient/demo-a)
* organization = Reference(Organization/hospital)
* policy.uri = "https://chartseal.example.org/policies/patient-privacy"
* provision.type = #permit
* provision.actor.role = $v3-ParticipationType#IRCP
* provision.actor.reference = Reference(Organization/pharmacy)
* provision.purpose = $v3-ActReason#TREAT
* provision.class = $resource-types#MedicationRequest

Instance: doctor-may-see-nothing
InstanceOf: ChartsealConsent
Usage: #example
Title: "One doctor may see nothing, others what the base rule says"
* status = #active
* scope = $consentscope#patient-privacy
* category = $loinc#59284-0
* patient = Reference(Patient/demo-a)
* policyRule = $v3-ActCode#OPTIN
* verification.verified = true
* provision.provision.type = #deny
* provision.provision.actor.role = $v3-ParticipationType#IRCP
* provision.provision.actor.reference = Reference(Practitioner/other-doctor)
