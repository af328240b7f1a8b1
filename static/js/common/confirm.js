// A typed confirmation: the button works once the words are the same. The server compares them again.

function same(typed, phrase) {
    return typed.normalize("NFKC").trim() === phrase.normalize("NFKC").trim();
}

document.querySelectorAll("form[data-confirm-phrase]").forEach((form) => {
    const input = form.querySelector("[name=confirmation]");
    const button = form.querySelector("[data-confirm-button]");
    const help = form.querySelector("[data-confirm-help]");

    function update() {
        const matches = same(input.value, form.dataset.confirmPhrase);
        button.disabled = !matches;
        help.textContent = matches ? help.dataset.textMatch : help.dataset.textWaiting;
    }

    input.addEventListener("input", update);
    // A page restored from the browser's memory may bring the typed words back.
    window.addEventListener("pageshow", update);
    update();
});

// What was sent once is not sent twice by a second click.
document.querySelectorAll("form[method=post]").forEach((form) => {
    form.addEventListener("submit", (event) => {
        if (form.dataset.sent) {
            event.preventDefault();
            return;
        }
        form.dataset.sent = "yes";
    });
    window.addEventListener("pageshow", () => delete form.dataset.sent);
});
