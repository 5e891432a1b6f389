// Shows the state of the replication, once a second while the page is visible, and what has
// changed in the shop since: another page may have placed an order, a restart may have
// brought another process.
"use strict";

const every = 1000;
const points = document.querySelector("main:not(.one) [data-points]");
const lost = document.querySelector("[data-lost]");
let shown = "";
let listed = "";

/** Fields that stand for one database. What is empty is not shown. */
function show(database) {
	for (const box of document.querySelectorAll("[data-database=" + CSS.escape(database.name) + "]")) {
		if (box.dataset.tone) {
			box.dataset.tone = database.tone;
		}
		for (const [name, value] of Object.entries(database.text)) {
			const field = box.querySelector("[data-field=" + name + "]");
			if (field && field.textContent !== value) {
				field.textContent = value;
				if (field.matches("dl *")) {
					field.parentElement.hidden = !value;
				}
				if ("flash" in field.dataset) {
					field.title = database.replicatedTxid
						? "TXID " + database.replicatedTxid + " of " + database.txid : "";
					flash(field);
				}
			}
		}
	}
}

function flash(element) {
	element.classList.remove("changed");
	void element.offsetWidth;
	element.classList.add("changed");
}

async function load(address, type) {
	const response = await fetch(address, { headers: { Accept: type }, cache: "no-store", signal: AbortSignal.timeout(10000) });
	if (!response.ok) {
		throw new Error(response.statusText);
	}
	return response;
}

async function page(address) {
	return new DOMParser().parseFromString(await (await load(address, "text/html")).text(), "text/html");
}

/** Takes the shop's part from the server anew, and leaves the form and the focus alone. */
async function refreshShop() {
	const fresh = await page("/");
	const known = new Set([...document.querySelectorAll(".order")].map((order) => order.id));
	const focused = document.activeElement && document.activeElement.getAttribute("aria-label");
	for (const part of document.querySelectorAll("[data-live]")) {
		const now = fresh.querySelector("[data-live=" + part.dataset.live + "]");
		if (now && now.innerHTML !== part.innerHTML) {
			part.replaceChildren(...now.childNodes);
		}
	}
	if (focused && document.activeElement === document.body) {
		const again = document.querySelector("[aria-label=" + CSS.escape(focused) + "]");
		if (again) {
			again.focus({ preventScroll: true });
		}
	}
	const added = [...document.querySelectorAll(".order")].filter((order) => !known.has(order.id));
	added.forEach(flash);
	if (added.length) {
		document.querySelector("[data-news]").textContent = added.length === 1 ? "One new order" : added.length + " new orders";
	}
}

async function refreshPoints() {
	const fresh = await page("/points");
	const open = points.querySelector("details[open]");
	if (points.contains(document.activeElement)) {
		return; // someone is choosing one
	}
	points.replaceChildren(...fresh.querySelector("[data-points]").childNodes);
	const details = points.querySelector("details");
	if (open && details) {
		details.open = true;
	}
}

async function update() {
	if (!document.hidden) {
		try {
			const databases = await (await load("/replication", "application/json")).json();
			databases.forEach(show);
			const shop = databases.map((database) => database.txid).join() + (lost.hidden ? "" : " again");
			if (shown !== shop) {
				await refreshShop();
				shown = databases.map((database) => database.txid).join();
			}
			lost.hidden = true;
			const replica = databases.map((database) => database.replicatedTxid + database.connected).join()
					+ Math.floor(Date.now() / 30000); // their age is shown, too
			if (points && listed !== replica) {
				listed = replica;
				await refreshPoints().catch(() => listed = "");
			}
		}
		catch (error) {
			lost.hidden = false;
			document.querySelectorAll("[data-tone]").forEach((box) => box.dataset.tone = "bad");
			document.querySelectorAll("[data-field=label]").forEach((label) => label.textContent = "Not known");
		}
	}
	setTimeout(update, every);
}

if (lost) {
	update();
}
