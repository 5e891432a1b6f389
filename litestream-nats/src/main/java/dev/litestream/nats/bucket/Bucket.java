package dev.litestream.nats.bucket;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import io.nats.client.NUID;

/**
 * The subjects of an object store bucket (ADR-20).
 *
 * @param name the bucket's name
 * @param apiPrefix what the subjects of requests begin with
 */
record Bucket(String name, String apiPrefix) {

	private static final String OWN_API = "$JS.API";

	/** A bucket in the server's own domain. */
	Bucket(String name) {
		this(name, OWN_API);
	}

	/** Whether it is in the server's own domain, as far as the subject tells. */
	boolean hasOwnApi() {
		return this.apiPrefix.equals(OWN_API);
	}

	/** The stream that holds the bucket. */
	String stream() {
		return "OBJ_" + this.name;
	}

	/** The subject of an object's chunks; {@code nuid} is the id of one put. */
	String chunks(String nuid) {
		return "$O." + this.name + ".C." + nuid;
	}

	String allChunks() {
		return chunks(">");
	}

	/**
	 * The subject of an object's metadata: the name is one token in URL-safe base64 with
	 * padding.
	 */
	String meta(String object) {
		return "$O." + this.name + ".M."
				+ Base64.getUrlEncoder().encodeToString(object.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * The object whose metadata belongs on a subject. The subject itself, if it is that
	 * of no name.
	 */
	String object(String metaSubject) {
		try {
			byte[] name = Base64.getUrlDecoder().decode(metaSubject.substring(meta("").length()));
			String object = new String(name, StandardCharsets.UTF_8);
			return meta(object).equals(metaSubject) ? object : metaSubject;
		}
		catch (IllegalArgumentException | IndexOutOfBoundsException ex) {
			return metaSubject;
		}
	}

	String allMeta() {
		return "$O." + this.name + ".M.>";
	}

	/** The subject of a request to the stream, such as {@code STREAM.INFO}. */
	String api(String verb) {
		return this.apiPrefix + "." + verb + "." + stream();
	}

	/**
	 * A subject that nobody listens to, among those that whoever reads the bucket may
	 * publish to: that of a consumer that does not exist.
	 */
	String unserved() {
		return api("CONSUMER.MSG.NEXT") + "." + NUID.nextGlobal();
	}

}
