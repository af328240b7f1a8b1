// The type-size, contrast and language switches. They live in cookies that the server reads as well, so that a page arrives as it will stay.

const SIZES = ["normal", "large", "largest"];
const A_YEAR = 365 * 24 * 3600;

function remember(name, value) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${value}; Path=/; Max-Age=${A_YEAR}; SameSite=Lax${secure}`;
}

function press(buttons, chosen) {
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === chosen)));
}

function chooseSize(size) {
    SIZES.forEach((name) => document.documentElement.classList.toggle(`type-${name}`, name === size));
    remember("type_size", size);
}

const sizeButtons = Array.from(document.querySelectorAll("[data-type-size]"));
sizeButtons.forEach((button) => {
    button.addEventListener("click", () => {
        chooseSize(button.dataset.typeSize);
        press(sizeButtons, button);
    });
});

document.querySelectorAll("[data-contrast]").forEach((button) => {
    button.addEventListener("click", () => {
        const high = document.documentElement.classList.toggle("contrast-high");
        remember("contrast", high ? "high" : "normal");
        button.setAttribute("aria-pressed", String(high));
    });
});

let typedSomething = false;
document.addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (form && form.method === "post") typedSomething = true;
});

const languageButtons = Array.from(document.querySelectorAll("[data-language]"));
languageButtons.forEach((button) => {
    button.addEventListener("click", () => {
        if (button.getAttribute("aria-pressed") === "true") return;
        if (typedSomething && !window.confirm(button.dataset.textUnsaved)) return;
        remember("language", button.dataset.language);
        location.reload();
    });
});

// A menu closes when one looks elsewhere or presses Escape.
const menus = Array.from(document.querySelectorAll(".user-menu"));
document.addEventListener("click", (event) => {
    menus.filter((menu) => !menu.contains(event.target)).forEach((menu) => menu.removeAttribute("open"));
});
document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus.filter((menu) => menu.open).forEach((menu) => {
        menu.removeAttribute("open");
        menu.querySelector("summary").focus();
    });
});

// After a refused form, reading starts at the summary of what is wrong.
const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();
