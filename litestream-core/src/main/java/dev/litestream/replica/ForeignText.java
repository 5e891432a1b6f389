package dev.litestream.replica;

import java.util.Locale;

/**
 * Text that others have chosen, such as the names of their files and objects, as messages
 * show it: on one line, without what steers a terminal, and not without end.
 */
public final class ForeignText {

	private static final int LONGEST = 300;

	private ForeignText() {
	}

	/**
	 * Makes a text fit for a message. What is printed comes out as it is.
	 * @param text the text
	 * @return the text with all else as Unicode escapes, cut off after 300 characters
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
			// among format characters are those that reverse a line
			case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
			default -> true;
		};
	}

}
