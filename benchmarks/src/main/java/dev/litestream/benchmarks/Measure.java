package dev.litestream.benchmarks;

import java.util.List;

/**
 * Something that is measured. Contestants take turns, each with a run of its own.
 */
interface Measure {

	/** Its name on the command line. */
	String name();

	/** Who is measured, in this order. */
	List<Contestant> contestants();

	/** Measures one contestant once. */
	void run(Contestant contestant, Figures figures) throws Exception;

}
