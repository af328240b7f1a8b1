// What this candidate did, written to the browser's own storage before anything is sent. A step is
// {sitting, binding, seq, slot, response, at, refused}; it is kept until the sitting is closed and everything is acknowledged.

const NAME = "hengjian-sittings";
/** How long the browser's storage may take to open (ms): longer where answers may lie in it. */
const OPEN_LIMIT = 3000;
const OPEN_LIMIT_USED = 15000;
const WRITE_LIMIT = 6; // s
const KEPT_FOR = 30 * 24 * 3600 * 1000;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  const end = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
  end.catch(() => undefined); // whoever awaits it still sees the failure
  return end;
}

/** Rejects when the disk does not answer. Seconds in which the computer sleeps do not count. */
function inTime(work) {
  return new Promise((resolve, reject) => {
    let left = WRITE_LIMIT;
    const watch = setInterval(() => {
      left -= 1;
      if (left < 0) reject(new Error("the browser's storage does not answer"));
    }, 1000);
    work.then(resolve, reject).finally(() => clearInterval(watch));
  });
}

function openDatabase(limit) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("the browser's storage does not answer")), limit);
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("steps", { keyPath: ["sitting", "binding", "seq"] });
      request.result.createObjectStore("flags", { keyPath: "sitting" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Journal {
  /** `onMemoryOnly` is called once when the browser's storage cannot be used (any more). */
  constructor(sitting, onMemoryOnly) {
    this.sitting = sitting;
    this.onMemoryOnly = onMemoryOnly;
    this.database = null;
    this.failed = null;
    this.kept = [];
    this.flagged = [];
    this.tail = Promise.resolve();
  }

  /** What is written until `others` resolves is read too: another page may still be at it. `used`: this browser had this sitting. */
  static async open(sitting, onMemoryOnly, others = Promise.resolve(), used = false) {
    const journal = new Journal(sitting, onMemoryOnly);
    try {
      [journal.database] = await Promise.all([openDatabase(used ? OPEN_LIMIT_USED : OPEN_LIMIT), others]);
      [journal.kept, journal.flagged] = await Promise.all([journal.stored(), journal.storedFlags()]);
    } catch (failure) {
      await others;
      journal.fallBack(failure);
    }
    return journal;
  }

  get persistent() {
    return this.database !== null;
  }

  /** Every step of this sitting, oldest first. */
  steps() {
    return [...this.kept].sort((a, b) => a.binding - b.binding || a.seq - b.seq);
  }

  /** Write one step under the next free number above `floor` and return it; steps get their numbers in the order of the calls. */
  append(binding, floor, { slot, response, at }) {
    const write = async () => {
      const step = { sitting: this.sitting, binding, seq: 0, slot, response, at, refused: null };
      step.seq = await this.guarded(
        (database) => this.addStored(database, step, floor),
        () => Math.max(floor, ...this.kept.filter((old) => old.binding === binding).map((old) => old.seq)) + 1,
      );
      this.kept.push(step);
      return step;
    };
    return this.inTurn(write);
  }

  /** Remember that the server will not take this step, and why. */
  refuse(step, code) {
    step.refused = code;
    return this.inTurn(() => this.guarded((database) => this.put(database, "steps", step)));
  }

  setFlags(slots) {
    return this.inTurn(() =>
      this.guarded((database) => this.put(database, "flags", { sitting: this.sitting, slots, at: Date.now() })),
    );
  }

  /** Forget this sitting: it is closed and nothing is missing on the server. */
  clear() {
    this.kept = [];
    return this.inTurn(async () => {
      // A disk that is full can still forget.
      const database = this.database || this.failed;
      try {
        if (database) await inTime(this.emptied(database));
      } catch (failure) {
        console.warn("journal: not forgotten", failure);
      }
    });
  }

  async emptied(database) {
    const transaction = database.transaction(["steps", "flags"], "readwrite");
    transaction.objectStore("steps").delete(this.range());
    transaction.objectStore("flags").delete(this.sitting);
    await finished(transaction);
  }

  inTurn(work) {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined);
    return result;
  }

  async guarded(work, otherwise = () => undefined) {
    if (this.database) {
      try {
        return await inTime(work(this.database));
      } catch (failure) {
        this.fallBack(failure);
      }
    }
    return otherwise();
  }

  fallBack(failure) {
    console.warn("journal: the browser's storage cannot be used", failure);
    this.failed = this.database;
    this.database = null;
    this.onMemoryOnly();
  }

  range(binding) {
    return binding === undefined
      ? IDBKeyRange.bound([this.sitting], [this.sitting, []])
      : IDBKeyRange.bound([this.sitting, binding], [this.sitting, binding, []]);
  }

  async stored() {
    return done(this.database.transaction("steps").objectStore("steps").getAll(this.range()));
  }

  async storedFlags() {
    const row = await done(this.database.transaction("flags").objectStore("flags").get(this.sitting));
    return row ? row.slots : [];
  }

  /** Number and write in one transaction: another tab can never take the same number. */
  async addStored(database, step, floor) {
    const transaction = database.transaction("steps", "readwrite", { durability: "strict" });
    const written = finished(transaction);
    const store = transaction.objectStore("steps");
    const last = await done(store.openKeyCursor(this.range(step.binding), "prev"));
    const seq = Math.max(floor, last ? last.key[2] : 0) + 1;
    store.add({ ...step, seq });
    await written;
    return seq;
  }

  async put(database, store, row) {
    const transaction = database.transaction(store, "readwrite");
    const written = finished(transaction);
    transaction.objectStore(store).put(row);
    await written;
  }

  /** Hall computers are shared: sittings of long ago go. */
  forgetOld() {
    return this.inTurn(() => this.guarded((database) => {
      const transaction = database.transaction("steps", "readwrite");
      const oldest = new Date(Date.now() - KEPT_FOR).toISOString();
      const request = transaction.objectStore("steps").openCursor();
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return;
        if (cursor.value.sitting !== this.sitting && cursor.value.at < oldest) cursor.delete();
        cursor.continue();
      };
      return finished(transaction);
    }));
  }
}
