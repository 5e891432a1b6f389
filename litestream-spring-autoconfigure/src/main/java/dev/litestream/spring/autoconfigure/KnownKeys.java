package dev.litestream.spring.autoconfigure;

import java.beans.PropertyDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * The keys that a class of properties binds, read from its accessors, so that there is no
 * list to keep. An index stands as {@code []}: {@code dbs[].path}.
 */
final class KnownKeys {

	private static final String PROPERTIES_PACKAGE = ClassUtils.getPackageName(KnownKeys.class);

	private final Map<String, Key> children = new LinkedHashMap<>();

	private KnownKeys() {
	}

	/** The keys of a class. */
	static KnownKeys of(Class<?> type) {
		KnownKeys keys = new KnownKeys();
		for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(type)) {
			if (property.getReadMethod() != null && property.getPropertyType() != Class.class) {
				String name = DataObjectPropertyName.toDashedForm(property.getName());
				keys.children.put(uniform(name),
						Key.of(name, ResolvableType.forMethodReturnType(property.getReadMethod(), type)));
			}
		}
		return keys;
	}

	/**
	 * The keys that can have a value, such as {@code dbs[].replica.url}, in alphabetical
	 * order of their first elements.
	 */
	List<String> leaves() {
		List<String> leaves = new ArrayList<>();
		this.children.values().forEach((key) -> key.addLeaves("", leaves));
		return leaves;
	}

	/**
	 * The documented name of a key or group in any form that Spring Boot binds; {@code
	 * null} if there is none.
	 */
	@Nullable String canonical(ConfigurationPropertyName name) {
		Found found = find(name);
		return (found != null && found.depth() == name.getNumberOfElements()) ? found.path() : null;
	}

	/** The last elements of a group's keys; an empty name stands for all keys. */
	List<String> namesIn(@Nullable String group) {
		if (group == null || group.isEmpty()) {
			return this.children.values().stream().map(Key::name).toList();
		}
		Found found = find(ConfigurationPropertyName.of(group.replace("[]", "[0]")));
		return (found != null && found.key().nested() != null && found.key().kind() == Kind.GROUP)
				? found.key().nested().namesIn("") : List.of();
	}

	/** Whether the value of a key is a {@link Duration}. */
	boolean isDuration(ConfigurationPropertyName name) {
		Found found = find(name);
		return found != null && found.depth() == name.getNumberOfElements() && found.key().type() == Duration.class;
	}

	/** The number of first elements of a name that lead to a key or group. */
	int knownElements(ConfigurationPropertyName name) {
		Found found = find(name);
		return (found != null) ? found.depth() : 0;
	}

	/** The first elements of a name that are known, as they are documented. */
	String knownPart(ConfigurationPropertyName name) {
		Found found = find(name);
		return (found != null) ? found.path() : "";
	}

	private @Nullable Found find(ConfigurationPropertyName name) {
		KnownKeys keys = this;
		Found found = null;
		for (int i = 0; i < name.getNumberOfElements(); i++) {
			String element = name.getElement(i, Form.UNIFORM);
			if (found != null && found.key().kind() == Kind.MAP) {
				return new Found(name.getNumberOfElements(), found.key(), found.path());
			}
			if (found != null && found.key().kind() == Kind.LIST && name.isNumericIndex(i)) {
				found = new Found(i + 1, found.key().element(), found.path() + "[]");
				keys = found.key().nested();
				continue;
			}
			if (found != null && isNameOfDatabase(found, name, i)) {
				found = new Found(i + 1, found.key().element(), found.path() + "[]");
				keys = found.key().nested();
				continue;
			}
			Key key = (keys != null) ? keys.children.get(element) : null;
			if (key == null) {
				return found;
			}
			found = new Found(i + 1, key, (found != null) ? found.path() + "." + key.name() : key.name());
			keys = (key.kind() == Kind.LIST) ? null : key.nested();
		}
		return found;
	}

	/**
	 * Whether a name stands where a list could have an index, {@code dbs.shop.path}. The
	 * name of a key cannot: its index was forgotten.
	 */
	private static boolean isNameOfDatabase(Found found, ConfigurationPropertyName name, int element) {
		KnownKeys nested = found.key().nested();
		return found.path().equals("dbs") && element + 1 < name.getNumberOfElements() && nested != null
				&& !nested.children.containsKey(name.getElement(element, Form.UNIFORM));
	}

	private static String uniform(String name) {
		return name.replace("-", "");
	}

	private record Found(int depth, Key key, String path) {

	}

	private enum Kind {

		VALUE, GROUP, LIST, MAP

	}

	private record Key(String name, Kind kind, Class<?> type, @Nullable KnownKeys nested) {

		static Key of(String name, ResolvableType type) {
			Class<?> raw = type.resolve(Object.class);
			if (Map.class.isAssignableFrom(raw)) {
				return new Key(name, Kind.MAP, raw, null);
			}
			if (List.class.isAssignableFrom(raw)) {
				Class<?> element = type.getGeneric(0).resolve(Object.class);
				return new Key(name, Kind.LIST, element, isGroup(element) ? KnownKeys.of(element) : null);
			}
			return isGroup(raw) ? new Key(name, Kind.GROUP, raw, KnownKeys.of(raw))
					: new Key(name, Kind.VALUE, raw, null);
		}

		private static boolean isGroup(Class<?> type) {
			return ClassUtils.getPackageName(type).equals(PROPERTIES_PACKAGE) && !type.isEnum();
		}

		Key element() {
			return new Key(this.name, (this.nested != null) ? Kind.GROUP : Kind.VALUE, this.type, this.nested);
		}

		void addLeaves(String prefix, List<String> leaves) {
			String path = prefix + this.name;
			if (this.nested == null) {
				leaves.add(path);
				return;
			}
			String below = path + ((this.kind == Kind.LIST) ? "[]." : ".");
			this.nested.children.values().forEach((key) -> key.addLeaves(below, leaves));
		}

	}

}
