package dev.litestream.benchmarks;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StatisticsTests {

	@Test
	void theMedianLiesInTheMiddle() {
		assertThat(Statistics.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2);
		assertThat(Statistics.median(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(3);
	}

	@Test
	void aPercentileIsOneOfTheValues() {
		List<Double> values = List.of(5.0, 1.0, 4.0, 2.0, 3.0);
		assertThat(Statistics.percentile(values, 0)).isEqualTo(1);
		assertThat(Statistics.percentile(values, 0.5)).isEqualTo(3);
		assertThat(Statistics.percentile(values, 0.99)).isEqualTo(5);
		assertThat(Statistics.percentile(values, 1)).isEqualTo(5);
	}

}
