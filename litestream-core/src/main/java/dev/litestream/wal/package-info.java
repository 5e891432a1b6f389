/**
 * Reads committed pages from a SQLite write-ahead log (WAL), the {@code -wal} file beside
 * a database.
 *
 * <h2>Layout</h2> A WAL is one header, then frames without gaps. All frames have the same
 * size. Every integer is big-endian and unsigned, whatever the magic says.
 * <table>
 * <caption>Header, 32 bytes</caption> <thead>
 * <tr>
 * <th>offset</th>
 * <th>bytes</th>
 * <th>field</th>
 * </tr>
 * </thead> <tbody>
 * <tr>
 * <td>0</td>
 * <td>4</td>
 * <td>magic: 0x377f0682 if checksum words are little-endian, 0x377f0683 if
 * big-endian</td>
 * </tr>
 * <tr>
 * <td>4</td>
 * <td>4</td>
 * <td>version: 3007000</td>
 * </tr>
 * <tr>
 * <td>8</td>
 * <td>4</td>
 * <td>page size in bytes, a power of two from 512 to 65536 (the number itself, also for
 * 65536)</td>
 * </tr>
 * <tr>
 * <td>12</td>
 * <td>4</td>
 * <td>checkpoint sequence number, one more at each restart</td>
 * </tr>
 * <tr>
 * <td>16</td>
 * <td>4</td>
 * <td>salt 1, one more at each restart</td>
 * </tr>
 * <tr>
 * <td>20</td>
 * <td>4</td>
 * <td>salt 2, random at each restart</td>
 * </tr>
 * <tr>
 * <td>24</td>
 * <td>8</td>
 * <td>checksum 1 and 2 over bytes 0 to 23</td>
 * </tr>
 * </tbody>
 * </table>
 * <table>
 * <caption>Frame, 24 bytes and a page</caption> <thead>
 * <tr>
 * <th>offset</th>
 * <th>bytes</th>
 * <th>field</th>
 * </tr>
 * </thead> <tbody>
 * <tr>
 * <td>0</td>
 * <td>4</td>
 * <td>page number, from 1</td>
 * </tr>
 * <tr>
 * <td>4</td>
 * <td>4</td>
 * <td>commit: in the last frame of a transaction the size of the database in pages, else
 * 0</td>
 * </tr>
 * <tr>
 * <td>8</td>
 * <td>8</td>
 * <td>salt 1 and 2, as in the header when the frame was written</td>
 * </tr>
 * <tr>
 * <td>16</td>
 * <td>8</td>
 * <td>checksum 1 and 2, running from the header up to and including this frame</td>
 * </tr>
 * <tr>
 * <td>24</td>
 * <td>page size</td>
 * <td>the page</td>
 * </tr>
 * </tbody>
 * </table>
 *
 * <h2>Checksum</h2> Two 32-bit sums that overflow freely, over 8 bytes at a time. <pre>
 * sum(s1, s2, bytes):
 *     for each 8 bytes:
 *         x1, x2 = two 32-bit words in the byte order that the magic names
 *         s1 += x1 + s2
 *         s2 += x2 + s1
 *
 * header:  s1, s2 = 0, 0;  sum(bytes 0..23);  stored at 24
 * frame:   s1, s2 = those of the frame before, or of the header
 *          sum(bytes 0..7 of the frame);  sum(page);  stored at 16
 * </pre> Salts and the stored checksum itself are not summed.
 *
 * <h2>Validity</h2> A header is valid if
 * <ol>
 * <li>all 32 bytes are there,</li>
 * <li>magic, version and page size have a value named above,</li>
 * <li>its checksum matches.</li>
 * </ol>
 * A frame is valid if
 * <ol>
 * <li>header and page are all there,</li>
 * <li>its salts are the header's,</li>
 * <li>its page number is not 0,</li>
 * <li>its checksum matches, running on from the frame before, which is valid.</li>
 * </ol>
 * The first frame that is not valid ends the log. What follows is left over: the WAL is
 * written from its start again after a checkpoint (a <em>restart</em>: new salts, same
 * file, often the same size), and the file of a crashed or a running writer ends
 * anywhere. So an invalid frame is never an error, and the size of the file says nothing.
 *
 * <h2>Reading</h2>
 * <ol>
 * <li>Frames count only up to the last commit frame. A transaction may spill frames
 * before it commits; after a rollback the next transaction overwrites them, with the same
 * salts. Therefore no position inside a transaction is ever kept.</li>
 * <li>The content of a page is its newest frame in front of the last commit frame.</li>
 * <li>The last commit frame tells the size of the database; pages beyond it do not exist.
 * A shrink in between (VACUUM) does not matter: if the database grew again since, SQLite
 * too takes the newest frame.</li>
 * <li>Reading goes on from a {@link dev.litestream.wal.WalPosition}, behind a commit
 * frame, if the header still has its salts and the frame before it its running
 * checksum.</li>
 * <li>A frame that was read later than it was scanned is compared again
 * ({@link dev.litestream.wal.WalReader#readPage}): a restart may have overwritten it.
 * SQLite writes a frame's header before its page, so the header read after the page
 * decides.</li>
 * </ol>
 */
@NullMarked
package dev.litestream.wal;

import org.jspecify.annotations.NullMarked;
