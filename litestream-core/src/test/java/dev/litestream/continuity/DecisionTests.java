package dev.litestream.continuity;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

import dev.litestream.MismatchAction;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.continuity.Decision.Fault;
import dev.litestream.continuity.Decision.GoOn;
import dev.litestream.continuity.Decision.Refuse;
import dev.litestream.continuity.Decision.Resync;
import dev.litestream.continuity.Decision.Source;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.spool.SpoolFile;
import dev.litestream.test.Hazard;
import dev.litestream.wal.WalPosition;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where the history goes on, for every combination of evidence that can occur: millions
 * of them, against laws that are written down here without a look at the rules.
 */
class DecisionTests {

	private static final int PAGE_SIZE = 4096;

	private static final WalPosition END = new WalPosition(7, 9, 8272, 1, 2);

	/** Positions: nothing, one that was left behind, the usual one, and a later one. */
	private static final List<Txid> POSITIONS = List.of(Txid.ZERO, new Txid(3), new Txid(5), new Txid(7));

	@Test
	@Hazard("C1")
	void everyCombinationObeysTheLaws() {
		Set<String> outcomes = new TreeSet<>();
		long[] count = new long[1];
		forEach((evidence) -> {
			count[0]++;
			Decision decision = Decision.of(evidence, MismatchAction.FAIL);
			List<String> broken = new Laws(evidence).broken(decision);
			if (!broken.isEmpty()) {
				throw new AssertionError(broken + "\n" + evidence + "\n" + decision);
			}
			Decision overruled = Decision.of(evidence, MismatchAction.RESYNC);
			requireOverruled(evidence, decision, overruled);
			outcomes.add(outcome(decision));
		});
		assertThat(count[0]).as("combinations").isGreaterThan(1_000_000);
		assertThat(outcomes).as("what can come out of it")
			.containsExactly("go on at a place", "go on under way", "refuse AHEAD", "refuse ANOTHER_HISTORY",
					"refuse OLDER_COPY", "refuse UNREADABLE", "resync BACKUP_DAMAGED", "resync DATABASE_REPLACED",
					"resync DIVERGED", "resync FIRST_SYNC", "resync FRAME_MISMATCH", "resync LOCAL_STATE_LOST",
					"resync PAGE_SIZE_CHANGED", "resync REPLICA_AHEAD", "resync REPLICA_BEHIND",
					"resync REPLICA_EMPTIED", "resync RESTORED", "resync WAL_RESET");
	}

	/** Asked for nevertheless, it is a resync that says so; else nothing changes. */
	private static void requireOverruled(Evidence evidence, Decision decision, Decision overruled) {
		boolean good = (decision instanceof Refuse refuse)
				? overruled instanceof Resync resync && resync.overruled().contains(refuse.fault())
						&& (refuse.fault() == Fault.OLDER_COPY || resync.source() == Source.ELSEWHERE)
				: overruled.equals(decision);
		if (!good) {
			throw new AssertionError(evidence + "\n" + decision + "\n" + overruled);
		}
	}

	private static String outcome(Decision decision) {
		if (decision instanceof GoOn goOn) {
			return (goOn.from() != null) ? "go on at a place" : "go on under way";
		}
		return (decision instanceof Refuse refuse) ? "refuse " + refuse.fault()
				: "resync " + ((Resync) decision).reason();
	}

	/** What has to be so, whatever the rules are and in which order they stand. */
	private record Laws(Evidence evidence) {

