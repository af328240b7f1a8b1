// The server's clock as seen from here. The computer's own clock is never asked: only the steady performance.now().

const SAMPLES = 8;
const SLEW = 0.1;
const STEP = 5000;

/** Follows the server by offset and round trip; small corrections flow in slowly, so the time shown never jumps. */
export class ServerClock {
  constructor(monotonic = () => performance.now()) {
    this.monotonic = monotonic;
    this.samples = [];
    this.offset = null;
    this.slewedAt = 0;
  }

  /** One answer of the server: its time in ms since the epoch, sent and received on our monotonic clock. */
  sample(serverTime, sent, received) {
    if (!Number.isFinite(serverTime)) return;
    const fresh = { offset: serverTime - (sent + received) / 2, error: (received - sent) / 2 };
    // Samples that cannot both be true mean that this computer slept in between: the older ones are void.
    this.samples = this.samples.filter((old) => Math.abs(old.offset - fresh.offset) <= old.error + fresh.error + 250);
    this.samples.push(fresh);
    if (this.samples.length > SAMPLES) this.samples.shift();
    if (this.offset === null) {
      this.offset = this.target();
      this.slewedAt = this.monotonic();
    }
  }

  /** Without an answer of the server: what its time must be by what was known before. The first answer corrects it. */
  assume(serverTime, error = 5000) {
    this.samples = [{ offset: serverTime - this.monotonic(), error }];
    this.offset = this.samples[0].offset;
    this.slewedAt = this.monotonic();
  }

  target() {
    return this.samples.reduce((best, one) => (one.error <= best.error ? one : best)).offset;
  }

  /** The server's time in ms since the epoch; null until the first sample. */
  now() {
    if (this.offset === null) return null;
    const here = this.monotonic();
    const gap = this.target() - this.offset;
    const most = (here - this.slewedAt) * SLEW;
    this.slewedAt = here;
    this.offset += Math.abs(gap) > STEP ? gap : Math.max(-most, Math.min(most, gap));
    return here + this.offset;
  }
}

const ANNOUNCED = [30, 10, 5, 1];

/** What to announce when the time left falls from `before` to `after` (ms): minutes, or null. */
export function announcement(before, after) {
  const crossed = ANNOUNCED.filter((minutes) => before > minutes * 60000 && after <= minutes * 60000);
  return crossed.length ? crossed[crossed.length - 1] : null;
}

/** `1:02:03`, or `02:03` below an hour; a started second counts whole. */
export function asTime(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}
