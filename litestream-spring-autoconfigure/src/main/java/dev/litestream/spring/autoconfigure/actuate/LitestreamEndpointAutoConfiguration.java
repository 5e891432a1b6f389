package dev.litestream.spring.autoconfigure.actuate;

import dev.litestream.Litestream;
import dev.litestream.spring.actuate.LitestreamEndpoint.LtxFilesDescriptor;
import dev.litestream.spring.actuate.LitestreamEndpoint.RestorePointsDescriptor;
import dev.litestream.spring.actuate.LitestreamEndpoint;
import dev.litestream.spring.actuate.LitestreamEndpointWebExtension.Problem;
import dev.litestream.spring.actuate.LitestreamEndpointWebExtension;
import dev.litestream.spring.autoconfigure.EndpointProperties;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.LitestreamProperties;
import dev.litestream.spring.doctor.SqliteDoctor;

import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the endpoint
 * {@code /actuator/litestream}. What its operations do not name as their result is
 * registered for native images here.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(LitestreamEndpoint.class)
@ConditionalOnBean(Litestream.class)
@EnableConfigurationProperties(LitestreamProperties.class)
@RegisterReflectionForBinding({ LtxFilesDescriptor.class, RestorePointsDescriptor.class, Problem.class })
public final class LitestreamEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	LitestreamEndpoint litestreamEndpoint(LitestreamProperties properties, Litestream litestream,
			ObjectProvider<SqliteDoctor> doctors) {
		EndpointProperties endpoint = properties.getEndpoint();
		return new LitestreamEndpoint(litestream, () -> {
			SqliteDoctor doctor = doctors.getIfAvailable();
			return (doctor != null) ? doctor.lastReport() : null;
		}, endpoint.restoreDirectory(), endpoint.verifyInterval());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	LitestreamEndpointWebExtension litestreamEndpointWebExtension(LitestreamEndpoint endpoint) {
		return new LitestreamEndpointWebExtension(endpoint);
	}

}
