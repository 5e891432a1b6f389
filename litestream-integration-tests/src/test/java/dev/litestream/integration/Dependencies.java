package dev.litestream.integration;

import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * What dependencies that a page names bring with them: the part of this JVM's class path
 * that Maven would give to an application which has no others.
 */
final class Dependencies {

	private final List<Path> classPath;

	Dependencies() {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		this.classPath = List.of(classPath.split(File.pathSeparator)).stream().map(Path::of).toList();
	}

	/**
	 * Follows dependencies through their POMs.
	 * @param xml {@code dependency} elements
	 * @return a class path
	 */
	String classPath(List<String> xml) throws IOException {
		Set<Path> entries = new LinkedHashSet<>();
		Deque<String> artifacts = new ArrayDeque<>();
		for (String dependencies : xml) {
			List<String> named = artifactIds(
					parse("<dependencies>" + dependencies + "</dependencies>").getDocumentElement());
			for (String artifact : named) {
				if (entry(artifact) == null) {
					throw new IllegalStateException("This module's pom.xml does not have " + artifact);
				}
			}
			artifacts.addAll(named);
		}
		while (!artifacts.isEmpty()) {
			Path entry = entry(artifacts.remove());
			// what is not there was excluded
			if (entry != null && entries.add(entry)) {
				Document pom = parse(Files.readString(pom(entry)));
				Element dependencies = child(pom.getDocumentElement(), "dependencies");
				if (dependencies != null) {
					artifacts.addAll(artifactIds(dependencies));
				}
			}
		}
		return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
	}

	/** A jar of a local repository, or what the reactor has built so far. */
	private @Nullable Path entry(String artifact) {
		for (Path entry : this.classPath) {
			Path folder = entry.getParent();
			Path owner = folder.getParent(); // of a version, or of target
			if (owner != null && owner.endsWith(artifact) && !entry.endsWith("test-classes")) {
				return entry;
			}
		}
		return null;
	}

	private static Path pom(Path entry) {
		Path folder = entry.getParent();
		return folder.endsWith("target") ? folder.resolveSibling("pom.xml")
				: folder.resolve(entry.getFileName().toString().replaceFirst("\\.jar$", ".pom"));
	}

	private static List<String> artifactIds(Element dependencies) {
		List<String> artifacts = new ArrayList<>();
		for (Element dependency : children(dependencies)) {
			String scope = text(dependency, "scope", "compile");
			if (!text(dependency, "optional", "false").equals("true") && !scope.equals("test")
					&& !scope.equals("provided")) {
				artifacts.add(text(dependency, "artifactId", ""));
			}
		}
		return artifacts;
	}

	private static String text(Element element, String name, String otherwise) {
		Element child = child(element, name);
		return (child != null) ? child.getTextContent().strip() : otherwise;
	}

	private static @Nullable Element child(Element element, String name) {
		return children(element).stream().filter((child) -> child.getTagName().equals(name)).findFirst().orElse(null);
	}

	private static List<Element> children(Element element) {
		List<Element> elements = new ArrayList<>();
		NodeList children = element.getChildNodes();
		for (int i = 0; i < children.getLength(); i++) {
			if (children.item(i) instanceof Element child) {
				elements.add(child);
			}
		}
		return elements;
	}

	private static Document parse(String xml) throws IOException {
		try {
			DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
			factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
			return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
		}
		catch (ParserConfigurationException | SAXException ex) {
			throw new IOException(ex);
		}
	}

}
