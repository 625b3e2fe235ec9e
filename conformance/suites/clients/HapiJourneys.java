import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.interceptor.BearerTokenAuthInterceptor;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import ca.uhn.fhir.util.BundleBuilder;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.hl7.fhir.r4.model.*;

/** The journeys with HAPI's Java client, which validates the server by its CapabilityStatement first. */
public class HapiJourneys {
  private static final FhirContext R4 = FhirContext.forR4();

  public static void main(String[] arguments) {
    String base = System.getenv("HOSPITAL");
    IGenericClient hospital = client(base, "SYSTEM_TOKEN");
    IGenericClient pharmacist = client(base, "PHARMACIST_TOKEN");
    IGenericClient dispenser = client(System.getenv("PHARMACY"), "DISPENSER_TOKEN");

    CapabilityStatement statement = hospital.capabilities().ofType(CapabilityStatement.class).execute();
    check("4.0.1".equals(statement.getFhirVersion().toCode()), "fhirVersion");
    done("capabilities");

    Patient somebody = new Patient();
    somebody.addName().setFamily("Hapi");
    String patient = "Patient/" + hospital.create().resource(somebody).execute().getId().getIdPart();
    done("create-patient");

    MedicationRequest wanted = new MedicationRequest();
    wanted.setStatus(MedicationRequest.MedicationRequestStatus.ACTIVE);
    wanted.setIntent(MedicationRequest.MedicationRequestIntent.ORDER);
    wanted.setSubject(new Reference(patient));
    wanted.setMedication(new CodeableConcept().setText("amoxicillin 500 mg"));
    String request = hospital.create().resource(wanted).execute().getId().getIdPart();
    done("prescribe");

    MedicationRequest read = hospital.read().resource(MedicationRequest.class).withId(request).execute();
    check("1".equals(read.getMeta().getVersionId()), "first version");
    done("read-back");

    read.setPriority(MedicationRequest.MedicationRequestPriority.URGENT);
    // HAPI sends the version of the id as If-Match.
    read.setId("MedicationRequest/" + request + "/_history/1");
    check("2".equals(hospital.update().resource(read).execute().getId().getVersionIdPart()), "second version");
    done("update");

    try {
      read.setId("MedicationRequest/" + request + "/_history/1");
      hospital.update().resource(read).execute();
      throw new AssertionError("a stale update was taken");
    } catch (PreconditionFailedException expected) {
      done("stale-update-refused");
    }

    Bundle found = hospital.search().forResource(MedicationRequest.class)
        .where(MedicationRequest.PATIENT.hasId(patient))
        .and(MedicationRequest.STATUS.exactly().code("active"))
        .returnBundle(Bundle.class).execute();
    check(found.getEntry().size() == 1
        && request.equals(found.getEntryFirstRep().getResource().getIdElement().getIdPart()), "search");
    done("search");

    Bundle transaction = new Bundle();
    transaction.setType(Bundle.BundleType.TRANSACTION);
    for (int value : List.of(61, 74)) {
      Observation pulse = new Observation();
      pulse.setStatus(Observation.ObservationStatus.FINAL);
      pulse.getCode().addCoding().setSystem("http://loinc.org").setCode("8867-4");
      pulse.setSubject(new Reference(patient));
      pulse.setValue(new Quantity(value).setUnit("/min"));
      transaction.addEntry().setResource(pulse).getRequest().setMethod(Bundle.HTTPVerb.POST).setUrl("Observation");
    }
    Bundle answered = hospital.transaction().withBundle(transaction).execute();
    check(answered.getEntry().stream().allMatch(each -> each.getResponse().getStatus().startsWith("201")),
        "transaction");
    done("transaction");

    Bundle first = hospital.search().forResource(Observation.class).where(Observation.PATIENT.hasId(patient))
        .count(1).returnBundle(Bundle.class).execute();
    Bundle second = hospital.loadPage().next(first).execute();
    check(!first.getEntryFirstRep().getResource().getId().equals(second.getEntryFirstRep().getResource().getId()),
        "pages");
    done("pages");

    Bundle versions = hospital.history().onInstance("MedicationRequest/" + request).returnBundle(Bundle.class)
        .execute();
    check(versions.getEntry().size() == 2, "history");
    done("history");

    check(prescriptions(pharmacist, patient) == 0, "nothing before consent");
    done("pharmacy-sees-nothing");

    hospital.create().resource(consent(patient)).execute();
    done("consent");

    check(prescriptions(pharmacist, patient) == 1, "one after consent");
    done("pharmacy-search");

    check(request.equals(pharmacist.read().resource(MedicationRequest.class).withId(request).execute()
        .getIdElement().getIdPart()), "read");
    done("pharmacy-read");

    check(pharmacist.search().forResource(Observation.class).where(Observation.PATIENT.hasId(patient))
        .returnBundle(Bundle.class).execute().getEntry().isEmpty(), "no observations");
    done("pharmacy-sees-no-more");

    String prescription = base + "/MedicationRequest/" + request;
    MedicationDispense handed = new MedicationDispense();
    handed.setStatus(MedicationDispense.MedicationDispenseStatus.COMPLETED);
    handed.setSubject(new Reference(base + "/" + patient));
    handed.addAuthorizingPrescription(new Reference(prescription));
    handed.setMedication(new CodeableConcept().setText("amoxicillin 500 mg"));
    handed.setWhenHandedOver(new Date());
    String given = dispenser.create().resource(handed).execute().getId().getIdPart();
    done("dispense");

    Bundle listed = dispenser.search().forResource(MedicationDispense.class)
        .where(MedicationDispense.PRESCRIPTION.hasId(prescription)).returnBundle(Bundle.class).execute();
    check(listed.getEntry().size() == 1
        && given.equals(listed.getEntryFirstRep().getResource().getIdElement().getIdPart()), "dispenses");
    done("dispense-search");

    conditions(hospital);
  }

