// The items on the sheet: reading and writing responses, locking, and the word that tells what became of each answer.

/** Text as it can be stored and digested everywhere: no control characters, no half of a character. */
export function clean(text) {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

const choices = {
  read: (inputs) => inputs.filter((input) => input.checked).map((input) => input.value).sort(),
  write: (inputs, response) => inputs.forEach((input) => {
    input.checked = response.includes(input.value);
  }),
};

const blanks = {
  read(inputs) {
    const texts = inputs.map((input) => clean(input.value));
    return texts.some((text) => text !== "") ? texts : [];
  },
  write: (inputs, response) => inputs.forEach((input, index) => {
    input.value = response[index] ?? "";
  }),
};

const TYPES = { single_choice: choices, multiple_choice: choices, true_false: choices, fill_blank: blanks };

export class Item {
  constructor(element) {
    this.element = element;
    this.slot = element.dataset.slot;
    this.type = TYPES[element.dataset.type];
    this.typed = this.type === blanks;
    this.sheet = element.querySelector("fieldset");
    this.inputs = [...this.sheet.querySelectorAll("input")];
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
    const response = this.type.read(this.inputs);
    const changed = JSON.stringify(response) !== JSON.stringify(this.response);
    if (changed) this.show(response, { write: false });
    return changed;
  }

  /** Show a response; `write` is false when the inputs show it already (never disturb someone who is typing). */
  show(response, { write = true } = {}) {
    this.response = response;
    if (write) this.type.write(this.inputs, response);
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

/** Watch one item: `onChange` for a made choice, `onTyping` for a keystroke, `onLeave` when a text is finished. */
export function watch(item, { onChange, onTyping, onLeave }) {
  if (item.typed) {
    // While an input method is composing, the field holds pinyin, not an answer.
    item.sheet.addEventListener("input", (event) => {
      if (!event.isComposing) onTyping(item);
    });
    item.sheet.addEventListener("compositionend", () => onTyping(item));
    item.sheet.addEventListener("change", () => onLeave(item));
    item.sheet.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) onLeave(item);
    });
  } else {
    item.sheet.addEventListener("change", () => onChange(item));
  }
}