		List<String> broken(Decision decision) {
			List<String> broken = new ArrayList<>();
			Evidence.Replica replica = this.evidence.replica();
			Evidence.Kept spool = this.evidence.spool();
			Evidence.Memory memory = this.evidence.memory();
			boolean parted = replica.another() || replica.agreement() == Agreement.ANOTHER
					|| replica.agreement() == Agreement.UNREADABLE;
			boolean restores = replica.restorable() || spool.isBridged();
			if (decision instanceof GoOn goOn) {
				check(broken, !parted, "histories that have parted do not go on");
				check(broken, restores, "an increment on what does not restore is lost");
				check(broken, replica.agreement() != Agreement.DAMAGED || spool.isBridged(),
						"an increment on a damaged file is lost");
				check(broken, goOn.pending().equals(spool.pending()), "what waits is sent");
				check(broken, isPageSizeKept(), "pages of another size are no increment");
				if (goOn.from() != null) {
					check(broken, END.equals(this.evidence.wal().continuity().position()), "law 5: only where proved");
					check(broken, !goOn.from().txid().isBefore(replica.newest()), "law 9: no TXID of the replica's");
					check(broken, goOn.from().txid().equals(max(spool)), "behind everything that is kept");
					check(broken, !memory.overwritten(), "not beside a file that was overwritten");
					check(broken, memory.offline() == null, "not twice");
				}
				else {
					check(broken, memory.offline() != null, "what is not under way begins at a place");
					check(broken, replica.agreement() == Agreement.SAME || !memory.offline().isBefore(replica.newest()),
							"not beside another writer");
				}
			}
			else if (decision instanceof Resync resync) {
				check(broken, !resync.base().isBefore(replica.newest()), "law 9: no TXID of the replica's");
				check(broken, resync.clear() || !resync.base().isBefore(max(spool)), "law 9: no TXID of the spool's");
				check(broken, resync.clear() || resync.pending().equals(spool.pending()), "what waits is sent");
				check(broken, resync.pending().isEmpty() || !resync.clear(), "what waits is not cleared");
				check(broken, !parted || resync.reason() == ResyncReason.DIVERGED, "parted histories are told");
				check(broken, resync.overruled().isEmpty(), "nothing is overruled unless asked for");
				check(broken,
						restores || resync.snapshot() || parted || spool.pending() == null || replica.newest().isZero(),
						"what does not restore is replaced by a snapshot");
				check(broken, resync.remembered() != null || isProvedByWal(resync), "judged unless proved by the WAL");
				check(broken, !memory.putBack() || resync.remembered() == Remembered.PUT_BACK
						|| resync.remembered() == Remembered.OVERWRITTEN, "an older WAL is judged as such");
				check(broken, memory.file() != Remembered.REFUSED || resync.remembered() != null,
						"what was refused is judged again");
				check(broken, resync.source() != Source.HERE || !parted, "another writer's is not ours");
				check(broken,
						!resync.snapshot() || !restores || !isPageSizeKept()
								|| replica.agreement() == Agreement.DAMAGED && !spool.isBridged()
								|| spool.pending() == null && spool.bridges(),
						"no snapshot that is not needed");
				check(broken, isReasonTrue(resync), "the reason is true");
				checkSource(broken, resync);
				if (parted) {
					check(broken, !replica.another() && isExplained(), "another writer's history is refused");
					check(broken, resync.base().equals(replica.newest()),
							"another writer's history goes on at its end");
				}
				else if (spool.pending() == null) {
					check(broken, resync.snapshot() || !spool.bridges(), "a snapshot that was lost is written again");
				}
				else if (!resync.snapshot()) {
					checkDifference(broken, resync);
				}
			}
			else if (decision instanceof Refuse refuse) {
				check(broken, !replica.newest().isZero(), "an empty replica is no reason to refuse");
				check(broken,
						memory.file() != Remembered.SAME_BEFORE_REBOOT || replica.another() || memory.putBack()
								|| isOverwritten() || memory.sameBoot() || this.evidence.wal().continuity().behind(),
						"what the power took is no reason to refuse");
				check(broken, (refuse.fault() == Fault.UNREADABLE) == (replica.agreement() == Agreement.UNREADABLE),
						"a damaged file is named");
				check(broken,
						parted || replica.newest().isAfter(spool.known())
								|| (memory.offline() != null && replica.newest().isAfter(memory.offline())),
						"refused only where the replica has what is not from here");
				check(broken, isFaultTrue(refuse.fault()), "the fault is true");
			}
			return broken;
		}

