package dev.litestream;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is known about the storage behind a replica, at the last time it was looked at.
 *
 * @param durability what its acknowledgements are worth, or {@code null} if unknown
 * @param findings what an operator should know, worst first
 */
public record ReplicaCondition(@Nullable Durability durability, List<ReplicaFinding> findings) {

	/** Nothing is known. */
	public static final ReplicaCondition UNKNOWN = new ReplicaCondition(null, List.of());

	public ReplicaCondition {
		findings = List.copyOf(findings);
	}

	/**
	 * The same with other findings behind its own.
	 * @param others what else was found
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
