/**
 * The connection to the NATS servers: one for all replicas with the same servers and
 * credentials.
 *
 * <h2>For applications</h2>
 * <ul>
 * <li>{@link dev.litestream.nats.connection.NatsConnectionOptions}: what makes two
 * replicas share a connection?</li>
 * <li>{@link dev.litestream.nats.connection.NatsCredentials},
 * {@link dev.litestream.nats.connection.Secret}: who are we to the servers?</li>
 * <li>{@link dev.litestream.nats.connection.NatsTls}: whom do we trust, and how do we
 * prove who we are?</li>
 * <li>{@link dev.litestream.nats.connection.NatsScheme}: how are the servers spoken
 * to?</li>
 * <li>{@link dev.litestream.nats.connection.NatsKeepAlive}: when does a connection count
 * as lost, and when is it made again?</li>
 * </ul>
 *
 * <h2>Not for applications</h2> Public for the other packages of this module, or for the
 * client library, alone; may change at any time.
 * <table>
 * <caption>Where to look</caption> <thead>
 * <tr>
 * <th>question</th>
 * <th>class</th>
 * </tr>
 * </thead> <tbody>
 * <tr>
 * <td>who shares a connection, when is it made and closed, on which threads</td>
 * <td>{@code SharedConnection}, {@code ConnectionAttempt}, {@code Link},
 * {@code ConnectionThreads}</td>
 * </tr>
 * <tr>
 * <td>what became of it: losses, refusals, missing permissions</td>
 * <td>{@code ConnectionEvents}, {@code MissingPermission}</td>
 * </tr>
 * <tr>
 * <td>a server that is connected and does not answer</td>
 * <td>{@code SilentServer}</td>
 * </tr>
 * <tr>
 * <td>a connection that a dead thread of ours has made useless</td>
 * <td>{@code AnswerWatch}</td>
 * </tr>
 * <tr>
 * <td>what a server's address may be, and what subjects may begin with</td>
 * <td>{@code NatsServers}, {@code SubjectPrefix}</td>
 * </tr>
 * <tr>
 * <td>which of the library's options follow from ours</td>
 * <td>{@code LibraryOptions}</td>
 * </tr>
 * <tr>
 * <td>whose name a certificate has to be for, and what a refusal means</td>
 * <td>{@code ConnectionAccess}</td>
 * </tr>
 * <tr>
 * <td>the socket, TLS, trust</td>
 * <td>{@code NatsDataPort}, {@code TlsHandshake}, {@code ServerTrust},
 * {@code ClientIdentity}</td>
 * </tr>
 * <tr>
 * <td>PEM files</td>
 * <td>{@code PemFile}, {@code PemTrust}, {@code PemIdentity}</td>
 * </tr>
 * <tr>
 * <td>NKeys and JWTs</td>
 * <td>{@code UserKey}, {@code UserJwt}, {@code NonceSigner}</td>
 * </tr>
 * <tr>
 * <td>JSON from a server</td>
 * <td>{@code Json}</td>
 * </tr>
 * </tbody>
 * </table>
 */
@NullMarked
package dev.litestream.nats.connection;

import org.jspecify.annotations.NullMarked;
