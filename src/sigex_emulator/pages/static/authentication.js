import "./egov-qr.js";
import "./header.js";
import { NoSignature, signInCms } from "./ncalayer.js";
import { returnAddress } from "./return-address.js";
import { call, page, text } from "./service.js";

const button = document.getElementById("ncalayer");
const progress = document.getElementById("progress");
const failure = document.getElementById("failure");

async function signIn() {
  const { nonce } = await call("POST", "/api/auth", {});
  progress.textContent = text("auth.waiting");
  const signature = await signInCms(nonce, page.language);
  progress.textContent = text("auth.checking");
  await call("POST", "/api/auth", { nonce, signature });
}

function explain(error) {
  if (!(error instanceof NoSignature)) return error.message;
  return text(`auth.${error.reason}`, { details: error.details });
}

button.addEventListener("click", async () => {
  button.disabled = true;
  failure.hidden = true;
  try {
    await signIn();
    location.assign(returnAddress(page.prefix || "/"));
  } catch (error) {
    progress.textContent = "";
    failure.textContent = explain(error);
    failure.hidden = false;
    button.disabled = false;
  }
});

// Only now is somebody listening: an earlier click would be lost.
button.disabled = false;
