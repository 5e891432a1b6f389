package dev.litestream.continuity;

import java.io.IOException;
import java.util.Arrays;

import dev.litestream.ResyncReason;
import dev.litestream.continuity.Decision.Place;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * Whether the WAL on disk continues where an LTX file ended. Proved, not guessed, from
 * the frames alone (law 3):
 * <ol>
 * <li>the WAL's salts are those of the LTX file;</li>
 * <li>the checksum chain holds from the WAL's header to the end of the LTX file;</li>
 * <li>commits end exactly where the LTX file starts and ends;</li>
 * <li>each page in the frames of that range is in the LTX file with the same bytes: these
 * are the frames that were shipped, not others written in their place after a power
 * loss.</li>
 * </ol>
 * The next sync continues at {@code position}. If continuity is not proved, that is
 * {@code null} and {@code reason} says why. {@code behind} tells whether the WAL has lost
 * frames that the LTX file was made of, or is an earlier generation.
 */
record Continuity(@Nullable WalPosition position, @Nullable ResyncReason reason, boolean behind) {

	/**
	 * The place where syncs go on behind the LTX file that was compared, or {@code null}
	 * if continuity is not proved.
	 */
	@Nullable Place place(LtxHeader ltx) {
		return (this.position != null) ? new Place(ltx.maxTxid(), this.position, ltx.commit(), ltx.createdAt()) : null;
	}

	static Continuity lost(ResyncReason reason) {
		return new Continuity(null, reason, false);
	}

	/** Unless another process has truncated it while it was compared. */
	private static Continuity rewound(WalReader wal) throws IOException {
		return wal.sameHeader() ? new Continuity(null, ResyncReason.FRAME_MISMATCH, true)
				: lost(ResyncReason.WAL_RESET);
	}

	/**
	 * Whether a WAL lacks frames that were shipped in an LTX file, as far as can be seen
	 * without following the checksum chain.
	 */
	static boolean isBehind(WalReader wal, LtxHeader header) throws IOException {
		if (header.walSize() == 0 || wal.header().pageSize() != header.pageSize()) {
			return false;
		}
		WalPosition start = wal.header().start();
		if (start.salt1() == header.walSalt1() && start.salt2() == header.walSalt2()) {
			// What a checkpoint of another process truncates meanwhile lacks no frame:
			// they
			// are in the database.
			return !wal.hasFrameAt(header.walOffset() + header.walSize() - wal.header().frameSize())
					&& wal.sameHeader();
		}
		return Generations.restarts(header.walSalt1(), start.salt1()) > 0;
	}

	/**
	 * Compares a WAL, or {@code null} if there is none, with the newest LTX file at its
	 * start.
	 */
	static Continuity prove(@Nullable WalReader wal, LtxReader ltx) throws IOException {
		LtxHeader header = ltx.header();
		if (wal == null || header.walSize() == 0) {
			return lost(ResyncReason.WAL_RESET);
		}
		if (wal.header().pageSize() != header.pageSize()) {
			return lost(ResyncReason.PAGE_SIZE_CHANGED);
		}
		WalPosition start = wal.header().start();
		if (start.salt1() != header.walSalt1() || start.salt2() != header.walSalt2()) {
			return new Continuity(null, ResyncReason.WAL_RESET, isBehind(wal, header));
		}
		WalPosition from = at(wal, start, header.walOffset());
		if (from == null) {
			return rewound(wal);
		}
		long end = header.walOffset() + header.walSize();
		WalReader.Scan range = wal.scanToOffset(from, end);
		if (range.end().offset() != end || range.commit() != header.commit()) {
			return rewound(wal);
		}
		byte[] shipped = new byte[header.pageSize()];
		byte[] frame = new byte[header.pageSize()];
		int found = 0;
		for (long pgno = ltx.nextPage(shipped); pgno != 0; pgno = ltx.nextPage(shipped)) {
			long offset = range.pages().offset(pgno);
			if (offset >= 0) {
				found++;
				if (!wal.readPage(offset, pgno, frame) || !Arrays.equals(shipped, frame)) {
					return rewound(wal);
				}
			}
		}
		return (found == range.pages().size()) ? new Continuity(range.end(), null, false)
				: lost(ResyncReason.FRAME_MISMATCH);
	}

	private static @Nullable WalPosition at(WalReader wal, WalPosition start, long offset) throws IOException {
		if (offset == start.offset()) {
			return start;
		}
		WalPosition end = wal.scanToOffset(start, offset).end();
		return (end.offset() == offset) ? end : null;
	}

}
