// The digest of an answered paper: SHA-256 over RFC 8785 (JCS). Halls often run on plain http, where the browser hides
// crypto.subtle; then our own SHA-256 (FIPS 180-4) does the same.

/** RFC 8785 form of JSON data without fractions (the digest holds none). Strings must hold no lone surrogate. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    // The default sort compares UTF-16 code units, which is the order that RFC 8785 asks for.
    const members = Object.keys(value).sort();
    return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${value}`);
  return JSON.stringify(value);
}

/** `[[slot, response], ...]` of every answered slot, in the numeric order of the slots. */
export function answered(responses) {
  return [...responses]
    .filter(([, response]) => response.length > 0)
    .sort(([left], [right]) => Number(left) - Number(right));
}

/** Hexadecimal SHA-256 digest of the answers; `responses` maps slot to response. */
export function digestOf({ sitting, paper, nonce, responses }) {
  return sha256(canonical({ v: 1, sitting, paper, nonce, answers: answered(responses) }));
}

/** Hexadecimal SHA-256 of a text in UTF-8. */
export async function sha256(text) {
  const bytes = new TextEncoder().encode(text);
  if (!globalThis.crypto?.subtle) return ownSha256(bytes);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function firstPrimes(count) {
  const primes = [];
  for (let number = 2; primes.length < count; number += 1) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
}

/** The first 32 bits of the fraction of each root, found exactly in whole numbers. */
function fractionBits(prime, power) {
  const shift = BigInt(32 * power);
  const target = BigInt(prime) << shift;
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** BigInt(power) <= target) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

let tables;

function constants() {
  if (!tables) {
    const primes = firstPrimes(64);
    tables = {
      rounds: primes.map((prime) => fractionBits(prime, 3)),
      start: primes.slice(0, 8).map((prime) => fractionBits(prime, 2)),
    };
  }
  return tables;
}

const turn = (word, bits) => (word >>> bits) | (word << (32 - bits));

function padded(bytes) {
  const length = (((bytes.length + 8) >> 6) + 1) << 6;
  const block = new Uint8Array(length);
  block.set(bytes);
  block[bytes.length] = 0x80;
  const view = new DataView(block.buffer);
  view.setUint32(length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(length - 4, (bytes.length << 3) >>> 0);
  return view;
}

/** SHA-256 of bytes, in hexadecimal, without the browser's own. */
export function ownSha256(bytes) {
  const { rounds, start } = constants();
  const state = Uint32Array.from(start);
  const view = padded(bytes);
  const schedule = new Uint32Array(64);
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    for (let i = 0; i < 16; i += 1) schedule[i] = view.getUint32(offset + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const early = schedule[i - 15];
      const late = schedule[i - 2];
      const small = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
      const large = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
      schedule[i] = schedule[i - 16] + small + schedule[i - 7] + large;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + schedule[i];
      const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] += word;
    });
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}
