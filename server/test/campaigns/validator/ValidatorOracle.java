import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * Judges R4 resources with HAPI's validator: one path per line on standard input, one line of JSON each on standard
 * output: {"file", "valid", "micros", "issues": [[severity, location, message]]}. Offline; code systems that it does not
 * have give warnings.
 */
public class ValidatorOracle {
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    FhirContext context = FhirContext.forR4();
    UnknownCodeSystemWarningValidationSupport unknown =
        new UnknownCodeSystemWarningValidationSupport(context);
    unknown.setNonExistentCodeSystemSeverity(
        ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity.WARNING);
    ValidationSupportChain chain =
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context),
            new SnapshotGeneratingValidationSupport(context),
            unknown);
    FhirInstanceValidator module = new FhirInstanceValidator(chain);
    module.setAnyExtensionsAllowed(true);
    module.setErrorForUnknownProfiles(false);
    FhirValidator validator = context.newValidator().registerValidatorModule(module);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      out.println(judge(validator, line));
    }
  }

  private static String judge(FhirValidator validator, String file) {
    List<String> issues = new ArrayList<>();
    boolean valid = true;
    long start = System.nanoTime();
    try {
      String text = Files.readString(Path.of(file), StandardCharsets.UTF_8);
      start = System.nanoTime();
      for (SingleValidationMessage message : validator.validateWithResult(text).getMessages()) {
        ResultSeverityEnum severity = message.getSeverity();
        boolean bad =
            severity == ResultSeverityEnum.ERROR || severity == ResultSeverityEnum.FATAL;
        if (bad) valid = false;
        if (bad || severity == ResultSeverityEnum.WARNING) {
          issues.add(
              array(severity.name().toLowerCase(), message.getLocationString(), message.getMessage()));
        }
      }
    } catch (Throwable failure) {
      valid = false;
      issues.add(array("failure", "", failure.toString()));
    }
    long micros = (System.nanoTime() - start) / 1000;
    return "{\"file\":" + quoted(file) + ",\"valid\":" + valid + ",\"micros\":" + micros
        + ",\"issues\":[" + String.join(",", issues.subList(0, Math.min(issues.size(), 50))) + "]}";
  }

  private static String array(String... texts) {
    List<String> quoted = new ArrayList<>();
    for (String text : texts) quoted.add(quoted(text == null ? "" : text));
    return "[" + String.join(",", quoted) + "]";
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char one : text.toCharArray()) {
      if (one == '"' || one == '\\') json.append('\\').append(one);
      else if (one < 32) json.append(String.format("\\u%04x", (int) one));
      else json.append(one);
    }
    return json.append('"').toString();
  }
}
