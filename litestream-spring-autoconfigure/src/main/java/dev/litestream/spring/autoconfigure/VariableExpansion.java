package dev.litestream.spring.autoconfigure;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Replaces variables in a text by the rules of Go's {@code os.Expand}, which the original
 * applies to its file:
 * <ol>
 * <li><code>${NAME}</code>: the name is whatever stands between the braces;</li>
 * <li><code>$NAME</code>: letters, digits and underscores, but one of
 * {@code * # $ @ ! ? -} or a digit is a name by itself;</li>
 * <li><code>${}</code> and a brace that is never closed vanish with the dollar;</li>
 * <li>a dollar before anything else stays;</li>
 * <li>a variable that is not set is empty.</li>
 * </ol>
 */
final class VariableExpansion {

	private static final Pattern REFERENCE = Pattern
		.compile("\\$(?:\\{([^}]*)}|(\\{)|([*#$@!?0-9-])|([A-Za-z_][A-Za-z0-9_]*))");

	private final Function<String, @Nullable String> variables;

	private final Set<String> missing = new LinkedHashSet<>();

	VariableExpansion(Function<String, @Nullable String> variables) {
		this.variables = variables;
	}

	String expand(String text) {
		return REFERENCE.matcher(text).replaceAll((match) -> Matcher.quoteReplacement(value(match)));
	}

	private String value(MatchResult match) {
		String name = (match.group(1) != null) ? match.group(1)
				: (match.group(3) != null) ? match.group(3) : match.group(4);
		if (name == null || name.isEmpty()) {
			return "";
		}
		String value = this.variables.apply(name);
		if (value == null) {
			this.missing.add(name);
			return "";
		}
		return value;
	}

	/** Which variables were asked for and not there. */
	Set<String> missing() {
		return this.missing;
	}

}
