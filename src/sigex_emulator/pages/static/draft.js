// The settings as they stand on the page: nothing is stored until the whole object is posted.
import { page } from "./service.js";

const SETTABLE = [
  "tlsCertificatesList",
  ...page.allAccessBlocks,
  "webhooks",
  "dataArchiveEnabled",
  "dataArchiveContactEmail",
  "subscriptionContactEmail",
];

const plain = (value) => JSON.parse(JSON.stringify(value));

export class Draft {
  constructor(loaded) {
    this.settings = loaded;
    this.saved();
  }

  get systems() {
    return this.settings.tlsCertificatesList;
  }

  /** `list` is "authorities", "iins" or "tlsCertificatesIndices". */
  holds(block, list, value) {
    return this.settings[block][list].includes(value);
  }

  set(block, list, value, wanted) {
    const values = this.settings[block][list];
    const at = values.indexOf(value);
    if (wanted && at < 0) values.push(value);
    if (!wanted && at >= 0) values.splice(at, 1);
  }

  addSystem(description, body) {
    this.systems.push({ description, body, disabled: false, settings: {} });
  }

  /** Later certificates move up by one, so every block's indices are rewritten. */
  removeSystem(index) {
    this.systems.splice(index, 1);
    for (const block of page.allAccessBlocks) {
      this.settings[block].tlsCertificatesIndices = this.settings[block].tlsCertificatesIndices
        .filter((one) => one !== index)
        .map((one) => (one > index ? one - 1 : one));
    }
  }

  /** What is posted: the whole object, also what the page does not show. */
  whole() {
    return plain(Object.fromEntries(SETTABLE.map((key) => [key, this.settings[key]])));
  }

  saved() {
    this.stored = this.fingerprint();
  }

  get changed() {
    return this.fingerprint() !== this.stored;
  }

  /** A tick set and taken away again is no change, although it moved to the end of its list. */
  fingerprint() {
    const whole = this.whole();
    for (const block of page.allAccessBlocks) {
      for (const list of Object.values(whole[block])) list.sort();
    }
    return JSON.stringify(whole);
  }
}
