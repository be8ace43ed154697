/** Unpacks style and script of a saved page: a page allows these and this script alone. */

import { fromBase64 } from "./browser/base64";
import { inflate } from "./saved/archive";

const message = document.getElementById("aw-message");

function say(text: string): void {
  if (message) message.textContent = text;
}

async function unpacked(id: string): Promise<string> {
  const packed = document.getElementById(id)?.textContent ?? "";
  return new TextDecoder().decode(await inflate(fromBase64(packed)));
}

async function start(): Promise<void> {
  if (!document.getElementById("aw-end")) {
    return say("This page is incomplete: the file was cut off. Save or copy it again.");
  }
  if (!("DecompressionStream" in window)) {
    return say("This page needs a browser of 2023 or later.");
  }
  try {
    for (const name of ["style", "script"]) {
      const element = document.createElement(name);
      element.textContent = await unpacked(`aw-${name}`);
      document.head.append(element);
    }
  } catch {
    say("This page is damaged: its data cannot be read. Save or copy it again.");
  }
}

say("Opening …");
if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", () => void start(), { once: true });
} else void start();
