// Score steppers. Scores are whole hundredths here; no binary fraction ever stands for a mark.

/** "12.5" -> 1250; null for what is not a number with at most two decimals. */
export function toHundredths(text) {
    const match = /^(-?)(\d{1,6})(?:\.(\d{0,2}))?$/.exec(String(text).normalize("NFKC").trim());
    if (!match) return null;
    const value = Number(match[2]) * 100 + Number((match[3] || "").padEnd(2, "0") || 0);
    return match[1] ? -value : value;
}

/** 1250 -> "12.50" */
export function toText(hundredths) {
    const sign = hundredths < 0 ? "-" : "";
    const whole = Math.abs(hundredths);
    return `${sign}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
}

/** Hundredths of a valid score in the row, null while empty or outside its range or step. */
export function scoreOf(row) {
    const input = row.querySelector(".stepper-value");
    const value = toHundredths(input.value);
    const low = toHundredths(input.dataset.min);
    const high = toHundredths(input.dataset.max);
    const step = toHundredths(input.dataset.step);
    if (value === null || value < low || value > high || (value - low) % step !== 0) return null;
    return value;
}

// Bands are printed in whole marks (8–10, 4–7, 0–3); a mark between two of them lies in the lower one.
function highestBandReached(row, value) {
    const reached = Array.from(row.querySelectorAll("[data-low]")).filter((band) => toHundredths(band.dataset.low) <= value);
    return reached.sort((one, other) => toHundredths(other.dataset.low) - toHundredths(one.dataset.low))[0];
}

function markBand(row, value) {
    const current = value === null ? undefined : highestBandReached(row, value);
    row.querySelectorAll("[data-low]").forEach((band) => {
        if (band === current) band.setAttribute("aria-current", "true");
        else band.removeAttribute("aria-current");
    });
}

function showTotal(rows) {
    const total = document.querySelector("[data-stepper-total]");
    if (!total) return;
    const scores = rows.map(scoreOf);
    total.textContent = scores.includes(null) ? "—" : toText(scores.reduce((sum, score) => sum + score, 0));
}

function connect(row, rows) {
    const input = row.querySelector(".stepper-value");
    const error = row.querySelector("[data-stepper-error]");

    function refresh(complain) {
        const value = scoreOf(row);
        const wrong = value === null && input.value.trim() !== "";
        if (complain || !wrong) {
            row.classList.toggle("stepper-invalid", wrong);
            error.hidden = !wrong;
            error.textContent = wrong ? row.dataset.textRange : "";
            if (wrong) input.setAttribute("aria-invalid", "true");
            else input.removeAttribute("aria-invalid");
        }
        markBand(row, value);
        showTotal(rows);
    }

    row.querySelectorAll("[data-stepper-by]").forEach((key) => {
        key.addEventListener("click", () => {
            const low = toHundredths(input.dataset.min);
            const high = toHundredths(input.dataset.max);
            const step = toHundredths(input.dataset.step) * Number(key.dataset.stepperBy);
            const now = toHundredths(input.value);
            // From empty, the first touch enters the nearer end of the range.
            const next = now === null ? (step > 0 ? low : high) : now + step;
            input.value = toText(Math.min(high, Math.max(low, next)));
            input.dispatchEvent(new Event("input", { bubbles: true }));
            input.dispatchEvent(new Event("change", { bubbles: true }));
        });
    });
    input.addEventListener("input", () => refresh(false));
    input.addEventListener("change", () => {
        const value = scoreOf(row);
        if (value !== null) input.value = toText(value);
        refresh(true);
    });
    input.addEventListener("focus", () => input.select());
    refresh(input.value.trim() !== "");
}

const rows = Array.from(document.querySelectorAll("[data-stepper]"));
rows.forEach((row) => connect(row, rows));
