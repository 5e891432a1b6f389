package dev.litestream.replica;

import java.util.Locale;

/**
 * Makes text that others have chosen, such as the names of their files and objects, safe
 * to show in messages: on one line, without control characters for a terminal, and not
 * too long.
 */
public final class ForeignText {

	private static final int LONGEST = 300;

	private ForeignText() {
	}

	/**
	 * Makes a text safe for a message. Printable characters stay as they are.
	 * @param text the text
	 * @return the text with all other characters as Unicode escapes, cut off after 300
	 * characters
	 */
	public static String shown(String text) {
		StringBuilder shown = new StringBuilder(Math.min(text.length(), LONGEST) + 16);
		for (int i = 0; i < text.length(); i++) {
			if (i == LONGEST) {
				return shown.append("...").toString();
			}
			char c = text.charAt(i);
			if (isPrinted(c)) {
				shown.append(c);
			}
			else {
				shown.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
			}
		}
		return shown.toString();
	}

	private static boolean isPrinted(char c) {
		return switch (Character.getType(c)) {
			// some format characters reverse a line
			case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
			default -> true;
		};
	}

}
