package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a program says of itself, as attributes of its calls: its service and environment, and whatever people gave it as {@code
 * OTEL_RESOURCE_ATTRIBUTES}, such as a team. Left out is what tells processes and machines apart, of which there is no end.
 */
final class Labels {

    private static final Pattern KEY = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");
    private static final Set<String> KEPT =
            Set.of("service.name", "service.namespace", "deployment.environment", "deployment.environment.name");

    /** The namespaces that OpenTelemetry's own conventions have for resources. */
    private static final Set<String> WELL_KNOWN = Set.of(
            "android",
            "app",
            "aws",
            "azure",
            "browser",
            "cloud",
            "cloudfoundry",
            "container",
            "cpu",
            "deployment",
            "device",
            "faas",
            "gcp",
            "heroku",
            "host",
            "hw",
            "k8s",
            "mainframe",
            "oci",
            "openshift",
            "os",
            "otel",
            "process",
            "service",
            "telemetry",
            "user_agent",
            "vcs",
            "webengine",
            "wsl",
            "zos");

    private Labels() {}

    static boolean isRead(String name) {
        int dot = name.indexOf('.');
        return KEPT.contains(name) || !WELL_KNOWN.contains(dot < 0 ? name : name.substring(0, dot));
    }

    /** Sets the attributes of a record that is being built. */
    static void set(UsageRecord.Builder builder, Signal signal, Attributes attributes) {
        Map<String, String> labels = new TreeMap<>();
        signal.resource().forEach((name, value) -> {
            if (isRead(name)) {
                labels.put(name, value.toString());
            }
        });
        // The older name of the same thing.
        String environment = labels.remove("deployment.environment");
        if (environment != null) {
            labels.putIfAbsent("deployment.environment.name", environment);
        }
        Map<String, String> first = new TreeMap<>();
        first.put("otel.scope.name", signal.scope());
        first.put(Names.AGENT, attributes.text(Names.AGENT));
        first.put("user.id", attributes.text(Names.USER));
        for (String person : Names.PERSONS) {
            Object ofProgram = signal.resource().get(person);
            String stated = attributes.text(person);
            first.put(person, stated.isEmpty() && ofProgram != null ? ofProgram.toString() : stated);
        }
        first.put("service.name", labels.getOrDefault("service.name", ""));
        labels.keySet().removeAll(first.keySet());
        int room = UsageRecord.MAX_ENTRIES;
        boolean complete = true;
        for (Map<String, String> part : List.of(first, labels)) {
            for (Map.Entry<String, String> label : part.entrySet()) {
                if (label.getValue().isBlank()) {
                    continue;
                }
                if (room > 0 && fits(label.getKey(), label.getValue())) {
                    builder.attribute(label.getKey(), label.getValue());
                    room--;
                } else {
                    complete = false;
                }
            }
        }
        if (!complete) {
            builder.note(LabelText.INCOMPLETE);
        }
    }

    private static boolean fits(String key, String value) {
        return !LabelText.sanitize(value, Bound.TEXT).isEmpty()
                && key.length() <= Bound.ID.characters()
                && KEY.matcher(key).matches();
    }
}
