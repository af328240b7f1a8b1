// Watches long work: asks the address in data-progress-url and shows what is being done, how many of how many, how long still.
// Leaving the page stops only the watching.

const EVERY = 1000;
const EVERY_WHEN_LOST = 4000;

function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function timeLeft(box, startedAt, firstDone, done, total) {
    const advanced = done - firstDone;
    if (advanced <= 0 || done >= total) return "";
    const seconds = Math.ceil(((performance.now() - startedAt) / 1000 / advanced) * (total - done));
    const time = seconds < 90
        ? fill(box.dataset.textSeconds, { n: seconds })
        : fill(box.dataset.textMinutes, { n: Math.ceil(seconds / 60) });
    return fill(box.dataset.textLeft, { time });
}

function watch(box) {
    const bar = box.querySelector("progress");
    const part = (name) => box.querySelector(`[data-progress=${name}]`);
    const leaving = part("note").textContent;
    const startedAt = performance.now();
    let firstDone = null;

    function show(work) {
        const done = Number(work.done) || 0;
        const total = Number(work.total) || 0;
        if (firstDone === null) firstDone = done;
        if (work.what) part("what").textContent = work.what;
        if (total > 0) {
            bar.max = total;
            bar.value = done;
            part("count").textContent = `${done} / ${total}`;
        }
        const left = timeLeft(box, startedAt, firstDone, done, total);
        part("note").textContent = work.message || [left, leaving].filter(Boolean).join(" · ");
    }

    async function ask() {
        let wait = EVERY;
        try {
            const answer = await fetch(box.dataset.progressUrl, {
                headers: { Accept: "application/json" },
                cache: "no-store",
                credentials: "same-origin",
            });
            if (!answer.ok) throw new Error(String(answer.status));
            const work = await answer.json();
            show(work);
            box.dataset.state = work.state;
            if (work.state === "done" || work.state === "failed") {
                if (work.state === "done") bar.value = bar.max;
                if (work.next) location.assign(work.next);
                return;
            }
        } catch {
            part("note").textContent = box.dataset.textLost;
            wait = EVERY_WHEN_LOST;
        }
        window.setTimeout(ask, wait);
    }

    ask();
}

document.querySelectorAll("[data-progress-url]").forEach(watch);
