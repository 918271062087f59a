// Signing in with a phone: shows a QR code and waits until the phone has signed the nonce.
import { returnAddress } from "./return-address.js";
import { call, page, text } from "./service.js";

const ATTEMPTS = 25;
const PAUSE = 500;

const find = (name) => document.getElementById(`qr-${name}`);
const button = find("button");
let present = new AbortController();

/** A call that is held for long: it is repeated when the connection is lost. */
async function patiently(method, address, body, signal) {
  const path = new URL(address).pathname; // this very host, under whichever name the page has it
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call(method, path, body, signal);
    } catch (error) {
      if (signal.aborted || error.serviceMessage || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

function asked(nonce) {
  const name = text("auth.qr.request");
  const file = { mime: "", data: nonce };
  const document = { id: 1, nameRu: name, nameKz: name, nameEn: name, meta: [], document: { file } };
  return { signMethod: "CMS_SIGN_ONLY", documentsToSign: [document] };
}

function draw(operation) {
  const time = new Date(operation.expireAt).toLocaleTimeString(page.language);
  find("picture").src = `data:image/png;base64,${operation.qrCode}`;
  find("expiry").textContent = text("auth.qr.expiry", { time });
  find("mobile").href = operation.eGovMobileLaunchLink;
  find("business").href = operation.eGovBusinessLaunchLink;
  find("code").hidden = false;
}

function tell(progress) {
  find("progress").textContent = progress;
}

async function signIn(signal) {
  const { nonce } = await call("POST", "/api/auth", {}, signal);
  const description = text("auth.qr.request");
  const operation = await call("POST", "/api/egovQr", { description }, signal);
  draw(operation);
  button.textContent = text("auth.qr.again");
  tell(text("auth.qr.waiting"));
  await patiently("POST", operation.dataURL, asked(nonce), signal);
  find("code").hidden = true; // it works once
  tell(text("auth.qr.signing"));
  const signed = await patiently("GET", operation.signURL, undefined, signal);
  tell(text("auth.checking"));
  const signature = signed.documentsToSign[0].document.file.data;
  await call("POST", "/api/auth", { nonce, signature }, signal);
}

async function show() {
  present.abort(); // whoever asks for a new code no longer waits for the old one
  present = new AbortController();
  const { signal } = present;
  find("code").hidden = true;
  find("failure").hidden = true;
  tell(text("auth.qr.preparing"));
  try {
    await signIn(signal);
    location.assign(returnAddress(page.prefix || "/"));
  } catch (error) {
    if (signal.aborted) return;
    tell("");
    find("code").hidden = true;
    find("failure").textContent = error.message;
    find("failure").hidden = false;
  }
}

button.addEventListener("click", show);
// Only now is somebody listening. Later it stays so: a disabled button would lose the focus.
button.disabled = false;
if (page.qrCode === "at_once") show();