  private static final String SYSTEM = "urn:example:hapi";

  /** Writes that depend on what is there, as HAPI writes them. */
  private static void conditions(IGenericClient hospital) {
    String value = UUID.randomUUID().toString();
    String which = "Patient?identifier=" + SYSTEM + "|" + value;
    MethodOutcome made = hospital.create().resource(identified(value)).conditionalByUrl(which).execute();
    check(Boolean.TRUE.equals(made.getCreated()), "created");
    MethodOutcome found = hospital.create().resource(identified(value)).conditional()
        .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(SYSTEM, value)).execute();
    check(!Boolean.TRUE.equals(found.getCreated()), "found");
    check(made.getId().getIdPart().equals(found.getId().getIdPart()), "the same one");
    done("conditional-create");

    Patient changed = identified(value);
    changed.setActive(true);
    MethodOutcome updated = hospital.update().resource(changed).conditionalByUrl(which).execute();
    check(made.getId().getIdPart().equals(updated.getId().getIdPart()), "the one that matches");
    check("2".equals(updated.getId().getVersionIdPart()), "its next version");
    done("conditional-update");

    Patient read = hospital.read().resource(Patient.class).withId(made.getId().getIdPart()).execute();
    Patient stale = read.copy();
    read.addName().setFamily("Changed");
    check("3".equals(hospital.update().resource(read).execute().getId().getVersionIdPart()), "third version");
    done("read-change-update");

    try {
      stale.addName().setFamily("Lost");
      hospital.update().resource(stale).execute();
      throw new AssertionError("a stale change was taken");
    } catch (PreconditionFailedException expected) {
      done("stale-change-refused");
    }

    String other = UUID.randomUUID().toString();
    check(List.of("201", "200").equals(built(hospital, other, which, value)), "one is made, one is changed");
    check(count(hospital, other) == 1, "made once");
    done("bundle-builder");
    check(List.of("200", "200").equals(built(hospital, other, which, value)), "nothing is made twice");
    check(count(hospital, other) == 1, "still one");
    done("bundle-builder-again");
  }

  /** A conditional create and a conditional update in one transaction; their statuses. */
  private static List<String> built(IGenericClient hospital, String create, String which, String update) {
    BundleBuilder builder = new BundleBuilder(R4);
    builder.addTransactionCreateEntry(identified(create))
        .conditional("Patient?identifier=" + SYSTEM + "|" + create);
    Patient changed = identified(update);
    changed.addName().setFamily(UUID.randomUUID().toString());
    builder.addTransactionUpdateEntry(changed).conditional(which);
    Bundle answered = hospital.transaction().withBundle((Bundle) builder.getBundle()).execute();
    return answered.getEntry().stream().map(each -> each.getResponse().getStatus().substring(0, 3)).toList();
  }

  private static Patient identified(String value) {
    Patient patient = new Patient();
    patient.addIdentifier().setSystem(SYSTEM).setValue(value);
    return patient;
  }

  private static int count(IGenericClient client, String value) {
    return client.search().forResource(Patient.class)
        .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(SYSTEM, value))
        .returnBundle(Bundle.class).execute().getEntry().size();
  }

  private static IGenericClient client(String base, String token) {
    IGenericClient client = R4.newRestfulGenericClient(base);
    client.registerInterceptor(new BearerTokenAuthInterceptor(System.getenv(token)));
    return client;
  }

  private static int prescriptions(IGenericClient client, String patient) {
    return client.search().forResource(MedicationRequest.class).where(MedicationRequest.PATIENT.hasId(patient))
        .returnBundle(Bundle.class).execute().getEntry().size();
  }

  private static Consent consent(String patient) {
    Consent consent = new Consent();
    consent.setStatus(Consent.ConsentState.ACTIVE);
    consent.getScope().addCoding().setSystem("http://terminology.hl7.org/CodeSystem/consentscope")
        .setCode("patient-privacy");
    consent.addCategory().addCoding().setSystem("http://loinc.org").setCode("59284-0");
    consent.setPatient(new Reference(patient));
    consent.addOrganization(new Reference("Organization/hospital"));
    consent.addPolicy().setUri("https://chartseal.example.org/policies/patient-privacy");
    // The lines of HAPI name its type differently.
    var provision = consent.getProvision();
    provision.setType(Consent.ConsentProvisionType.PERMIT);
    provision.addActor().setReference(new Reference("Organization/pharmacy")).getRole().addCoding()
        .setSystem("http://terminology.hl7.org/CodeSystem/v3-ParticipationType").setCode("IRCP");
    provision.addPurpose().setSystem("http://terminology.hl7.org/CodeSystem/v3-ActReason").setCode("TREAT");
    provision.addClass_().setSystem("http://hl7.org/fhir/resource-types").setCode("MedicationRequest");
    return consent;
  }

  private static void check(boolean holds, String what) {
    if (!holds) throw new AssertionError(what);
  }

  private static void done(String step) {
    System.out.println("done " + step);
  }
}
