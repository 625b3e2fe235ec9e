"""The journeys with PyPI's fhirpy."""

import os

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound

import resources
from resources import done


def client(base, token):
    return SyncFHIRClient(base, authorization=f"Bearer {token}")


HOSPITAL = os.environ["HOSPITAL"]
hospital = client(HOSPITAL, os.environ["SYSTEM_TOKEN"])
pharmacist = client(HOSPITAL, os.environ["PHARMACIST_TOKEN"])
dispenser = client(os.environ["PHARMACY"], os.environ["DISPENSER_TOKEN"])

assert hospital.execute("metadata", method="get")["fhirVersion"] == "4.0.1"
done("capabilities")

patient = hospital.resource("Patient", name=[{"family": "Py"}])
patient.save()
who = f"Patient/{patient.id}"
done("create-patient")

request = hospital.resource("MedicationRequest", **resources.prescription(who))
request.save()
done("prescribe")

read = hospital.reference("MedicationRequest", request.id).to_resource()
assert read["meta"]["versionId"] == "1"
done("read-back")

read["priority"] = "urgent"
read.save()
assert read["meta"]["versionId"] == "2", read["meta"]
done("update")

stale = SyncFHIRClient(
    HOSPITAL,
    authorization=f"Bearer {os.environ['SYSTEM_TOKEN']}",
    extra_headers={"If-Match": 'W/"1"'},
)
try:
    stale.execute(f"MedicationRequest/{request.id}", method="put", data=read.serialize())
    raise AssertionError("a stale update was taken")
except MultipleResourcesFound as refused:
    # So this client names every 412.
    assert "If-Match does not hold" in str(refused), refused
    done("stale-update-refused")

found = hospital.resources("MedicationRequest").search(patient=who, status="active").fetch()
assert [each.id for each in found] == [request.id]
done("search")

answered = hospital.execute("", method="post", data=resources.pulses(who))
assert all(each["response"]["status"].startswith("201") for each in answered["entry"])
done("transaction")

observations = hospital.resources("Observation").search(patient=who).limit(1)
assert len(observations.fetch()) == 1
assert len(observations.fetch_all()) == 2
done("pages")

versions = hospital.execute(f"MedicationRequest/{request.id}/_history", method="get")
assert len(versions["entry"]) == 2
done("history")

asked = pharmacist.resources("MedicationRequest").search(patient=who)
assert asked.fetch() == []
done("pharmacy-sees-nothing")

hospital.resource("Consent", **resources.pharmacy_consent(who)).save()
done("consent")

assert len(asked.fetch()) == 1
done("pharmacy-search")

assert pharmacist.reference("MedicationRequest", request.id).to_resource().id == request.id
done("pharmacy-read")

assert pharmacist.resources("Observation").search(patient=who).fetch() == []
done("pharmacy-sees-no-more")

prescription = f"{HOSPITAL}/MedicationRequest/{request.id}"
given = dispenser.resource(
    "MedicationDispense", **resources.dispense(f"{HOSPITAL}/{who}", prescription)
)
given.save()
done("dispense")

listed = dispenser.resources("MedicationDispense").search(prescription=prescription).fetch()
assert [each.id for each in listed] == [given.id]
done("dispense-search")
