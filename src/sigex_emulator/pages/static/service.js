// What every page needs: its texts, calls to the API, and readable errors.
const data = JSON.parse(document.getElementById("page-data").textContent);

export const page = data;

export function text(key, values = {}) {
  return data.texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A failure that the service or the network reported; `message` is the service's key, if any. */
export class Failure extends Error {
  constructor({ headline, description = "" }, message = "") {
    super(description ? `${headline}: ${description}.` : `${headline}.`);
    this.headline = headline;
    this.description = description;
    this.serviceMessage = message;
  }
}

/** Calls the API. A field `message` in the answer is a failure, whatever the HTTP code. */
export async function call(method, path, body, signal) {
  let answer;
  try {
    const response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal,
    });
    answer = await response.json();
  } catch {
    throw new Failure({ headline: text("failure.network"), description: text("failure.network.advice") });
  }
  if (answer.message) throw new Failure(await readable(answer.message), answer.message);
  return answer;
}

export function authenticationAddress() {
  const here = location.pathname + location.search + location.hash;
  return `${data.prefix}/auth?returnUrl=${encodeURIComponent(here)}`;
}

async function readable(message) {
  let known;
  try {
    known = (await (await fetch("/api/strings")).json()).errorMessages[message];
  } catch {
    known = undefined;
  }
  if (!known) return { headline: text("failure.unlisted", { message }) };
  const words = data.language === "en" ? message : known[data.language];
  const headline = words.charAt(0).toUpperCase() + words.slice(1);
  // Descriptions exist in Russian only.
  return { headline, description: data.language === "ru" ? known.description : "" };
}
