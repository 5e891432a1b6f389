package dev.litestream.nats.connection;

import java.util.function.Supplier;

import io.nats.client.AuthHandler;
import org.jspecify.annotations.Nullable;

/**
 * Proves to a server that a key is ours, by signing its nonce. The library asks for id,
 * signature and JWT in this order, once for each connection.
 */
final class NonceSigner implements AuthHandler {

	private final Supplier<Identity> source;

	private volatile @Nullable Identity identity;

	/** The source is asked once for each connection. */
	NonceSigner(Supplier<Identity> source) {
		this.source = source;
	}

	@Override
	public char[] getID() {
		Identity current = this.source.get();
		this.identity = current;
		return current.jwt.isEmpty() ? current.key.publicKey().toCharArray() : new char[0];
	}

	@Override
	public byte[] sign(byte[] nonce) {
		return current().key.sign(nonce);
	}

	@Override
	public char[] getJWT() {
		return current().jwt.toCharArray();
	}

	private Identity current() {
		Identity current = this.identity;
		return (current != null) ? current : this.source.get();
	}

	/**
	 * Who signs.
	 *
	 * @param jwt the user's JWT, or empty for an NKey
	 * @param key the user's key
	 */
	record Identity(String jwt, UserKey key) {

		static Identity of(UserJwt user) {
			return new Identity(user.jwt(), user.key());
		}

		@Override
		public String toString() {
			return this.key.toString();
		}

	}

}