		/** Nothing but the judgement of what is shipped. */
		private void checkDifference(List<String> broken, Resync resync) {
			Evidence.Wal wal = this.evidence.wal();
			Evidence.Memory memory = this.evidence.memory();
			boolean lostWithoutPower = wal.continuity().behind() && memory.sameBoot();
			boolean putBack = memory.putBack() || lostWithoutPower;
			check(broken, resync.remembered() != Remembered.PUT_BACK || putBack, "an older WAL is one");
			check(broken, isOverwritten() || !putBack || resync.remembered() == Remembered.PUT_BACK,
					"frames that no power took make an older WAL");
			check(broken, putBack || memory.overwritten() || !wal.later() || resync.remembered() == null,
					"a later generation is not judged");
			check(broken, !memory.overwritten() || !wal.later() || resync.remembered() != null,
					"unless the file was overwritten before");
			boolean ours = memory.file().isSame() || this.evidence.replica().agreement() == Agreement.SAME;
			check(broken,
					resync.reason() != ResyncReason.FRAME_MISMATCH || wal.later()
							|| (resync.remembered() == null) == ours,
					"what the power took of what was replicated from here is not judged, and nothing else");
			check(broken,
					resync.remembered() == null || resync.remembered() == memory.file()
							|| resync.reason() == ResyncReason.DATABASE_REPLACED,
					"it is told that another file is there");
			check(broken, memory.offline() == null || resync.clear(),
					"what was written before a look at the replica does not follow its end");
			check(broken, memory.offline() == null || resync.base().equals(this.evidence.replica().newest()),
					"what was written before a look at the replica is no base");
			check(broken, memory.offline() != null || !resync.clear(), "what waits is kept");
			check(broken,
					!isAhead() || resync.source() == Source.HERE || memory.file() == Remembered.SAME_BEFORE_REBOOT,
					"who went on behind all that is known is refused");
		}

		private void checkSource(List<String> broken, Resync resync) {
			Evidence.Replica replica = this.evidence.replica();
			Evidence.Kept spool = this.evidence.spool();
			boolean same = replica.agreement() == Agreement.SAME && replica.rawIsNewest();
			boolean ends = max(spool).equals(replica.newest());
			boolean lost = this.evidence.wal().continuity().reason() == ResyncReason.FRAME_MISMATCH
					&& resync.remembered() != Remembered.PUT_BACK;
			boolean here = same || ends && spool.newestFollows() || resync.reason() == ResyncReason.RESTORED;
			boolean parted = resync.reason() == ResyncReason.DIVERGED;
			check(broken, parted == (resync.source() == Source.ELSEWHERE), "only another writer's is from elsewhere");
			check(broken, parted || !here || resync.source() == Source.HERE, "what is from here is known to be");
			check(broken, here || ends && lost || resync.source() != Source.HERE, "what is not known is not from here");
			check(broken,
					!ends || !lost || resync.reason() != ResyncReason.FRAME_MISMATCH
							|| !this.evidence.memory().file().isSame() || resync.source() == Source.HERE,
					"what the power took was from here");
		}

		private boolean isReasonTrue(Resync resync) {
			Evidence.Replica replica = this.evidence.replica();
			Evidence.Kept spool = this.evidence.spool();
			ResyncReason shown = this.evidence.wal().continuity().reason();
			boolean empty = replica.newest().isZero();
			boolean isNew = spool.known().isZero() || this.evidence.memory().moved();
			return switch (resync.reason()) {
				case FIRST_SYNC -> empty && isNew;
				case REPLICA_EMPTIED -> empty && !isNew;
				case REPLICA_BEHIND -> !empty && (resync.snapshot() || spool.pending() == null);
				case BACKUP_DAMAGED -> replica.agreement() == Agreement.DAMAGED;
				case DIVERGED -> replica.another() || replica.agreement().isDiverged();
				case DATABASE_REPLACED ->
					EnumSet.of(Remembered.OVERWRITTEN, Remembered.PUT_BACK, Remembered.REFUSED, Remembered.ANOTHER)
						.contains(resync.remembered());
				case RESTORED -> this.evidence.memory().file().isRestored() && !spool.any()
						&& spool.known().equals(this.evidence.end());
				case LOCAL_STATE_LOST -> !this.evidence.end().isZero()
						&& (!spool.any() || shown == null || shown == ResyncReason.LOCAL_STATE_LOST);
				case REPLICA_AHEAD -> spool.any() && spool.known().isBefore(replica.newest());
				case PAGE_SIZE_CHANGED -> !isPageSizeKept() || shown == ResyncReason.PAGE_SIZE_CHANGED;
				default -> resync.reason() == shown;
			};
		}

