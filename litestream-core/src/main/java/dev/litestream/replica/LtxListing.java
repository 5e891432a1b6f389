package dev.litestream.replica;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import org.jspecify.annotations.Nullable;

/**
 * All LTX files of one level, ordered by first and last TXID. A listing is complete: if
 * that cannot be proved, there is an exception instead (law 6).
 *
 * @param files the files, ordered
 */
public record LtxListing(List<LtxFileInfo> files) implements Iterable<LtxFileInfo> {

	/** Order within a level: first TXID, then last. */
	public static final Comparator<LtxFileInfo> ORDER = Comparator.comparing(LtxFileInfo::minTxid)
		.thenComparing(LtxFileInfo::maxTxid);

	public LtxListing {
		List<LtxFileInfo> sorted = new ArrayList<>(files);
		sorted.sort(ORDER);
		files = List.copyOf(sorted);
	}

	/**
	 * The largest TXID in the listing.
	 * @return the position, zero if the listing is empty
	 */
	public Txid maxTxid() {
		Txid max = Txid.ZERO;
		for (LtxFileInfo file : this.files) {
			max = Txid.max(max, file.maxTxid());
		}
		return max;
	}

	/**
	 * The newest position over all levels.
	 * @param listings all levels
	 * @return the position, zero if the replica is empty
	 */
	public static Txid maxTxid(List<LtxListing> listings) {
		Txid max = Txid.ZERO;
		for (LtxListing listing : listings) {
			max = Txid.max(max, listing.maxTxid());
		}
		return max;
	}

	/**
	 * How far the files reach from the first TXID without a gap.
	 * @param listings all levels
	 * @param goal a position beyond which the search may end
	 * @return the position reached, at least the goal if it can be reached
	 */
	public static Txid reach(List<LtxListing> listings, Txid goal) {
		Txid end = Txid.ZERO;
		Txid before;
		do {
			before = end;
			for (LtxListing listing : listings) {
				for (LtxFileInfo file : listing.files()) {
					if (!file.minTxid().previous().isAfter(end)) {
						end = Txid.max(end, file.maxTxid());
					}
				}
			}
		}
		while (end.isAfter(before) && end.isBefore(goal));
		return end;
	}

	/**
	 * The file that reaches furthest.
	 * @return the file, or {@code null} if the listing is empty
	 */
	public @Nullable LtxFileInfo newest() {
		return this.files.stream().max(Comparator.comparing(LtxFileInfo::maxTxid)).orElse(null);
	}

	public boolean isEmpty() {
		return this.files.isEmpty();
	}

	@Override
	public Iterator<LtxFileInfo> iterator() {
		return this.files.iterator();
	}

}
