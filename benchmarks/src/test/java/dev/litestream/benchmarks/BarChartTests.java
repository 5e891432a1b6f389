package dev.litestream.benchmarks;

import java.io.StringReader;
import java.util.Arrays;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import static org.assertj.core.api.Assertions.assertThat;

class BarChartTests {

	@Test
	void barsAreAsLongAsTheirValues() throws Exception {
		NodeList bars = bars("time", 10, 5);
		assertThat(width(bars, 0)).isEqualTo(2 * width(bars, 1));
	}

	@Test
	void valuesFarApartAreShownOnALogarithmicScale() throws Exception {
		NodeList bars = bars("time", 1000, 10, 1);
		assertThat(width(bars, 0)).isEqualTo(3 * width(bars, 1));
		assertThat(width(bars, 2)).as("the start of the scale").isPositive();
		assertThat(chart("time", 1000, 1).svg()).contains("logarithmic");
	}

	@Test
	void textIsNoMarkup() throws Exception {
		assertThat(parse(chart("a < b & \"c\"", 1)).getDocumentElement().getAttribute("aria-label"))
			.isEqualTo("a < b & \"c\" (s)");
	}

	@Test
	void aZeroCanBeSeen() throws Exception {
		assertThat(width(bars("time", 0, 0), 1)).isPositive();
	}

	private static BarChart chart(String title, double... values) {
		return new BarChart(title, "s",
				Arrays.stream(values).mapToObj((value) -> new BarChart.Bar("bar", value, "ours")).toList());
	}

	private static NodeList bars(String title, double... values) throws Exception {
		return parse(chart(title, values)).getElementsByTagName("rect");
	}

	private static double width(NodeList bars, int index) {
		return Double.parseDouble(bars.item(index).getAttributes().getNamedItem("width").getNodeValue());
	}

	private static Document parse(BarChart chart) throws Exception {
		return DocumentBuilderFactory.newDefaultInstance()
			.newDocumentBuilder()
			.parse(new InputSource(new StringReader(chart.svg())));
	}

}
