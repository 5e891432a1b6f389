package dev.litestream;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The condition of the storage behind a replica when it was last checked.
 *
 * @param durability which failures an acknowledged commit survives, or {@code null} if
 * unknown
 * @param findings what an operator should know, worst first
 */
public record ReplicaCondition(@Nullable Durability durability, List<ReplicaFinding> findings) {

	/** Nothing is known. */
	public static final ReplicaCondition UNKNOWN = new ReplicaCondition(null, List.of());

	public ReplicaCondition {
		findings = List.copyOf(findings);
	}

	/**
	 * The same with more findings after its own.
	 * @param others the additional findings
	 * @return the condition
	 */
	public ReplicaCondition and(List<ReplicaFinding> others) {
		List<ReplicaFinding> all = new ArrayList<>(this.findings);
		all.addAll(others);
		return new ReplicaCondition(this.durability, all);
	}

	/**
	 * Whether backups are in danger.
	 * @return whether a finding is an error
	 */
	public boolean hasErrors() {
		return this.findings.stream().anyMatch((finding) -> finding.severity() == ReplicaFinding.Severity.ERROR);
	}

}
