import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads each JSON file of the first folder and the XML file of the same name in the second, strictly, and prints the
 * names of those that do not say the same, with what HAPI makes of them.
 */
public class HapiReader {
  private static final Pattern NARRATIVE =
      Pattern.compile("\"div\":\"(?:[^\"\\\\]++|\\\\.)*+\"");

  public static void main(String[] folders) throws Exception {
    FhirContext r4 = FhirContext.forR4();
    int compared = 0;
    Path[] files = Files.list(Path.of(folders[1])).sorted().toArray(Path[]::new);
    for (Path xml : files) {
      String name = xml.getFileName().toString().replaceAll("\\.xml$", "");
      Path json = Path.of(folders[0], name + ".json");
      try {
        String left;
        try {
          left = encoded(r4, parser(r4, true), json);
        } catch (Exception error) {
          System.out.println("SKIP " + name + ": its JSON is not read: " + error.getMessage());
          continue;
        }
        String right = encoded(r4, parser(r4, false), xml);
        compared++;
        if (!left.equals(right)) {
          int at = Arrays.mismatch(left.toCharArray(), right.toCharArray());
          System.out.println("FAIL " + name + ": " + around(left, at) + " | " + around(right, at));
        }
      } catch (Exception error) {
        System.out.println("FAIL " + name + ": " + error.getMessage());
      }
    }
    System.out.println("COMPARED " + compared);
  }

  private static IParser parser(FhirContext r4, boolean json) {
    IParser parser = json ? r4.newJsonParser() : r4.newXmlParser();
    return parser.setParserErrorHandler(new StrictErrorHandler());
  }

  private static String encoded(FhirContext r4, IParser parser, Path file) throws Exception {
    String json =
        r4.newJsonParser().encodeResourceToString(parser.parseResource(Files.readString(file)));
    return NARRATIVE.matcher(json).replaceAll(found -> Matcher.quoteReplacement(spaced(found.group())));
  }

  /** Line ends, and white space in attributes, which every reader of XML makes line feeds and spaces. */
  private static String spaced(String narrative) {
    return narrative.replace("\\r\\n", "\\n").replace("\\r", "\\n").replaceAll("\\\\[nt]", " ");
  }

  private static String around(String text, int at) {
    return text.substring(Math.max(0, at - 40), Math.min(text.length(), at + 60)).replace("\n", " ");
  }
}
