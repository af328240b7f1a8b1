// The items on the sheet: reading and writing responses, locking, and the word that tells what became of each answer.

/** Text as it can be stored and digested everywhere: no control characters, no half of a character. */
export function clean(text) {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

const all = (root, what) => [...root.querySelectorAll(what)];

const choices = {
  read: (root) => all(root, "input").filter((input) => input.checked).map((input) => input.value).sort(),
  write: (root, response) => all(root, "input").forEach((input) => {
    input.checked = response.includes(input.value);
  }),
};

const texts = {
  read(root) {
    const written = all(root, "input, textarea").map((field) => clean(field.value));
    return written.some((text) => text !== "") ? written : [];
  },
  write: (root, response) => all(root, "input, textarea").forEach((field, index) => {
    field.value = response[index] ?? "";
  }),
};

const FULL_WIDTH = "０１２３４５６７８９．，＋－−–—ｅＥ";
const PLAIN = "0123456789.,+----eE";
const NUMBER = /^[+-]?(?=\.?\d)(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:e[+-]?\d{1,2})?$/i;

/** Whether the server will read a text as a number. */
export function isNumber(text) {
  return NUMBER.test([...text.trim()].map((char) => PLAIN[FULL_WIDTH.indexOf(char)] ?? char).join(""));
}

const number = {
  read(root) {
    const written = texts.read(root);
    const wrong = written.length > 0 && written[0].trim() !== "" && !isNumber(written[0]);
    root.querySelector("[data-hint]").hidden = !wrong;
    return written.length > 0 && isNumber(written[0]) ? written : [];
  },
  write: texts.write,
};

const pairs = {
  read: (root) => all(root, "select").filter(({ value }) => value).map(({ dataset, value }) => [dataset.left, value]),
  write(root, response) {
    const chosen = new Map(response);
    all(root, "select").forEach((select) => {
      select.value = chosen.get(select.dataset.left) ?? "";
    });
  },
};

const labels = (list) => [...list.children].map(({ dataset }) => dataset.label);

const order = {
  read(root) {
    const list = root.querySelector("[data-order]");
    return "touched" in list.dataset ? labels(list) : [];
  },
  write(root, response) {
    const list = root.querySelector("[data-order]");
    if (response.length) list.dataset.touched = "";
    else delete list.dataset.touched;
    // As the paper shows them: their letters in order.
    const wanted = response.length ? response : labels(list).sort();
    wanted.forEach((label) => list.append([...list.children].find(({ dataset }) => dataset.label === label)));
  },
};

const nothing = { read: () => [], write: () => {} };

const READERS = { choices, texts, number, pairs, order, "": nothing };

const parts = {
  read(root) {
    const read = all(root, "[data-part]").map((part) => READERS[part.dataset.reader].read(part));
    return read.some((response) => response.length > 0) ? read : [];
  },
  write: (root, response) => all(root, "[data-part]").forEach((part, index) => {
    READERS[part.dataset.reader].write(part, response[index] ?? []);
  }),
};

export class Item {
  constructor(element) {
    this.element = element;
    this.slot = element.dataset.slot;
    this.reader = element.dataset.reader === "parts" ? parts : READERS[element.dataset.reader];
    this.sheet = element.querySelector("fieldset");
    this.long = Boolean(this.sheet.querySelector("textarea"));
    this.clearButton = element.querySelector("[data-clear]");
    this.flagButton = element.querySelector("[data-flag]");
    this.stateElement = element.querySelector("[data-state]");
    this.response = [];
    this.saveState = "";
    this.flagged = false;
  }

  get answered() {
    return this.response.length > 0;
  }

  /** Take over what stands in the inputs; true when it differs from before. */
  read() {
    const response = this.reader.read(this.sheet);
    const changed = JSON.stringify(response) !== JSON.stringify(this.response);
    if (changed) this.show(response, { write: false });
    return changed;
  }

  /** Show a response; `write` is false when the inputs show it already (never disturb someone who is typing). */
  show(response, { write = true } = {}) {
    this.response = response;
    if (write) this.reader.write(this.sheet, response);
    this.element.classList.toggle("is-answered", this.answered);
    if (this.clearButton) this.clearButton.hidden = !this.answered;
  }

  showState(state, text) {
    this.saveState = state;
    this.stateElement.dataset.state = state;
    if (this.stateElement.textContent !== text) this.stateElement.textContent = text;
  }

  showFlag(flagged, { text, name }) {
    this.flagged = flagged;
    this.element.classList.toggle("is-flagged", flagged);
    this.flagButton.classList.toggle("is-on", flagged);
    this.flagButton.querySelector("[data-text]").textContent = text;
    this.flagButton.setAttribute("aria-label", name);
  }

  lock(locked) {
    this.sheet.disabled = locked;
  }
}

/** Move an entry of an ordering by a button of its own, up (-1) or down (1); 0 takes the order as it stands. */
function move(button) {
  const by = Number(button.dataset.move);
  const row = button.closest("[data-label]");
  const list = row ? row.parentElement : button.parentElement.querySelector("[data-order]");
  list.dataset.touched = "";
  if (by < 0 && row.previousElementSibling) row.previousElementSibling.before(row);
  if (by > 0 && row.nextElementSibling) row.nextElementSibling.after(row);
  button.focus();
}

const isTyped = ({ target }) => target.matches("textarea, input[type=text]");

/** Watch one item: `onChange` for a made choice, `onTyping` for a keystroke, `onLeave` when a text is finished. */
export function watch(item, { onChange, onTyping, onLeave }) {
  const { sheet } = item;
  // While an input method is composing, the field holds pinyin, not an answer.
  sheet.addEventListener("input", (event) => {
    if (isTyped(event) && !event.isComposing) onTyping(item);
  });
  sheet.addEventListener("compositionend", () => onTyping(item));
  sheet.addEventListener("change", (event) => (isTyped(event) ? onLeave : onChange)(item));
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input[type=text]") && !event.isComposing) onLeave(item);
  });
  sheet.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    move(button);
    onChange(item);
  });
}
