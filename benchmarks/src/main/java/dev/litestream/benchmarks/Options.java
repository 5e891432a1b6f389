package dev.litestream.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * What the command line asks for.
 *
 * @param measures names of measures; empty for all
 * @param rounds how often each contestant takes its turn
 * @param megabytes size of the large database
 * @param seconds length of a run that is measured by time
 * @param cluster whether latency is measured on three servers, too
 * @param quick whether this only shows that it works
 */
record Options(List<String> measures, int rounds, int megabytes, int seconds, boolean cluster, boolean quick) {

	static Options parse(String... arguments) {
		List<String> list = List.of(arguments);
		boolean quick = list.contains("--quick");
		List<String> measures = new ArrayList<>();
		int rounds = quick ? 1 : 3;
		int megabytes = quick ? 60 : 1000;
		int seconds = quick ? 10 : 30;
		boolean cluster = false;
		for (int i = 0; i < list.size(); i++) {
			switch (list.get(i)) {
				case "--quick" -> {
				}
				case "--r3" -> cluster = true;
				case "--rounds" -> rounds = number(list, ++i);
				case "--mb" -> megabytes = number(list, ++i);
				case "--seconds" -> seconds = number(list, ++i);
				default -> measures.add(list.get(i));
			}
		}
		return new Options(List.copyOf(measures), rounds, megabytes, seconds, cluster, quick);
	}

	private static int number(List<String> list, int index) {
		String option = list.get(index - 1);
		if (index == list.size() || !list.get(index).matches("[1-9][0-9]{0,6}")) {
			throw new IllegalArgumentException(option + " needs a whole number above 0 behind it, such as 3");
		}
		return Integer.parseInt(list.get(index));
	}

}
