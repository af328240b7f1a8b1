// The editor of a blueprint: more rows and sections without a round trip, and what the bank holds while one types.
// Without this script every button asks the server and gives the same.
const form = document.querySelector("[data-held-url]");
const sections = form.querySelector("[data-sections]");
const legends = sections.dataset.legends.split("|");

// A copy of the last row or section under the next number, its fields empty.
const copyOf = (element, pattern, number) => {
    const copy = element.cloneNode(true);
    const renumbered = (text) => text.replace(pattern, `$1${number}-`);
    for (const part of copy.querySelectorAll("[id], [name], [for], [aria-describedby], [value]")) {
        for (const name of ["id", "name", "for", "aria-describedby"]) {
            if (part.hasAttribute(name)) part.setAttribute(name, renumbered(part.getAttribute(name)));
        }
        if (part.tagName === "BUTTON") part.value = renumbered(part.value);
        if (part.tagName === "INPUT") part.value = "";
        if (part.tagName === "SELECT") part.selectedIndex = 0;
        part.classList.remove("is-invalid");
    }
    for (const error of copy.querySelectorAll(".form-error")) error.remove();
    for (const held of copy.querySelectorAll(".bank-held")) held.textContent = "";
    return copy;
};

const numberOf = (element, pattern) => Number(element.querySelector("[name]").name.match(pattern)[2]);

const addRow = (section) => {
    const rows = [...section.querySelectorAll("[data-row]")];
    const last = rows[rows.length - 1];
    const pattern = /(-rows-)(\d+)-/;
    const row = copyOf(last, pattern, numberOf(last, pattern) + 1);
    last.after(row);
    row.querySelector("select").focus();
};

const addSection = () => {
    const all = [...sections.querySelectorAll("[data-section]")];
    if (all.length >= legends.length) return;
    const last = all[all.length - 1];
    const pattern = /(sections-)(\d+)-/;
    const section = copyOf(last, pattern, numberOf(last, pattern) + 1);
    [...section.querySelectorAll("[data-row]")].slice(1).forEach((row) => row.remove());
    section.querySelector("[data-legend]").textContent = legends[all.length];
    last.after(section);
    section.querySelector("select").focus();
};

const show = (answer) => {
    for (const held of form.querySelectorAll(".bank-held")) {
        const cell = answer.cells[held.id.replace(/-held$/, "")];
        held.textContent = cell ? cell.text : "";
        held.classList.toggle("bank-held-short", Boolean(cell && cell.short));
    }
    form.querySelector("[data-total]").textContent = answer.total;
    form.querySelector("[data-conflicts]").hidden = answer.conflicts.length === 0;
    form.querySelector("[data-conflict-list]").replaceChildren(
        ...answer.conflicts.map((sentence) => {
            const entry = document.createElement("li");
            entry.textContent = sentence;
            return entry;
        }),
    );
};

let asked = 0;
const ask = async () => {
    const mine = ++asked;
    try {
        const answer = await fetch(form.dataset.heldUrl, { method: "POST", body: new FormData(form) });
        if (answer.ok && mine === asked) show(await answer.json());
    } catch {
        // Off the network the figures stay as they were; saving will say what is wrong.
    }
};

let waiting = 0;
const askSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 300);
};

form.addEventListener("input", askSoon);
form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-more-row], [data-more-section]");
    if (!button) return;
    event.preventDefault();
    if (button.hasAttribute("data-more-row")) addRow(button.closest("[data-section]"));
    else addSection();
    askSoon();
});
