// One call to the server, with the CSRF header, a time limit and the moments of sending and receiving (for the clock).

const TIME_LIMIT = 10000;
const KEYS_LIMIT = 1500;
const LONGEST_WAIT = 30000;

/** Safe Exam Browser's keys over this page's address, "configuration exam", where it tells them to scripts; else "". */
export async function safeBrowserKeys() {
  const security = window.SafeExamBrowser?.security;
  if (!security) return "";
  if (!security.configKey && security.updateKeys) {
    // Its older versions set them only when asked, and say when they have.
    await new Promise((resolve) => {
      setTimeout(resolve, KEYS_LIMIT);
      security.updateKeys(resolve);
    });
  }
  return security.configKey ? `${security.configKey} ${security.browserExamKey || ""}`.trim() : "";
}

/** The call did not get through or was refused. `code` is "network" when no answer of ours came back. */
export class CallFailed extends Error {
  constructor({ status = 0, code = "network", message = "", retry = true, body = null, wait = 0 }) {
    super(message || code);
    Object.assign(this, { status, code, retry, body, wait });
  }
}

export class Api {
  constructor({ base, token }) {
    this.base = base;
    this.token = token;
  }

  /** `{status, body, sent, received, etag}`; throws CallFailed. A refused CSRF token is renewed and the call repeated, once. */
  async call(method, path, { body, etag, keepalive = false } = {}) {
    if (method !== "GET" && !this.token) await this.renewToken();
    try {
      return await this.once(method, path, { body, etag, keepalive });
    } catch (failure) {
      if (failure.code !== "csrf") throw failure;
      await this.renewToken();
      return this.once(method, path, { body, etag, keepalive });
    }
  }

  async renewToken() {
    const { body } = await this.once("GET", "/csrf", {});
    this.token = body.csrf_token || body.token;
  }

  async once(method, path, { body, etag, keepalive }) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["X-CSRFToken"] = this.token;
    if (etag) headers["If-None-Match"] = etag;
    if (window.SafeExamBrowser) headers["X-Safe-Browser-Page"] = await safeBrowserKeys();
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), TIME_LIMIT);
    const sent = performance.now();
    try {
      const response = await fetch(this.base + path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        credentials: "same-origin",
        keepalive,
        signal: limit.signal,
      });
      const received = performance.now();
      return await understood(response, { sent, received });
    } catch (failure) {
      throw failure instanceof CallFailed ? failure : new CallFailed({ message: String(failure) });
    } finally {
      clearTimeout(timer);
    }
  }
}

async function understood(response, times) {
  const etag = response.headers.get("ETag");
  if (response.status === 304) return { status: 304, body: null, etag, ...times };
  let body = null;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  if (response.ok && body !== null && typeof body === "object") return { status: response.status, body, etag, ...times };
  const error = body?.error || {};
  const { status } = response;
  // The sitting is there, but it is not that of whoever has signed in in this browser meanwhile.
  if (error.code === "not_found") error.code = "signed_out";
  throw new CallFailed({
    status,
    // An answer that is not ours (a proxy's page, a cut connection) proves nothing about the answers sent.
    code: error.code || (status >= 500 || status === 429 || status === 408 || response.ok ? "server" : "refused"),
    message: error.message,
    retry: error.retry !== false,
    body,
    wait: Math.min(LONGEST_WAIT, Math.max(0, 1000 * Number(response.headers.get("Retry-After")) || 0)),
  });
}
