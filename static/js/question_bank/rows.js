// Shows as many rows of a form as are filled, and one button that shows the next. Without this script all rows stand open.
const filled = (row) =>
    [...row.querySelectorAll("input, select, textarea")].some((field) =>
        field.type === "checkbox" || field.type === "radio" ? field.checked : field.value.trim() !== "" && !untouchedSelect(field),
    ) || row.querySelector(".form-error") !== null;

// A list that stands on its first choice says nothing.
const untouchedSelect = (field) => field.tagName === "SELECT" && field.selectedIndex <= 0;

for (const group of document.querySelectorAll("[data-rows]")) {
    const rows = [...group.querySelectorAll("[data-row]")];
    const more = group.querySelector("[data-rows-more]");
    const least = Number(group.dataset.rowsLeast);
    let shown = Math.max(least, ...rows.map((row, index) => (filled(row) ? index + 1 : 0)));

    const show = () => {
        rows.forEach((row, index) => {
            row.hidden = index >= shown;
        });
        more.hidden = shown >= rows.length;
    };

    more.addEventListener("click", () => {
        shown += 1;
        show();
        const field = rows[shown - 1].querySelector("input, select, textarea");
        if (field) field.focus();
    });
    show();
}
