Extension: NamedQueryCriteria
Id: named-query-criteria
Title: "What a named query selects"
Description: """
On the definition of a named query: its criteria as of a search, with the query's own parameters as variables in their
values (`status=active&authoredon=ge{{%since}}`).
"""
Context: OperationDefinition
* value[x] only Expression
* value[x] 1..1
* valueExpression.language = #application/x-fhir-query
* valueExpression.expression 1..1

Instance: prescriptions-since
InstanceOf: OperationDefinition
Usage: #example
Title: "Orders that are active, since a time where one is given"
* url = "https://chartseal.example.org/fhir/OperationDefinition/prescriptions-since"
* name = "PrescriptionsSince"
* status = #active
* kind = #query
* code = #prescriptions-since
* resource = #MedicationRequest
* system = false
* type = true
* instance = false
* parameter
  * name = #since
  * use = #in
  * min = 0
  * max = "1"
  * type = #string
  * searchType = #date
* extension[+].url = "https://chartseal.example.org/fhir/StructureDefinition/named-query-criteria"
* extension[=].valueExpression.language = #application/x-fhir-query
* extension[=].valueExpression.expression = "MedicationRequest?status=active&intent=order&authoredon=ge{{%since}}"
