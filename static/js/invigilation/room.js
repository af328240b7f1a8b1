// Keeps the seating plan up to date: asks every five to six seconds, changes what changed, counts the clocks down in between.
// Whoever is seated meanwhile gets a card, whoever is moved away loses it.
// Nothing is decided here; times come from the server's clock.

import { connectSelection } from "./selection.js";

/** Up to a fifth more by chance: pages that lost the server together do not come back in the same instant. */
const EVERY = 5000;
const EVERY_WHEN_HIDDEN = 15000;

const plan = document.querySelector("#seats");
const note = document.querySelector("#live-note");
const incidents = document.querySelector("#incidents");
const shapes = document.querySelector("#shapes");
const blank = document.querySelector("#card");

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
let ahead = Date.parse(plan.dataset.serverTime) - Date.now();

/** What stands in a card, by sitting: found once. */
const seats = new Map();

function find(card) {
    const seat = { card, told: "" };
    card.querySelectorAll("[data-part]").forEach((part) => {
        seat[part.dataset.part] = part;
    });
    seats.set(Number(card.dataset.sitting), seat);
    return seat;
}

function make(id) {
    const card = blank.content.querySelector("li").cloneNode(true);
    card.dataset.sitting = String(id);
    card.querySelector("input").value = String(id);
    const link = card.querySelector("a");
    link.setAttribute("href", link.getAttribute("href").replace(/\/0$/, `/${id}`));
    return find(card);
}

function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

function tick() {
    if (document.hidden) return;
    seats.forEach(({ left, clock }) => {
        if (left.dataset.frozen !== "") write(clock, shown(Number(left.dataset.frozen)));
        else if (left.dataset.deadline) write(clock, shown((Date.parse(left.dataset.deadline) - Date.now() - ahead) / 1000));
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
    seat.card.className = `seat seat-${card.key}`;
    if (seat.badge.textContent.trim() !== card.word) seat.badge.replaceChildren(badge(card));
    write(seat.seat, card.seat || "—");
    write(seat.chosen, card.name);
    write(seat.name, card.name);
    write(seat.number, card.number);
    if (seat.room) write(seat.room, card.room);
    seat.progress.hidden = !card.begun;
    write(seat.answered, `${card.answered} / ${card.total}`);
    seat.left.hidden = !card.deadline && card.frozen_seconds === null;
    seat.left.dataset.deadline = card.deadline || "";
    seat.left.dataset.frozen = card.frozen_seconds === null ? "" : String(card.frozen_seconds);
    write(seat.notes, card.notes.join("；"));
}

function showCards(cards) {
    const order = cards.map((card) => {
        const seat = seats.get(card.id) || make(card.id);
        const told = JSON.stringify(card);
        if (seat.told !== told) update(seat, card);
        seat.told = told;
        return seat.card;
    });
    if (order.length === plan.children.length && order.every((card, place) => plan.children[place] === card)) return;
    plan.replaceChildren(...order);
    const here = new Set(cards.map((card) => card.id));
    Array.from(seats.keys()).forEach((id) => {
        if (!here.has(id)) seats.delete(id);
    });
    document.querySelector("#no-seats").hidden = order.length > 0;
    const tools = document.querySelector("#act");
    if (tools) tools.hidden = order.length === 0;
    plan.dispatchEvent(new Event("change"));
}

function show(answer) {
    ahead = Date.parse(answer.server_time) - Date.now();
    showCards(answer.cards);
    Object.keys(answer.figures).forEach((name) => {
        const figure = document.querySelector(`[data-figure=${name}]`);
        if (!figure) return;
        write(figure, String(answer.figures[name]));
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
}

let etag = `"${plan.dataset.etag}"`;
let heardAt = performance.now();

function tell(text, lost) {
    if (note.textContent !== text) note.textContent = text;
    note.classList.toggle("live-lost", lost);
}

let next = null;

/** Signed out, or no longer this one's room: asking again would not mend it. */
function isGone(answer) {
    return answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status);
}

async function ask() {
    next = null;
    try {
        const answer = await fetch(plan.dataset.url, {
            headers: { Accept: "application/json", "If-None-Match": etag },
            cache: "no-store",
            credentials: "same-origin",
            redirect: "manual",
        });
        if (isGone(answer)) {
            tell(note.dataset.textGone, true);
            return;
        }
        if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
        if (answer.status !== 304) {
            etag = answer.headers.get("ETag") || "";
            show(await answer.json());
        }
        heardAt = performance.now();
        tell(note.dataset.textFresh, false);
    } catch {
        const seconds = Math.round((performance.now() - heardAt) / 1000);
        tell(note.dataset.textLost.replace("{n}", seconds), true);
    }
    next = window.setTimeout(ask, (document.hidden ? EVERY_WHEN_HIDDEN : EVERY) * (1 + Math.random() / 5));
}

/** Whoever comes back to the page sees it as it is now. */
function comeBack() {
    if (document.hidden || next === null) return;
    tick();
    window.clearTimeout(next);
    ask();
}

plan.querySelectorAll("[data-sitting]").forEach(find);
connectSelection(plan);
tick();
window.setInterval(tick, 1000);
next = window.setTimeout(ask, EVERY);
document.addEventListener("visibilitychange", comeBack);
