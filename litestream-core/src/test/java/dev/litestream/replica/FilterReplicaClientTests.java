package dev.litestream.replica;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * A client that stands before another must not swallow what that one can do: a default
 * method of the interface would be answered here.
 */
class FilterReplicaClientTests {

	@ParameterizedTest
	@MethodSource("methods")
	void passesEveryMethodOn(Method method) {
		assertThatCode(() -> FilterReplicaClient.class.getDeclaredMethod(method.getName(), method.getParameterTypes()))
			.doesNotThrowAnyException();
	}

	static Stream<Method> methods() {
		return Stream.of(ReplicaClient.class.getMethods())
			.filter((method) -> !Modifier.isStatic(method.getModifiers()));
	}

}
