package dev.litestream.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/**
 * The key that was meant by one that is not known.
 */
final class NearestKey {

	private final KnownKeys known;

	NearestKey(KnownKeys known) {
		this.known = known;
	}

	/**
	 * The key that was probably meant: a short name if it is at the same place, or the
	 * full name of a key at another place; {@code null} if none is close.
	 */
	@Nullable String to(ConfigurationPropertyName name) {
		ConfigurationPropertyName relative = name.subName(1);
		int depth = this.known.knownElements(relative);
		String group = this.known.knownPart(relative);
		String unknown = relative.getElement(depth, Form.UNIFORM);
		if ("dbs".equals(group) || "levels".equals(group)) {
			return name.chop(depth + 1) + "[0]." + relative.getElement(depth, Form.DASHED) + " (" + group
					+ " is a list)";
		}
		String sibling = nearest(unknown, this.known.namesIn(group));
		return (sibling != null) ? sibling : elsewhere(name, unknown);
	}

	private static @Nullable String nearest(String unknown, Iterable<String> names) {
		String nearest = null;
		int least = Math.max(2, unknown.length() / 3) + 1;
		for (String name : names) {
			int distance = distance(unknown, name.replace("-", ""));
			if (distance < least && distance < unknown.length()) {
				least = distance;
				nearest = name;
			}
		}
		return nearest;
	}

	private @Nullable String elsewhere(ConfigurationPropertyName name, String unknown) {
		boolean ofDatabase = name.getNumberOfElements() > 3 && name.getElement(1, Form.UNIFORM).equals("dbs");
		String database = ofDatabase ? name.chop(3) + "." : null;
		for (String key : this.known.leaves()) {
			if (key.substring(key.lastIndexOf('.') + 1).replace("-", "").equals(unknown)
					&& key.contains("[]") == (database != null) && !key.contains("replicas[]")) {
				return (database != null) ? key.replace("dbs[].", database) : "litestream." + key;
			}
		}
		return null;
	}

	/**
	 * How many characters have to be inserted, removed, replaced or swapped with the
	 * next.
	 */
	static int distance(String one, String other) {
		int[][] distance = new int[one.length() + 1][other.length() + 1];
		for (int i = 0; i <= one.length(); i++) {
			for (int j = 0; j <= other.length(); j++) {
				if (i == 0 || j == 0) {
					distance[i][j] = i + j;
					continue;
				}
				boolean same = one.charAt(i - 1) == other.charAt(j - 1);
				distance[i][j] = Math.min(distance[i - 1][j - 1] + (same ? 0 : 1),
						Math.min(distance[i - 1][j], distance[i][j - 1]) + 1);
				if (i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
						&& one.charAt(i - 2) == other.charAt(j - 1)) {
					distance[i][j] = Math.min(distance[i][j], distance[i - 2][j - 2] + 1);
				}
			}
		}
		return distance[one.length()][other.length()];
	}

}
