package dev.litestream.spring;

import javax.sql.DataSource;

import dev.litestream.engine.LitestreamEngine;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedObject;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.util.Assert;

/**
 * Puts replication below the application's DataSources: each physical connection to a
 * replicated database is prepared before it is used. Also the safety net for DataSources
 * whose declared type hides what they are: the engine, and with it the restore, comes
 * before their initialization.
 */
public class LitestreamDataSourcePostProcessor implements BeanPostProcessor, BeanFactoryAware, Ordered {

	private final ObjectProvider<LitestreamEngine> engine;

	private @Nullable ConfigurableListableBeanFactory beanFactory;

	private volatile @Nullable DataSourceAdapter adapter;

	/**
	 * Creates a post-processor.
	 * @param engine gives the engine, which is asked for once a DataSource appears
	 */
	public LitestreamDataSourcePostProcessor(ObjectProvider<LitestreamEngine> engine) {
		this.engine = engine;
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = (ConfigurableListableBeanFactory) beanFactory;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof DataSource dataSource) {
			DataSourceAdapter adapter = adapter();
			if (adapter != null) {
				closeEngineAfter(beanName);
				adapter.configure(dataSource);
			}
		}
		return bean;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		// a scoped proxy stands for a bean that is processed itself, when its scope is
		// there
		if (bean instanceof DataSource dataSource && !(bean instanceof ScopedObject)) {
			DataSourceAdapter adapter = adapter();
			return (adapter != null) ? adapter.adapt(dataSource) : bean;
		}
		return bean;
	}

	// Without a lock, which would be held while the engine is created: a second adapter
	// would only prepare a connection twice, which does nothing.
	private @Nullable DataSourceAdapter adapter() {
		DataSourceAdapter adapter = this.adapter;
		if (adapter == null) {
			LitestreamEngine engine = this.engine.getIfAvailable();
			if (engine != null) {
				adapter = new DataSourceAdapter(new ConnectionPreparer(engine));
				this.adapter = adapter;
			}
		}
		return adapter;
	}

	// The engine syncs once more when it is closed and keeps the WAL until then.
	private void closeEngineAfter(String beanName) {
		Assert.state(this.beanFactory != null, "'beanFactory' must not be null");
		for (String engineName : this.beanFactory.getBeanNamesForType(LitestreamEngine.class, true, false)) {
			this.beanFactory.registerDependentBean(engineName, beanName);
		}
	}

	/**
	 * After properties are bound to the bean, before anything wraps it.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
