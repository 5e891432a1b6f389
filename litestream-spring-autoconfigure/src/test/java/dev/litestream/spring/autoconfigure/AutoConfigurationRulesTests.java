package dev.litestream.spring.autoconfigure;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * The rules that Spring Boot holds its own auto-configurations to.
 */
@AnalyzeClasses(packages = "dev.litestream.spring", importOptions = DoNotIncludeTests.class)
class AutoConfigurationRulesTests {

	@ArchTest
	static final ArchRule AUTO_CONFIGURATIONS_ARE_PUBLIC_FINAL_AND_NAMED_SO = classes().that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic()
		.andShould()
		.haveModifier(JavaModifier.FINAL)
		.andShould()
		.haveSimpleNameEndingWith("AutoConfiguration");

	@ArchTest
	static final ArchRule BEAN_METHODS_ARE_PACKAGE_PRIVATE = methods().that()
		.areAnnotatedWith(Bean.class)
		.should()
		.bePackagePrivate();

	@ArchTest
	static final ArchRule POST_PROCESSORS_ARE_STATIC_AND_ASK_FOR_PROVIDERS_ONLY = methods().that()
		.areAnnotatedWith(Bean.class)
		.should(new ArchCondition<>("be static and take ObjectProviders if it gives a post-processor") {

			@Override
			public void check(JavaMethod method, ConditionEvents events) {
				JavaClass type = method.getRawReturnType();
				if (!type.isAssignableTo(BeanPostProcessor.class)
						&& !type.isAssignableTo(BeanFactoryPostProcessor.class)) {
					return;
				}
				boolean lazy = method.getRawParameterTypes()
					.stream()
					.allMatch((parameter) -> parameter.isEquivalentTo(ObjectProvider.class));
				boolean satisfied = method.getModifiers().contains(JavaModifier.STATIC) && lazy;
				events.add(new SimpleConditionEvent(method, satisfied, method.getFullName()));
			}

		});

	@ArchTest
	static final ArchRule RUNTIME_TYPES_DO_NOT_KNOW_THE_AUTO_CONFIGURATION = noClasses().that()
		.resideInAPackage("dev.litestream.spring")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("dev.litestream.spring.autoconfigure..");

}
