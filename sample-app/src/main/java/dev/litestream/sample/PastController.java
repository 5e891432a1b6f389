package dev.litestream.sample;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.RestorePoint;
import dev.litestream.Txid;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/**
 * The points one can go back to, and what the shop was like there.
 */
@Controller
class PastController {

	private static final int NEWEST = 30;

	private final ReplicationStatus replication;

	private final Past past;

	private final Clock clock;

	PastController(ReplicationStatus replication, Past past, Clock clock) {
		this.replication = replication;
		this.past = past;
		this.clock = clock;
	}

	@GetMapping("/points")
	String points(Model model) {
		ReplicatedDatabase database = database();
		Instant now = this.clock.instant();
		List<Point> points = new ArrayList<>();
		// a listing would only wait for a server that is not there
		if (DatabaseView.of(database, now).connected()) {
			try {
				List<RestorePoint> all = new ArrayList<>(database.restorePoints().all());
				Collections.reverse(all);
				Duration longest = all.isEmpty() ? Duration.ZERO
						: Duration.between(all.get(all.size() - 1).timestamp(), now);
				all.forEach((point) -> points.add(Point.of(point, now, longest)));
			}
			catch (LitestreamException ex) {
				model.addAttribute("problem", ex.getMessage());
			}
		}
		else {
			model.addAttribute("problem", "They can be listed again when the replica is back.");
		}
		model.addAttribute("points", points);
		return "points";
	}

	@GetMapping("/as-it-was/{txid}")
	ModelAndView asItWas(@PathVariable String txid, Model model) throws IOException {
		try {
			Past.View view = this.past.at(database(), Txid.parse(txid), NEWEST);
			model.addAttribute("orders", view.orders());
			model.addAttribute("totals", view.totals());
			model.addAttribute("at", HumanTime.at(view.restored().timestamp()));
			model.addAttribute("position", view.restored().txid().value());
			model.addAttribute("took", HumanTime.of(view.restored().took()));
			model.addAttribute("files", view.restored().files());
			return new ModelAndView("past");
		}
		catch (LitestreamException | IllegalArgumentException ex) {
			model.addAttribute("problem", ex.getMessage());
			return new ModelAndView("past", HttpStatus.NOT_FOUND);
		}
	}

	private ReplicatedDatabase database() {
		return this.replication.replicated()
			.stream()
			.findFirst()
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "Replication is switched off"));
	}

	/**
	 * A point on the page. {@code percent} is its place on a line from the oldest, 0, to
	 * now, 100, on which younger points have more room.
	 */
	record Point(String txid, long position, Instant timestamp, String at, String ago, long percent) {

		static Point of(RestorePoint point, Instant now, Duration longest) {
			double age = Math.log1p(Math.max(0, Duration.between(point.timestamp(), now).toMillis()));
			double oldest = Math.max(1, Math.log1p(Math.max(0, longest.toMillis())));
			return new Point(point.txid().toString(), point.txid().value(), point.timestamp(),
					HumanTime.at(point.timestamp()), HumanTime.ago(point.timestamp(), now),
					Math.round(100 * (1 - age / oldest)));
		}

	}

}
