Extension: LedgerEvidence
Id: ledger-evidence
Title: "Evidence on the ledger"
Description: """
Where the version that a reference names stands in an organisation's evidence log, so that anyone who holds the
reference can ask for the evidence of that very version and verify it offline.
"""
Context: Reference
* extension contains
    log 1..1 and
    leafHash 1..1 and
    index 0..1 and
    transaction 0..1
* extension[log] ^short = "MSP id of the organisation whose log it is"
* extension[log].value[x] only string
* extension[log].value[x] 1..1
* extension[leafHash] ^short = "RFC 6962 hash of the leaf (SHA-256, 64 hexadecimal digits)"
* extension[leafHash].value[x] only string
* extension[leafHash].value[x] 1..1
* extension[leafHash].valueString obeys cs-hash
* extension[index] ^short = "Position of the leaf in the log, from 0"
* extension[index].value[x] only unsignedInt
* extension[index].value[x] 1..1
* extension[transaction] ^short = "Ledger transaction that appended the leaf"
* extension[transaction].value[x] only string
* extension[transaction].value[x] 1..1

Invariant: cs-hash
Description: "A SHA-256 hash is written as 64 lower-case hexadecimal digits."
Severity: #error
Expression: "$this.matches('^[0-9a-f]{64}$')"
