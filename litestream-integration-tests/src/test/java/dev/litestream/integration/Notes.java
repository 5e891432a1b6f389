package dev.litestream.integration;

import java.util.List;

/**
 * What an application does with its database, by whatever library: table
 * {@code note(id, text)}.
 */
public interface Notes {

	/**
	 * Adds a note.
	 * @param text the text
	 */
	void add(String text);

	/**
	 * Replaces the text of all notes that have it.
	 * @param text the text
	 * @param replacement the new text
	 */
	void replace(String text, String replacement);

	/**
	 * Removes all notes that have a text.
	 * @param text the text
	 */
	void remove(String text);

	/**
	 * All texts.
	 * @return the texts, in the order of their ids
	 */
	List<String> texts();

}
