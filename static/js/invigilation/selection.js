// Ticking people off, one by one or all of the page.

/** Let the form "act" say how many of the boxes in this element are ticked, and act only when some are. */
export function connectSelection(plan) {
    const tools = document.querySelector("#act");
    if (!tools) return;
    const boxes = () => Array.from(plan.querySelectorAll("input[name=sitting]"));
    const count = tools.querySelector("[data-selected]");
    const all = tools.querySelector("[data-select-all]");
    const chosen = () => boxes().filter((box) => box.checked).length;
    function refresh() {
        count.textContent = count.dataset.text.replace("{n}", chosen());
        all.textContent = chosen() === boxes().length ? all.dataset.textNone : all.dataset.textAll;
        tools.querySelectorAll("button[type=submit]").forEach((button) => {
            button.disabled = chosen() === 0;
        });
    }
    all.hidden = false;
    all.addEventListener("click", () => {
        const next = chosen() !== boxes().length;
        boxes().forEach((box) => {
            box.checked = next;
        });
        refresh();
    });
    plan.addEventListener("change", refresh);
    // A page that the browser brings back may bring its ticks back too.
    window.addEventListener("pageshow", refresh);
    refresh();
}
