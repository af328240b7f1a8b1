// Keeps the seating plan up to date: asks every four seconds, changes what changed, counts the clocks down in between.
// Nothing is decided here; times come from the server's clock.

const EVERY = 4000;
const EVERY_WHEN_HIDDEN = 15000;

const plan = document.querySelector("#seats");
const note = document.querySelector("#live-note");
const incidents = document.querySelector("#incidents");
const shapes = document.querySelector("#shapes");

function two(number) {
    return String(number).padStart(2, "0");
}

function shown(seconds) {
    const left = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(left / 3600);
    const rest = `${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
}

/** How far the server's clock is ahead of this one, in milliseconds. */
let ahead = plan ? Date.parse(plan.dataset.serverTime) - Date.now() : 0;

function tick() {
    plan.querySelectorAll("[data-part=left]").forEach((line) => {
        const clock = line.querySelector("[data-part=clock]");
        if (line.dataset.frozen !== "") clock.textContent = shown(Number(line.dataset.frozen));
        else if (line.dataset.deadline) clock.textContent = shown((Date.parse(line.dataset.deadline) - Date.now() - ahead) / 1000);
    });
}

function badge(card) {
    const span = document.createElement("span");
    span.className = `badge-state badge-${card.tone}`;
    const shape = shapes.content.querySelector(`[data-shape=${card.shape}] svg`);
    if (shape) span.append(shape.cloneNode(true));
    span.append(card.word);
    return span;
}

function update(seat, card) {
    const part = (name) => seat.querySelector(`[data-part=${name}]`);
    seat.classList.remove(`seat-${seat.dataset.key}`);
    seat.classList.add(`seat-${card.key}`);
    seat.dataset.key = card.key;
    if (part("badge").textContent.trim() !== card.word) part("badge").replaceChildren(badge(card));
    part("progress").hidden = !card.begun;
    part("answered").textContent = `${card.answered} / ${card.total}`;
    const left = part("left");
    left.hidden = !card.deadline && card.frozen_seconds === null;
    left.dataset.deadline = card.deadline || "";
    left.dataset.frozen = card.frozen_seconds === null ? "" : String(card.frozen_seconds);
    part("notes").textContent = card.notes.join("；");
}

function show(answer) {
    ahead = Date.parse(answer.server_time) - Date.now();
    let all = answer.cards.length === plan.children.length;
    answer.cards.forEach((card) => {
        const seat = plan.querySelector(`[data-sitting="${card.id}"]`);
        if (seat) update(seat, card);
        else all = false;
    });
    Object.keys(answer.figures).forEach((name) => {
        const figure = document.querySelector(`[data-figure=${name}]`);
        if (!figure) return;
        figure.textContent = answer.figures[name];
        if (name === "silent") figure.parentElement.classList.toggle("figure-alarm", answer.figures[name] > 0);
    });
    // The server's own escaped words; replaced only when they differ, so that nobody loses a button under the hand.
    if (incidents.dataset.shown !== answer.incidents_html) {
        if (incidents.dataset.shown !== undefined || incidents.innerHTML.trim() !== answer.incidents_html.trim()) {
            incidents.innerHTML = answer.incidents_html;
        }
        incidents.dataset.shown = answer.incidents_html;
    }
    tick();
    return all;
}

let etag = plan ? `"${plan.dataset.etag}"` : "";
let heardAt = performance.now();

function tell(text, lost) {
    if (note.textContent !== text) note.textContent = text;
    note.classList.toggle("live-lost", lost);
}

async function ask() {
    try {
        const answer = await fetch(plan.dataset.url, {
            headers: { Accept: "application/json", "If-None-Match": etag },
            cache: "no-store",
            credentials: "same-origin",
            redirect: "error",
        });
        if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
        let all = true;
        if (answer.status !== 304) {
            etag = answer.headers.get("ETag") || "";
            all = show(await answer.json());
        }
        heardAt = performance.now();
        tell(all ? note.dataset.textFresh : note.dataset.textChanged, !all);
    } catch {
        const seconds = Math.round((performance.now() - heardAt) / 1000);
        tell(note.dataset.textLost.replace("{n}", seconds), true);
    }
    window.setTimeout(ask, document.hidden ? EVERY_WHEN_HIDDEN : EVERY);
}

function connectSelection() {
    const tools = document.querySelector("#act");
    if (!tools) return;
    const boxes = Array.from(plan.querySelectorAll("input[name=sitting]"));
    const count = tools.querySelector("[data-selected]");
    const all = tools.querySelector("[data-select-all]");
    const chosen = () => boxes.filter((box) => box.checked).length;
    function refresh() {
        count.textContent = count.dataset.text.replace("{n}", chosen());
        all.textContent = chosen() === boxes.length ? all.dataset.textNone : all.dataset.textAll;
        tools.querySelectorAll("button[type=submit]").forEach((button) => {
            button.disabled = chosen() === 0;
        });
    }
    all.hidden = false;
    all.addEventListener("click", () => {
        const next = chosen() !== boxes.length;
        boxes.forEach((box) => {
            box.checked = next;
        });
        refresh();
    });
    plan.addEventListener("change", refresh);
    // A page that the browser brings back may bring its ticks back too.
    window.addEventListener("pageshow", refresh);
    refresh();
}

if (plan) {
    connectSelection();
    tick();
    window.setInterval(tick, 1000);
    window.setTimeout(ask, EVERY);
}
