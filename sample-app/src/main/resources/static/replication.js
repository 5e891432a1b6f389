// Shows the state of the replication, once a second while the page is visible.
"use strict";

const every = 1000;
const connection = document.querySelector("[data-connection]");
const connected = connection.innerHTML;

function ago(instant) {
	if (!instant) {
		return "none yet";
	}
	const seconds = Math.max(0, Math.round((Date.now() - Date.parse(instant)) / 1000));
	if (seconds < 60) {
		return seconds < 2 ? "just now" : seconds + " s ago";
	}
	const minutes = Math.floor(seconds / 60);
	return minutes < 60 ? minutes + " min ago" : Math.floor(minutes / 60) + " h " + (minutes % 60) + " min ago";
}

function duration(millis) {
	return millis < 10000 ? millis + " ms" : Math.round(millis / 1000) + " s";
}

function show(database) {
	const box = document.querySelector("[data-database=" + CSS.escape(database.name) + "]");
	if (!box) {
		return;
	}
	const values = {
		label: database.label,
		summary: database.summary,
		replica: database.replica,
		txid: database.txid,
		replicatedTxid: database.replicatedTxid,
		lag: duration(database.lagMillis),
		lastSync: ago(database.lastSync),
		objects: String(database.objects),
		resyncs: database.resyncs + (database.lastResync ? ", last because " + database.lastResync : ""),
		lastError: database.lastError ? database.lastError + " (" + ago(database.lastErrorAt) + ")" : "none"
	};
	for (const [name, value] of Object.entries(values)) {
		const field = box.querySelector("[data-field=" + name + "]");
		if (field.textContent !== value) {
			field.textContent = value;
			if (name === "txid" || name === "replicatedTxid") {
				field.classList.remove("changed");
				void field.offsetWidth;
				field.classList.add("changed");
			}
		}
	}
	box.querySelector(".state").dataset.tone = database.tone;
}

async function update() {
	if (!document.hidden) {
		try {
			const response = await fetch("/replication", { headers: { Accept: "application/json" }, cache: "no-store" });
			if (!response.ok) {
				throw new Error(response.statusText);
			}
			(await response.json()).forEach(show);
			if (connection.classList.contains("lost")) {
				connection.classList.remove("lost");
				connection.innerHTML = connected;
			}
		}
		catch (error) {
			connection.classList.add("lost");
			connection.textContent = "The application does not answer. What you see may be old.";
		}
	}
	setTimeout(update, every);
}

update();
