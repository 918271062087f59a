// Talks to NCALayer on this computer by its published protocol.
const ADDRESS = "wss://127.0.0.1:13579";
const GREETING_TIMEOUT = 10000;

/** Why there is no signature; `reason` is "absent", "cancelled", "broken" or "failed". */
export class NoSignature extends Error {
  constructor(reason, details = "") {
    super(reason);
    this.reason = reason;
    this.details = details;
  }
}

class Connection {
  #socket = new WebSocket(ADDRESS);
  #arrived = [];
  #waiting = null;
  #lost = null;

  constructor() {
    this.#socket.addEventListener("message", (event) => this.#settle("resolve", event.data));
    for (const end of ["close", "error"]) {
      this.#socket.addEventListener(end, () => this.#lose());
    }
  }

  /** The next message as an object; rejects with NoSignature when there will be none. */
  async next(timeout) {
    const message = await new Promise((resolve, reject) => {
      if (this.#arrived.length) return resolve(this.#arrived.shift());
      if (this.#lost) return reject(this.#lost);
      const timer = timeout
        ? setTimeout(() => reject(new NoSignature("absent")), timeout)
        : undefined;
      this.#waiting = {
        resolve: (value) => (clearTimeout(timer), resolve(value)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      };
    });
    try {
      const answer = JSON.parse(message);
      return answer !== null && typeof answer === "object" ? answer : {};
    } catch {
      throw new NoSignature("failed", String(message));
    }
  }

  send(request) {
    this.#socket.send(JSON.stringify(request));
  }

  close() {
    this.#socket.close();
  }

  greeted = false;

  #lose() {
    this.#lost ??= new NoSignature(this.greeted ? "broken" : "absent");
    this.#settle("reject", this.#lost);
  }

  #settle(how, value) {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting[how](value);
    else if (how === "resolve") this.#arrived.push(value);
  }
}

/** Asks for a detached CMS over the bytes that `data` holds in base64. */
export async function signInCms(data, locale) {
  const connection = new Connection();
  try {
    await connection.next(GREETING_TIMEOUT);
    connection.greeted = true;
    // Whatever is answered here, an ordinary NCALayer is enough.
    connection.send({ module: "kz.digiflow.mobile.extensions", method: "getVersion" });
    await connection.next();
    connection.send({
      module: "kz.gov.pki.knca.basics",
      method: "sign",
      args: {
        allowedStorages: null,
        format: "cms",
        data,
        signingParams: { decode: true, encapsulate: false, digested: false },
        signerParams: { extKeyUsageOids: ["1.3.6.1.5.5.7.3.4"], chain: [] },
        locale,
      },
    });
    return signature(await connection.next());
  } finally {
    connection.close();
  }
}

function signature(answer) {
  if (answer.status !== true) {
    throw new NoSignature("failed", answer.details || answer.message || answer.code || "");
  }
  const result = Array.isArray(answer.body?.result) ? answer.body.result[0] : answer.body?.result;
  if (result === undefined) throw new NoSignature("cancelled");
  return result;
}
