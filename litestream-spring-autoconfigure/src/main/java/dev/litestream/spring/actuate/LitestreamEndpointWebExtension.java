package dev.litestream.spring.actuate;

import java.time.Duration;

import dev.litestream.LitestreamException;
import dev.litestream.spring.actuate.LitestreamEndpoint.OperationDescriptor;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * {@link EndpointWebExtension} that gives {@link LitestreamEndpoint} the status codes of
 * HTTP.
 */
@EndpointWebExtension(endpoint = LitestreamEndpoint.class)
public class LitestreamEndpointWebExtension {

	private static final int CONFLICT = 409;

	private final LitestreamEndpoint endpoint;

	/**
	 * Creates an extension.
	 * @param endpoint what it extends
	 */
	public LitestreamEndpointWebExtension(LitestreamEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * What a database's replica holds, or 404 if there is no such database or part, or
	 * 503 if the replica cannot be listed.
	 * @param name the database's name
	 * @param part {@code ltx} for its files or {@code restore-points}
	 * @return the listing
	 */
	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> replica(@Selector String name, @Selector String part) {
		try {
			OperationResponseBody body = this.endpoint.replica(name, part);
			return (body != null) ? new WebEndpointResponse<>(body)
					: new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		catch (LitestreamException ex) {
			return new WebEndpointResponse<>(new Problem(String.valueOf(ex.getMessage())),
					WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
		}
	}

	/**
	 * Does something with a database.
	 * @param name its name
	 * @param operation {@code sync}, {@code snapshot}, {@code verify} or {@code restore}
	 * @param timeout the longest time to wait for the replica
	 * @param txid the position
	 * @param timestamp instead of the position, an instant
	 * @param file the file to create
	 * @return how it ended: 200, 400, 404, 409 if it failed, 503 if it could not be done
	 * now
	 */
	@WriteOperation
	public WebEndpointResponse<OperationDescriptor> run(@Selector String name, @Selector String operation,
			@Nullable Duration timeout, @Nullable String txid, @Nullable String timestamp, @Nullable String file) {
		OperationDescriptor result = this.endpoint.run(name, operation, timeout, txid, timestamp, file);
		return new WebEndpointResponse<>(result, switch (result.outcome()) {
			case SUCCEEDED -> WebEndpointResponse.STATUS_OK;
			case INVALID -> WebEndpointResponse.STATUS_BAD_REQUEST;
			case UNKNOWN_DATABASE -> WebEndpointResponse.STATUS_NOT_FOUND;
			case FAILED -> CONFLICT;
			case NOT_NOW -> WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE;
		});
	}

	/**
	 * Why there is no answer.
	 *
	 * @param detail in a sentence
	 */
	public record Problem(String detail) implements OperationResponseBody {

	}

}