		private boolean isFaultTrue(Fault fault) {
			Evidence.Replica replica = this.evidence.replica();
			boolean same = replica.agreement() == Agreement.SAME && replica.rawIsNewest();
			return switch (fault) {
				case ANOTHER_HISTORY, UNREADABLE -> replica.another() || !isExplained();
				case AHEAD -> !same && isAhead();
				case OLDER_COPY -> this.evidence.wal().continuity().reason() == ResyncReason.FRAME_MISMATCH
						&& !this.evidence.memory().putBack() && this.evidence.memory().file() == Remembered.ANOTHER
						&& !this.evidence.spool().known().isZero()
						&& replica.newest().isAfter(this.evidence.spool().known());
			};
		}

		/** Whether the replica has positions behind all that is known here. */
		private boolean isAhead() {
			Txid known = this.evidence.known();
			return !known.isZero() && this.evidence.replica().newest().isAfter(known);
		}

		/** Whether what the replica has instead of ours may have come from here. */
		private boolean isExplained() {
			Evidence.Memory memory = this.evidence.memory();
			return this.evidence.wal().continuesReplica()
					|| memory.file() == Remembered.SAME_BEFORE_REBOOT && !memory.putBack() && !isOverwritten();
		}

		private static void check(List<String> broken, boolean holds, String law) {
			if (!holds) {
				broken.add(law);
			}
		}

		private boolean isPageSizeKept() {
			LtxHeader newest = this.evidence.spool().newest();
			return newest == null || newest.pageSize() == this.evidence.wal().pageSize();
		}

		private boolean isOverwritten() {
			return this.evidence.memory().overwritten() && this.evidence.wal().continuity().position() != null;
		}

		/** A later generation, or one that a power loss has cut. */
		private boolean isProvedByWal(Resync resync) {
			Evidence.Wal wal = this.evidence.wal();
			return wal.later() || wal.continuity().reason() == ResyncReason.FRAME_MISMATCH
					&& resync.reason() == ResyncReason.FRAME_MISMATCH;
		}

		private static Txid max(Evidence.Kept spool) {
			return (spool.newest() != null) ? spool.newest().maxTxid() : Txid.ZERO;
		}

	}

	/** All evidence that can occur: what contradicts itself is left out. */
	private static void forEach(Consumer<Evidence> consumer) {
		List<Evidence.Replica> replicas = replicas();
		List<Evidence.Wal> wals = wals();
		List<Evidence.Memory> memories = memories();
		for (Evidence.Replica replica : replicas) {
			for (Evidence.Kept spool : spools(replica)) {
				for (Evidence.Wal wal : wals) {
					if ((spool.newest() == null) != (wal.continuity().reason() == ResyncReason.LOCAL_STATE_LOST)
							|| wal.later() && spool.newest() == null
							|| wal.continuesReplica() && replica.agreement() != Agreement.ANOTHER) {
						continue;
					}
					for (Evidence.Memory memory : memories) {
						consumer.accept(new Evidence(replica, spool, wal, memory));
					}
				}
			}
		}
	}

	private static List<Evidence.Replica> replicas() {
		List<Evidence.Replica> replicas = new ArrayList<>();
		for (Txid newest : POSITIONS.subList(0, 3)) {
			boolean empty = newest.isZero();
			for (Agreement agreement : empty ? EnumSet.of(Agreement.UNKNOWN) : EnumSet.allOf(Agreement.class)) {
				for (int bits = 0; bits < 8; bits++) {
					boolean another = is(bits, 2) && !empty && agreement != Agreement.SAME;
					replicas.add(new Evidence.Replica(newest, empty || is(bits, 0), !empty && is(bits, 1), agreement,
							another));
				}
			}
		}
		return replicas.stream().distinct().toList();
	}

