"""The resources of the journeys, and how a step is reported."""


def done(step):
    print(f"done {step}", flush=True)


def prescription(patient):
    return {
        "status": "active",
        "intent": "order",
        "subject": {"reference": patient},
        "medicationCodeableConcept": {"text": "amoxicillin 500 mg"},
        "authoredOn": "2026-03-01T08:30:00+01:00",
    }


def pulse(patient, value):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": patient},
        "valueQuantity": {"value": value, "unit": "/min"},
    }


def pulses(patient):
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": pulse(patient, value),
                "request": {"method": "POST", "url": "Observation"},
            }
            for value in (61, 74)
        ],
    }


def pharmacy_consent(patient):
    scope = "http://terminology.hl7.org/CodeSystem/consentscope"
    reason = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
    participation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
    return {
        "status": "active",
        "scope": {"coding": [{"system": scope, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": patient},
        "dateTime": "2026-03-01",
        "organization": [{"reference": "Organization/hospital"}],
        "policy": [{"uri": "https://chartseal.example.org/policies/patient-privacy"}],
        "provision": {
            "type": "permit",
            "actor": [
                {
                    "role": {"coding": [{"system": participation, "code": "IRCP"}]},
                    "reference": {"reference": "Organization/pharmacy"},
                }
            ],
            "purpose": [{"system": reason, "code": "TREAT"}],
            "class": [
                {"system": "http://hl7.org/fhir/resource-types", "code": "MedicationRequest"}
            ],
        },
    }


def dispense(patient, authorizing):
    return {
        "status": "completed",
        "subject": {"reference": patient},
        "authorizingPrescription": [{"reference": authorizing}],
        "medicationCodeableConcept": {"text": "amoxicillin 500 mg"},
        "whenHandedOver": "2026-03-01T16:00:00+01:00",
    }
