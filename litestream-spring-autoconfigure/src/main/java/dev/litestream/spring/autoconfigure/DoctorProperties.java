package dev.litestream.spring.autoconfigure;

import java.util.ArrayList;
import java.util.List;

/**
 * What the SQLite doctor looks at.
 */
public class DoctorProperties {

	/**
	 * Whether to look for common mistakes in the use of SQLite at start-up.
	 */
	private boolean enabled = true;

	/**
	 * Findings not to report, by their names such as pool-size.
	 */
	private List<String> ignore = new ArrayList<>();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public List<String> getIgnore() {
		return this.ignore;
	}

	public void setIgnore(List<String> ignore) {
		this.ignore = ignore;
	}

}