	private static List<Evidence.Kept> spools(Evidence.Replica replica) {
		List<Evidence.Kept> spools = new ArrayList<>();
		for (Txid newest : POSITIONS) {
			if (newest.isZero() && replica.agreement() != Agreement.UNKNOWN) {
				// There is something that it was compared with.
				continue;
			}
			for (Txid known : POSITIONS) {
				boolean any = !newest.isZero() && !known.isZero() && !known.isAfter(newest);
				boolean restored = newest.isZero();
				if (!known.isZero() && !any && !restored) {
					continue;
				}
				for (int pageSize : newest.isZero() ? new int[] { PAGE_SIZE } : new int[] { PAGE_SIZE, 512 }) {
					for (boolean follows : any && known.isBefore(newest) ? new boolean[] { false, true }
							: new boolean[] { false }) {
						for (List<SpoolFile> pending : pending(replica, newest)) {
							spools.add(new Evidence.Kept(newest.isZero() ? null : header(newest, pageSize), follows,
									any, known, pending, isBridged(pending)));
						}
						spools.add(new Evidence.Kept(newest.isZero() ? null : header(newest, pageSize), follows, any,
								known, null, !newest.isZero() && known.equals(newest)));
					}
				}
			}
		}
		return spools;
	}

	private static List<List<SpoolFile>> pending(Evidence.Replica replica, Txid newest) {
		List<List<SpoolFile>> pending = new ArrayList<>();
		if (newest.isAfter(replica.newest())) {
			pending.add(List.of(file(replica.newest().next(), newest)));
		}
		else {
			pending.add(List.of());
		}
		if (!newest.isZero()) {
			pending.add(List.of(file(newest, newest), file(Txid.FIRST, newest)));
		}
		return pending;
	}

	private static boolean isBridged(List<SpoolFile> pending) {
		return pending.stream().anyMatch(SpoolFile::isSnapshot);
	}

	private static List<Evidence.Wal> wals() {
		List<Evidence.Wal> wals = new ArrayList<>();
		for (Continuity continuity : List.of(new Continuity(END, null, false),
				new Continuity(null, ResyncReason.LOCAL_STATE_LOST, false),
				new Continuity(null, ResyncReason.WAL_RESET, false), new Continuity(null, ResyncReason.WAL_RESET, true),
				new Continuity(null, ResyncReason.FRAME_MISMATCH, false),
				new Continuity(null, ResyncReason.FRAME_MISMATCH, true),
				new Continuity(null, ResyncReason.PAGE_SIZE_CHANGED, false))) {
			for (int bits = 0; bits < 4; bits++) {
				boolean later = is(bits, 0) && continuity.reason() == ResyncReason.WAL_RESET && !continuity.behind();
				wals.add(new Evidence.Wal(PAGE_SIZE, continuity, later, is(bits, 1)));
			}
		}
		return wals.stream().distinct().toList();
	}

	private static List<Evidence.Memory> memories() {
		List<Evidence.Memory> memories = new ArrayList<>();
		for (Remembered file : EnumSet.of(Remembered.SAME, Remembered.RESTORED, Remembered.RESTORED_HERE,
				Remembered.SAME_BEFORE_REBOOT, Remembered.ANOTHER, Remembered.REFUSED, Remembered.NOTHING)) {
			for (int bits = 0; bits < 16; bits++) {
				boolean putBack = is(bits, 0);
				boolean sameBoot = is(bits, 2) && file != Remembered.SAME_BEFORE_REBOOT;
				if (file == Remembered.REFUSED && !putBack && !is(bits, 1)) {
					continue;
				}
				for (Txid offline : POSITIONS) {
					memories.add(new Evidence.Memory(file, putBack || is(bits, 1), putBack, sameBoot, is(bits, 3),
							offline.isZero() ? null : offline));
				}
			}
		}
		return memories.stream().distinct().toList();
	}

	private static boolean is(int bits, int bit) {
		return (bits >> bit & 1) == 1;
	}

	private static LtxHeader header(Txid txid, int pageSize) {
		return new LtxHeader(LtxFormat.NO_CHECKSUM, pageSize, 10, txid, txid, 1000, 0, 32, 8240, 7, 9, 0);
	}

	private static SpoolFile file(Txid min, Txid max) {
		return new SpoolFile(min, max, Instant.EPOCH, 100, Path.of(max.toString()), 1);
	}

}
