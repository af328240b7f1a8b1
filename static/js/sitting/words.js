// The page's sentences, translated by the server and handed over as JSON, so that no text stands in a script.

let words = {};

export function load(element) {
  words = JSON.parse(element.textContent);
}

/** The sentence called `key`, with `{name}` replaced by `values.name`. */
export function say(key, values = {}) {
  const text = words[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
