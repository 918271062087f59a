import "./header.js";
import { call, text } from "./service.js";

document.getElementById("find").addEventListener("submit", async (event) => {
  event.preventDefault();
  const result = document.getElementById("find-result");
  const id = document.getElementById("document-id").value.trim();
  try {
    const found = await call("GET", `/api/${encodeURIComponent(id)}`);
    result.textContent = `${text("start.find.found")}: ${found.title}`;
  } catch (failure) {
    result.textContent = failure.message;
  }
});

// Only now is somebody listening: an earlier click would leave the page.
document.getElementById("find-button").disabled = false;
