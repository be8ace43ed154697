/** Unpacks the script of a saved page and runs it: a page allows this script and that one alone. */

import { fromBase64 } from "./base64";
import { inflate } from "./embedded/archive";

const message = document.getElementById("aw-message");

function say(text: string): void {
  if (message) message.textContent = text;
}

async function start(): Promise<void> {
  const code = document.getElementById("aw-code")?.textContent;
  if (!code || !document.getElementById("aw-end")) {
    return say("This page is not complete: the file ends too early. Save or copy it again.");
  }
  if (!("DecompressionStream" in window)) {
    return say("This page needs a browser of 2023 or later.");
  }
  try {
    const script = document.createElement("script");
    script.textContent = new TextDecoder().decode(await inflate(fromBase64(code)));
    document.head.append(script);
  } catch {
    say("This page is damaged: what it carries cannot be read. Save or copy it again.");
  }
}

say("Opening …");
if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", () => void start(), { once: true });
} else void start();
