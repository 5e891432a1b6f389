package dev.litestream.replication;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.litestream.ReplicationState;
import dev.litestream.replication.Standing.Report;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * All transitions of the state machine.
 */
class StandingTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			# before              | reports                                                | after
			STOPPED               | STARTED                                                | WAITING_FOR_DATABASE
			STOPPED               | STARTED OPENED                                         | STARTING
			STOPPED               | STARTED OPENED RECONCILED                              | STARTING
			STOPPED               | STARTED OPENED RECONCILED REPLICA_WORKS                | REPLICATING
			STOPPED               | STARTED OPENED REPLICA_FAILED                          | REPLICA_UNAVAILABLE
			STOPPED               | STARTED OPENED REPLICA_FAILED RECONCILED REPLICA_WORKS | REPLICATING
			STOPPED               | STARTED SYNC_FAILED                                    | REPLICA_UNAVAILABLE
			STOPPED               | STARTED OPENED REFUSED                                 | FAILED
			STOPPED               | REFUSED                                                | STOPPED
			STOPPED               | REPLICA_FAILED                                         | STOPPED
			REPLICATING           | SYNC_FAILED                                            | REPLICA_UNAVAILABLE
			REPLICATING           | SYNC_FAILED REPLICA_WORKS                              | REPLICA_UNAVAILABLE
			REPLICATING           | SYNC_FAILED SYNC_WORKS                                 | REPLICATING
			REPLICATING           | REPLICA_FAILED SYNC_WORKS                              | REPLICA_UNAVAILABLE
			REPLICATING           | REPLICA_FAILED REPLICA_WORKS                           | REPLICATING
			REPLICATING           | REPLICA_FAILED SYNC_FAILED REPLICA_WORKS               | REPLICA_UNAVAILABLE
			REPLICATING           | REPLICA_FAILED SYNC_FAILED REPLICA_WORKS SYNC_WORKS    | REPLICATING
			REPLICATING           | OUT_OF_REACH                                           | REPLICA_UNAVAILABLE
			REPLICATING           | OUT_OF_REACH WITHIN_REACH                              | REPLICA_UNAVAILABLE
			REPLICATING           | OUT_OF_REACH REPLICA_WORKS                             | REPLICATING
			REPLICATING           | UNRECONCILED REPLICA_WORKS                             | REPLICATING
			REPLICATING           | REPLICA_FAILED UNRECONCILED REPLICA_WORKS              | REPLICA_UNAVAILABLE
			REPLICATING           | REFUSED                                                | FAILED
			REPLICATING           | REFUSED RECONCILED REPLICA_WORKS SYNC_WORKS OPENED     | FAILED
			REPLICATING           | REFUSED SYNC_FAILED REPLICA_FAILED OUT_OF_REACH        | FAILED
			REPLICATING           | REFUSED STARTED                                        | WAITING_FOR_DATABASE
			REPLICATING           | REFUSED STOPPED                                        | STOPPED
			REPLICATING           | STOPPED STARTED                                        | REPLICATING
			REPLICATING           | STOPPED REPLICA_WORKS                                  | STOPPED
			REPLICATING           | UNRECONCILED STOPPED STARTED                           | WAITING_FOR_DATABASE
			""")
	void reportsMoveTheState(ReplicationState before, String reports, ReplicationState after) {
		Standing standing = (before == ReplicationState.STOPPED) ? Standing.INITIAL
				: new Standing(before, true, false, false, false);
		for (String report : reports.trim().split(" ")) {
			standing = standing.after(Report.valueOf(report), true);
		}
		assertThat(standing.state()).isEqualTo(after);
	}

	@Test
	void nothingIsReplicatedBeforeTheFirstFileIsAcknowledged() {
		Standing standing = Standing.INITIAL;
		for (Report report : List.of(Report.STARTED, Report.OPENED, Report.RECONCILED, Report.REPLICA_WORKS)) {
			standing = standing.after(report, false);
		}
		assertThat(standing.state()).isEqualTo(ReplicationState.STARTING);
		assertThat(standing.after(Report.REPLICA_WORKS, true).state()).isEqualTo(ReplicationState.REPLICATING);
	}

	/** Whatever comes in whatever order. */
	@Test
	void everyStandingThatCanBeReachedObeysTheLaws() {
		Set<Standing> reached = new HashSet<>();
		List<Standing> next = new ArrayList<>(List.of(Standing.INITIAL));
		while (!next.isEmpty()) {
			Standing before = next.remove(next.size() - 1);
			if (!reached.add(before)) {
				continue;
			}
			for (Report report : Report.values()) {
				for (boolean any : new boolean[] { false, true }) {
					Standing after = before.after(report, any);
					requireLaws(before, report, after);
					next.add(after);
				}
			}
		}
		assertThat(reached).extracting(Standing::state).containsOnly(ReplicationState.values());
	}

	private static void requireLaws(Standing before, Report report, Standing after) {
		String step = before + " " + report + " " + after;
		if (before.hasFailed()) {
			assertThat(after.hasFailed() || report == Report.STARTED || report == Report.STOPPED).as(step).isTrue();
		}
		if (after.hasFailed()) {
			assertThat(after.reconciled()).as(step).isFalse();
			assertThat(before.hasFailed() || report == Report.REFUSED).as("who may set it: " + step).isTrue();
		}
		if (after.state() == ReplicationState.REPLICATING && before.state() != after.state()) {
			assertThat(after.reconciled()).as(step).isTrue();
			assertThat(report == Report.STARTED || after.isWell()).as(step).isTrue();
		}
		if (before.state() == ReplicationState.STOPPED && report != Report.STARTED && report != Report.OPENED) {
			assertThat(after.state()).as(step).isEqualTo(ReplicationState.STOPPED);
		}
	}

}
