"""What the fuzzer is told of FHIR: whose token it uses, bodies that get past the first check, and what is counted."""

import glob
import json
import os
import random
import subprocess

import schemathesis

SEED = int(os.environ["FUZZ_SEED"])
EXAMPLES = os.environ["FUZZ_EXAMPLES"]
REPORT = os.environ["FUZZ_REPORT"]
TOKEN_COMMAND = json.loads(os.environ["FUZZ_TOKEN_COMMAND"])

chance = random.Random(SEED)
counted = {}
failures = []


@schemathesis.auth(refresh_interval=120)
class Bearer:
    """Tokens live for five minutes at most."""

    def get(self, case, context):
        return subprocess.run(TOKEN_COMMAND, capture_output=True, check=True, text=True).stdout.strip()

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Half of the bodies become the example of their type with what was generated thrown in."""
    body = case.body
    kind = (case.path_parameters or {}).get("type")
    if not isinstance(body, dict) or not isinstance(kind, str):
        return
    if chance.random() < 0.8:
        body["resourceType"] = kind
    if chance.random() < 0.5:
        return
    files = sorted(glob.glob(os.path.join(EXAMPLES, f"{glob.escape(kind)}-*.json")))
    if not files:
        return
    with open(chance.choice(files), encoding="utf-8") as file:
        example = json.load(file)
    for value in [each for name, each in body.items() if name != "resourceType"]:
        example[chance.choice(list(example))] = value
    example["resourceType"] = kind
    if isinstance((case.path_parameters or {}).get("id"), str) and chance.random() < 0.7:
        example["id"] = case.path_parameters["id"]
    case.body = example


@schemathesis.hook
def after_call(context, case, response):
    status = response.status_code
    counted[status] = counted.get(status, 0) + 1
    if status >= 500:
        failures.append({"status": status, "method": case.method, "path": case.formatted_path})
    with open(REPORT, "w", encoding="utf-8") as file:
        json.dump({"statuses": counted, "failures": failures}, file)
