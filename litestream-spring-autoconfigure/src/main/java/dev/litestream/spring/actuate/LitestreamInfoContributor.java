package dev.litestream.spring.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.LitestreamVersion;

import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/**
 * {@link InfoContributor} that says what is replicated where, without user information.
 */
public class LitestreamInfoContributor implements InfoContributor {

	private final Litestream litestream;

	/**
	 * Creates a contributor.
	 * @param litestream the databases
	 */
	public LitestreamInfoContributor(Litestream litestream) {
		this.litestream = litestream;
	}

	@Override
	public void contribute(Info.Builder builder) {
		Map<String, Object> details = new LinkedHashMap<>();
		String version = LitestreamVersion.get();
		if (version != null) {
			details.put("version", version);
		}
		String sqlite = LitestreamVersion.ofSqlite();
		if (sqlite != null) {
			details.put("sqliteVersion", sqlite);
		}
		Map<String, Object> databases = new LinkedHashMap<>();
		for (ReplicatedDatabase database : this.litestream.databases()) {
			databases.put(database.name(),
					Map.of("path", database.path().toString(), "replica", database.status().replica()));
		}
		details.put("databases", databases);
		builder.withDetail("litestream", details);
	}

}
