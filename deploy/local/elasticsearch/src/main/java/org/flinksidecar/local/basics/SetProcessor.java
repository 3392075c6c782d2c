package org.flinksidecar.local.basics;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.elasticsearch.ingest.AbstractProcessor;
import org.elasticsearch.ingest.ConfigurationUtils;
import org.elasticsearch.ingest.IngestDocument;
import org.elasticsearch.ingest.Processor;

/**
 * The ingest processor {@code set}, as far as it goes without a template engine: {@code field} gets {@code value},
 * which is a text or one reference such as <code>{{_ingest.timestamp}}</code>. Of a reference to nothing comes the
 * empty text, as in the original. Other options of the original are refused by Elasticsearch as unknown.
 */
final class SetProcessor extends AbstractProcessor {

    static final String TYPE = "set";

    private static final Pattern REFERENCE = Pattern.compile("\\{\\{\\{?\\s*([^{}\\s]+)\\s*\\}?\\}\\}");

    private final String field;
    private final String value;

    private SetProcessor(String tag, String description, String field, String value) {
        super(tag, description);
        this.field = field;
        this.value = value;
    }

    @Override
    public String getType() {
        return TYPE;
    }

    @Override
    public IngestDocument execute(IngestDocument document) {
        document.setFieldValue(field, resolve(document));
        return document;
    }

    private String resolve(IngestDocument document) {
        Matcher reference = REFERENCE.matcher(value);
        if (!reference.matches()) {
            return value;
        }
        Object found = document.getFieldValue(reference.group(1), Object.class, true);
        return found == null ? "" : found.toString();
    }

    /** Reads the two options of the processor. */
    static final class Factory implements Processor.Factory {

        @Override
        public Processor create(
                Map<String, Processor.Factory> factories, String tag, String description, Map<String, Object> options) {
            String field = ConfigurationUtils.readStringProperty(TYPE, tag, options, "field");
            String value = ConfigurationUtils.readStringProperty(TYPE, tag, options, "value");
            return new SetProcessor(tag, description, field, value);
        }
    }
}
