"""The journeys with PyPI's fhirclient (SMART's Python client)."""

import os

from fhirclient import client
from fhirclient.models import bundle, consent, medicationdispense, medicationrequest
from fhirclient.models import observation, patient as patients
from fhirclient.server import FHIRServer
from requests.exceptions import HTTPError

import resources
from resources import done


class BearerServer(FHIRServer):
    """fhirclient gets tokens by SMART launch; here they are given."""

    def __init__(self, base, token):
        super().__init__(None, base_uri=base)
        self.session.headers["Authorization"] = f"Bearer {token}"


HOSPITAL = os.environ["HOSPITAL"] + "/"
hospital = BearerServer(HOSPITAL, os.environ["SYSTEM_TOKEN"])
pharmacist = BearerServer(HOSPITAL, os.environ["PHARMACIST_TOKEN"])
dispenser = BearerServer(os.environ["PHARMACY"] + "/", os.environ["DISPENSER_TOKEN"])
assert client.FHIRClient is not None

assert hospital.capabilityStatement.fhirVersion == "4.0.1"
done("capabilities")

somebody = patients.Patient({"resourceType": "Patient", "name": [{"family": "Smart"}]})
who = f"Patient/{somebody.create(hospital)['id']}"
done("create-patient")

request = medicationrequest.MedicationRequest(resources.prescription(who)).create(hospital)["id"]
done("prescribe")

read = medicationrequest.MedicationRequest.read(request, hospital)
assert read.meta.versionId == "1"
done("read-back")

read.priority = "urgent"
assert read.update(hospital)["meta"]["versionId"] == "2"
done("update")

try:
    hospital.session.headers["If-Match"] = 'W/"1"'
    read.update(hospital)
    raise AssertionError("a stale update was taken")
except HTTPError as error:
    assert error.response.status_code == 412
    done("stale-update-refused")
finally:
    del hospital.session.headers["If-Match"]

search = medicationrequest.MedicationRequest.where({"patient": who, "status": "active"})
assert [each.id for each in search.perform_resources(hospital)] == [request]
done("search")

transaction = bundle.Bundle(resources.pulses(who))
answered = hospital.post_json("", transaction.as_json()).json()
assert all(each["response"]["status"].startswith("201") for each in answered["entry"])
done("transaction")

first = observation.Observation.where({"patient": who, "_count": "1"}).perform(hospital)
following = next(link.url for link in first.link if link.relation == "next")
second = bundle.Bundle.read_from(following, hospital)
assert first.entry[0].resource.id != second.entry[0].resource.id
done("pages")

assert len(bundle.Bundle.read_from(f"MedicationRequest/{request}/_history", hospital).entry) == 2
done("history")

asked = medicationrequest.MedicationRequest.where({"patient": who})
assert asked.perform_resources(pharmacist) == []
done("pharmacy-sees-nothing")

consent.Consent(resources.pharmacy_consent(who)).create(hospital)
done("consent")

assert len(asked.perform_resources(pharmacist)) == 1
done("pharmacy-search")

assert medicationrequest.MedicationRequest.read(request, pharmacist).id == request
done("pharmacy-read")

assert observation.Observation.where({"patient": who}).perform_resources(pharmacist) == []
done("pharmacy-sees-no-more")

prescription = f"{HOSPITAL}MedicationRequest/{request}"
handed = resources.dispense(f"{HOSPITAL}{who}", prescription)
given = medicationdispense.MedicationDispense(handed).create(dispenser)["id"]
done("dispense")

dispenses = medicationdispense.MedicationDispense.where({"prescription": prescription})
assert [each.id for each in dispenses.perform_resources(dispenser)] == [given]
done("dispense-search")
