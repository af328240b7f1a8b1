// The journal as a sealed file, and the code that stands for it. The exact bytes, key agreement and code are described in
// exam/claims/rules.py and sealing.py (docs/adr/0019): what is made here is opened there.

import { canonical } from "./digest.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ROUNDS = 200000;
const INFO = "hengjian sealed-hand-in v1";

const bytesOf = (text) => new TextEncoder().encode(text);
const SLICE = 0x6000; // a multiple of three: slices in base64 can be joined

/** A journal of long texts has millions of bytes: an array of as many letters would be more than an old computer has. */
function base64(buffer) {
  const bytes = new Uint8Array(buffer);
  const slices = [];
  for (let at = 0; at < bytes.length; at += SLICE) {
    slices.push(btoa(String.fromCharCode(...bytes.subarray(at, at + SLICE))));
  }
  return slices.join("");
}

const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Whether this browser can do it at all: cryptography is for secure contexts alone. */
export const canSeal = () => Boolean(globalThis.crypto?.subtle);

/** The bytes that are sealed: every step stamped before the deadline (ms), in the order in which steps count. */
export function journalBytes({ sitting, paper, nonce }, steps, deadline) {
  const inTime = steps.filter(({ at }) => Date.parse(at) < deadline);
  const rows = inTime.map(({ binding, seq, slot, response, at }) => [binding, seq, slot, response, at]);
  return bytesOf(canonical({ v: 1, sitting, paper, nonce, steps: rows }));
}

/** Eight characters: the first 40 bits of the stretched digest. */
export async function codeOf(bytes, nonce) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  const key = await crypto.subtle.importKey("raw", digest, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(nonce), iterations: ROUNDS };
  const bits = new Uint8Array(await crypto.subtle.deriveBits(how, key, 40));
  const number = bits.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return Array.from({ length: 8 }, (_, place) => ALPHABET[Number((number >> BigInt(35 - 5 * place)) & 31n)]).join("");
}

/** The sealed file as text; `publicKey` is the exam's, SubjectPublicKeyInfo in base64. */
export async function seal(bytes, sitting, publicKey) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("spki", fromBase64(publicKey), curve, false, []);
  const own = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytesOf(INFO) };
  const key = await crypto.subtle.deriveKey(hkdf, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytesOf(`${INFO} ${sitting}`) }, key, bytes);
  const ephemeral = await crypto.subtle.exportKey("raw", own.publicKey);
  return JSON.stringify({
    hengjian: "sealed-hand-in",
    v: 1,
    sitting,
    ephemeral: base64(ephemeral),
    iv: base64(iv),
    sealed: base64(sealed),
  });
}
