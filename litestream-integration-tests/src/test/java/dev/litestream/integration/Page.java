package dev.litestream.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The blocks of a guide that have a name, which is the second word of the line that opens
 * them: {@code ```yaml application.yml}. Renderers show only the first.
 *
 * @param file the guide
 * @param blocks the text of the blocks that have a name, in the page's order
 */
record Page(Path file, Map<String, List<String>> blocks) {

	static Page read(Path file) throws IOException {
		Map<String, List<String>> blocks = new LinkedHashMap<>();
		List<String> block = null;
		String name = "";
		for (String line : Files.readAllLines(file)) {
			if (block != null && line.startsWith("```")) {
				if (!name.isEmpty()) {
					blocks.computeIfAbsent(name, (first) -> new ArrayList<>()).add(String.join("\n", block) + "\n");
				}
				block = null;
			}
			else if (block != null) {
				block.add(line);
			}
			else if (line.startsWith("```")) {
				block = new ArrayList<>();
				String[] words = line.split(" ");
				name = (words.length > 1) ? words[1] : "";
			}
		}
		return new Page(file, blocks);
	}

	/**
	 * What stands in all blocks of a name.
	 * @param name the name
	 * @return the blocks' text, one after the other
	 */
	List<String> all(String name) {
		List<String> text = this.blocks.get(name);
		if (text == null) {
			throw new IllegalStateException(
					this.file + " shows no block that is called " + name + ", only " + this.blocks.keySet());
		}
		return text;
	}

	/**
	 * What stands in the only block of a name.
	 * @param name the name
	 * @return the block's text
	 */
	String only(String name) {
		List<String> text = all(name);
		if (text.size() != 1) {
			throw new IllegalStateException(this.file + " shows " + text.size() + " blocks called " + name);
		}
		return text.get(0);
	}

	/**
	 * Files below a folder, by the names of their blocks.
	 * @param folder the folder
	 * @return the files' text by their path below the folder
	 */
	Map<String, String> below(String folder) {
		Map<String, String> files = new LinkedHashMap<>();
		this.blocks.keySet().stream().filter((name) -> name.startsWith(folder + "/")).forEach((name) -> {
			files.put(name.substring(folder.length() + 1), only(name));
		});
		return files;
	}

}
